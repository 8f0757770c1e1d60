"""A guarded run from weights to numbered trades, with the plan that shows what money did to them (desk 6, 9.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final

from engine.contracts.conventions import ExitsBelowMinimum, FxPolicy, MoneyRounding, QuantityRounding, TurnoverSharing
from engine.contracts.limits import OptionMoney
from engine.contracts.shelf import Threshold
from engine.contracts.snapshots import Position
from engine.guarded.exact import Parts
from engine.guarded.funded_turnover import TurnoverLevels
from engine.guarded.funds import Effect, Funds, MinorUnits
from engine.guarded.last_lots import take_last_lot
from engine.guarded.lines import Line
from engine.guarded.run import GuardedRun, Limits
from engine.guarded.sizing import funds_of, kept_of, lines_of, money_of, parts_of, values_of
from engine.guarded.steps import size
from engine.guarded.whole_units import needed_for_limit
from engine.intents.brief import Brief
from engine.intents.gains import GainsBudget
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.intents.smallest import BELOW_MIN_NOTIONAL, BELOW_MIN_QUANTITY
from engine.intents.turnover import drift_share
from engine.market import Market
from engine.notes import DroppedIntent, FundingCut, LimitWorth, Notes, SuppressedIntent
from engine.numbers import ZERO, minor_digits, rational
from engine.simulation.dependencies import execution_order
from engine.simulation.guarded_fx import Dealing
from engine.universe import Universe

BUYS_REDUCED: Final = "BUYS_REDUCED_TO_FUNDS"
LAST_DIGITS: Final = Fraction(1, 10**26)
"""What sums at 28 digits may lose, of what moves."""

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


@dataclass(frozen=True, slots=True)
class Sides:
    """Amounts of buys and of sells, in base."""

    buys: Fraction
    sells: Fraction


@dataclass(frozen=True, slots=True)
class FundingPlan:
    """What a guarded run wished, planned and traded, and the prices at which it cut (desk 9.1). Amounts in base, exact."""

    worth: Fraction
    cash_floor: Fraction
    floors: Mapping[str, Decimal]
    free_cash: Fraction
    wished: Sides
    planned: Sides
    traded: Sides
    price_of_cash: Fraction
    turnover_budget: Fraction | None
    turnover_policy: TurnoverSharing
    turnover: TurnoverLevels | None
    residual_cash: Fraction


@dataclass(slots=True)
class Guarded:
    """The outcome of guarded brief: trades in trace order, their deals, the plan, and the lines for whoever explains them."""

    trades: list[Trade]
    deals: list[FxDeal]
    plan: FundingPlan
    run: GuardedRun


class LineGains:
    """The gains budget as the guarded steps ask for it; without tax awareness nothing is limited."""

    def __init__(self, budget: GainsBudget | None, run: Callable[[], GuardedRun]) -> None:
        self._budget, self._run = budget, run
        self.trades: dict[str, Trade] = {}

    def walk(self, sells: Sequence[Line]) -> None:
        """Cut sells to budget and lots."""
        if self._budget is None:
            return
        run = self._run()
        lines = {line.instrument_id: line for line in sells if line.quantity}
        self.trades = {name: trade_of(line, run.parts) for name, line in lines.items()}

        def too_small(trade: Trade) -> bool:
            line = lines[trade.instrument_id]
            line.quantity = run.parts.steps(trade.quantity)
            return run.breaks_minimum(line) is not None

        self._budget.walk(self.trades.values(), too_small, lambda trade: lines[trade.instrument_id].smallest.lot)
        for name, line in lines.items():
            trade = self.trades[name]
            line.quantity = run.parts.steps(trade.quantity)
            if trade.limited_by:
                line.limited_by.append(trade.limited_by)

    def allow(self, line: Line) -> bool:
        """Whether one lot more is within budget and lots."""
        trade = self.trades.get(line.instrument_id)
        return self._budget is None or trade is None or self._budget.allows(trade, self._run().parts.quantity(line.quantity + line.lot))

    def take(self, line: Line) -> None:
        """One lot more was sold; `line` counts it already."""
        trade = self.trades.get(line.instrument_id)
        if self._budget is not None and trade is not None:
            self._budget.take(trade, self._run().parts.quantity(line.quantity))


def guarded_orders(universe: Universe, positions: Sequence[Position], brief: Brief, first: Sequence[Trade] | None = None) -> Guarded:
    """Orders that the money at hand pays for. `first` are the trades of a first brief that could not be paid."""
    options, notes, market = brief.options, brief.notes, brief.market
    parts = parts_of(universe, brief)
    values = values_of(parts, brief)
    worth = max(sum(values.values()) + money_of(parts, brief), 0)
    lines = lines_of(universe, brief, parts, values, worth)
    gains = None
    if options.enable_tax_awareness:
        lots_of = {position.instrument_id: position for position in positions if position.lots}
        gains = GainsBudget(lots_of, market, options.max_realized_capital_gains, notes)
    run = GuardedRun(
        parts,
        funds_of(parts, brief, worth),
        lines,
        values,
        worth,
        Limits(
            turnover=None if options.max_turnover_pct is None else parts.share(options.max_turnover_pct, worth),
            funded_turnover=options.turnover_policy is TurnoverSharing.FUNDED,
            position=options.single_position_max_weight,
            groups=brief.shelf.limits(options.group_constraints),
            nearest=options.quantity_rounding is QuantityRounding.NEAREST_AFFORDABLE,
        ),
        LineGains(gains, lambda: run),
        effect=_rounded if options.money_rounding is MoneyRounding.MINOR_UNITS else _unrounded,
        breaks_minimum=lambda line: _breaks_minimum(line, run, brief),
        notes=notes,
        kept=kept_of(brief),
        first=None if first is None else {trade.instrument_id: parts.steps(trade.quantity) for trade in first if trade.side == BUY},
    )
    size(run)
    trades, deals, noticed = _pay_in_decimals(run, brief)
    _note(run, brief, first)
    notes.take(noticed)
    return Guarded(trades, deals, plan_of(run, options.turnover_policy), run)


def trade_of(line: Line, parts: Parts) -> Trade:
    """The line's order; a sell of everything keeps the digits of the holding."""
    everything = line.side == SELL and line.quantity == parts.steps(line.holding)
    quantity = line.holding if everything else parts.quantity(line.quantity)
    return Trade(line.instrument_id, line.side, quantity, line.price, line.unit, line.rate)


