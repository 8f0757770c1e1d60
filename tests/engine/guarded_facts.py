"""What a request says, exactly: holdings, money, wishes and smallest orders as the guarded rules read them (desk 1.4, 5, 6; practice 5, 7).

Written from the specification, shares nothing with the engine. For long holdings, HEURISTIC targets and complete market data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Any

Json = Mapping[str, Any]
Money = dict[str, Fraction]

ZERO = Fraction(0)
HUNDREDTHS = {"GBX": "GBP", "GBp": "GBP", "ZAC": "ZAR", "ZAc": "ZAR", "ILA": "ILS", "ILa": "ILS"}
DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3}
DESK = {
    "funding": "REDUCE_BUYS",
    "quantity_rounding": "NEAREST_AFFORDABLE",
    "money_rounding": "MINOR_UNITS",
    "turnover_policy": "FUNDED",
    "fx_policy": "NEED_ONLY",
    "dependencies": "COMPLETE",
    "unavailable_weight": "REDISTRIBUTE",
    "exits_below_minimum": "SELL",
    "explain": True,
}
CLASSIC = {
    "funding": None,
    "quantity_rounding": "FLOOR",
    "money_rounding": "UNROUNDED",
    "turnover_policy": "GREEDY",
    "fx_policy": "SWEEP_ALL",
    "dependencies": "LAST_SELL",
    "unavailable_weight": "CASH",
    "exits_below_minimum": "SUPPRESS",
    "explain": False,
}
GUARDING = {"quantity_rounding", "money_rounding", "turnover_policy", "fx_policy"}


@dataclass(slots=True)
class Line:
    """One tradeable instrument: all amounts in base, quantities in units. `limit` is the largest sell, `least` the smallest order."""

    name: str
    currency: str
    unit: Fraction
    worth: Fraction
    lot: Fraction
    least: Fraction
    limit: Fraction
    held: Fraction
    value: Fraction
    side: str
    wish: Fraction
    exits: bool
    quantity: Fraction = ZERO
    marks: frozenset[str] = frozenset()

    @property
    def lot_value(self) -> Fraction:
        return self.lot * self.worth

    @property
    def traded(self) -> Fraction:
        return self.quantity * self.worth

    @property
    def after(self) -> Fraction:
        return self.value + (self.traded if self.side == "BUY" else -self.traded)

    def lots(self, amount: Fraction) -> Fraction:
        """The whole lots within an amount, for a sell at most everything."""
        units = floor(amount / self.lot_value) * self.lot
        return min(units, self.limit) if self.side == "SELL" else units


@dataclass(slots=True)
class Facts:
    """A request and the weights that its result states."""

    request: Json
    result: Json
    options: dict[str, Any] = field(default_factory=dict)
    rates: Money = field(default_factory=dict)
    cash: Money = field(default_factory=dict)
    spendable: Money = field(default_factory=dict)
    kept: Money = field(default_factory=dict)
    values: Money = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    floor: Fraction = ZERO
    worth: Fraction = ZERO

    def __post_init__(self) -> None:
        given = dict(self.request["options"])
        self.options = {**(DESK if given.get("conventions") == "DESK" else CLASSIC), **given}
        self._read_market()
        self._read_money()
        self._read_holdings()
        self.worth = max(ZERO, sum(self.values.values(), ZERO) + sum((a * self.rates[c] for c, a in self.cash.items()), ZERO))
        reserve = self.options.get("cash_reserve", {})
        self.kept = {c: min(Fraction(a), max(ZERO, self.cash.get(c, ZERO))) for c, a in reserve.items() if c != self.base}
        shares = (Fraction(str(self.options.get(name, 0))) for name in ("cash_band_min_weight", "min_cash_buffer_pct"))
        self.floor = max(Fraction(str(reserve.get(self.base, 0))), *(share * self.worth for share in shares))
        self._read_lines()

    @property
    def base(self) -> str:
        return str(self.request["portfolio_snapshot"]["base_currency"])

    @property
    def guarded(self) -> bool:
        """Whether the request asks for a guarded run; one with a plan that does not ask fell back on it."""
        options, shelf = self.options, self.request["shelf_entries"]
        if options["funding"] is not None:
            return bool(options["funding"] == "REDUCE_BUYS")
        stated = any(options[name] != CLASSIC[name] for name in GUARDING) or options.get("conventions") == "DESK"
        other = options.get("cash_reserve") or options.get("fx_min_deal") or options.get("available_cash", "BOOKED") != "BOOKED"
        lots = any(row.get("lot_size") is not None or row.get("min_quantity") is not None for row in shelf)
        return stated or bool(other) or lots or options.get("odd_lot_exit", True) is False

    @property
    def turnover(self) -> Fraction | None:
        cap = self.options.get("max_turnover_pct")
        return None if cap is None else Fraction(str(cap)) * self.worth

    @property
    def groups(self) -> list[tuple[str, Fraction, list[str]]]:
        """Key, cap and carriers, keys ascending."""
        found = []
        for key, cap in sorted(self.options.get("group_constraints", {}).items()):
            name, _, value = key.partition(":")
            carriers = [row["instrument_id"] for row in self.request["shelf_entries"] if row.get("attributes", {}).get(name) == value]
            found.append((key, Fraction(str(cap["max_weight"])), carriers))
        return found

    def major(self, amount: Any, currency: str) -> tuple[Fraction, str]:
        """An amount in the major currency."""
        named = {code for row in self.request["market_data_snapshot"]["fx_rates"] for code in row["pair"].split("/")} | {self.base}
        if currency in HUNDREDTHS and currency not in named:
            return Fraction(str(amount)) / 100, HUNDREDTHS[currency]
        return Fraction(str(amount)), currency

    def between(self, source: str, target: str) -> Fraction:
        """An exact rate: the pair, its inverse, else through the hub, else through base."""
        pairs = {row["pair"]: Fraction(str(row["rate"])) for row in self.request["market_data_snapshot"]["fx_rates"]}

        def given(one: str, other: str) -> Fraction | None:
            if one == other:
                return Fraction(1)
            inverse = pairs.get(f"{other}/{one}")
            return pairs.get(f"{one}/{other}") or (1 / inverse if inverse else None)

        found, hub = given(source, target), self.options.get("fx_hub")
        for via in (hub, self.base):
            if found is None and via:
                first, second = given(source, via), given(via, target)
                found = first * second if first and second else None
        assert found is not None, (source, target)
        return found

    def _read_market(self) -> None:
        portfolio, prices = self.request["portfolio_snapshot"], self.request["market_data_snapshot"]["prices"]
        rows = [*prices, *portfolio["cash_balances"], *portfolio.get("cash_flows", [])]
        rows += [row["market_value"] for row in portfolio["positions"] if row.get("market_value")]
        currencies = {self.major(0, row["currency"])[1] for row in rows} | {self.base}
        self.rates = {currency: self.between(currency, self.base) for currency in currencies}

    def unit_value(self, name: str) -> tuple[Fraction, str]:
        row = next(row for row in self.request["market_data_snapshot"]["prices"] if row["instrument_id"] == name)
        quoted = Fraction(str(row["price"])) + Fraction(str(row.get("accrued", 0)))
        amount = quoted * Fraction(str(row.get("multiplier", 1))) / (100 if row.get("basis") == "PERCENT" else 1)
        value, currency = self.major(1, row["currency"])
        return amount * value, currency

    def _read_money(self) -> None:
        portfolio = self.request["portfolio_snapshot"]
        for row in portfolio["cash_balances"]:
            amount, currency = self.major(row["amount"], row["currency"])
            settled, _ = self.major(row["amount"] if row.get("settled") is None else row["settled"], row["currency"])
            usable = min(amount, settled) if self.options.get("available_cash") == "SETTLED" else amount
            self.cash[currency] = self.cash.get(currency, ZERO) + amount
            self.spendable[currency] = self.spendable.get(currency, ZERO) + usable
        for order in portfolio.get("open_orders", []):
            unit, currency = self.unit_value(order["instrument_id"])
            self._move(currency, unit * Fraction(str(order["quantity"])) * (1 if order["side"] == "SELL" else -1))
        for flow in portfolio.get("cash_flows", []):
            amount, currency = self.major(flow["amount"], flow["currency"])
            if amount < 0 or flow["day"] <= self.options.get("settlement_horizon_days", 5):
                self._move(currency, amount)

    def _move(self, currency: str, amount: Fraction) -> None:
        for money in (self.cash, self.spendable):
            money[currency] = money.get(currency, ZERO) + amount

    def moved(self, name: str, *sides: str) -> Fraction:
        """What open orders of some sides move."""
        rows = [row for row in self.request["portfolio_snapshot"].get("open_orders", []) if row["instrument_id"] == name]
        signed = (Fraction(str(row["quantity"])) * (1 if row["side"] == "BUY" else -1) for row in rows if row["side"] in sides)
        return sum(signed, ZERO)

    def given(self, name: str) -> Fraction:
        rows = self.request["portfolio_snapshot"]["positions"]
        return sum((Fraction(str(row["quantity"])) for row in rows if row["instrument_id"] == name), ZERO)

    def _read_holdings(self) -> None:
        portfolio, trusts = self.request["portfolio_snapshot"], self.options.get("valuation_mode") == "TRUST_SNAPSHOT"
        stated = {row["instrument_id"]: row["market_value"] for row in portfolio["positions"] if trusts and row.get("market_value")}
        rows = [*portfolio["positions"], *portfolio.get("open_orders", [])]
        for name in {row["instrument_id"] for row in rows}:
            unit, currency = self.unit_value(name)
            moved = self.moved(name, "BUY", "SELL")
            worth = moved * unit * self.rates[currency]
            if name in stated:
                amount, stated_in = self.major(stated[name]["amount"], stated[name]["currency"])
                worth += amount * self.rates[stated_in]
            else:
                worth += self.given(name) * unit * self.rates[currency]
            self.values[name] = worth

    def _read_lines(self) -> None:
        weights = {row["instrument_id"]: Fraction(row["final_weight"]) for row in self.result["target"]["targets"]}
        trades = {row["instrument_id"]: row for row in self.result["intents"] if row["intent_type"] == "SECURITY_TRADE"}
        universe = self.result["universe"]
        for name in {*universe["eligible_for_buy"], *universe["eligible_for_sell"]}:
            line = self._line(name, weights.get(name, ZERO))
            if name in trades:
                assert trades[name]["side"] == line.side
                line.quantity, line.marks = Fraction(trades[name]["quantity"]), frozenset(trades[name]["constraints_applied"])
            self.lines[name] = line
        assert trades.keys() <= self.lines.keys()

    def _line(self, name: str, weight: Fraction) -> Line:
        (unit, currency), value = self.unit_value(name), self.values.get(name, ZERO)
        rate, entry = self.rates[currency], next(row for row in self.request["shelf_entries"] if row["instrument_id"] == name)
        lot = Fraction(str(entry.get("lot_size") or 1))
        sellable = max(ZERO, self.given(name) + self.moved(name, "SELL"))
        limit = sellable
        if entry.get("lot_size") is not None and self.options.get("odd_lot_exit", True) is False:
            limit = floor(sellable / lot) * lot
        threshold, least = self.options.get("min_trade_notional") or entry.get("min_notional"), lot
        if threshold and self.options.get("suppress_dust_trades", True):
            amount, threshold_in = self.major(threshold["amount"], threshold["currency"])
            least = max(least, amount * self.between(threshold_in, currency) / unit)
        held, cap = self.given(name) + self.moved(name, "BUY", "SELL"), self.options.get("single_position_max_weight")
        target, exits = weight * self.worth, not weight and sellable > 0
        selling = exits or target < value
        if selling and cap is not None and held * unit * rate > (Fraction(str(cap)) + Fraction(1, 1000)) * self.worth:
            least = lot  # what a limit needs is no dust (practice 3.3)
        least = ceil(max(least, Fraction(str(entry.get("min_quantity") or 0))) / lot) * lot
        wish = max(ZERO, value - target) if exits else abs(value - target)
        return Line(name, currency, unit, unit * rate, lot, least, limit, held, value, "SELL" if selling else "BUY", wish, exits)

    def smallest_deal(self, currency: str) -> Fraction:
        smallest = self.options.get("fx_min_deal")
        if not smallest:
            return ZERO
        amount, named = self.major(smallest["amount"], smallest["currency"])
        return amount * self.between(named, currency)

    def surplus(self, net: Money, *, rounded: bool = False) -> Fraction:
        """What base has above its floor after trades with these proceeds and the deals that level them; paid if not negative."""
        left = self.spendable.get(self.base, ZERO) + net.get(self.base, ZERO) - self.floor
        for currency in self.rates:
            if currency != self.base:
                spare = self.spendable.get(currency, ZERO) + net.get(currency, ZERO) - self.kept.get(currency, ZERO)
                left += self.deal(currency, spare, rounded=rounded)[1]
        return left

    def deal(self, currency: str, spare: Fraction, *, rounded: bool) -> tuple[Fraction, Fraction]:
        """What is bought of a currency (0 for a sweep), and what base gets (negative: pays)."""
        smallest, rate, buffer = (
            self.smallest_deal(currency),
            self.rates[currency],
            Fraction(str(self.options.get("fx_buffer_pct", "0.01"))),
        )
        minor, cent = 10 ** DIGITS.get(currency, 2), 10 ** DIGITS.get(self.base, 2)
        if spare < 0:
            bought = max(-spare * (1 + buffer), smallest)
            if not rounded:
                return bought, -bought * rate
            bought = Fraction(ceil(bought * minor), minor)
            return bought, -Fraction(ceil(bought * rate * cent), cent)
        if spare < smallest:
            return ZERO, ZERO
        if not rounded:
            return ZERO, spare * rate
        return ZERO, Fraction(floor(Fraction(floor(spare * minor), minor) * rate * cent), cent)
