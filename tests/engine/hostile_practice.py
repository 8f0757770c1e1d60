"""Hostile requests with what release 1.1 added: open orders, flows, unit values, lots, conventions, and every option of theirs.

By hand: `python -m tests.engine.hostile_practice SEED` prints the request of a seed and what the engine answers.
"""

import json
import sys
from decimal import Context, Decimal
from typing import Any

from engine import simulate_json
from tests.support.hostile_requests import CURRENCIES, Draw, Json, hostile_request

LOTS = ("1", "0.001", "0.000000000001", "3", "7.5", "100", "1000000000", "999999999.999999999999")
CODES = ("FX_CONTRADICTORY", "MARKET_DATA_OLD", "MODEL_EMPTY", "MODEL_INCOMPLETE", "ORDER_TOO_LARGE", "VALUE_MISMATCH")
_WIDE = Context(prec=200)


class Layer(Draw):
    """Draws what is new of a request; what was there stays."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed + 1_000_000)

    def above_zero(self, family: str) -> str | float:
        value = self.positive(family)
        while not Decimal(str(value)):
            value = self.positive(family)
        return value

    def onto(self, request: Json) -> Json:
        """The request with the layer."""
        portfolio, market = request["portfolio_snapshot"], request["market_data_snapshot"]
        if self.chance(0.4):
            portfolio["open_orders"] = self.open_orders(portfolio["positions"], [row["instrument_id"] for row in market["prices"]])
        if self.chance(0.4):
            portfolio["cash_flows"] = [self.flow() for _ in range(self.rng.randint(0, 3))]
        for row in market["prices"]:
            self.price(row)
        for row in request["shelf_entries"]:
            self.shelf_row(row)
        for lot in [lot for position in portfolio["positions"] for lot in position.get("lots", []) if self.chance(0.1)]:
            lot["unit_cost"] = None
        if self.chance(0.3):
            for snapshot in (portfolio, market):
                snapshot["as_of"] = self.rng.choice(
                    ("2026-03-31", "2026-02-01T10:00:00Z", "soon", "2026-02-30", "9999-12-31", "0001-01-01")
                )
        request["options"] |= self.practice()
        return request

    def shelf_row(self, row: Json) -> None:
        """Lots and minima."""
        if self.chance(0.3):
            row["lot_size"] = self.rng.choice(LOTS)
        if self.chance(0.2):
            row["min_quantity"] = self.positive("quantity")

    def price(self, row: Json) -> None:
        """Now and then a bond, a contract or a price in hundredths."""
        if self.chance(0.2):
            row["basis"] = "PERCENT"
        if self.chance(0.2):
            row["accrued"] = self.positive("price")
        if self.chance(0.2):
            row["multiplier"] = self.above_zero("price")
        if self.chance(0.05):
            row["currency"] = self.rng.choice(("GBX", "ZAc"))

    def open_orders(self, positions: list[Json], priced: list[str]) -> list[Json]:
        """Sells of what is held, buys of anything."""
        orders: list[Json] = []
        for row in positions:
            held = Decimal(str(row["quantity"]))
            if held > 0 and self.chance(0.5):
                part = held if self.chance(0.3) else _WIDE.divide(held, 4)
                digits = len(part.normalize(_WIDE).as_tuple().digits)
                if digits <= 28 and len(f"{part:f}") <= 60:
                    orders.append({"instrument_id": row["instrument_id"], "side": "SELL", "quantity": f"{part:f}"})
        bought = self.some(tuple(priced), 2)
        orders += [{"instrument_id": name, "side": "BUY", "quantity": self.above_zero("quantity")} for name in bought]
        if self.chance(0.1):
            orders.append({"instrument_id": "nowhere", "side": "BUY", "quantity": "1", "settlement_days": 3})
        return orders

    def flow(self) -> Json:
        amount = self.above_zero("cash")
        sign = "-" if self.chance(0.5) and isinstance(amount, str) else ""
        return {
            "currency": self.rng.choice(CURRENCIES[:3]),
            "amount": f"{sign}{amount}" if sign else amount,
            "day": self.rng.randint(0, 12),
        }

    def practice(self) -> Json:
        """Any combination of the options of 1.1."""
        rng = self.rng
        found: Json = {}
        choices: dict[str, tuple[Any, ...]] = {
            "conventions": ("DESK", "DESK", "CLASSIC"),
            "quantity_rounding": ("FLOOR", "NEAREST_AFFORDABLE"),
            "money_rounding": ("UNROUNDED", "MINOR_UNITS"),
            "turnover_policy": ("GREEDY", "FUNDED"),
            "fx_policy": ("SWEEP_ALL", "NEED_ONLY"),
            "dependencies": ("LAST_SELL", "COMPLETE"),
            "unavailable_weight": ("CASH", "REDISTRIBUTE"),
            "exits_below_minimum": ("SUPPRESS", "SELL"),
            "explain": (True, False),
            "available_cash": ("BOOKED", "SETTLED"),
            "odd_lot_exit": (True, False),
            "funding": ("REDUCE_BUYS", None),
            "fx_hub": ("USD", "EUR", "JPY", "?"),
        }
        found |= {name: rng.choice(values) for name, values in choices.items() if self.chance(0.35)}
        if self.chance(0.2):
            found["fx_min_deal"] = self.money(self.positive("limit"))
        if self.chance(0.2):
            found["cash_reserve"] = {currency: self.positive("limit") for currency in self.some(CURRENCIES, 3)}
        if self.chance(0.2):
            found["max_distance_after"] = self.fraction("limit")
        if self.chance(0.3):
            bounds = {name: self.positive("limit") for name in ("max_order_weight", "min_model_weight", "value_tolerance", "fx_tolerance")}
            found["plausibility"] = {**bounds, "accept": self.some(CODES, 3), "max_market_data_age_days": rng.choice((0, 7, 10**9))}
        if self.chance(0.4):
            found["max_turnover_pct"] = self.fraction("limit")
        return found


def hostile_practice(seed: int) -> Json:
    """The request of a seed."""
    return Layer(seed).onto(hostile_request(seed))


if __name__ == "__main__":
    body = json.dumps(hostile_practice(int(sys.argv[1])), indent=1)
    sys.stdout.write(f"{body}\n{simulate_json(body.encode(), run_id='rr_1', correlation_id='c_1').decode()}\n")
