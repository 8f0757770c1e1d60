"""What a call, or a message, came to, in numbers: taken while the engine decides, written on the call's own line.

No more of a decision is looked at than what the table of metrics counts: its status, its gate, how many orders it has, how its solver ended.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any, Final

from engine.ports.watch import Decided

_current: ContextVar["Tally | None"] = ContextVar("tally", default=None)


class Tally:
    """The numbers of one call. They are of what is kept: a call that is refused, or fails, has decided nothing."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.counts: Counter[str] = Counter()

    def figures(self, *, kept: bool) -> Mapping[str, int | float]:
        """By the names of metrics; none of them is zero. The engine's time was spent in any case."""
        spent = {"engine_ms": round(self.seconds * 1000, 3)} if self.seconds else {}
        return {**spent, **{name: count for name, count in self.counts.items() if kept and count}}


class Tallying:
    """`engine.ports.watch.Watch`: whatever is decided within `tallied` counts there, and elsewhere nowhere."""

    def deciding(self, decide: Callable[[], Decided]) -> Decided:
        """What `decide` gives, its time taken, whether it ends or fails."""
        tally = _current.get()
        if tally is None:
            return decide()
        started = perf_counter()
        try:
            decided = decide()
        finally:
            tally.seconds += perf_counter() - started
        tally.counts.update(_counted(decided))
        return decided

    def happened(self, event_type: str) -> None:
        """One more of this type."""
        if (tally := _current.get()) is not None:
            tally.counts[f"event_{event_type.lower()}"] += 1


TALLYING: Final = Tallying()


@contextmanager
def tallied() -> Iterator[Tally]:
    """A tally of its own for what happens within, also where another one is open."""
    tally = Tally()
    token = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(token)


def _counted(decided: Any) -> Mapping[str, int]:
    """The metrics that a decision, or the outcomes of a what-if, add to."""
    counts: Counter[str] = Counter()
    outcomes: list[Any] = decided if isinstance(decided, list) else [decided]
    for outcome in outcomes:
        decision: Any = getattr(outcome, "decision", outcome)
        if hasattr(decision, "document"):
            counts.update(_names(decision))
            counts["intents"] += decision.intents
        else:
            counts["scenarios_failed"] += 1
    return counts


def _names(decision: Any) -> Iterator[str]:
    document = decision.document
    what, gate = ("proposal", decision.gate) if "proposal_run_id" in document else ("run", document["gate_decision"])
    yield f"{what}s_{decision.status.lower()}"
    if gate is not None:
        yield f"{what}_gate_{gate['gate'].lower()}"
    if what == "run":
        yield from _solver_names(document)


def _solver_names(document: Mapping[str, Any]) -> Iterator[str]:
    """How the solver ended, where it was asked; the heuristic ends in one way only."""
    strategy, conflict = document["target"]["strategy"], document["explanation"].get("infeasibility")
    if strategy and "certificate" in strategy:
        yield "solver_proven"
    elif conflict is not None:
        yield "solver_infeasible" if conflict["minimal"] else "solver_effort_spent"
    elif "SOLVER_ERROR" in document["diagnostics"]["warnings"]:
        yield "solver_missing"
