"""Where the portfolio stands once what is under way is done: open orders, and cash flows that are known (practice 7).

Targets, sizing and FX look at these holdings and this money. The state before, which a result shows, stays what the snapshot
says.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct, field

from engine.contracts import ValuationMode
from engine.contracts.options.shared import SharedOptions
from engine.contracts.snapshots import CashFlow, Money, OpenOrder, OrderSide, PortfolioSnapshot
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ONE, ZERO
from engine.valuation import NOTHING_STATED, State, Valued

DEFAULT_DAYS: Final = 2
"""Until a trade settles, where the shelf does not say."""


class CashMove(Struct):
    """Cash that moves on a day without an order of this run."""

    currency: str
    amount: Decimal
    day: int


class Standing(Struct):
    """Holdings and money with open orders and counted flows done; `state` values them, its total is what weights are shares of.

    `given` are the holdings of the snapshot; `moved` is what open orders add to them, `open_sells` what they sell. `unsettled` is what
    booked cash lacks, at most zero. `moves` is the cash that open orders and flows move,
    by day; `flows` what counted flows add to the total, in base. `stated` are market values that are trusted.
    """

    state: State
    given: Mapping[str, Decimal]
    quantities: Mapping[str, Decimal]
    cash: dict[str, Decimal]
    unsettled: Mapping[str, Decimal]
    stated: Mapping[str, Money]
    moved: dict[str, Decimal] = field(default_factory=dict)
    open_sells: dict[str, Decimal] = field(default_factory=dict)
    moves: list[CashMove] = field(default_factory=list)
    later: list[CashMove] = field(default_factory=list)
    flows: Decimal = ZERO
    flows_known: bool = False

    def never_priced(self, locked: Iterable[str], market: Market) -> Mapping[str, Money]:
        """Trusted values of locked holdings whose price has no rate: they stay worth what is stated, since nobody trades them."""
        if not self.stated:
            return NOTHING_STATED
        return {
            name: self.stated[name]
            for name in locked
            if name in self.stated and name in market.prices and market.prices[name].currency not in market.base_rates
        }

    def moves_until(self, day: int) -> list[CashMove]:
        """The cash that moves without an order of this run, later inflows included where they come by that day."""
        return [*self.moves, *(move for move in self.later if move.day <= day)]

    def worth(self, total: Decimal) -> Decimal:
        """What targets and orders are shares of: the total, with known flows at least zero."""
        return max(ZERO, total) if self.flows_known else total

    def sellable(self, instrument_id: str) -> Decimal:
        """What this run may sell: the holding less what is being sold; what is only being bought cannot be resold."""
        return self.given.get(instrument_id, ZERO) - self.open_sells.get(instrument_id, ZERO)

    def spendable(self, currency: str, *, settled_only: bool) -> Decimal:
        """Money before the run's trades: booked, or with `settled_only` less what has not settled."""
        booked = self.cash.get(currency, ZERO)
        return booked + self.unsettled.get(currency, ZERO) if settled_only else booked


def stand(
    portfolio: PortfolioSnapshot,
    quantities: Mapping[str, Decimal],
    before: State,
    market: Market,
    shelf: Shelf,
    options: SharedOptions,
    notes: Notes,
) -> Standing:
    """The portfolio with open orders and known cash flows done; notes the prices and rates that those lack, and what is left out."""
    trusts = options.valuation_mode is ValuationMode.TRUST_SNAPSHOT
    stated = {row.instrument_id: row.market_value for row in portfolio.positions if row.market_value} if trusts else {}
    cash = {row.currency: row.amount for row in portfolio.cash_balances}
    unsettled = {row.currency: min(row.settled - row.amount, ZERO) for row in portfolio.cash_balances if row.settled is not None}
    standing = Standing(before, quantities, quantities, cash, unsettled, stated)
    if portfolio.open_orders:
        _do_orders(standing, portfolio.open_orders, market, shelf, notes)
    if portfolio.cash_flows:
        _count_flows(standing, portfolio.cash_flows, market, options, notes)
    if portfolio.open_orders or portfolio.cash_flows:
        standing.state = _valued(standing, before, market, shelf)
    return standing


