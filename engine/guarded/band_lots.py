"""The solver claims to keep the cash band that it was given: lots that buys take so that the claim holds after the orders (rulings-2 reading 1).

Truncation leaves in cash what is less than a lot. Where that lifts cash above the band, buys take one lot more each, largest
truncated value first, then id, while base stays at its floor, every limit holds as the rules measure it, and settlement can be paid.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from engine.contracts import EngineOptions, TargetMethod, ValuationMode
from engine.guarded.exact import Parts
from engine.guarded.funds import Amount, Ledger
from engine.guarded.groups import Group
from engine.guarded.last_lots import MONEY_ROUNDING, ROUNDED_UP, largest_rest_first
from engine.guarded.lines import Line
from engine.guarded.run import GuardedRun
from engine.intents.brief import Brief
from engine.intents.ladder_room import LadderRoom, Move
from engine.intents.orders import FxDeal, Trade
from engine.notes import Notes
from engine.simulation.after_state import apply_orders
from engine.simulation.rules import WEIGHT_TOLERANCE
from engine.simulation.settlement import settlement_days, walk_ladder
from engine.universe import Universe
from engine.valuation import CASH, State, value

Paid = tuple[list[Trade], list[FxDeal], Notes]
"""Numbered trades, the deals that pay for them, and what making these noticed."""


def state_after(trades: Iterable[Trade], deals: Iterable[FxDeal], universe: Universe, brief: Brief) -> State:
    """The portfolio after orders, as the rules look at it."""
    standing, market = brief.standing, brief.market
    quantities, cash = apply_orders(standing.quantities, standing.cash, [], [*trades, *deals])
    earlier = brief.before if brief.options.valuation_mode is ValuationMode.CALCULATED else None
    return value(quantities, cash, market, brief.shelf, Notes(), standing.never_priced(universe.locked, market), earlier)


def cash_weight(state: State) -> Decimal:
    """The weight of cash as rule CASH_BAND measures it: instruments of that class count."""
    return state.by_asset_class[CASH] / state.divisor


def keeps_band(state: State, options: EngineOptions) -> bool:
    """Whether cash is within the band; a short of an instrument that is cash itself may leave it below although base stays at its floor."""
    return options.cash_band_min_weight <= cash_weight(state) <= options.cash_band_max_weight


def cash_above(state: State, most: Decimal) -> Fraction:
    """How much cash is above its largest weight, in base."""
    return Fraction(state.by_asset_class[CASH]) - Fraction(most) * Fraction(state.divisor)


def is_cash(name: str, brief: Brief) -> bool:
    """Whether an instrument is cash itself: buying it takes nothing out of the band."""
    entry = brief.shelf.entries.get(name)
    return entry is not None and entry.asset_class == CASH


@dataclass(slots=True)
class BandLots:
    """What base, turnover, positions, groups and the ladder still have room for beside some orders, in exact parts."""

    parts: Parts
    worth: int
    brief: Brief
    ledger: Ledger
    turnover: int | None
    rooms: dict[str, int]
    keys: Mapping[str, Sequence[str]]
    ladder: LadderRoom | None

    @classmethod
    def beside(
        cls,
        lines: Sequence[Line],
        groups: Iterable[Group],
        parts: Parts,
        worth: int,
        brief: Brief,
        ledger: Ledger,
        ladder: LadderRoom | None,
    ) -> Self:
        """The room that lines leave as they stand."""
        cap, keys = brief.options.max_turnover_pct, dict[str, list[str]]()
        turnover = None if cap is None else parts.share(cap, worth) - sum([line.worth for line in lines])
        found = cls(parts, worth, brief, ledger, turnover, {}, keys, ladder)
        for group in groups:
            moved = sum([line.value_after - line.value for line in (*group.sells, *group.buys)])
            found.rooms[group.key] = found.limit(group.cap) - group.held - moved
            for line in group.buys:
                keys.setdefault(line.instrument_id, []).append(group.key)
        return found

    def limit(self, share: Decimal) -> int:
        """The largest worth that the rules let pass under a limit."""
        return self.parts.share(share + WEIGHT_TOLERANCE, self.worth)

    def take(self, line: Line) -> bool:
        """Let a buy take one lot more if base stays at its floor, every limit holds, as the rules measure it, and settlement can be paid."""
        lot, cap, keys = line.lot_value, self.brief.options.single_position_max_weight, self.keys.get(line.instrument_id, ())
        if cap is not None and line.value_after + lot > self.limit(cap):
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
        parts, lot, currency = self.parts, line.lot_value, line.currency
        found = [Move(currency, settlement_days(line.instrument_id, self.brief.shelf), Fraction(-lot, parts.worth[currency]))]
        base = self.brief.market.base
        if currency != base:
            day, balance = self.brief.options.fx_settlement_days, self.ledger.balances[currency]
            reserve = 1 + Fraction(self.brief.options.fx_buffer_pct)
            paid = self.ledger.after(currency, -lot) - self.ledger.surplus
            bought = _bought(balance - lot, reserve) - _bought(balance, reserve)
            found += [Move(base, day, parts.in_base(paid)), Move(currency, day, bought / parts.worth[currency])]
        return found


def ladder_beside(trades: Sequence[Trade], deals: Sequence[FxDeal], brief: Brief) -> LadderRoom | None:
    """The room that orders leave in the settlement ladder, where there is one."""
    if not brief.options.enable_settlement_awareness:
        return None
    walked = Notes()
    _breaks_ladder(trades, deals, brief, walked)
    return LadderRoom.of(walked.cash_ladder, brief.options.max_overdraft_by_ccy)


def finish_cash_band(run: GuardedRun, paid: Paid, universe: Universe, brief: Brief, pay: Callable[[], Paid]) -> Paid:
    """A guarded run's orders within the solver's cash band, where one lot more of its buys brings cash inside; as they were where not.

    Each takes one at most: those that were rounded up have theirs, and one that gave a lot back for money takes none. `pay` makes the orders of
    the run as it stands, and what pays for them.
    """
    most = brief.options.cash_band_max_weight
    if brief.options.target_method is not TargetMethod.SOLVER or not universe.tradeable:
        return paid
    state = state_after(*paid[:2], universe, brief)
    if cash_weight(state) <= most:
        return paid
    before = [(line, line.quantity, [*line.limited_by]) for line in run.buys]
    ledger, ladder = run.ledger(run.effect(run.funds, run.parts)), ladder_beside(*paid[:2], brief)
    lots = BandLots.beside(run.lines, run.groups, run.parts, run.worth, brief, ledger, ladder)
    above = cash_above(state, most)
    for line in largest_rest_first(_may_take(run, brief)):
        if lots.take(line):
            line.grown, above = True, above - run.parts.in_base(line.lot_value)
            if above <= 0:
                found = pay()
                trades, deals, _ = found
                if keeps_band(state_after(trades, deals, universe, brief), brief.options) and not (
                    ladder and _breaks_ladder(trades, deals, brief, Notes())
                ):
                    return found
    for line, quantity, marks in before:
        line.quantity, line.limited_by, line.grown = quantity, marks, False
    return pay()  # sells carry the number that they were given last


def _may_take(run: GuardedRun, brief: Brief) -> list[Line]:
    """The buys of which truncation may have left something: a cover of a short is whole."""
    return [
        line
        for line in run.buys
        if line.planned
        and not (line.cover or ROUNDED_UP in line.limited_by or MONEY_ROUNDING in line.limited_by)
        and line.quantity + line.lot >= line.least
        and not is_cash(line.instrument_id, brief)
    ]


def _breaks_ladder(trades: Sequence[Trade], deals: Sequence[FxDeal], brief: Brief, walked: Notes) -> bool:
    return walk_ladder(brief.before.cash, brief.standing, [*trades, *deals], brief.shelf, brief.options, walked)


def _bought(balance: Amount, reserve: Fraction) -> Fraction:
    """What a deal buys of a currency to level a balance, negative where it sells."""
    return Fraction(-balance) * (reserve if balance < 0 else 1)
