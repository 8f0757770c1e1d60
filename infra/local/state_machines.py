"""What the emulator of Step Functions does not know of our definitions, in one place, and what it is given instead.

The definition that is deployed stays as it is; `tests/statemachines/` looks at these parts of it by themselves.
"""

from typing import Any, Final

LACKS: Final = {
    "express children": "they run as standard ones, which are the same but for their price",
    "jitter": "pauses before retries are of full length",
    "longest pause": "pauses grow without end; retries here are few",
}


def as_emulated(definition: Any) -> Any:
    """The definition without what the emulator does not know."""
    if isinstance(definition, list):
        return [as_emulated(part) for part in definition]
    if not isinstance(definition, dict):
        return definition
    kept = {name: as_emulated(value) for name, value in definition.items() if name not in {"JitterStrategy", "MaxDelaySeconds"}}
    return kept | ({"ExecutionType": "STANDARD"} if kept.get("ExecutionType") == "EXPRESS" else {})
