"""What a request says of prices, rates, lots and what is under way, read exactly and without the engine (practice 5, 6.2, 7)."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]

HUNDREDTHS = {"GBX": "GBP", "GBp": "GBP", "ZAC": "ZAR", "ZAc": "ZAR", "ILA": "ILS", "ILa": "ILS"}
MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3}
ZERO = Fraction(0)


def exact(value: Any) -> Fraction:
    """A number of a request."""
    return Fraction(str(value))


class Terms:
    """One request's terms; `locked` may not be traded, and where they are held their price of zero is a statement."""

    def __init__(self, request: Json, locked: set[str]) -> None:
        portfolio, market = request["portfolio_snapshot"], request["market_data_snapshot"]
        self.options, self.portfolio, self.base = request["options"], portfolio, portfolio["base_currency"]
        self.pairs = {row["pair"]: exact(row["rate"]) for row in market["fx_rates"] if exact(row["rate"])}
        named = {code for pair in self.pairs for code in pair.split("/")} | {self.base}
        self.minors = {minor: major for minor, major in HUNDREDTHS.items() if minor not in named}
        self.shelf = {row["instrument_id"]: row for row in request["shelf_entries"]}
        self.held = {row["instrument_id"]: exact(row["quantity"]) for row in portfolio["positions"]}
        worthless = locked & {*(name for name, quantity in self.held.items() if quantity), *self.moved()}
        priced = (row for row in market["prices"] if exact(row["price"]) or row["instrument_id"] in worthless)
        self.units = {row["instrument_id"]: self._unit(row) for row in priced}

    def major(self, amount: Any, currency: str) -> tuple[Fraction, str]:
        """An amount in a currency of its own."""
        return (exact(amount) / 100, self.minors[currency]) if currency in self.minors else (exact(amount), currency)

    def _unit(self, row: Json) -> tuple[Fraction, str]:
        quoted = exact(row["price"]) + exact(row.get("accrued", 0)) if exact(row["price"]) else ZERO
        scale, currency = self.major(row.get("multiplier", 1), row["currency"])
        return quoted * scale / (100 if row.get("basis") == "PERCENT" else 1), currency

    def rate(self, currency: str) -> Fraction:
        """What one unit is worth in base."""
        hub = self.options.get("fx_hub")
        return self._given(currency, self.base) or self._given(currency, hub) * self._given(hub, self.base)

    def _given(self, source: str, target: str) -> Fraction:
        if source == target:
            return Fraction(1)
        back = self.pairs.get(f"{target}/{source}")
        return self.pairs.get(f"{source}/{target}") or (1 / back if back else ZERO)

    @property
    def minor_units(self) -> bool:
        """Whether deals are made in minor units."""
        desk = "MINOR_UNITS" if self.options.get("conventions") == "DESK" else "UNROUNDED"
        return bool(self.options.get("money_rounding", desk) == "MINOR_UNITS")

    def moved(self) -> dict[str, Fraction]:
        """What open orders add to holdings, in their order."""
        found: dict[str, Fraction] = {}
        for order in self.portfolio.get("open_orders", []):
            sign = 1 if order["side"] == "BUY" else -1
            found[order["instrument_id"]] = found.get(order["instrument_id"], ZERO) + sign * exact(order["quantity"])
        return found

    def sellable(self, name: str) -> Fraction:
        """What may be sold besides what is being sold."""
        orders = (row for row in self.portfolio.get("open_orders", []) if row["side"] == "SELL" and row["instrument_id"] == name)
        return self.held.get(name, ZERO) - sum((exact(row["quantity"]) for row in orders), ZERO)

    def lot(self, name: str) -> Fraction:
        """What an instrument is dealt in."""
        return exact(self.shelf[name].get("lot_size") or 1)

    def whole_exit(self, name: str) -> Fraction:
        """What an exit sells: everything, unless no lot may be broken."""
        most = self.sellable(name)
        if self.shelf[name].get("lot_size") is None or self.options.get("odd_lot_exit", True):
            return most
        return most // self.lot(name) * self.lot(name)

    def money_moved(self) -> list[tuple[str, Fraction]]:
        """What open orders and counted flows do to cash, in their order."""
        found: list[tuple[str, Fraction]] = []
        for order in self.portfolio.get("open_orders", []):
            if order["instrument_id"] in self.units:
                unit, currency = self.units[order["instrument_id"]]
                found.append((currency, unit * exact(order["quantity"]) * (1 if order["side"] == "SELL" else -1)))
        for flow in self.portfolio.get("cash_flows", []):
            amount, currency = self.major(flow["amount"], flow["currency"])
            if amount < 0 or flow["day"] <= self.options.get("settlement_horizon_days", 5):
                found.append((currency, amount))
        return found
