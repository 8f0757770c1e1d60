"""A guarded run from weights to numbered trades, with the plan that shows what money did to them (desk 6, 9.1)."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import partial
from operator import attrgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from engine.contracts.conventions import ExitsBelowMinimum, FxPolicy, MoneyRounding, QuantityRounding, TurnoverSharing
from engine.contracts.limits import OptionMoney
from engine.contracts.shelf import Threshold
from engine.contracts.snapshots import Position
from engine.guarded.band_lots import Paid, finish_cash_band
from engine.guarded.exact import Parts
from engine.guarded.funds import BUYS_REDUCED, Effect, Funds, MinorUnits
from engine.guarded.last_lots import repaired
from engine.guarded.lines import LeftOut, Line
from engine.guarded.plan import FundingPlan, plan_of
from engine.guarded.run import GuardedRun, Limits
from engine.guarded.sizing import funds_of, kept_of, lines_of, measure
from engine.guarded.steps import size
from engine.guarded.whole_units import needed_for_limit
from engine.intents.brief import Brief
from engine.intents.gains import GainsBudget
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.intents.smallest import BELOW_MIN_QUANTITY
from engine.intents.turnover import drift_share
from engine.market import Market
from engine.notes import DroppedIntent, FundingCut, LimitWorth, Notes, SuppressedIntent
from engine.numbers import ZERO, minor_digits, rational
from engine.simulation.dependencies import execution_order
from engine.simulation.guarded_fx import Dealing
from engine.universe import Universe

LAST_DIGITS: Final = Fraction(1, 10**26)
"""What sums at 28 digits may lose, of what moves."""
ROUNDINGS: Final = 3
"""How often a sum may be rounded to the wrong side once more."""
_DOWN: Final = Context(prec=28, rounding=ROUND_FLOOR, Emin=MIN_EMIN, Emax=MAX_EMAX)
_UP: Final = Context(prec=28, rounding=ROUND_CEILING, Emin=MIN_EMIN, Emax=MAX_EMAX)

APPLIED_IN_ORDER: Final = (
    "MIN_NOTIONAL",
    "LOT_QUANTITY",
    "TAX_BUDGET",
    "SINGLE_POSITION_MAX",
    "GROUP_MAX",
    "TURNOVER_LEVEL",
    "GROUP_ROOM",
    "CASH_LEVEL",
    "LOT_SIZE",
    "ROUNDED_UP",
    "MONEY_ROUNDING",
)
"""What may have shaped an order, in the order in which results name it (desk 9.5)."""


class Guarded(Struct):
    """The outcome of guarded brief: trades in trace order, their deals, the plan, and the lines for whoever explains them."""

    trades: list[Trade]
    deals: list[FxDeal]
    plan: FundingPlan
    run: GuardedRun


class LineGains:
    """The gains budget as the guarded steps ask for it; without tax awareness nothing is limited. However fine the parts, steps stay steps."""

    def __init__(self, budget: GainsBudget | None, parts: Parts) -> None:
        self._budget, self._parts = budget, parts
        self.trades: dict[str, Trade] = {}

    def walk(self, run: GuardedRun) -> None:
        """Cut sells to budget and lots."""
        if self._budget is None:
            return
        lines = {line.instrument_id: line for line in run.sells if line.quantity}
        self.trades = {name: trade_of(line, self._parts) for name, line in lines.items()}

        def too_small(trade: Trade) -> bool:
            line = lines[trade.instrument_id]
            line.quantity = self._parts.steps(trade.quantity)
            return run.breaks_minimum(line) is not None

        self._budget.walk(self.trades.values(), too_small, lambda trade: lines[trade.instrument_id].smallest.lot)
        for name, line in lines.items():
            trade = self.trades[name]
            line.quantity = self._parts.steps(trade.quantity)
            if trade.limited_by:
                line.limited_by.append(trade.limited_by)

    def allow(self, line: Line) -> bool:
        """Whether one lot more is within budget and lots; a sell that the walk did not meet, since it had no lot yet, is met here."""
        if self._budget is None:
            return True
        trade = self.trades.get(line.instrument_id)
        if trade is None:
            trade = trade_of(line, self._parts)
            self._budget.look_up(trade)
            if trade.lots:
                self.trades[line.instrument_id] = trade
        return self._budget.allows(trade, self._parts.quantity(line.quantity + line.lot))

    def take(self, line: Line) -> None:
        """One lot more was sold, which was allowed before; `line` counts it already."""
        trade = self.trades.get(line.instrument_id)
        if self._budget is not None and trade is not None:
            self._budget.take(trade, self._parts.quantity(line.quantity))


def guarded_orders(universe: Universe, positions: Sequence[Position], brief: Brief, first: Sequence[Trade] | None = None) -> Guarded:
    """Orders that the money at hand pays for. `first` are the trades of a first brief that could not be paid."""
    options, notes, market = brief.options, brief.notes, brief.market
    measured = measure(universe, brief)
    parts, worth = measured.parts, max(measured.total, 0)
    lines = lines_of(universe, brief, measured, worth)
    gains = None
    if options.enable_tax_awareness:
        lots_of = {position.instrument_id: position for position in positions if position.lots}
        gains = GainsBudget(lots_of, market, options.max_realized_capital_gains, notes)
    run = GuardedRun(
        parts,
        funds_of(parts, brief, worth),
        lines,
        measured.values,
        worth,
        Limits(
            turnover=None if options.max_turnover_pct is None else parts.share(options.max_turnover_pct, worth),
            funded_turnover=options.turnover_policy is TurnoverSharing.FUNDED,
            position=options.single_position_max_weight,
            groups=brief.shelf.limits(options.group_constraints),
            nearest=options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE,
        ),
        LineGains(gains, parts),
        effect=_rounded if options.money_rounding is MoneyRounding.MINOR_UNITS else _unrounded,
        minimum=partial(_broken_minimum, brief),
        notes=notes,
        kept=kept_of(brief),
        targets=measured.targets,
        first=None if first is None else {trade.instrument_id: parts.steps(trade.quantity) for trade in first if trade.side == BUY},
    )
    size(run)
    pay = partial(_pay_in_decimals, run, brief)
    trades, deals, noticed = finish_cash_band(run, pay(), universe, brief, pay)
    _note(run, brief, first)
    notes.take(noticed)
    return Guarded(trades, deals, plan_of(run, options.turnover_policy), run)


def trade_of(line: Line, parts: Parts) -> Trade:
    """The line's order; a sell of everything keeps the digits of the holding."""
    everything = line.side == SELL and line.quantity >= line.most and line.quantity == parts.steps(line.holding)
    quantity = line.holding if everything else parts.quantity(line.quantity)
    notional = quantity * line.unit
    return Trade(line.instrument_id, line.side, quantity, line.price, line.unit, line.rate, notional, notional * line.rate)


