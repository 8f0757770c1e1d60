"""What the stages notice on their way: the diagnostics of a run, in the order in which they were met."""

from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct, field

from engine.contracts.limits import OptionMoney
from engine.contracts.options.shared import SharedOptions
from engine.contracts.shelf import Threshold


@dataclass(slots=True)
class GroupEvent:
    """A group brought to its cap: its weight before, what was released and who received which share of it.

    Without recipients the group blocks the run.
    """

    key: str
    weight_before: Decimal
    cap: Decimal
    released: Decimal
    recipients: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class LimitWorth:
    """What the minimum quantity of an instrument is worth: a figure of the run, which no bound of the contract binds."""

    amount: Decimal
    currency: str


@dataclass(slots=True)
class SuppressedIntent:
    """A trade left out as dust: its notional in the currency of its price, and the threshold in its own."""

    instrument_id: str
    notional: Decimal
    currency: str
    threshold: Threshold | OptionMoney | LimitWorth
    reason: str = "BELOW_MIN_NOTIONAL"


@dataclass(slots=True)
class DroppedIntent:
    """A trade that the turnover cap left out: its notional in base, and the drift that it would have corrected."""

    instrument_id: str
    notional: Decimal
    score: Decimal


@dataclass(slots=True)
class FundingCut:
    """A buy that money made smaller than it was sized: units before and after."""

    instrument_id: str
    sized: Decimal
    funded: Decimal


@dataclass(slots=True)
class TaxEvent:
    """A sell cut by its lots or by the gains budget."""

    instrument_id: str
    requested: Decimal
    allowed: Decimal
    reason: str


@dataclass(slots=True)
class LadderStep:
    """The balance of a currency once a day's cash has settled."""

    day: int
    currency: str
    balance: Decimal


@dataclass(slots=True)
class LadderBreach:
    """A step below the floor of its currency."""

    step: LadderStep
    floor: Decimal

    @property
    def reason(self) -> str:
        """The code that warnings and the rule row give."""
        return f"OVERDRAFT_ON_T_PLUS_{self.step.day}"


@dataclass(frozen=True, slots=True)
class DerivedRate:
    """A rate that no pair of the request gives, made of two legs through a currency."""

    pair: str
    via: str
    rate: Decimal


class Notes(Struct):
    """Collected by the stages, read by rules, gate and result. Data-quality entries are distinct, first met first."""

    warnings: list[str] = field(default_factory=list)
    price_missing: dict[str, None] = field(default_factory=dict)
    fx_missing: dict[str, None] = field(default_factory=dict)
    shelf_missing: dict[str, None] = field(default_factory=dict)
    suppressed: list[SuppressedIntent] = field(default_factory=list)
    dropped: list[DroppedIntent] = field(default_factory=list)
    funding_cuts: list[FundingCut] = field(default_factory=list)
    group_events: list[GroupEvent] = field(default_factory=list)
    tax_events: list[TaxEvent] = field(default_factory=list)
    cash_ladder: list[LadderStep] = field(default_factory=list)
    ladder_breaches: list[LadderBreach] = field(default_factory=list)
    ineffective_constraints: list[str] = field(default_factory=list)

    def take(self, noticed: "Notes") -> None:
        """Add what a stage noticed by itself."""
        self.warnings += noticed.warnings
        self.price_missing.update(noticed.price_missing)
        self.fx_missing.update(noticed.fx_missing)
        self.suppressed += noticed.suppressed
        self.dropped += noticed.dropped
        self.tax_events += noticed.tax_events

    def warn(self, code: str) -> None:
        """Add a warning; it may repeat."""
        self.warnings.append(code)

    def warn_once(self, code: str) -> None:
        """Add a warning unless it is there already."""
        if code not in self.warnings:
            self.warnings.append(code)

    def missing_count(self, options: SharedOptions) -> int:
        """How many missing data block under these options; a missing shelf entry always does (RFC-0003)."""
        return (
            len(self.shelf_missing)
            + (len(self.price_missing) if options.block_on_missing_prices else 0)
            + (len(self.fx_missing) if options.block_on_missing_fx else 0)
        )

    def data_blocks(self, options: SharedOptions) -> bool:
        """Whether missing data forbid a decision."""
        return bool(self.shelf_missing or self.price_missing or self.fx_missing) and self.missing_count(options) > 0
