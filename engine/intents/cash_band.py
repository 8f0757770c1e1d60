"""The solver claims to keep the cash band that it was given: its rounding is finished so that the claim holds after the orders (rulings-2 reading 1).

Truncation leaves in cash what is less than a lot. Where that lifts cash above the band, buys take one lot more each; where cash
ends below the band, a guarded run is asked for, whose floor holds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from msgspec.structs import replace

from engine.contracts import ValuationMode
from engine.guarded.funds import Amount, Ledger
from engine.guarded.groups import groups_of
from engine.guarded.last_lots import ROUNDED_UP
from engine.guarded.lines import Line
from engine.guarded.orders import trade_of
from engine.guarded.sizing import funds_of, lines_of, measure
from engine.guarded.whole_units import WholeUnits
from engine.intents.brief import Brief
from engine.intents.ladder_room import LadderRoom, Move
from engine.intents.orders import BUY, SELL, FxDeal, Trade
from engine.notes import Notes
from engine.simulation.after_state import apply_orders
from engine.simulation.fx import fx_deals
from engine.simulation.settlement import settlement_days, walk_ladder
from engine.universe import Universe
from engine.valuation import CASH, State, value


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
    state = _after(orders, universe, brief)
    if _cash_weight(state) < least and any(trade.side == BUY for trade in orders.trades):
        return None
    if _cash_weight(state) <= most:
        return orders
    last = LastLots.of(orders, universe, brief)
    excess = Fraction(state.by_asset_class[CASH]) - Fraction(most) * Fraction(state.divisor)
    for line in last.largest_rest_first():
        if last.take(line):
            excess -= last.units.parts.in_base(line.lot_value)
            if excess <= 0 and _cash_weight(_after(found := last.orders(orders), universe, brief)) <= most:
                return found
    return orders


def _cash_weight(state: State) -> Decimal:
    return state.by_asset_class[CASH] / state.divisor


def _after(orders: SizedOrders, universe: Universe, brief: Brief) -> State:
    standing, market = brief.standing, brief.market
    quantities, cash = apply_orders(standing.quantities, standing.cash, [], [*orders.trades, *orders.deals])
    earlier = brief.before if brief.options.valuation_mode is ValuationMode.CALCULATED else None
    return value(quantities, cash, market, brief.shelf, Notes(), standing.never_priced(universe.locked, market), earlier)


@dataclass(slots=True)
class LastLots:
    """Who may take one lot more: what base, turnover, positions and groups still have room for, in exact parts."""

    lines: Sequence[Line]
    units: WholeUnits
    brief: Brief
    ledger: Ledger
    turnover: int | None
    rooms: dict[str, int]
    keys: Mapping[str, Sequence[str]]
    sitting_out: frozenset[str]
    ladder: LadderRoom | None

    @classmethod
    def of(cls, orders: SizedOrders, universe: Universe, brief: Brief) -> Self:
        """Rooms beside these orders. Who was dropped or is too small sits out, and so does what is cash itself."""
        options, entries = brief.options, brief.shelf.entries
        measured = measure(universe, brief)
        parts, values, worth = measured.parts, measured.values, max(measured.total, 0)
        lines = lines_of(universe, brief.noting(Notes()), measured, worth)
        trades = {trade.instrument_id: trade for trade in orders.trades}
        net: dict[str, int] = {}
        for line in lines:
            if trade := trades.get(line.instrument_id):
                line.quantity = parts.steps(trade.quantity)
                net[line.currency] = net.get(line.currency, 0) + (line.worth if line.side == SELL else -line.worth)
        units = WholeUnits(lines, parts, worth, fits=lambda _: True)
        rooms: dict[str, int] = {}
        keys: dict[str, list[str]] = {}
        for group in groups_of(brief.shelf.limits(options.group_constraints), {line.instrument_id: line for line in lines}, values):
            members = [*group.sells, *group.buys]
            rooms[group.key] = units.limit(group.cap) - group.held - sum(line.value_after - line.value for line in members)
            for line in group.buys:
                keys.setdefault(line.instrument_id, []).append(group.key)
        funds = funds_of(parts, brief, worth)
        turnover = None
        if options.max_turnover_pct is not None:
            turnover = parts.share(options.max_turnover_pct, worth) - sum(line.worth for line in lines)
        out = {trade.instrument_id for trade in orders.sized} - trades.keys()
        out |= {intent.instrument_id for intent in brief.notes.suppressed}
        out |= {name for name, entry in entries.items() if entry.asset_class == CASH}
        return cls(lines, units, brief, Ledger(funds, net, funds.effect), turnover, rooms, keys, frozenset(out), _ladder(orders, brief))

    def largest_rest_first(self) -> list[Line]:
        """The buys by what truncation took from them, then by id. A cover of a short is whole and takes none."""
        buys = [line for line in self.lines if line.side == BUY and line.wish and self.brief.weights[line.instrument_id]]
        buys = [line for line in buys if line.instrument_id not in self.sitting_out and line.quantity + line.lot >= line.least]
        return sorted(buys, key=lambda line: (-line.rest, line.instrument_id))

    def take(self, line: Line) -> bool:
        """Let a buy take one lot more if base stays at its floor, every limit holds, as the rules measure it, and settlement can be paid."""
        lot, cap, keys = line.lot_value, self.brief.options.single_position_max_weight, self.keys.get(line.instrument_id, ())
        if cap is not None and line.value_after + lot > self.units.limit(cap):
            return False
        if (self.turnover is not None and self.turnover < lot) or any(self.rooms[key] < lot for key in keys):
            return False
        if self.ledger.after(line.currency, -lot) < 0:
            return False
        if self.ladder is not None:
            moves = self._moves(line)
            if not self.ladder.allows(moves):
                return False
            self.ladder.take(moves)
        self.ledger.settle(line.currency, -lot)
        for key in keys:
            self.rooms[key] -= lot
        if self.turnover is not None:
            self.turnover -= lot
        line.quantity += line.lot
        line.limited_by.append(ROUNDED_UP)
        return True

    def _moves(self, line: Line) -> list[Move]:
        """What one lot more moves: the money for it, and what that changes of its currency's deal."""
        parts, lot, currency = self.units.parts, line.lot_value, line.currency
        found = [Move(currency, settlement_days(line.instrument_id, self.brief.shelf), Fraction(-lot, parts.worth[currency]))]
        base = self.brief.market.base
        if currency != base:
            day, balance = self.brief.options.fx_settlement_days, self.ledger.balances[currency]
            reserve = 1 + Fraction(self.brief.options.fx_buffer_pct)
            paid = self.ledger.after(currency, -lot) - self.ledger.surplus
            bought = _bought(balance - lot, reserve) - _bought(balance, reserve)
            found += [Move(base, day, parts.in_base(paid)), Move(currency, day, bought / parts.worth[currency])]
        return found

    def orders(self, before: SizedOrders) -> SizedOrders:
        """The orders with the lots taken, numbered in trace order again; the given ones are left as they are."""
        known = {trade.instrument_id: trade for trade in before.sized}
        sized: list[Trade] = []
        for line in self.lines:
            trade = known.get(line.instrument_id)
            if line.limited_by:
                trade = _grown(line, trade, self.units)
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


def _ladder(orders: SizedOrders, brief: Brief) -> LadderRoom | None:
    """The room that the orders leave in the settlement ladder, where there is one."""
    options, walked = brief.options, Notes()
    if not options.enable_settlement_awareness:
        return None
    walk_ladder(brief.before.cash, brief.standing, [*orders.trades, *orders.deals], brief.shelf, options, walked)
    return LadderRoom.of(walked.cash_ladder, options.max_overdraft_by_ccy)


def _bought(balance: Amount, reserve: Fraction) -> Fraction:
    """What a deal buys of a currency to level a balance, negative where it sells."""
    return Fraction(-balance) * (reserve if balance < 0 else 1)


def _grown(line: Line, trade: Trade | None, units: WholeUnits) -> Trade:
    found = trade_of(line, units.parts)
    marks = trade.constraints if trade else ["MIN_NOTIONAL"] if line.smallest.threshold else []
    found.constraints = [*marks, ROUNDED_UP]
    return found