def numbered_trades(run: GuardedRun) -> list[Trade]:
    """The orders in trace order, numbered, with what shaped them."""
    known = run.gains.trades
    trades: list[Trade] = []
    for line in run.lines:
        if not line.quantity:
            continue
        trade = known.get(line.instrument_id)
        if trade is None:
            trade = trade_of(line, run.parts)
        else:
            trade.revalue()
        marks = ["MIN_NOTIONAL", *line.limited_by] if line.smallest.threshold else line.limited_by
        if len(marks) > 1:
            marks = sorted(dict.fromkeys(marks), key=lambda mark: APPLIED_IN_ORDER.index(mark.partition(":")[0]))
        if marks:
            trade.constraints = marks
        trades.append(trade)
        trade.intent_id = f"oi_{len(trades)}"
    return trades


def _unrounded(funds: Funds, _: Parts) -> Effect:
    return funds.effect


def _rounded(funds: Funds, parts: Parts) -> Effect:
    return MinorUnits(funds, parts, {currency: minor_digits(currency) for currency in parts.worth}).effect


def _broken_minimum(brief: Brief, line: Line, run: GuardedRun) -> str | None:
    """The minimum that the order breaks, if any: a full exit may be exempt, and so is a sell that a limit needs."""
    if not line.smallest.binds:
        return None
    options, leaves_nothing = brief.options, line.quantity == run.parts.steps(brief.standing.quantities.get(line.instrument_id, ZERO))
    if line.exits and leaves_nothing and options.exits_below_minimum is ExitsBelowMinimum.SELL:
        line.may_be_small = True
        return None
    cap = options.single_position_max_weight
    line.may_be_small = cap is not None and needed_for_limit(line, run.limit(cap))
    return line.smallest.broken_by(run.parts.quantity(line.quantity), line.unit, dust_allowed=line.may_be_small)