def numbered_trades(run: GuardedRun) -> list[Trade]:
    """The orders in trace order, numbered, with what shaped them."""
    known = run.gains.trades
    trades: list[Trade] = []
    for line in run.lines:
        if not line.quantity:
            continue
        trade = known.get(line.instrument_id) or trade_of(line, run.parts)
        trade.notional = trade.quantity * trade.unit
        trade.notional_base = trade.notional * trade.rate
        marks = ["MIN_NOTIONAL", *line.limited_by] if line.smallest.threshold else line.limited_by
        trade.constraints = sorted(dict.fromkeys(marks), key=lambda mark: APPLIED_IN_ORDER.index(mark.partition(":")[0]))
        trades.append(trade)
        trade.intent_id = f"oi_{len(trades)}"
    return trades


def plan_of(run: GuardedRun, policy: TurnoverSharing) -> FundingPlan:
    """The figures of the plan."""
    base = run.parts.in_base

    def sides(amount: Callable[[Line], int]) -> Sides:
        buys = sum(amount(line) for line in run.lines if line.side == BUY)
        return Sides(base(buys), base(sum(amount(line) for line in run.lines if line.side == SELL)))

    net = run.net_of_sells()
    for line in run.buys:
        net[line.currency] = net.get(line.currency, 0) - line.worth
    return FundingPlan(
        worth=base(run.worth),
        cash_floor=base(run.funds.floor),
        floors=run.kept,
        free_cash=base(run.funds.surplus({})),
        wished=sides(lambda line: line.wish),
        planned=sides(lambda line: line.planned),
        traded=sides(lambda line: line.worth),
        price_of_cash=run.price_of_cash,
        turnover_budget=None if run.limits.turnover is None else base(run.limits.turnover),
        turnover_policy=policy,
        turnover=run.turnover,
        residual_cash=base(run.funds.surplus(net)),
    )


def _unrounded(funds: Funds, _: Parts) -> Effect:
    return funds.effect


def _rounded(funds: Funds, parts: Parts) -> Effect:
    return MinorUnits(funds, parts, {currency: minor_digits(currency) for currency in parts.worth}).effect


