"""The sells of a guarded run, checked from request and result alone, in rationals (desk 6.4, 6.5, 6.8; practice 3).

Shares no code with the engine. Levels are shown with 12 decimals, so amounts that follow from them are known to `SHOWN`; books
are random, and none of their exact edges lies that close to another number.
"""

from collections import Counter
from fractions import Fraction

from tests.engine.guarded_facts import ZERO, Facts, Json, Line, Money

SHOWN = Fraction(1, 10**11)
TOLERANCE = Fraction(1, 1000)
TAX = frozenset({"TAX_BUDGET", "LOT_QUANTITY"})


class SellCertificate:
    """Figures, turnover and sells of one result. `seen` counts what was there to be checked, so that a caller can ask for all of it."""

    def __init__(self, request: Json, result: Json, *, alternatives: int = 5) -> None:
        self.facts = Facts(request, result)
        self.result, self.plan, self.options = result, result["plan"], self.facts.options
        self.seen: Counter[str] = Counter()
        self.alternatives = alternatives
        diagnostics = result["diagnostics"]
        self.suppressed = {row["instrument_id"] for row in diagnostics["suppressed_intents"]}
        self.dropped = {row["instrument_id"] for row in diagnostics["dropped_intents"]}
        self.cuts = {row["instrument_id"]: row for row in diagnostics.get("funding_cuts", [])}
        self.sells = [line for _, line in sorted(self.facts.lines.items()) if line.side == "SELL" and (line.wish or line.exits)]
        self.buys = [line for _, line in sorted(self.facts.lines.items()) if line.side == "BUY" and line.wish]
        self.nearest = self.options["quantity_rounding"] == "NEAREST_AFFORDABLE"
        self.rounded = self.options["money_rounding"] == "MINOR_UNITS"
        self.fallback = not self.facts.guarded
        self.price = Fraction(self.plan["price_of_cash"])
        self.repaired = any("MONEY_ROUNDING" in line.marks for line in self.facts.lines.values()) or self._gone_for_money()
        self.sell_level, self.buy_level = self._turnover_levels()
        self.sell_plan = {line.name: max(ZERO, line.wish - self.sell_level) for line in self.sells}
        self.demands: Money = {}
        self.takes: Money = {}

    def _gone_for_money(self) -> bool:
        reasons = self.result["explanation"].get("reasons") or []
        return any(row["driver"] == "MONEY_ROUNDING" for row in reasons)

    def _net(self, buys: Money) -> Money:
        """Proceeds by currency, in it, of the sells as ordered and of buys of these amounts in base."""
        net: Money = {}
        for line in self.sells:
            net[line.currency] = net.get(line.currency, ZERO) + line.quantity * line.unit
        for name, amount in buys.items():
            line = self.facts.lines[name]
            net[line.currency] = net.get(line.currency, ZERO) - amount * line.unit / line.worth
        return net

    def paid(self, buys: Money) -> bool:
        return self.facts.surplus(self._net(buys)) >= 0

    def check_figures(self) -> None:
        """Worth, floor and money are what the request says."""
        facts, plan = self.facts, self.plan
        assert abs(Fraction(plan["worth"]) - facts.worth) <= SHOWN
        assert abs(Fraction(plan["cash_floor"]) - facts.floor) <= SHOWN
        assert abs(Fraction(plan["free_cash"]) - facts.surplus({})) <= SHOWN
        assert {c: Fraction(a) for c, a in plan["cash_floor_by_currency"].items()} == {c: a for c, a in facts.kept.items() if a}
        left = facts.surplus(self._net({line.name: line.traded for line in self.buys}))
        assert abs(Fraction(plan["residual_cash"]) - left) <= SHOWN
        for side, lines in (("buys", self.facts.lines.values()), ("sells", self.facts.lines.values())):
            mine = [line for line in lines if line.side == side[:-1].upper()]
            assert abs(Fraction(plan["wished"][side]) - sum((line.wish for line in mine), ZERO)) <= SHOWN
            assert abs(Fraction(plan["traded"][side]) - sum((line.traded for line in mine), ZERO)) <= SHOWN

    # turnover

    def _turnover_levels(self) -> tuple[Fraction, Fraction]:
        shown = self.plan["turnover"]
        if shown is None or shown["policy"] != "FUNDED":
            return ZERO, ZERO
        price, cash_price = Fraction(shown["price"]), Fraction(shown["cash_price"])
        return max(ZERO, price - cash_price), price + cash_price

    def check_turnover(self) -> None:
        """FUNDED: both budgets are kept, buys give up no more than they must; GREEDY: the largest orders, each that still fits."""
        budget = self.facts.turnover
        if budget is None:
            return
        assert sum((line.traded for line in self.facts.lines.values()), ZERO) <= budget
        if self.options["turnover_policy"] == "GREEDY":
            self._check_ranked(budget)
            return
        wished = sum((line.wish for line in (*self.sells, *self.buys)), ZERO)
        if wished <= budget:
            assert self.buy_level == self.sell_level == 0
            return
        self.seen["turnover shared"] += 1
        assert self.buy_level >= self.sell_level - SHOWN
        sold = sum(self.sell_plan.values(), ZERO)
        bought = sum((max(ZERO, line.wish - self.buy_level) for line in self.buys), ZERO)
        rows = len(self.sells) + len(self.buys)
        assert sold + bought <= budget + rows * SHOWN
        everything_sold = sold == sum((line.wish for line in self.sells), ZERO)
        assert everything_sold or sold + bought >= budget - rows * SHOWN
        if self.buy_level > self.sell_level + 2 * SHOWN:
            self.seen["turnover short of money"] += 1
            nothing = all(line.wish <= self.buy_level + SHOWN for line in self.buys)
            assert nothing or self._paid_at(self.buy_level + SHOWN, budget)
            assert not self._paid_at(self.buy_level - 2 * SHOWN, budget)
        else:
            assert self._paid_at(self.buy_level + SHOWN, budget) or all(line.wish <= self.buy_level + SHOWN for line in self.buys)

    def _paid_at(self, buy_level: Fraction, budget: Fraction) -> bool:
        """Whether amounts can be paid when buys give up so much and sells take the rest of the budget."""
        buys = {line.name: max(ZERO, line.wish - buy_level) for line in self.buys}
        room = budget - sum(buys.values(), ZERO)
        level = cut_to([line.wish for line in self.sells], room)
        net: Money = {}
        for line in self.sells:
            net[line.currency] = net.get(line.currency, ZERO) + max(ZERO, line.wish - level) * line.unit / line.worth
        for name, amount in buys.items():
            line = self.facts.lines[name]
            net[line.currency] = net.get(line.currency, ZERO) - amount * line.unit / line.worth
        return self.facts.surplus(net) >= 0

    def _check_ranked(self, budget: Fraction) -> None:
        if not self.dropped:
            return
        self.seen["turnover ranked"] += 1
        sizes = {
            row["instrument_id"]: Fraction(row["potential_notional"]["amount"]) for row in self.result["diagnostics"]["dropped_intents"]
        }
        kept = {
            line.name: (line.traded if line.side == "SELL" else line.lots(line.wish) * line.worth) for line in (*self.sells, *self.buys)
        }
        kept = {name: size for name, size in kept.items() if name not in self.dropped and self._was_sized(self.facts.lines[name])}
        if any("ROUNDED_UP" in self.facts.lines[name].marks for name in kept if self.facts.lines[name].side == "SELL"):
            return
        used = ZERO
        for size, name in sorted([(-size, name) for name, size in (sizes | kept).items()]):
            fits = used - size <= budget
            assert fits == (name in kept), name
            used -= size if fits else ZERO

    def _was_sized(self, line: Line) -> bool:
        return bool(line.quantity) if line.side == "SELL" else line.lots(line.wish) >= line.least

    # sells

    def check_sells(self) -> None:
        """Executable, within holding, lots, tax and smallest order; under NEAREST no single lot more or less is closer to the plan."""
        for line in self.sells:
            plan, down = self.sell_plan[line.name], line.lots(self.sell_plan[line.name])
            if line.exits and not self.sell_level:
                down = line.limit
            assert 0 <= line.quantity <= line.limit
            assert line.quantity == line.limit or line.quantity % line.lot == 0
            if line.name in self.dropped or line.name in self.suppressed:
                assert not line.quantity
                continue
            if TAX & line.marks or (self.options.get("enable_tax_awareness") and line.quantity < down):
                self.seen["tax"] += 1
                continue
            grown = any(mark.startswith(("SINGLE_POSITION_MAX", "GROUP_MAX")) for mark in line.marks)
            further = min(line.limit, down + line.lot)
            if grown:
                assert line.quantity == further > down
            elif "ROUNDED_UP" in line.marks:
                self.seen["sell rounded up"] += 1
                assert line.quantity == down + line.lot
                assert 2 * (plan - down * line.worth) > line.lot_value - SHOWN
            else:
                assert line.quantity == down or (self._at_an_edge(plan, line) and abs(line.quantity - down) <= line.lot), line.name
            if self.nearest and not grown and line.quantity < line.limit:
                self._no_lot_is_closer(line, plan)

    def _at_an_edge(self, plan: Fraction, line: Line) -> bool:
        """Whether what a shown level leaves is known too coarsely to say how many lots it holds."""
        lots = plan / line.lot_value
        return abs(lots - round(lots)) * line.lot_value <= 2 * SHOWN

    def _no_lot_is_closer(self, line: Line, plan: Fraction) -> None:
        rest, lot = plan - line.traded, line.lot_value
        assert 2 * rest >= -lot - SHOWN
        if 2 * rest <= lot + SHOWN or line.quantity + line.lot > line.limit or line.quantity + line.lot < line.least:
            return
        budget = self.facts.turnover
        asked = sum((max(ZERO, other.wish - self.buy_level) for other in self.buys if other.name not in self.dropped), ZERO)
        turned = sum((other.traded for other in self.sells), ZERO) + asked
        tax = self.options.get("enable_tax_awareness")
        assert tax or (budget is not None and turned + lot > budget - SHOWN), line.name
        self.seen["sell's lot refused"] += 1

    def check_whole_units(self) -> None:
        """No sell that one lot more would bring within a limit stays; none grew that need not (practice 3)."""
        if self.buy_level or self.sell_level or self.options.get("enable_tax_awareness"):
            return
        open_ = [line for line in self.sells if line.name not in self.dropped | self.suppressed]
        sized = {line.name: line.quantity - (line.lot if "ROUNDED_UP" in line.marks else 0) for line in open_}
        cap = self.options.get("single_position_max_weight")
        if cap is not None:
            self._check_positions((Fraction(str(cap)) + TOLERANCE) * self.facts.worth, sized)
        if not (self.dropped or self.suppressed):
            for key, share, carriers in self.facts.groups:
                self._check_group(key, (share + TOLERANCE) * self.facts.worth, carriers, sized)

    def _beyond_turnover(self, sized: Money, growth: Fraction) -> bool:
        """Whether a funded turnover that does not bind would, were the sells larger."""
        budget = self.facts.turnover
        turned = sum((sized[name] * self.facts.lines[name].worth for name in sized), ZERO) + sum((line.wish for line in self.buys), ZERO)
        return budget is not None and self.options["turnover_policy"] == "FUNDED" and turned + growth > budget

    def _growth(self, line: Line, sized: Money) -> Fraction:
        return (min(line.limit, sized[line.name] + line.lot) - sized[line.name]) * line.worth

    def _check_positions(self, most: Fraction, sized: Money) -> None:
        for name in sized:
            line, growth = self.facts.lines[name], self._growth(self.facts.lines[name], sized)
            left = (line.held - sized[name]) * line.worth
            if "SINGLE_POSITION_MAX" in line.marks:
                self.seen["grown for a position"] += 1
                assert left <= most < left + line.lot_value
            elif left > most and growth:
                enough = left - growth <= most and not any("GROUP_MAX" in mark for mark in line.marks)
                assert not enough or self._beyond_turnover(sized, growth), name

    def _check_group(self, key: str, most: Fraction, carriers: list[str], sized: Money) -> None:
        over = -most
        for name in carriers:
            line = self.facts.lines.get(name)
            if line is None or not line.wish:
                over += self.facts.values.get(name, ZERO)
            elif line.side == "SELL":
                over += (line.held - sized[name]) * line.worth
            else:
                over += line.held * line.worth + line.lots(line.wish) * line.worth
        mine = [self.facts.lines[name] for name in carriers if name in sized]
        grown = [line for line in mine if f"GROUP_MAX:{key}" in line.marks]
        down = {line.name: line.lots(self.sell_plan[line.name]) * line.worth for line in mine}
        if grown:
            self.seen["grown for a group"] += 1
            last = min(grown, key=lambda line: self.sell_plan[line.name] - down[line.name])
            assert over <= 0 < over + last.traded - down[last.name]
        left_over = (line for line in mine if self.sell_plan[line.name] > sized[line.name] * line.worth)
        growths = sum((self._growth(line, sized) for line in left_over if not any("_MAX" in mark for mark in line.marks)), ZERO)
        assert not 0 < over <= growths or self._beyond_turnover(sized, growths), key


def cut_to(amounts: list[Fraction], budget: Fraction) -> Fraction:
    """The level that leaves so much of some amounts: hand it out from the smallest, as a tank fills; 0 where all of it fits."""
    if sum(amounts, ZERO) <= budget:
        return ZERO
    rows = sorted(amounts, reverse=True)
    for count in range(1, len(rows) + 1):
        level = (sum(rows[:count], ZERO) - budget) / count
        if count == len(rows) or level >= rows[count]:
            return level
    return ZERO
