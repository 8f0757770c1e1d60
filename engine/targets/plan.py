"""The outcome of the target stage, whatever method made it."""

from decimal import Decimal
from typing import Any, Final

from msgspec import Struct, field

from engine.notes import Notes

TOLERANCE: Final = Decimal("0.0001")
ROOM_TOLERANCE: Final = Decimal("0.001")

SELL_ONLY_EXCESS_UNPLACED: Final = "SELL_ONLY_EXCESS_UNPLACED"
LOCKED_WEIGHT_EXCEEDS_CAP: Final = "LOCKED_WEIGHT_EXCEEDS_CAP"
LOCKED_OVER_100: Final = "LOCKED_OVER_100"
OVERWEIGHT_SCALED: Final = "OVERWEIGHT_SCALED"
SINGLE_POSITION_EXCESS_UNPLACED: Final = "SINGLE_POSITION_EXCESS_UNPLACED"
CASH_BUFFER_SCALED: Final = "CASH_BUFFER_SCALED"
NO_DESTINATION: Final = "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION"


class Targets(Struct):
    """Final weights by instrument, and why they differ from the model.

    `causes` hold the reasons for review in order of raising; `refusal` is the reason why there are no targets at all.
    `undecided` stands for a run that ended before this stage.
    """

    weights: dict[str, Decimal] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    refusal: str | None = None
    undecided: bool = False
    strategy: dict[str, Any] = field(default_factory=dict)
    infeasibility: dict[str, Any] | None = None

    @property
    def traced(self) -> bool:
        """Whether there are final weights to show: the stage was reached and refused nothing."""
        return not (self.refusal or self.undecided)

    @property
    def status(self) -> str:
        """READY, PENDING_REVIEW or BLOCKED."""
        if self.refusal:
            return "BLOCKED"
        return "PENDING_REVIEW" if self.causes else "READY"

    @property
    def need_risk_review(self) -> bool:
        """Whether a cause wants more than a look: cash kept back is as the options wanted it."""
        return any(cause != CASH_BUFFER_SCALED for cause in self.causes)

    def needs_review(self, cause: str) -> None:
        """Raise a cause once; the first one names the reason of the gate."""
        if cause not in self.causes:
            self.causes.append(cause)

    def locked_above_cap(self, subject: str, notes: Notes) -> None:
        """A locked weight stays above its cap: say so, it cannot be traded away."""
        notes.warn(f"{LOCKED_WEIGHT_EXCEEDS_CAP}_{subject}")
        self.needs_review(LOCKED_WEIGHT_EXCEEDS_CAP)
