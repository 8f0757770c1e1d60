"""Random requests that are valid and as nasty as validation lets them be, one a seed.

By hand: `python -m tests.support.hostile_requests SEED` prints the request of a seed and what the engine answers.
"""

import json
import sys
from decimal import Decimal
from random import Random
from typing import Any

from engine import simulate_json

IDS = ("A", "B", "a", "Ä", "10", "2", "é́", "x" * 128, "\u2028", "🏦", "cash_band.max", "A B", '"')
CURRENCIES = ("USD", "EUR", "JPY", "usd", "€", "U/D", "X")
ATTRIBUTES = {"sector": ("T", "F", ""), "region": ("U", "E"), "ü": ("ß",), "": ("x",)}
STATUSES = ("APPROVED", "APPROVED", "APPROVED", "APPROVED", "RESTRICTED", "BANNED", "SUSPENDED", "SELL_ONLY")
ZEROS = ("0", "0.0", "0.000", "-0", "-0.00", 0, 0.0, -0.0, "00")
INTEGER_DIGITS, SIGNIFICANT_DIGITS = 18, 28
NUMBERS = 1e-300, 5e-324, 2.2250738585072014e-308, 1e-7, 0.1, 1e17, 999999999999999900.0, 123456.789, 7
FLAGS = (
    "allow_restricted",
    "suppress_dust_trades",
    "block_on_missing_prices",
    "block_on_missing_fx",
    "enable_settlement_awareness",
    "enable_workflow_gates",
    "workflow_requires_client_consent",
    "client_consent_already_obtained",
    "link_buy_to_same_currency_sell_dependency",
)

PAIRS = tuple(
    (*(((f"{one}/{two}",), (f"{two}/{one}",), (f"{one}/{two}", f"{two}/{one}")) * 6), ())
    for one, two in (("EUR", "USD"), ("JPY", "USD"), ("EUR", "JPY"), ("€", "USD"), ("¤", "?"))
)
FAMILIES = ("quantity", "value", "cash", "price", "rate", "weight", "limit", "cost")

Json = dict[str, Any]


