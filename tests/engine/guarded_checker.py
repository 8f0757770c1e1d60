"""The certificate of a guarded run: every step checked from request and result alone, in rationals (desk 3.2, 6, 7; practice 2, 3).

Shares no code with the engine.
"""

from collections import Counter
from fractions import Fraction
from math import ceil, floor
from random import Random

from tests.engine.guarded_facts import DIGITS, ZERO, Json, Line, Money
from tests.engine.guarded_sells import SHOWN, SellCertificate, cut_to

DECIMALS = Fraction(1, 10**15)
"""What sums of the engine's 28 digits may miss in these books."""


class Certificate(SellCertificate):
    """Checks one result whole."""

    def check(self) -> Counter[str]:
        """Every check in the order of the steps."""
        self.check_figures()
        self.check_turnover()
        self.check_sells()
        self.check_whole_units()
        self.demands = self._demands()
        self.check_price_of_cash()
        self.check_buys()
        self.check_deals()
        self.check_floors()
        return self.seen

    def _demands(self) -> Money:
        """What buys ask for when they meet the price of cash: after turnover, each group cut at its own level, keys ascending."""
        asked = {line.name: max(ZERO, line.wish - self.buy_level) for line in self.buys if line.name not in self.dropped}
        asked = {name: amount for name, amount in asked.items() if amount > SHOWN}
        for _, share, carriers in self.facts.groups:
            members = [name for name in carriers if name in asked]
            others = (
                self.facts.lines[name].after for name in carriers if name in self.facts.lines and self.facts.lines[name].side == "SELL"
            )
            still = (self.facts.values.get(n, ZERO) for n in carriers if n not in self.facts.lines or self.facts.lines[n].side == "BUY")
            room = max(ZERO, share * self.facts.worth - sum(others, ZERO) - sum(still, ZERO))
            if members and (level := cut_to([asked[name] for name in members], room)):
                self.seen["group room"] += 1
                asked |= {name: max(ZERO, asked[name] - level) for name in members}
        return {name: amount for name, amount in asked.items() if amount}

    def check_price_of_cash(self) -> None:
        """The level is paid, no smaller one is, and no other way of giving up less than it is either (desk 3.2)."""
        first = self._lowest_paid(self.demands)
        lines = self.facts.lines
        small = {
            n for n, asked in self.demands.items() if lines[n].least > lines[n].lot and 0 < asked - first < lines[n].least * lines[n].worth
        }
        edge = {n for n in small if abs(self.demands[n] - first - lines[n].least * lines[n].worth) <= SHOWN}
        assert small - edge <= self.suppressed
        asked = {name: amount for name, amount in self.demands.items() if name not in small}
        top = max(asked.values(), default=ZERO)
        self.takes = {name: max(ZERO, amount - self.price) for name, amount in asked.items()}
        for name in set(self.suppressed & asked.keys()):
            assert self.takes[name] < lines[name].least * lines[name].worth + SHOWN
            self.takes[name] = ZERO
            self.seen["suppressed in the second round"] += 1
        if not asked:
            return
        if not self._paid_at_price(asked, top + SHOWN):
            assert abs(self.price - top) <= SHOWN
            assert "CASH_BELOW_FLOOR" in self.result["diagnostics"]["warnings"]
            self.seen["nothing can be paid"] += 1
            return
        assert self._paid_at_price(asked, self.price + SHOWN)
        if self.price <= 2 * SHOWN:
            return
        self.seen["price of cash"] += 1
        assert not self._paid_at_price(asked, self.price - 2 * SHOWN)
        rng = Random(len(asked))  # noqa: S311  (test data, repeatable)
        for _ in range(self.alternatives):
            given_up = self.price - 2 * SHOWN
            other = {n: max(ZERO, a - given_up * Fraction(rng.randint(0, 1000), 1000)) for n, a in asked.items()}
            assert not self.paid(other)

    def _paid_at_price(self, asked: Money, level: Fraction) -> bool:
        return self.paid({name: max(ZERO, amount - level) for name, amount in asked.items()})

    def _lowest_paid(self, asked: Money) -> Fraction:
        """The lowest level that can be paid, found by halving; only asked for where a smallest order may be missed."""
        if self._paid_at_price(asked, ZERO):
            return ZERO
        low, high = ZERO, max(asked.values(), default=ZERO)
        lines = self.facts.lines
        if all(lines[name].least == lines[name].lot for name in asked):
            return self.price
        while high - low > SHOWN / 4:
            middle = Fraction(floor((low + high) * 10**12), 2 * 10**12)
            if middle in {low, high}:
                break
            low, high = (low, middle) if self._paid_at_price(asked, middle) else (middle, high)
        return high

    def check_buys(self) -> None:
        """Whole lots of what the level leaves, plus what a give-back or the nearest lot adds, and nothing that could be added is left."""
        for line in self.buys:
            assert line.quantity % line.lot == 0
            assert not line.quantity or line.quantity >= line.least
            if line.name in self.suppressed or line.name in self.dropped:
                assert not line.quantity
            take = self.takes.get(line.name, ZERO)
            down = line.lots(take)
            if self.repaired:
                assert line.quantity <= down + line.lot
                continue
            up = line.lot if "ROUNDED_UP" in line.marks else 0
            if up:
                self.seen["buy rounded up"] += 1
                assert self.fallback or 2 * (take - down * line.worth) > line.lot_value - SHOWN
            assert line.quantity == down + up or (self._at_an_edge(take, line) and abs(line.quantity - down - up) <= line.lot), line.name
        self._check_cuts()
        if self.repaired:
            self.seen["money repaired"] += 1
        elif self.fallback:
            self._nothing_more_to_give_back()
        elif self.nearest:
            self._no_buy_is_closer()

    def _check_cuts(self) -> None:
        """`funding_cuts` name the buys that lost lots to money, and how many."""
        for name, row in self.cuts.items():
            assert Fraction(row["funded_quantity"]) == self.facts.lines[name].quantity < Fraction(row["sized_quantity"])
        if self.fallback:
            return
        for name, amount in self.demands.items():
            line = self.facts.lines[name]
            lots = line.lots(amount)
            sized = lots if lots >= line.least else ZERO
            if not self._at_an_edge(amount, line):
                assert (name in self.cuts) == (line.quantity < sized), name
                assert name not in self.cuts or Fraction(self.cuts[name]["sized_quantity"]) == sized
        assert ("BUYS_REDUCED_TO_FUNDS" in self.result["diagnostics"]["warnings"]) == bool(self.cuts)

    def _room_for(self, line: Line, *, alone: bool) -> bool:
        """Whether limits let a buy take one lot more."""
        cap = self.options.get("single_position_max_weight")
        if alone and cap is not None and line.after + line.lot_value > Fraction(str(cap)) * self.facts.worth:
            return False
        after = {**self.facts.values, **{name: other.after for name, other in self.facts.lines.items()}}
        for _, share, carriers in self.facts.groups:
            if line.name in carriers and sum((after.get(n, ZERO) for n in carriers), ZERO) + line.lot_value > share * self.facts.worth:
                return False
        return True

    def _with_one_more(self, line: Line) -> Fraction:
        buys = {other.name: other.traded for other in self.buys}
        buys[line.name] += line.lot_value
        return self.facts.surplus(self._net(buys), rounded=self.rounded)

    def _nothing_more_to_give_back(self) -> None:
        for line in self.buys:
            row = self.cuts.get(line.name)
            if row is None or line.name in self.dropped or line.quantity + line.lot > Fraction(row["sized_quantity"]):
                continue
            given = "ROUNDED_UP" in line.marks  # one lot each, once
            too_small = line.quantity + line.lot < line.least
            self.seen["lot given back" if given else "give-back refused"] += 1
            assert given or too_small or not self._room_for(line, alone=False) or self._with_one_more(line) < 0, line.name

    def _no_buy_is_closer(self) -> None:
        budget = self.facts.turnover
        turned = sum((line.traded for line in self.facts.lines.values()), ZERO)
        for line in self.buys:
            take = self.takes.get(line.name, ZERO)
            rest, lot = take - line.traded, line.lot_value
            assert 2 * rest >= -lot - SHOWN
            if line.name in self.suppressed | self.dropped or 2 * rest <= lot + SHOWN or line.quantity + line.lot < line.least:
                continue
            full = budget is not None and turned + lot > budget
            self.seen["buy's lot refused"] += 1
            assert full or not self._room_for(line, alone=True) or self._with_one_more(line) < 0, line.name

    # money

    def check_deals(self) -> None:
        """One deal a currency, in minor units where asked for, as large as what is missing or free (desk 7; practice 6.3)."""
        facts = self.facts
        net = self._net({line.name: line.traded for line in self.buys})
        made = {row["sell_currency"] if row["buy_currency"] == facts.base else row["buy_currency"]: row for row in self._fx()}
        assert len(made) == len(self._fx())
        spare = {c: facts.cash.get(c, ZERO) + net.get(c, ZERO) - facts.kept.get(c, ZERO) for c in facts.rates if c != facts.base}
        paid = ZERO
        for currency, free in spare.items():
            bought, sold = facts.deal(currency, free, rounded=self.rounded)
            row = made.get(currency)
            if self.rounded and row is not None:
                for member, ccy in (("buy_amount", row["buy_currency"]), ("sell_amount_estimated", row["sell_currency"])):
                    assert Fraction(row[member]) * 10 ** DIGITS.get(ccy, 2) % 1 == 0
            if bought and sold:
                assert row is not None
                assert row["buy_currency"] == currency
                assert near(Fraction(row["buy_amount"]), bought)
                assert near(Fraction(row["sell_amount_estimated"]), -sold)
                paid -= sold
                self.seen["funding"] += 1
            elif self.options["fx_policy"] == "SWEEP_ALL" and sold:
                assert row is not None
                assert row["sell_currency"] == currency
                assert near(Fraction(row["buy_amount"]), sold)
                self.seen["sweep"] += 1
        if self.options["fx_policy"] == "NEED_ONLY":
            need = facts.floor - facts.cash.get(facts.base, ZERO) - net.get(facts.base, ZERO) + paid
            self._check_sweeps(need, spare, made)

    def _check_sweeps(self, need: Fraction, spare: Money, made: dict[str, Json]) -> None:
        """The most valuable balances first, each all of it but the last, which gives just enough."""
        facts = self.facts
        for currency in sorted((c for c in spare if spare[c] > 0), key=lambda c: (-spare[c] * facts.rates[c], c)):
            row, free, rate = made.get(currency), spare[currency], facts.rates[currency]
            if need <= DECIMALS:
                assert row is None
                continue
            _, whole = facts.deal(currency, free, rounded=self.rounded)
            if not whole:
                assert row is None
                continue
            assert row is not None
            minor, cent = 10 ** DIGITS.get(currency, 2), 10 ** DIGITS.get(facts.base, 2)
            asked = Fraction(ceil(need * cent), cent) if self.rounded else need
            enough = max(asked / rate, facts.smallest_deal(currency))
            enough = Fraction(ceil(enough * minor), minor) if self.rounded else enough
            got = Fraction(row["buy_amount"])
            self.seen["sweep of what base lacks"] += 1
            if enough < free:
                assert near(Fraction(row["sell_amount_estimated"]), enough)
                assert got >= need - DECIMALS
                need = ZERO
            else:
                assert near(got, whole)
                need -= got

    def _fx(self) -> list[Json]:
        return [row for row in self.result["intents"] if row["intent_type"] == "FX_SPOT"]

    def check_floors(self) -> None:
        """With a buy in it, the run leaves base at its floor, and every foreign currency at its own."""
        after = {row["currency"]: Fraction(row["amount"]) for row in self.result["after_simulated"]["cash_balances"]}
        facts = self.facts
        for currency in facts.rates:
            if currency != facts.base and not self.options.get("fx_min_deal"):
                assert after.get(currency, ZERO) >= facts.kept.get(currency, ZERO) - DECIMALS
        if any(line.quantity for line in self.buys):
            assert after.get(facts.base, ZERO) >= facts.floor
            assert facts.surplus(self._net({line.name: line.traded for line in self.buys}), rounded=self.rounded) >= -DECIMALS


def near(shown: Fraction, exact: Fraction) -> bool:
    """Equal but for the engine's 28 digits."""
    return abs(shown - exact) <= max(abs(exact), Fraction(1)) / 10**22


def certify(request: Json, result: Json) -> Counter[str]:
    """Check a guarded result; answers what there was to check."""
    return Certificate(request, result).check()