def _breaks_minimum(line: Line, run: GuardedRun, brief: Brief) -> str | None:
    """The minimum that the order breaks, if any: a full exit may be exempt, and so is a sell that a limit needs."""
    options, leaves_nothing = brief.options, line.quantity == run.parts.steps(brief.standing.quantities.get(line.instrument_id, ZERO))
    if line.exits and leaves_nothing and options.exits_below_minimum is ExitsBelowMinimum.SELL:
        line.may_be_small = True
        return None
    cap = options.single_position_max_weight
    line.may_be_small = cap is not None and needed_for_limit(line, run.limit(cap))
    return line.smallest.broken_by(run.parts.quantity(line.quantity), line.unit, dust_allowed=line.may_be_small)


def _pay_in_decimals(run: GuardedRun, brief: Brief) -> tuple[list[Trade], list[FxDeal], Notes]:
    """Number the orders and make their deals; while base, in the decimals of the result, ends below its floor, a lot goes back (desk 6.9)."""
    base, floor = brief.market.base, run.parts.in_base(run.funds.floor)
    while True:
        trades, noticed = numbered_trades(run), Notes()
        deals = Dealing(brief.market, brief.options, run.kept, floor, noticed).deals(brief.standing.cash, trades)
        gap = floor - _left_in_base(trades, deals, brief)
        if gap > 0 and brief.options.fx_policy is FxPolicy.NEED_ONLY:
            # a sweep of just enough may miss the floor by the last digits of its decimals, which are worth no lot: sweep those more
            moved = sum((Fraction(deal.buy_amount if deal.buy_currency == base else deal.sell_amount) for deal in deals), floor)
            enough, noticed = floor + gap + moved * LAST_DIGITS, Notes()
            deals = Dealing(brief.market, brief.options, run.kept, enough, noticed).deals(brief.standing.cash, trades)
            gap = floor - _left_in_base(trades, deals, brief)
        if gap <= 0 or not take_last_lot(run.buys, ceil(gap * run.parts.per_base), run.funds.reserve):
            return trades, deals, noticed


def _left_in_base(trades: Sequence[Trade], deals: Sequence[FxDeal], brief: Brief) -> Fraction:
    """What base holds after the orders, summed as the result sums it."""
    base = brief.market.base
    left = brief.standing.cash.get(base, ZERO)
    for order in execution_order(trades, deals):
        for currency, amount in order.cash_flows():
            if currency == base:
                left += amount
    return Fraction(left)


def _note(run: GuardedRun, brief: Brief, first: Sequence[Trade] | None) -> None:
    """Say what was left out and what money took, in trace order; dropped orders in the order of their rank."""
    notes, market = brief.notes, brief.market
    for line in run.lines:
        if line.suppressed and not line.quantity:
            notes.suppressed.append(_suppressed(line, market))
    for line in run.dropped:
        size_ = run.parts.quantity(line.dropped) * line.unit * line.rate
        notes.dropped.append(DroppedIntent(line.instrument_id, size_, drift_share(size_, brief.before.total)))
    sized = _demanded(run) if first is None else {trade.instrument_id: trade.quantity for trade in first if trade.side == BUY}
    funded = {line.instrument_id: run.parts.quantity(line.quantity) for line in run.lines if line.side == BUY}
    for name in sorted(sized):
        if funded.get(name, ZERO) < sized[name]:
            notes.funding_cuts.append(FundingCut(name, sized[name], funded.get(name, ZERO)))
    if notes.funding_cuts or first is not None:
        notes.warn(BUYS_REDUCED)


def _demanded(run: GuardedRun) -> dict[str, Decimal]:
    """What the buys asked for when they met the price of cash, in whole lots."""
    return {line.instrument_id: run.parts.quantity(line.demanded) for line in run.buys}


def _suppressed(line: Line, market: Market) -> SuppressedIntent:
    rate = market.exact_rate(line.currency)
    intended = rational((line.intended or Fraction(0)) / (rate or 1))
    threshold: Threshold | OptionMoney | LimitWorth | None = line.smallest.threshold
    if line.suppressed == BELOW_MIN_QUANTITY or threshold is None:
        threshold = LimitWorth((line.smallest.min_quantity or ZERO) * line.unit, line.currency)
    return SuppressedIntent(line.instrument_id, intended, line.currency, threshold, line.suppressed or BELOW_MIN_NOTIONAL)
