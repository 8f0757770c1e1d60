"""Buys of a proposal reduced to the funds: classes by priority, one level over the first that does not fit (advisory-practice 4).

Amounts are parts of base, quantities steps, as in a guarded run; the level, the guard, the last lots are its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil
from operator import attrgetter
from typing import Self

from msgspec import Struct, field

from engine.advisory.values import AdvisedTrade
from engine.costs import Charges, Terms
from engine.guarded.exact import Parts
from engine.guarded.funds import Amount, Effect, Funds, Ledger
from engine.guarded.last_lots import add_lots, largest_rest_first
from engine.guarded.level import NOTHING, level
from engine.guarded.payments import Payments, bends_of
from engine.numbers import ONE


class Demand(Struct):
    """A buy and the money that it asks for: `asked` is its notional, `proposed` its quantity, `level` what is taken off the notional, `paid` what it costs.

    `lot` is one unit where quantities have no rule; `least` the smallest order, zero for none.
    """

    trade: AdvisedTrade
    instrument_id: str
    currency: str
    terms: Terms
    asked: int
    proposed: int
    quantity: int
    lot: int
    least: int
    step: int
    level: Fraction = NOTHING
    paid: int = 0
    limited_by: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, trade: AdvisedTrade, parts: Parts, charges: Charges) -> Self:
        """The demand of a buy as it is proposed."""
        currency = trade.price.currency
        quantity = parts.steps(trade.quantity)
        bounded = trade.min_quantity is not None or trade.min_notional is not None
        return cls(
            trade,
            trade.instrument_id,
            currency,
            charges.terms(trade.instrument_id, trade.side, currency),
            asked=parts.money(trade.notional, currency),
            proposed=quantity,
            quantity=quantity,
            lot=parts.steps(trade.lot or ONE),
            least=ceil(trade.least * parts.steps_per_unit) if bounded else 0,
            step=parts.step_value(trade.unit, currency),
        )

    @property
    def lot_value(self) -> int:
        """What one lot is worth."""
        return self.lot * self.step

    @property
    def rest(self) -> Amount:
        """What the level left, and whole lots did not take."""
        return max(self.asked - self.level, NOTHING) - self.quantity * self.step

    def cut(self) -> None:
        """Order the whole lots that the level leaves; all that is proposed where it takes nothing."""
        left = self.asked - self.level
        self.quantity = self.proposed if not self.level else int(left // self.lot_value) * self.lot if left > 0 else 0

    @property
    def too_small(self) -> bool:
        """Whether what is left is no order."""
        return self.quantity < max(self.least, 1)


@dataclass(slots=True)
class Reduction:
    """Buys on their way to what the funds pay. `effect` is what a deal brings base, its money rounded."""

    demands: Sequence[Demand]
    funds: Funds
    effect: Effect
    parts: Parts
    charges: Charges

    def run(self) -> None:
        """Buy classes whole while they fit, level the first that does not, and buy nothing of those after it."""
        spent: dict[str, Amount] = {}
        ranked = sorted(self.demands, key=lambda demand: (demand.trade.priority, demand.instrument_id, demand.trade.number))
        classes = [list(rows) for _, rows in groupby(ranked, key=attrgetter("trade.priority"))]
        for place, group in enumerate(classes):
            together = _added(spent, self._asked(group))
            if self._surplus(together) >= 0:
                spent = together
                continue
            for later in classes[place + 1 :]:
                _leave_out(later)
            self._level(group, spent)
            self._give_back(group)
            return

    def _asked(self, group: Iterable[Demand]) -> dict[str, Amount]:
        """What a class asks for as it is proposed, costs included and not rounded."""
        asked: dict[str, Amount] = {}
        for demand in group:
            amount: Amount = demand.asked
            if not demand.terms.free:
                unit = self.parts.worth[demand.currency]
                amount += demand.terms.cost(Fraction(amount, unit)) * unit
            asked[demand.currency] = asked.get(demand.currency, 0) + amount
        return asked

    def _surplus(self, spent: Mapping[str, Amount]) -> Amount:
        return self.funds.surplus({currency: -amount for currency, amount in spent.items()})

    def _level(self, group: Sequence[Demand], spent: Mapping[str, Amount]) -> None:
        """Cut the class at its level; what falls below its smallest order frees its money once, what falls then keeps it."""
        buys = list(group)
        for _ in range(2):
            taken = self._levels(buys, spent)
            for demand in group:
                demand.level = taken(demand.currency)
            for demand in buys:
                demand.cut()
            small = [demand for demand in buys if demand.too_small]
            if not small:
                return
            _leave_out(small)
            buys = [demand for demand in buys if demand.quantity]

    def _levels(self, buys: Sequence[Demand], spent: Mapping[str, Amount]) -> Callable[[str], Fraction]:
        """The level by currency: one for all, but no more than a currency's own money asks for where that pays nothing else."""
        payments = _payments(self, buys)
        caps = {name: self._own_level(name, payments[name], spent) for name in payments if self._pays_itself_alone(name)}

        def taken(at: Fraction, currency: str) -> Fraction:
            return min(at, caps[currency]) if currency in caps else at

        def proceeds(at: Fraction) -> dict[str, Amount]:
            together = _added(spent, {currency: payments[currency].at(taken(at, currency)) for currency in payments})
            return {currency: -amount for currency, amount in together.items()}

        def breaks(_low: Fraction, _high: Fraction) -> Sequence[Amount]:
            return sorted([*caps.values(), *(point for rows in payments.values() for point in rows.levels)])

        top = max((rows.largest for rows in payments.values()), default=NOTHING)
        found = level(lambda at: self.funds.surplus(proceeds(at)), top, breaks, self.funds.turning_points(proceeds))
        return lambda currency: taken(top if found is None else found, currency)

    def _pays_itself_alone(self, currency: str) -> bool:
        """Whether what is left over of a currency helps no other."""
        return currency != self.funds.base and not self.funds.foreign[currency].gives

    def _own_level(self, currency: str, payments: Payments, spent: Mapping[str, Amount]) -> Fraction:
        """The level at which a currency's own money pays what is bought in it."""
        own = self.funds.foreign[currency].free - spent.get(currency, 0)
        found = level(lambda at: own - payments.at(at), payments.largest, payments.breaks)
        return payments.largest if found is None else found

    def _give_back(self, group: Sequence[Demand]) -> None:
        """Give single lots back, the largest rest first, where all is paid in rounded money, costs included."""
        ledger = self._ledger()

        def may(demand: Demand) -> bool:
            further = demand.quantity + demand.lot
            return further <= demand.proposed and ledger.after(demand.currency, demand.paid - self._paid(demand, further)) >= 0

        def took(demand: Demand) -> None:
            before, demand.paid = demand.paid, self._paid(demand, demand.quantity)
            ledger.settle(demand.currency, before - demand.paid)

        add_lots(largest_rest_first(group), may, took)

    def lending(self) -> list[Demand]:
        """Buys whose last lot would bring base something; where none would, those of a currency whose buys cost base something together.

        What a currency's own money pays, and base could not have instead, is not given back: under BASE_ONLY it is levelled to its own money at most.
        """
        ledger, buys = self._ledger(), [demand for demand in self.demands if demand.quantity]

        def brings(demand: Demand) -> bool:
            fewer = demand.quantity - demand.lot
            left = self._paid(demand, fewer if fewer >= max(demand.least, 1) else 0)
            return ledger.after(demand.currency, demand.paid - left) > ledger.surplus

        return [demand for demand in buys if brings(demand)] or [demand for demand in buys if demand.currency in self._costing(ledger)]

    def _costing(self, ledger: Ledger) -> set[str]:
        """The currencies of which base would have more if nothing were bought in them."""
        spent: dict[str, int] = {}
        for demand in self.demands:
            spent[demand.currency] = spent.get(demand.currency, 0) + demand.paid
        return {currency for currency, paid in spent.items() if ledger.after(currency, paid) > ledger.surplus}

    def _ledger(self) -> Ledger:
        """The balances after the buys as they stand, in rounded money."""
        net: dict[str, int] = {}
        for demand in self.demands:
            demand.paid = self._paid(demand, demand.quantity)
            net[demand.currency] = net.get(demand.currency, 0) - demand.paid
        return Ledger(self.funds, net, self.effect)

    def _paid(self, demand: Demand, quantity: int) -> int:
        """What so many steps cost, the charges as they are charged."""
        if not quantity:
            return 0
        trade, currency = demand.trade, demand.currency
        notional = trade.notional if quantity == demand.proposed else self.parts.quantity(quantity) * trade.unit
        worth = demand.asked if quantity == demand.proposed else quantity * demand.step
        return worth + self.parts.money(self.charges.cost(trade.instrument_id, trade.side, notional, currency).total, currency)


def _payments(reduction: Reduction, buys: Iterable[Demand]) -> dict[str, Payments]:
    """What buys take at a level, by currency."""
    by_currency: dict[str, list[Demand]] = {}
    for demand in buys:
        by_currency.setdefault(demand.currency, []).append(demand)
    units = reduction.parts.worth
    return {
        currency: Payments(bend for demand in rows for bend in bends_of(demand.asked, demand.terms, units[currency]))
        for currency, rows in by_currency.items()
    }


def _leave_out(demands: Iterable[Demand]) -> None:
    for demand in demands:
        demand.quantity = 0


def _added(one: Mapping[str, Amount], other: Mapping[str, Amount]) -> dict[str, Amount]:
    return {currency: one.get(currency, 0) + other.get(currency, 0) for currency in {**one, **other}}
