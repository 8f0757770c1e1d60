"""What the emulator of Step Functions does not know of our definitions, in one place, and what it is given instead.

The definition that is deployed stays as it is; `tests/statemachines/` looks at these parts of it by themselves.
"""

from typing import Any, Final

LACKS: Final = {
    "express children": "they run as standard ones, which are the same but for their price",
    "pauses": "before each retry a second, the shortest there is: what is waited for is in this process, and nobody is met twice without jitter",
    "tolerated failures": "one failed child would end a Map; here a child that failed for good ends well, so that every share of them is tolerated",
}
LOST: Final = "Lost"


def as_emulated(definition: Any, *, tolerant: bool = True) -> Any:
    """The definition without what the emulator does not know. One that is not `tolerant` loses no chunk: its Map ends with the first that fails."""
    if isinstance(definition, list):
        return [as_emulated(part, tolerant=tolerant) for part in definition]
    if not isinstance(definition, dict):
        return definition
    kept = {
        name: as_emulated(value, tolerant=tolerant)
        for name, value in definition.items()
        if name not in {"JitterStrategy", "MaxDelaySeconds"}
    }
    if "IntervalSeconds" in kept:
        kept |= {"IntervalSeconds": 1, "BackoffRate": 1}
    if "ProcessorConfig" in kept:
        kept["ProcessorConfig"] |= {"ExecutionType": "STANDARD"}
        if tolerant:
            kept["States"] = _losing(kept["States"])
    return kept


def _losing(states: dict[str, Any]) -> dict[str, Any]:
    """The states of a child, of which none fails it."""
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": LOST}]}
    tasks = {name: state | caught if state["Type"] == "Task" else state for name, state in states.items()}
    return tasks | {LOST: {"Type": "Pass", "Result": {}, "End": True}}