def _pay_in_decimals(run: GuardedRun, brief: Brief) -> Paid:
    """Number the orders and make their deals; while base, in the decimals of the result, ends below its floor, a lot goes back (desk 6.9)."""
    base, parts, funds = brief.market.base, run.parts, run.funds
    floor = parts.in_base(funds.floor)

    def attempt() -> tuple[Paid, int]:
        trades, noticed = numbered_trades(run), Notes()
        deals = Dealing(brief.market, brief.options, run.kept, floor, noticed).deals(brief.standing.cash, trades)
        gap = funds.floor - parts.whole(_left_in(base, trades, deals, brief))
        if gap > 0 and brief.options.fx_policy is FxPolicy.NEED_ONLY:
            # a sweep of just enough may miss the floor by the last digits of its decimals, which are worth no lot: sweep those more
            missing = floor - Fraction(_left_in(base, trades, deals, brief))
            moved = sum((Fraction(deal.buy_amount if deal.buy_currency == base else deal.sell_amount) for deal in deals), floor)
            enough, noticed = floor + missing + moved * LAST_DIGITS, Notes()
            deals = Dealing(brief.market, brief.options, run.kept, enough, noticed).deals(brief.standing.cash, trades)
            gap = funds.floor - parts.whole(_left_in(base, trades, deals, brief))
        return (trades, deals, noticed), gap

    trades, deals, noticed = repaired(attempt, lambda: run.buys, funds.reserve)
    if brief.options.money_rounding is MoneyRounding.UNROUNDED:
        deals = [_levelled(deal, trades, brief, run.kept) for deal in deals]
    return trades, deals, noticed


def _levelled(deal: FxDeal, trades: Sequence[Trade], brief: Brief, kept: Mapping[str, Decimal]) -> FxDeal:
    """The deal, moved by the last digits that its currency would lack where sums at 28 digits are made in the order of execution."""
    sweeps = deal.buy_currency == brief.market.base
    currency = deal.sell_currency if sweeps else deal.buy_currency
    for _ in range(ROUNDINGS):
        missing = kept.get(currency, ZERO) - _left_in(currency, trades, [deal], brief)
        if missing <= 0:
            break
        if sweeps:
            deal = replace(deal, sell_amount=_DOWN.subtract(deal.sell_amount, missing))
        else:
            deal = replace(deal, buy_amount=_UP.add(deal.buy_amount, missing))
    return deal


def _left_in(currency: str, trades: Sequence[Trade], deals: Sequence[FxDeal], brief: Brief) -> Decimal:
    """What a currency holds after the orders, summed as the result sums it."""
    left = brief.standing.cash.get(currency, ZERO)
    for order in execution_order([trade for trade in trades if trade.price.currency == currency], deals):
        for moved, amount in order.cash_flows():
            if moved == currency:
                left += amount
    return left


def _note(run: GuardedRun, brief: Brief, first: Sequence[Trade] | None) -> None:
    """Say what was left out and what money took, in trace order; dropped orders in the order of their rank."""
    notes, market = brief.notes, brief.market
    for line in run.lines:
        if line.left_out and not line.quantity:
            notes.suppressed.append(_suppressed(line, line.left_out, market))
    for line in run.dropped:
        size_ = run.parts.quantity(line.dropped) * line.unit * line.rate
        notes.dropped.append(DroppedIntent(line.instrument_id, size_, drift_share(size_, brief.before.total)))
    cuts = _cuts(run) if first is None else _cuts_of(first, run)
    notes.funding_cuts.extend(sorted(cuts, key=attrgetter("instrument_id")))
    if notes.funding_cuts or first is not None:
        notes.warn(BUYS_REDUCED)


def _cuts(run: GuardedRun) -> Iterator[FundingCut]:
    """What the buys asked for when they met the price of cash, in whole lots, where they got less."""
    for line in run.buys:
        if line.quantity < line.demanded:
            yield FundingCut(line.instrument_id, run.parts.quantity(line.demanded), run.parts.quantity(line.quantity))


def _cuts_of(first: Sequence[Trade], run: GuardedRun) -> Iterator[FundingCut]:
    """What a first sizing would have bought, where less is bought now."""
    funded = {line.instrument_id: line.quantity for line in run.lines if line.side == BUY}
    for trade in first:
        if trade.side == BUY and (bought := run.parts.quantity(funded.get(trade.instrument_id, 0))) < trade.quantity:
            yield FundingCut(trade.instrument_id, trade.quantity, bought)


def _suppressed(line: Line, left_out: LeftOut, market: Market) -> SuppressedIntent:
    rate = market.exact_rate(line.currency)
    intended = rational(left_out.intended / (rate or 1))
    threshold: Threshold | OptionMoney | LimitWorth | None = line.smallest.threshold
    if left_out.minimum == BELOW_MIN_QUANTITY or threshold is None:
        threshold = LimitWorth((line.smallest.min_quantity or ZERO) * line.unit, line.currency)
    return SuppressedIntent(line.instrument_id, intended, line.currency, threshold, left_out.minimum)
