"""The certificate of a funded plan: levels, last lots, deals and dependencies checked from what is asked and what is answered, in rationals.

Written from the specification (advisory-practice 4, desk 3, 6.1, 6.9, 7, 8.2; practice 6.3, 6.4), shares nothing with the engine.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from math import ceil, floor
from typing import Any

Json = Mapping[str, Any]
Money = dict[str, Fraction]

ZERO = Fraction(0)
TINY = Fraction(1, 10**12)
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3}


@dataclass(slots=True)
class Row:
    """A trade as it is asked for; `quantity` in units, `notional` in its currency."""

    number: int
    name: str
    side: str
    currency: str
    unit: Fraction
    quantity: Fraction
    notional: Fraction
    lot: Fraction | None
    least: Fraction
    priority: int
    sources: tuple[str, ...]

    @property
    def step(self) -> Fraction:
        return self.lot or Fraction(1)

    @property
    def whole(self) -> Fraction:
        """The most that whole lots come to."""
        return floor(self.quantity / self.step) * self.step


def up(amount: Fraction, currency: str) -> Fraction:
    digits: int = 10 ** DIGITS.get(currency, 2)
    return Fraction(ceil(amount * digits), digits)


def down(amount: Fraction, currency: str) -> Fraction:
    return -up(-amount, currency)


@dataclass(slots=True)
class FundingCertificate:
    """One plan: what was asked, by which terms, and what came of it."""

    cash: Money
    rows: list[Row]
    rates: Money
    """Units of EUR, the base, for one unit."""
    options: Json
    worth: Fraction
    leaving: tuple[str, ...]
    funding: Any
    base: str = "EUR"
    overdrafts: Money = field(default_factory=dict)
    """What was below zero in the snapshot."""
    seen: Counter[str] = field(default_factory=Counter)

    # what is asked

    @property
    def buys(self) -> list[Row]:
        return sorted((row for row in self.rows if row.side == "BUY"), key=lambda row: (row.name, row.number))

    @property
    def targets(self) -> set[str]:
        return {row.currency for row in self.buys} | set(self.leaving)

    def pays_off(self, currency: str, paid: Money) -> bool:
        """Whether what is short is bought: an old overdraft that grew no further is left where nothing is bought in its currency."""
        old = ZERO > self.after_sells().get(currency, ZERO) >= self.overdrafts.get(currency, ZERO)
        return currency in self.targets and (not old or currency in {self.base, *self.leaving, *paid})

    @property
    def sweeps(self) -> bool:
        return bool(self.options.get("fx_funding_source_currency", "ANY_CASH") == "ANY_CASH")

    @property
    def deals_allowed(self) -> bool:
        return bool(self.options.get("auto_funding", True))

    def terms(self, side: str) -> tuple[Fraction, Fraction, Fraction | None, Fraction]:
        """Rate, minimum and maximum in EUR, tax: of the one row that these schedules have for a side."""
        costs = self.options.get("costs") or {}
        rows = [row for row in costs.get("commission", []) if row.get("side") in {None, side}]
        taxes = sum((Fraction(row["rate_bps"]) for row in costs.get("transaction_tax", []) if row.get("side") in {None, side}), ZERO)
        if not rows:
            return ZERO, ZERO, None, taxes / 10_000
        [row] = rows
        least, most = (Fraction(row[name]["amount"]) if row.get(name) else None for name in ("minimum", "maximum"))
        return Fraction(row["rate_bps"]) / 10_000, least or ZERO, most, taxes / 10_000

    def cost(self, side: str, notional: Fraction, currency: str, *, rounded: bool) -> Fraction:
        if notional <= 0:
            return ZERO
        rate, least, most, tax = self.terms(side)
        commission = max(notional * rate, least / self.rates[currency])
        if most is not None:
            commission = min(commission, most / self.rates[currency])
        parts = (commission, notional * tax)
        return sum((up(part, currency) for part in parts), ZERO) if rounded else sum(parts, ZERO)

    def spread(self, currency: str) -> Fraction:
        costs = self.options.get("costs") or {}
        stated = costs.get("fx_spread_bps_by_currency", {}).get(currency, costs.get("fx_spread_bps", "0"))
        return Fraction(stated) / 10_000

    def smallest(self, currency: str) -> Fraction:
        stated = self.options.get("fx_min_deal")
        return Fraction(stated["amount"]) * self.rates[stated["currency"]] / self.rates[currency] if stated else ZERO

    def after_sells(self) -> Money:
        money = dict(self.cash)
        for row in self.rows:
            if row.side == "SELL":
                net = row.notional - self.cost("SELL", row.notional, row.currency, rounded=True)
                money[row.currency] = money.get(row.currency, ZERO) + net
        return money

    def kept(self, currency: str) -> Fraction:
        stated = Fraction(self.options.get("cash_reserve", {}).get(currency, "0"))
        return min(stated, max(ZERO, self.cash.get(currency, ZERO)))

    @property
    def floor(self) -> Fraction:
        stated = Fraction(self.options.get("cash_reserve", {}).get(self.base, "0"))
        asked = max(stated, Fraction(str(self.options.get("cash_band_min_weight", "0"))) * self.worth)
        return asked if self.base in self.targets else min(asked, self.after_sells().get(self.base, ZERO))

    # whether it can be paid

    def surplus(self, paid: Money, *, rounded: bool) -> Fraction:
        """What base has above its floor where so much is paid per currency and every deal is made (desk 6.1)."""
        money = self.after_sells()
        left, spent = (
            money.get(self.base, ZERO) - paid.get(self.base, ZERO) - self.floor,
            {c: amount for c, amount in paid.items() if amount},
        )
        for currency in self.rates:
            if currency == self.base:
                continue
            free = money.get(currency, ZERO) - paid.get(currency, ZERO) - self.kept(currency)
            least, rate, spread = self.smallest(currency), self.rates[currency], self.spread(currency)
            if free < 0 and self.pays_off(currency, spent):
                need = up(max(-free, least), currency) if rounded else max(-free, least)
                sold = need * rate * (1 + spread)
                left -= up(sold, self.base) if rounded else sold
            elif free > 0 and self.sweeps and free >= least:
                got = (down(free, currency) if rounded else free) * rate * (1 - spread)
                left += down(got, self.base) if rounded else got
        return left

    def own_left(self, currency: str, paid: Money) -> Fraction:
        """What a currency's own money leaves, above what must stay."""
        stays = self.floor if currency == self.base else self.kept(currency)
        return self.after_sells().get(currency, ZERO) - paid.get(currency, ZERO) - stays

    def payment(self, buys: Iterable[tuple[Row, Fraction]], *, rounded: bool) -> Money:
        """What buys of these notionals take, costs included."""
        paid: Money = {}
        for row, notional in buys:
            cost = self.cost("BUY", notional, row.currency, rounded=rounded)
            paid[row.currency] = paid.get(row.currency, ZERO) + notional + cost
        return paid

    # the level

    def check_reduction(self) -> None:
        """Classes whole, one levelled, none after it; each currency for itself where there are no deals."""
        got = {trade.number: Fraction(trade.quantity) for trade in self.funding.bought}
        if self.deals_allowed:
            self._check_classes(self.buys, got, None)
        else:
            for currency in sorted({row.currency for row in self.buys}):
                self._check_classes([row for row in self.buys if row.currency == currency], got, currency)
        lost = [row for row in self.buys if got.get(row.number, ZERO) < row.quantity]
        assert ("BUYS_REDUCED_TO_FUNDS" in self.funding.warnings) == bool(lost)
        assert {trade.number for trade, code in self.funding.skipped if code == "FUNDS"} == {r.number for r in lost if r.number not in got}
        for trade in self.funding.bought:
            assert ("FUNDS" in trade.adjusted) == (trade.number in {row.number for row in lost})

    def _paid(self, rows: Iterable[tuple[Row, Fraction]], alone: str | None, *, rounded: bool) -> Fraction:
        """The surplus of base with all deals, or of one currency alone."""
        paid = self.payment(rows, rounded=rounded)
        return self.surplus(paid, rounded=rounded) if alone is None else self.own_left(alone, paid)

    def _check_classes(self, buys: list[Row], got: dict[int, Fraction], alone: str | None) -> None:
        done: list[tuple[Row, Fraction]] = []
        levelled: list[Row] | None = None
        planned: dict[int, Fraction] = {}
        extra: list[Row] = []
        for _, group in groupby(sorted(buys, key=lambda row: row.priority), key=lambda row: row.priority):
            rows = list(group)
            if levelled is not None:
                planned |= {row.number: ZERO for row in rows}
            elif self._paid([*done, *((row, row.notional) for row in rows)], alone, rounded=False) >= 0:
                done += [(row, row.notional) for row in rows]
                planned |= {row.number: row.quantity for row in rows}
            else:
                levelled = rows
                cut, extra = self._levelled(rows, done, alone)
                planned |= cut
                self.seen["levelled"] += 1
        gave = {row.number for row in extra}
        money = [(row, self._notional(row, planned[row.number])) for row in buys]
        fits = self._paid(money, alone, rounded=True) >= 0
        for row in buys:
            have, plan = got.get(row.number, ZERO), planned[row.number]
            if fits:
                more = row.number in gave and have == plan + row.step
                assert have == plan or more, (row, have, plan)
            else:  # a lot went for rounded money
                assert have <= plan, (row, have, plan)
        self.seen["repaired"] += not fits
        if fits and levelled is not None:
            self._check_last_lots(levelled, planned, got, buys, alone)

    def _notional(self, row: Row, quantity: Fraction) -> Fraction:
        return row.notional if quantity == row.quantity else quantity * row.unit

    def _levelled(self, rows: list[Row], done: list[tuple[Row, Fraction]], alone: str | None) -> tuple[dict[int, Fraction], list[Row]]:
        """Cut quantities of the class; which rows may have got one lot more."""
        active, quantities, at = list(rows), dict[int, Fraction](), dict[str, Fraction]()
        for round_ in range(2):
            at = self._levels(active, done, alone)
            for row in active:
                take = max(ZERO, row.notional * self.rates[row.currency] - at[row.currency])
                lots = floor(take / (row.unit * self.rates[row.currency] * row.step))
                quantities[row.number] = lots * row.step if at[row.currency] else row.quantity
            small = [row for row in active if quantities[row.number] == 0 or quantities[row.number] < row.least]
            for row in small:
                quantities[row.number] = ZERO
            self.seen["left out"] += len(small)
            active = [row for row in active if row not in small]
            assert round_ == 0 or not small
        return quantities, rows

    def _levels(self, rows: list[Row], done: list[tuple[Row, Fraction]], alone: str | None) -> Money:
        """The exact level by currency: certified as the least that pays."""
        caps: Money = {}
        if alone is None and not self.sweeps:
            for currency in {row.currency for row in rows} - {self.base}:
                own = [row for row in rows if row.currency == currency]
                caps[currency] = self._least_level(own, lambda level, own=own, c=currency: self._own(own, done, c, level))  # type: ignore[misc]

        def left(level: Fraction) -> Fraction:
            takes = [(row, self._take(row, min(level, caps.get(row.currency, level)))) for row in rows]
            return self._paid([*done, *takes], alone, rounded=False)

        found = self._least_level(rows, left, [*caps.values()])
        self.seen["own money"] += any(found > cap for cap in caps.values())
        return {currency: min(found, caps.get(currency, found)) for currency in self.rates}

    def _own(self, rows: list[Row], done: list[tuple[Row, Fraction]], currency: str, level: Fraction) -> Fraction:
        spent = [(row, notional) for row, notional in done if row.currency == currency]
        money = self.payment([*spent, *((row, self._take(row, level)) for row in rows)], rounded=False)
        return self.after_sells().get(currency, ZERO) - money.get(currency, ZERO) - self.kept(currency)

    def _take(self, row: Row, level: Fraction) -> Fraction:
        """What a level in base leaves of a notional, in its currency."""
        return max(ZERO, row.notional - level / self.rates[row.currency])

    def _least_level(self, rows: list[Row], left: Callable[[Fraction], Fraction], points: Iterable[Fraction] = ()) -> Fraction:
        """The least level with nothing missing: walk to the piece between two bends, then halve it."""
        top = max((row.notional * self.rates[row.currency] for row in rows), default=ZERO)
        if left(ZERO) >= 0 or not rows:
            return ZERO
        if left(top) < 0:
            self.seen["nothing can be paid"] += 1
            return top
        low, high = ZERO, top
        for point in sorted({*points, *self._bends(rows)}):
            if low < point < high:
                low, high = (point, high) if left(point) < 0 else (low, point)
        return _zero_between(low, high, left)

    def _bends(self, rows: list[Row]) -> set[Fraction]:
        """Where a buy ends, or its commission meets a bound."""
        rate, least, most, _ = self.terms("BUY")
        demands = [row.notional * self.rates[row.currency] for row in rows]
        bounds = [ZERO, *(bound / rate for bound in (least, most) if rate and bound is not None)]
        return {demand - bound for demand in demands for bound in bounds}

    def _check_last_lots(
        self, levelled: list[Row], planned: dict[int, Fraction], got: dict[int, Fraction], buys: list[Row], alone: str | None
    ) -> None:
        """What is bought can be paid, and no buy of the class that gave up a lot can have one lot more."""
        money = [(row, self._notional(row, got.get(row.number, ZERO))) for row in buys]
        assert self._paid(money, alone, rounded=True) >= 0
        for row in levelled:
            have = got.get(row.number, ZERO)
            if have > planned[row.number]:
                self.seen["given back"] += 1
                continue
            if have + row.step > row.quantity or have + row.step < row.least:
                continue
            more = [(other, self._notional(other, have + row.step) if other is row else notional) for other, notional in money]
            assert self._paid(more, alone, rounded=True) < 0, row
            self.seen["give-back refused"] += 1


def _zero_between(low: Fraction, high: Fraction, left: Callable[[Fraction], Fraction]) -> Fraction:
    """Where nothing is missing any more: halve until the line through two points meets zero where it should; else a jump is there."""
    for _ in range(200):
        middle = (low + high) / 2
        first, second = left(low), left(middle)
        if second >= 0:
            high = middle
            continue
        root = low - first * (middle - low) / (second - first) if second > first else high
        if root < high and left(root) >= 0 and left(root - TINY) < 0:
            return root
        low = middle
    nearest = high.limit_denominator(10**9)
    return nearest if left(nearest) >= 0 and left(nearest - TINY) < 0 else high
