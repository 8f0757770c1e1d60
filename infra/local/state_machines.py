"""What the emulator of Step Functions does not know of our definitions, in one place, and what it is given instead.

Express children run as standard ones, which are the same but for their price. Before each retry it waits a second, the shortest pause there is:
what is waited for is in this process, and nobody is met twice without jitter. Whatever share of its children fails, a Map goes on, so that no loss
of chunks ends a book here; what follows a Map that ended beyond its tolerance is tried with one that fails of something else, which the same
Catch catches.

The definition that is deployed stays as it is; `tests/statemachines/` looks at these parts of it by themselves.
"""

from typing import Any, Final

UNKNOWN: Final = {"JitterStrategy", "MaxDelaySeconds", "ToleratedFailurePercentagePath"}
"""Members that change nothing there; of the last it would say so on the terminal at every start."""


def as_emulated(definition: Any) -> Any:
    """The definition without what the emulator does not know."""
    if isinstance(definition, list):
        return [as_emulated(part) for part in definition]
    if not isinstance(definition, dict):
        return definition
    kept = {name: as_emulated(value) for name, value in definition.items() if name not in UNKNOWN}
    if "IntervalSeconds" in kept:
        kept |= {"IntervalSeconds": 1, "BackoffRate": 1}
    return kept | ({"ExecutionType": "STANDARD"} if kept.get("ExecutionType") == "EXPRESS" else {})
