"""What `flips_at` promises, decided again: a row's own step with the named number changed and all else as it came out (desk 10).

Shares no code with the engine; levels and amounts come from the certificate of `guarded_checker`.
"""

from collections.abc import Callable
from fractions import Fraction

from tests.engine.guarded_checker import Certificate
from tests.engine.guarded_facts import ZERO, Json, Line
from tests.engine.guarded_sells import cut_to

Decision = Callable[[Fraction], bool]
"""Whether the instrument trades when its number has a value."""


class Steps:
    """The single steps of one guarded result."""

    def __init__(self, request: Json, result: Json) -> None:
        self.certificate = Certificate(request, result)
        self.certificate.check()
        self.facts = self.certificate.facts
        self.shown = self.certificate.plan["turnover"]
        self.suppressed = {row["instrument_id"]: row for row in result["diagnostics"]["suppressed_intents"]}

    def decision(self, row: Json) -> Decision | None:
        """The step behind a row's number; None where the named member is no step of a single instrument."""
        line, number = self.facts.lines[row["instrument_id"]], row["flips_at"]["number"]
        if number in {"min_trade_notional", "min_notional"}:
            return lambda value: self._cut(line) * line.unit >= value * self._to_price(line)
        if number == "min_quantity":
            return lambda value: self._cut(line) >= value
        if number == "lot_size":
            units = self._planned(line) / line.worth
            return (lambda value: 2 * units > value) if self.certificate.nearest else (lambda value: units >= value)
        if number == "price_of_cash":
            return lambda value: self._orders(line, self.certificate.demands[line.name] - value)
        if number == "group_price":
            return lambda value: self._orders(line, self._before_group(line, row["driver_key"]) - value)
        if number == "turnover.price":
            cash_price = Fraction(self.shown["cash_price"])
            sign = 1 if line.side == "BUY" else -1
            return lambda value: self._orders(line, line.wish - max(ZERO, value + sign * cash_price))
        return None

    def hides(self, row: Json) -> bool:
        """Whether lots or the gains budget cut the sell before it met its minimum, which the result does not show."""
        line = self.facts.lines[row["instrument_id"]]
        return bool(row["driver"] == "MINIMUM" and line.side == "SELL" and self.facts.options.get("enable_tax_awareness"))

    def current(self, row: Json) -> Fraction:
        """The number as it is."""
        line, number = self.facts.lines[row["instrument_id"]], row["flips_at"]["number"]
        if number in {"price_of_cash", "group_price", "turnover.price"}:
            return Fraction(row["price"])
        if number in {"min_trade_notional", "min_notional"}:
            return Fraction(self._threshold(line)["amount"])
        if number == "min_quantity":
            return Fraction(self._shelf(line)["min_quantity"])
        return line.lot

    def settles(self, row: Json) -> bool:
        """Whether the number as it is made the decision: not where a later step left nothing, as the gains budget does to a level's rest."""
        line = self.facts.lines[row["instrument_id"]]
        taxed = line.side == "SELL" and bool(self.facts.options.get("enable_tax_awareness"))
        return not (taxed and row["driver"] == "TURNOVER_PRICE")

    def _cut(self, line: Line) -> Fraction:
        """The quantity that met its minimum."""
        small = self.suppressed.get(line.name)
        if small is None or line.quantity:  # the last lot of a nearest quantity comes after the minimum
            return max(line.quantity - line.lot, line.lot) if "ROUNDED_UP" in line.marks else line.quantity
        if line.exits and not self.certificate.sell_level:
            return line.limit
        return line.lots(Fraction(small["intended_notional"]["amount"]) * line.worth / line.unit + Fraction(1, 10**15))

    def _to_price(self, line: Line) -> Fraction:
        """What one unit of the threshold's currency is in the currency of the price."""
        amount, currency = self.facts.major(1, self._threshold(line)["currency"])
        return amount * self.facts.between(currency, line.currency)

    def _threshold(self, line: Line) -> Json:
        """The dust threshold in force."""
        threshold: Json = self.facts.options.get("min_trade_notional") or self._shelf(line)["min_notional"]
        return threshold

    def _shelf(self, line: Line) -> Json:
        return next(row for row in self.facts.request["shelf_entries"] if row["instrument_id"] == line.name)

    def _planned(self, line: Line) -> Fraction:
        return self.certificate.takes.get(line.name, ZERO) if line.side == "BUY" else self.certificate.sell_plan[line.name]

    def _before_group(self, line: Line, key: str) -> Fraction:
        """What the buys asked for when the group's room was shared out, by the same walk over the keys."""
        facts, level = self.facts, self.certificate.buy_level
        asked = {buy.name: max(ZERO, buy.wish - level) for buy in self.certificate.buys if buy.name not in self.certificate.dropped}
        for other, share, carriers in facts.groups:
            if other == key:
                return asked[line.name]
            members = [name for name in carriers if name in asked]
            after = (
                facts.lines[n].after if n in facts.lines and facts.lines[n].side == "SELL" else facts.values.get(n, ZERO) for n in carriers
            )
            cut = cut_to([asked[name] for name in members], max(ZERO, share * facts.worth - sum(after, ZERO)))
            asked |= {name: max(ZERO, asked[name] - cut) for name in members}
        raise AssertionError(key)

    def _orders(self, line: Line, amount: Fraction) -> bool:
        """Whether an amount makes an order."""
        if self.certificate.nearest and line.least == line.lot:
            return 2 * amount > line.lot_value
        return amount >= min(line.least, line.limit) * line.worth if line.side == "SELL" else amount >= line.least * line.worth