class Draw:
    """Draws the parts of a request. A share of the figures of some families is extreme, the others are everyday ones."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)  # noqa: S311  (test data, repeatable)
        self.hostile = set(self.some(FAMILIES, len(FAMILIES)))
        self.hostility = self.rng.choice((0, 0.1, 0.5, 1))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def some(self, rows: tuple[Any, ...], most: int) -> list[Any]:
        return self.rng.sample(rows, self.rng.randint(0, min(most, len(rows))))

    def extreme(self, family: str) -> bool:
        return family in self.hostile and self.chance(self.hostility)

    def amount(self, family: str) -> str | float:
        """Any decimal of the contract, one in ten negative."""
        value = self.positive(family)
        if self.chance(0.9):
            return value
        return f"-{value}" if isinstance(value, str) and not value.startswith("-") else value

    def positive(self, family: str) -> str | float:
        """A decimal that is not negative."""
        rng = self.rng
        if not self.extreme(family):
            return rng.choice(("0", "1", "3", "7", "10", "100", "1000", f"{rng.randint(0, 10**6)}.{rng.randint(0, 99):02}"))
        digits = rng.choice((1, 2, 17, SIGNIFICANT_DIGITS))
        text = str(rng.randint(10 ** (digits - 1), 10**digits - 1))
        kind = rng.choice((0, 1, 2, 2, 2, 3, 4, 4))
        if kind == 0:
            return rng.choice(ZEROS)
        if kind == 1:
            return rng.choice(NUMBERS)
        if kind == 2:
            return f"0.{'0' * rng.choice((0, 6, 27, 28, 33))}{text}"
        if kind == 3:
            return f"{'0' * rng.choice((0, 1, 40))}{text[:INTEGER_DIGITS]}"
        whole = rng.randint(1, INTEGER_DIGITS)
        return f"{text[:whole]}.{text[whole:]}{'0' * rng.choice((0, 1, 34))}" if len(text) > whole else text[:whole]

    def fraction(self, family: str) -> str | float:
        """A decimal from 0 to 1."""
        rng = self.rng
        if not self.extreme(family):
            return rng.choice(("0", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.6", "1", f"0.{rng.randint(0, 9999):04}"))
        ugly = ("0.3333333333333333333333333333", f"0.{'9' * SIGNIFICANT_DIGITS}", "1.000", 1, 1e-300, 5e-324, 0.1, f"0.{'0' * 61}1")
        return rng.choice((*ZEROS, *ugly, f"0.{rng.randint(0, 10**28 - 1):028}"))

    def money(self, amount: str | float) -> Json:
        return {"amount": amount, "currency": self.rng.choice(CURRENCIES[:3])}

    def position(self, name: str) -> Json:
        row: Json = {"instrument_id": name, "quantity": self.amount("quantity")}
        if self.chance(0.3):
            row["market_value"] = self.money(self.amount("value"))
        quantity = Decimal(str(row["quantity"]))
        if self.chance(0.5) and quantity >= 0:
            row["lots"] = self.lots(row["quantity"], quantity)
        return row

    def lots(self, given: str | float, quantity: Decimal) -> list[Json]:
        """Lots of a holding: one of all units, or a split of them, with costs from nothing to too much."""
        parts: list[str | float] = [given]
        if quantity == int(quantity):
            first = self.rng.randint(0, int(quantity))
            splits: tuple[list[str | float], ...] = ([first, int(quantity) - first], [f"{first}.00005", int(quantity) - first, "0"])
            parts = self.rng.choice((parts, *splits))
        return [
            {
                "lot_id": str(i),
                "quantity": part,
                "unit_cost": self.money(self.positive("cost")),
                "purchase_date": self.rng.choice(("", "2024")),
            }
            for i, part in enumerate(parts)
        ]

    def cash(self, currency: str) -> Json:
        row = {"currency": currency, "amount": self.amount("cash")}
        for member in ("settled", "pending"):
            if self.chance(0.2):
                row[member] = self.amount("cash")
        return row

    def shelf_entry(self, name: str) -> Json:
        row: Json = {"instrument_id": name, "status": self.rng.choice(STATUSES), "settlement_days": self.rng.randint(0, 10)}
        row["attributes"] = {key: self.rng.choice(values) for key, values in ATTRIBUTES.items() if self.chance(0.5)}
        if self.chance(0.2):
            row["min_notional"] = self.money(self.positive("limit"))
        if self.chance(0.5):
            row["asset_class"] = self.rng.choice(("EQUITY", "CASH", ""))
        return row

    def options(self) -> Json:
        """Any combination, the solver in one request of twelve."""
        rng = self.rng
        found: Json = {flag: rng.choice((True, False)) for flag in FLAGS if self.chance(0.4)}
        fractions = ("cash_band_min_weight", "cash_band_max_weight", "single_position_max_weight", "fx_buffer_pct")
        found |= {name: self.fraction("limit") for name in (*fractions, "min_cash_buffer_pct", "max_turnover_pct") if self.chance(0.2)}
        found |= {name: rng.randint(0, 10) for name in ("settlement_horizon_days", "fx_settlement_days") if self.chance(0.2)}
        if self.chance(0.3):
            found |= {"block_on_missing_prices": False, "block_on_missing_fx": False}
        if self.chance(0.5):
            found |= {"enable_tax_awareness": True, "max_realized_capital_gains": self.positive("limit")}
        found["valuation_mode"] = rng.choice(("CALCULATED", "TRUST_SNAPSHOT"))
        for name, draw in (
            ("min_trade_notional", lambda: self.money(self.positive("limit"))),
            ("max_overdraft_by_ccy", lambda: {currency: self.positive("limit") for currency in self.some(CURRENCIES, 3)}),
            ("group_constraints", self.groups),
        ):
            if self.chance(0.3):
                found[name] = draw()
        if self.chance(0.08):
            found |= rng.choice(({"target_method": "SOLVER"}, {"compare_target_methods": True}))
        return found

    def groups(self) -> Json:
        keys = tuple(f"{key}:{value}" for key, values in ATTRIBUTES.items() for value in values if key and value)
        return {key: {"max_weight": self.fraction("limit")} for key in self.some((*keys, "unknown:x"), 3)}

    def request(self) -> Json:
        names = tuple(self.some(IDS, 6))
        quoted = [pair for ways in PAIRS for pair in self.rng.choice(ways)]
        return {
            "portfolio_snapshot": {
                "portfolio_id": "pf",
                "base_currency": self.rng.choice(CURRENCIES) if self.chance(0.05) else "USD",
                "positions": [self.position(name) for name in self.some(names, 5)],
                "cash_balances": [self.cash(currency) for currency in self.some(CURRENCIES[:3], 3)],
            },
            "market_data_snapshot": {
                "prices": [
                    {"instrument_id": name, "price": self.positive("price"), "currency": self.rng.choice(CURRENCIES[:3])}
                    for name in names
                    if self.chance(0.97)
                ],
                "fx_rates": [{"pair": pair, "rate": self.positive("rate")} for pair in quoted],
            },
            "model_portfolio": {"targets": [{"instrument_id": name, "weight": self.fraction("weight")} for name in self.some(names, 5)]},
            "shelf_entries": [self.shelf_entry(name) for name in names if self.chance(0.97)],
            "options": self.options(),
        }


def hostile_request(seed: int) -> Json:
    """The request of a seed."""
    return Draw(seed).request()


if __name__ == "__main__":
    body = json.dumps(hostile_request(int(sys.argv[1])), indent=1)
    sys.stdout.write(f"{body}\n{simulate_json(body.encode(), run_id='rr_1', correlation_id='c_1').decode()}\n")
