"""The rules of a proposal: those that every flow asks, and what a proposal is asked besides (advisory-engine 10, advisory-practice 3)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.advisory.funding import INSUFFICIENT
from engine.advisory.quantities import BELOW_LOT, BELOW_MIN_NOTIONAL, BELOW_MIN_QUANTITY, NOTHING_HELD
from engine.advisory.trades import COST_PROHIBITIVE, PRICE_MISSING, SOURCE_SKIPPED
from engine.advisory.values import FUNDS, HOLDING, AdvisedTrade, Funding
from engine.contracts.conventions import Conventions
from engine.contracts.options.proposals import ProposalOptions
from engine.numbers import ZERO, rational
from engine.simulation.rules import (
    HARD,
    NOTHING_OVERDRAWN,
    SOFT,
    Checked,
    Rule,
    RuleRow,
    cash_band,
    cash_floor,
    data_quality,
    min_trade_size,
    no_shorting,
    overdrawn,
    single_position_max,
)

LIMIT_RULES: Final[tuple[Rule, ...]] = (cash_band, single_position_max, data_quality, min_trade_size)
LEFT_OUT: Final = frozenset({BELOW_LOT, BELOW_MIN_QUANTITY, BELOW_MIN_NOTIONAL, NOTHING_HELD, SOURCE_SKIPPED, COST_PROHIBITIVE, FUNDS})
"""Why a trade of the proposal is not done although nothing blocks it."""

TRIMMED: Final = Fraction(1, 100)
"""A sell may be cut to its holding by this share without a word."""


@dataclass(slots=True)
class Done:
    """What became of a proposal's trades: `skipped` are the codes of those left out, in the order given; `failures` block."""

    trades: Sequence[AdvisedTrade]
    skipped: Sequence[str]
    failures: Sequence[str]
    funding: Funding
    overdrafts: Mapping[str, Decimal]
    """Cash of the snapshot that is below zero."""

    open_buys: Collection[str]
    """The instruments that are being bought already."""


def rules_of(done: Done, doubts: Rule) -> list[Rule]:
    """Every rule of a proposal in the order of its rows; reconciliation comes after them."""
    asked: list[Rule] = [*LIMIT_RULES, doubts, _no_shorting(done), _sufficient_cash(done), _input_guards(done), _funding_data(done)]
    asked += [_trades_skipped(done), _sells_trimmed(done)]
    if done.funding.floor is not None:
        asked.append(cash_floor(done.funding.floor))
    return asked


def short_of_funds(rows: Sequence[RuleRow], failures: Sequence[str]) -> bool:
    """Whether nothing blocks the proposal but money for its buys."""
    hard = {row.rule_id for row in rows if row.severity == HARD and not row.passed}
    return hard == {"PROPOSAL_INPUT_GUARDS"} and all(code == INSUFFICIENT for code in failures)


def _no_shorting(done: Done) -> Rule:
    """Nothing is sold that may not be; hard, soft for shorts that came with the portfolio.

    What is only being bought is not there to be sold, and a desk lends nothing to itself until the proposal's own buys are done.
    """

    def rule(checked: Checked) -> Iterator[RuleRow]:
        [row] = no_shorting(checked)
        desk = checked.options.conventions is Conventions.DESK
        beyond = [trade.beyond for trade in done.trades if trade.beyond and (desk or trade.instrument_id in done.open_buys)]
        if beyond and (row.passed or row.severity == SOFT):
            hint = "Sell a smaller quantity: what is being bought cannot be sold yet."
            row = RuleRow(
                "NO_SHORTING", HARD, passed=False, measured=-max(beyond), at_least=ZERO, reason="SELL_EXCEEDS_HOLDINGS", hint=hint
            )
        yield row

    return rule


def _sufficient_cash(done: Done) -> Rule:
    """No negative cash balance: hard, soft where it came with the portfolio and did not grow."""

    def rule(checked: Checked) -> Iterator[RuleRow]:
        below = [row for row in checked.state.cash if row.amount < ZERO]
        if not below:
            yield NOTHING_OVERDRAWN
            return
        grown = [row for row in below if row.amount < done.overdrafts.get(row.currency, ZERO)]
        lowest = min(grown or below, key=lambda row: (row.amount, row.currency))
        yield overdrawn(lowest, checked) if grown else overdrawn(lowest, checked, SOFT, "OVERDRAFT_HELD")

    return rule


def _input_guards(done: Done) -> Rule:
    """Nothing that was proposed is impossible; hard, one row for all of it."""

    def rule(_: Checked) -> Iterator[RuleRow]:
        if done.failures:
            hint = "Revise the cash flows, the funding, or what the shelf does not let be traded; see diagnostics."
            yield _failed("PROPOSAL_INPUT_GUARDS", HARD, Decimal(len(done.failures)), done.failures[0], hint)

    return rule


def _funding_data(done: Done) -> Rule:
    """No buy is left out for want of a rate; soft, where missing rates do not block."""

    def rule(_: Checked) -> Iterator[RuleRow]:
        if done.funding.force_review:
            pairs = Decimal(len(done.funding.missing_pairs))
            yield _failed("PROPOSAL_FUNDING_DQ", SOFT, pairs, "MISSING_FX_FOR_FUNDING", "Supply the rates of diagnostics.missing_fx_pairs.")

    return rule


def _trades_skipped(done: Done) -> Rule:
    """Every trade is done; soft."""

    def rule(checked: Checked) -> Iterator[RuleRow]:
        options = checked.options
        left_out = [code for code in done.skipped if code in LEFT_OUT or (code == PRICE_MISSING and not options.block_on_missing_prices)]
        if left_out:
            hint = "Some trades are left out; see diagnostics.skipped_trades."
            yield _failed("PROPOSAL_TRADES_SKIPPED", SOFT, Decimal(len(left_out)), left_out[0], hint)

    return rule


def _sells_trimmed(done: Done) -> Rule:
    """No sell is cut to its holding by more than a hundredth; soft."""

    def rule(_: Checked) -> Iterator[RuleRow]:
        cuts = [1 - Fraction(trade.quantity) / Fraction(trade.wish) for trade in done.trades if HOLDING in trade.adjusted]
        if cuts and (largest := max(cuts)) > TRIMMED:
            hint = "A sell asks for more than is held; see diagnostics.trade_adjustments."
            yield RuleRow(
                "PROPOSAL_SELL_TRIMMED",
                SOFT,
                passed=False,
                measured=rational(largest),
                at_most=rational(TRIMMED),
                reason="SELL_TRIMMED_TO_HOLDING",
                hint=hint,
            )

    return rule


def _failed(rule_id: str, severity: str, measured: Decimal, reason: str, hint: str) -> RuleRow:
    return RuleRow(rule_id, severity, passed=False, measured=measured, at_most=ZERO, reason=reason, hint=hint)


def blocks_for_cash(rows: Sequence[RuleRow]) -> bool:
    """Whether some balance is below zero and may not be."""
    return any(row.rule_id == "INSUFFICIENT_CASH" and row.severity == HARD and not row.passed for row in rows)


def replans(options: ProposalOptions, rows: Sequence[RuleRow], funding: Funding) -> bool:
    """Whether a blocked proposal is paid for again, from several currencies (advisory-practice 4)."""
    if options.funding is not None or options.reduces_buys or not options.auto_funding:
        return False
    return bool(funding.skipped) or (options.withdrawals_wait and blocks_for_cash(rows))
