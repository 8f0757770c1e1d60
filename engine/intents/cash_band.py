"""The solver's orders of an unguarded run, finished so that its claim to keep the cash band holds after them (rulings-2 reading 1).

Where truncation lifts cash above the band, buys take one lot more each; where cash ends below the band, a guarded run is asked for, whose
floor holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from msgspec.structs import replace

from engine.guarded.band_lots import BandLots, cash_above, cash_weight, is_cash, keeps_band, ladder_beside, state_after
from engine.guarded.exact import Parts
from engine.guarded.funds import Ledger
from engine.guarded.groups import groups_of
from engine.guarded.last_lots import ROUNDED_UP, largest_rest_first
from engine.guarded.lines import Line
from engine.guarded.orders import trade_of
from engine.guarded.sizing import funds_of, lines_of, measure
from engine.intents.brief import Brief
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.notes import Notes
from engine.simulation.fx import fx_deals
from engine.universe import Universe


@dataclass(frozen=True, slots=True)
class SizedOrders:
    """Trades in trace order as they were sized, those that the turnover cap left, and the deals that pay for these, not yet numbered."""

    sized: list[Trade]
    trades: list[Trade]
    deals: list[FxDeal]


def keep_cash_band(orders: SizedOrders, universe: Universe, brief: Brief) -> SizedOrders | None:
    """The solver's orders, with buys one lot larger where cash is above the band and that brings it inside, never for less than that.

    None where a buy is among them and cash ends below the band. Cash is measured as rule CASH_BAND measures it. Where nothing may be
    traded the solver claims nothing.
    """
    if not universe.tradeable:
        return orders
    least, most = brief.options.cash_band_min_weight, brief.options.cash_band_max_weight
    state = state_after(orders.trades, orders.deals, universe, brief)
    if cash_weight(state) < least and any(trade.side == BUY for trade in orders.trades):
        return None
    if cash_weight(state) <= most:
        return orders
    last = LastLots.of(orders, universe, brief)
    above = cash_above(state, most)
    for line in largest_rest_first(last.buys(orders)):
        if last.room.take(line):
            above -= last.room.parts.in_base(line.lot_value)
            if above <= 0:
                found = last.orders(orders)
                if keeps_band(state_after(found.trades, found.deals, universe, brief), brief.options):
                    return found
    return orders


@dataclass(slots=True)
class LastLots:
    """The lines of some orders, and the room beside them."""

    lines: Sequence[Line]
    room: BandLots
    brief: Brief

    @classmethod
    def of(cls, orders: SizedOrders, universe: Universe, brief: Brief) -> Self:
        """The room beside these orders."""
        measured = measure(universe, brief)
        parts, values, worth = measured.parts, measured.values, max(measured.total, 0)
        lines = lines_of(universe, brief.noting(Notes()), measured, worth)
        trades = {trade.instrument_id: trade for trade in orders.trades}
        net: dict[str, int] = {}
        for line in lines:
            if trade := trades.get(line.instrument_id):
                line.quantity = parts.steps(trade.quantity)
                net[line.currency] = net.get(line.currency, 0) + (line.worth if line.side == SELL else -line.worth)
        groups = groups_of(brief.shelf.limits(brief.options.group_constraints), {line.instrument_id: line for line in lines}, values)
        funds = funds_of(parts, brief, worth)
        ledger, ladder = Ledger(funds, net, funds.effect), ladder_beside(orders.trades, orders.deals, brief)
        return cls(lines, BandLots.beside(lines, groups, parts, worth, brief, ledger, ladder), brief)

    def buys(self, orders: SizedOrders) -> list[Line]:
        """Who may take a lot: who was dropped or is too small sits out, and so does what is cash itself. A cover of a short is whole and takes none."""
        out = {trade.instrument_id for trade in orders.sized} - {trade.instrument_id for trade in orders.trades}
        out |= {intent.instrument_id for intent in self.brief.notes.suppressed}
        return [
            line
            for line in self.lines
            if line.side == BUY
            and line.wish
            and self.brief.weights[line.instrument_id]
            and line.instrument_id not in out
            and not is_cash(line.instrument_id, self.brief)
            and line.quantity + line.lot >= line.least
        ]

    def orders(self, before: SizedOrders) -> SizedOrders:
        """The orders with the lots taken, numbered in trace order again; the given ones are left as they are."""
        known = {trade.instrument_id: trade for trade in before.sized}
        sized: list[Trade] = []
        for line in self.lines:
            trade = known.get(line.instrument_id)
            if line.limited_by:
                trade = _grown(line, trade, self.room.parts)
            if trade is not None:
                sized.append(replace(trade, intent_id=f"oi_{len(sized) + 1}"))
        trades = sized
        if len(before.trades) < len(before.sized):  # in the order in which the turnover cap kept them
            by_id = {trade.instrument_id: trade for trade in sized}
            trades = [by_id[trade.instrument_id] for trade in before.trades]
            trades += [trade for trade in sized if trade.instrument_id not in known]
        options = self.brief.options
        deals = fx_deals(self.brief.standing.cash, trades, self.brief.market, options.fx_buffer_pct, Notes())
        return SizedOrders(sized, trades, deals)


def _grown(line: Line, trade: Trade | None, parts: Parts) -> Trade:
    found = trade_of(line, parts)
    marks = trade.constraints if trade else ["MIN_NOTIONAL"] if line.smallest.threshold else []
    found.constraints = [*marks, ROUNDED_UP]
    return found
