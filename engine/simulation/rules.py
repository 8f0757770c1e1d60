"""After-state rules: the list is the table of contents, its order is the order of the rows (RFC-0005, RFC-0008)."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from engine.contracts import EngineOptions
from engine.contracts.conventions import Conventions, Funding
from engine.market import GroupLimit, Shelf
from engine.notes import Notes
from engine.numbers import ZERO, plain, rational
from engine.valuation import CASH, CashLine, State, Valued

if TYPE_CHECKING:  # a rebalance builds no options of a proposal
    from engine.contracts.options.proposals import ProposalOptions

HARD: Final = "HARD"
SOFT: Final = "SOFT"
WEIGHT_TOLERANCE: Final = Decimal("0.001")
UNLIMITED: Final = Decimal(-1)
"""Shown as the limit where none is set."""


class RuleRow(Struct, frozen=True):
    """One evaluated rule: what was measured, unrounded, and the bounds that it is held to; `hint` is shown on failure only.

    Decisions share the rows that hold, so nobody can change one.
    """

    rule_id: str
    severity: str
    passed: bool
    measured: Decimal
    reason: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    hint: str | None = None


class Checked(Struct):
    """What the rules look at: a state, what was held before its orders, what was locked on the way, and the notes so far.

    `held` counts open orders as done: what they changed, this run did not.
    """

    state: State
    held: Mapping[str, Decimal]
    locked: Container[str]
    shelf: Shelf
    options: "EngineOptions | ProposalOptions"
    notes: Notes


Rule = Callable[[Checked], Iterable[RuleRow]]


def evaluate(checked: Checked, rules: Iterable[Rule]) -> list[RuleRow]:
    """The rows of these rules on a state, in their order."""
    rows: list[RuleRow] = []
    for rule in rules:
        rows.extend(rule(checked))
    return rows


def cash_band(checked: Checked) -> Sequence[RuleRow]:
    """Weight of the CASH bucket within the band; soft."""
    low, high = checked.options.cash_band_min_weight, checked.options.cash_band_max_weight
    measured = checked.state.by_asset_class[CASH] / checked.state.divisor
    passed = low <= measured <= high
    reason = "OK" if passed else "THRESHOLD_BREACH"
    return [RuleRow("CASH_BAND", SOFT, passed, measured, reason, low, high, "Bring the cash weight back into the allowed band.")]


def single_position_max(checked: Checked) -> Sequence[RuleRow]:
    """Weight of each position under the cap plus 0.001; hard, soft for a locked position that did not move.

    Under DESK conventions soft for every position that did not grow: tax or turnover may keep it above its limit.
    """
    cap, state = checked.options.single_position_max_weight, checked.state
    if cap is None:
        return (NO_LIMIT_SET,)
    limit, weights = cap + WEIGHT_TOLERANCE, state.shares
    offenders = [(row, weight) for row, weight in zip(state.positions, weights, strict=True) if weight > limit]
    if not offenders:
        return [RuleRow("SINGLE_POSITION_MAX", HARD, passed=True, measured=max([ZERO, *weights]), at_most=cap, reason="OK")]
    return [
        RuleRow(
            "SINGLE_POSITION_MAX",
            SOFT if _cannot_help_it(row, checked) else HARD,
            passed=False,
            measured=weight,
            at_most=cap,
            reason="LIMIT_BREACH",
            hint=f"The weight of {row.instrument_id} is above the limit; reduce it.",
        )
        for row, weight in offenders
    ]


def _cannot_help_it(row: Valued, checked: Checked) -> bool:
    held = checked.held.get(row.instrument_id)
    if held is None:
        return False
    if checked.options.conventions is Conventions.DESK and row.quantity <= held:
        return True
    return row.instrument_id in checked.locked and held == row.quantity


def group_max(checked: Checked) -> Sequence[RuleRow]:
    """Weight of each known group under its cap plus 0.001, locked members included; soft."""
    limits = checked.shelf.limits(checked.options.group_constraints)
    return [_of_group(limit, checked.state) for limit in limits if limit.known]


def _of_group(limit: GroupLimit, state: State) -> RuleRow:
    key, cap = limit.key, limit.cap
    measured = state.by_attribute.get(limit.name, {}).get(limit.value, ZERO) / state.divisor
    passed = measured <= cap + WEIGHT_TOLERANCE
    if passed:
        return RuleRow(f"GROUP_MAX:{key}", SOFT, passed, measured, "OK", None, cap)
    hint = f"The weight of {key} is above its limit; reduce its members."
    return RuleRow(f"GROUP_MAX:{key}", SOFT, passed, measured, "GROUP_LIMIT_BREACH", None, cap, hint)


def data_quality(checked: Checked) -> Sequence[RuleRow]:
    """No missing data of a kind that blocks; hard."""
    if not checked.notes.data_blocks(checked.options):
        return (DATA_COMPLETE,)
    count = checked.notes.missing_count(checked.options)
    hint = "Supply the prices, FX rates and shelf entries listed in diagnostics.data_quality."
    return [RuleRow("DATA_QUALITY", HARD, passed=False, measured=Decimal(count), at_most=ZERO, reason="MISSING_DATA", hint=hint)]


def min_trade_size(checked: Checked) -> Sequence[RuleRow]:
    """How many trades were suppressed as dust; never fails."""
    count = len(checked.notes.suppressed)
    if not count:
        return (NOTHING_SUPPRESSED,)
    return [RuleRow("MIN_TRADE_SIZE", SOFT, passed=True, measured=Decimal(count), at_least=ZERO, reason="INTENTS_SUPPRESSED")]


def no_shorting(checked: Checked) -> Sequence[RuleRow]:
    """No negative quantity; hard, but soft for shorts that came with the portfolio and did not grow (practice 8.3)."""
    short = [row for row in checked.state.positions if row.quantity < ZERO]
    if not short:
        return (NOTHING_SHORT,)
    held = all(checked.held.get(row.instrument_id, ZERO) <= row.quantity for row in short)
    row = RuleRow(
        "NO_SHORTING",
        SOFT if held else HARD,
        passed=False,
        measured=min(row.quantity for row in short),
        at_least=ZERO,
        reason="SHORT_POSITION_HELD" if held else "SELL_EXCEEDS_HOLDINGS",
        hint="Cover the short position, or confirm it." if held else "Sell a smaller quantity.",
    )
    return [row]


def sufficient_cash(checked: Checked) -> Sequence[RuleRow]:
    """No negative cash balance; hard."""
    negative = [row for row in checked.state.cash if row.amount < ZERO]
    if not negative:
        return (NOTHING_OVERDRAWN,)
    return [overdrawn(min(negative, key=lambda row: (row.amount, row.currency)), checked)]


def overdrawn(row: CashLine, checked: Checked, severity: str = HARD, reason: str = "CASH_BALANCE_NEGATIVE") -> RuleRow:
    """The row of a balance below zero; its hint says how much is missing, and who let it."""
    hint = f"Fund {row.currency}: {plain(-row.amount)} are missing."
    if severity == HARD and checked.options.funding is Funding.AS_SIZED:
        hint += " Options.funding AS_SIZED orders what is not there; without it buys are reduced to the money there is."
    return RuleRow("INSUFFICIENT_CASH", severity, passed=False, measured=row.amount, at_least=ZERO, reason=reason, hint=hint)


def cash_floor(floor: Fraction) -> Rule:
    """What a guarded run had to keep in base is still there (desk 9.2); soft."""

    def rule(checked: Checked) -> Sequence[RuleRow]:
        base = checked.state.base
        balance = sum((row.amount for row in checked.state.cash if row.currency == base), ZERO)
        passed = Fraction(balance) >= floor
        row = RuleRow(
            "CASH_FLOOR",
            SOFT,
            passed=passed,
            measured=balance,
            at_least=rational(floor),
            reason="OK" if passed else "CASH_BELOW_FLOOR",
            hint=f"Add {base}, or lower the cash that must stay.",
        )
        return [row]

    return rule


NO_LIMIT_SET: Final = RuleRow("SINGLE_POSITION_MAX", HARD, passed=True, measured=ZERO, at_most=UNLIMITED, reason="NO_LIMIT_SET")
DATA_COMPLETE: Final = RuleRow("DATA_QUALITY", HARD, passed=True, measured=ZERO, at_most=ZERO, reason="OK")
NOTHING_SUPPRESSED: Final = RuleRow("MIN_TRADE_SIZE", SOFT, passed=True, measured=ZERO, at_least=ZERO, reason="OK")
NOTHING_SHORT: Final = RuleRow("NO_SHORTING", HARD, passed=True, measured=ZERO, at_least=ZERO, reason="OK")
NOTHING_OVERDRAWN: Final = RuleRow("INSUFFICIENT_CASH", HARD, passed=True, measured=ZERO, at_least=ZERO, reason="OK")
SHARED_ROWS: Final = (NO_LIMIT_SET, DATA_COMPLETE, NOTHING_SUPPRESSED, NOTHING_SHORT, NOTHING_OVERDRAWN)

LIMIT_RULES: Final[tuple[Rule, ...]] = (
    cash_band,
    single_position_max,
    group_max,
    data_quality,
    min_trade_size,
)
SAFETY_RULES: Final[tuple[Rule, ...]] = (
    no_shorting,
    sufficient_cash,
)
AFTER_STATE_RULES: Final = (*LIMIT_RULES, *SAFETY_RULES)
"""Every flow asks these; what a flow asks besides stands between the limits and safety, or after it."""


def ladder_breach(notes: Notes) -> RuleRow:
    """The only row of a run that ends in the settlement ladder: how far the first breach lies below its floor."""
    first = notes.ladder_breaches[0]
    return RuleRow(
        "SETTLEMENT_CASH_LADDER",
        HARD,
        passed=False,
        measured=first.floor - first.step.balance,
        at_least=first.floor,
        reason=first.reason,
        hint="Change the timing, the funding or the overdraft allowance.",
    )


NUMERIC_RANGE: Final = RuleRow(
    "NUMERIC_RANGE",
    HARD,
    passed=False,
    measured=ZERO,
    at_most=ZERO,
    reason="NUMERIC_RANGE",
    hint="The amounts leave the range of 28 significant digits; check quantities, prices and rates.",
)