def _do_orders(standing: Standing, orders: list[OpenOrder], market: Market, shelf: Shelf, notes: Notes) -> None:
    held = dict(standing.quantities)
    for order in orders:
        name, sells = order.instrument_id, order.side is OrderSide.SELL
        change = -order.quantity if sells else order.quantity
        held[name] = held.get(name, ZERO) + change
        standing.moved[name] = standing.moved.get(name, ZERO) + change
        if sells:
            standing.open_sells[name] = standing.open_sells.get(name, ZERO) + order.quantity
        price = market.prices.get(name)
        if price is None:
            notes.price_missing[name] = None
            continue
        if price.currency not in market.base_rates:
            notes.fx_missing[market.base_pair(price.currency)] = None
        amount = -change * market.units[name]
        standing.cash[price.currency] = standing.cash.get(price.currency, ZERO) + amount
        entry = shelf.entries.get(name)
        day = order.settlement_days if order.settlement_days is not None else entry.settlement_days if entry else DEFAULT_DAYS
        standing.moves.append(CashMove(price.currency, amount, day))
    standing.quantities = held


def _count_flows(standing: Standing, flows: list[CashFlow], market: Market, options: SharedOptions, notes: Notes) -> None:
    """Money that leaves always counts, money that comes only within the horizon; the rest is said and stands in the ladder alone."""
    standing.flows_known = True
    for flow in flows:
        move = CashMove(flow.currency, flow.amount, flow.day)
        if not counts(flow, options):
            standing.later.append(move)
            continue
        standing.moves.append(move)
        standing.cash[flow.currency] = standing.cash.get(flow.currency, ZERO) + flow.amount
        rate = market.base_rates.get(flow.currency)
        if rate is None:
            notes.fx_missing[market.base_pair(flow.currency)] = None
        else:
            standing.flows += flow.amount * rate
    for currency in sorted({move.currency for move in standing.later}):
        notes.warn(f"CASH_FLOW_LATER_{currency}")


def _valued(standing: Standing, before: State, market: Market, shelf: Shelf) -> State:
    """The holdings valued as before, open orders at the unit value; the total counts the flows and is at least zero."""
    rows = dict(before.by_instrument)
    for name, change in standing.moved.items():
        price = market.prices.get(name)
        row = rows.get(name)
        if price is None:
            continue
        amount = change * market.units[name]
        base_amount = amount * market.base_rates.get(price.currency, ZERO)
        if row is None:
            rows[name] = Valued(name, change, price.currency, amount, base_amount, shelf.entries.get(name))
        else:
            same = row.currency == price.currency
            value = row.value + amount if same else row.value
            rows[name] = Valued(name, standing.quantities[name], row.currency, value, row.base_value + base_amount, row.entry)
    cash_values = dict(before.cash_values)
    for move in standing.moves:
        worth = move.amount * market.base_rates.get(move.currency, ZERO)
        cash_values[move.currency] = cash_values.get(move.currency, ZERO) + worth
    total = standing.worth(before.total + standing.flows)
    positions = list(rows.values())
    return State(
        before.base,
        total,
        total or ONE,
        positions,
        rows,
        before.cash,
        cash_values,
        before.by_asset_class,
        before.by_attribute,
        before.buckets,
    )


def warn_of_pending(portfolio: PortfolioSnapshot, notes: Notes) -> None:
    """Say which pending cash nobody counts (practice 7.3)."""
    pending = [row.currency for row in portfolio.cash_balances if row.pending]
    if pending:
        flowing = {flow.currency for flow in portfolio.cash_flows}
        notes.warnings.extend([f"PENDING_CASH_IGNORED_{currency}" for currency in sorted(pending) if currency not in flowing])


def counts(flow: CashFlow, options: SharedOptions) -> bool:
    """Whether sizing reckons with a flow: money that leaves always, money that comes by the settlement horizon."""
    return flow.amount < 0 or flow.day <= options.settlement_horizon_days


def counted_flows(portfolio: PortfolioSnapshot, options: SharedOptions) -> list[CashFlow]:
    """The flows that sizing reckons with, as given."""
    return [flow for flow in portfolio.cash_flows if counts(flow, options)]
