"""Fully invested books as a desk holds them, one a seed: sound holdings and rates, and every option that changes one side only.

By hand: `python -m tests.engine.guarded_books SEED` prints the request of a seed and what the engine answers.
"""

import json
import sys
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

from engine import simulate_json

Json = dict[str, Any]

RATES = {"USD": "0.9171", "GBP": "1.1733", "JPY": "0.0061728", "CHF": "1.0647"}
"""What one unit is worth in EUR; some are given the other way round."""
CURRENCIES = ("EUR", "EUR", "EUR", "USD", "USD", "GBP", "GBX", "JPY", "CHF")
SECTORS = ("T", "F", "U")


class Book:
    """Draws one book: holdings that drifted from the model, little or no cash, and options."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)  # noqa: S311  (test data, repeatable)
        self.conventions = rng.choice(("CLASSIC", "CLASSIC", "DESK"))
        self.first = rng.random() < 0.15
        self.total = Decimal(rng.choice((3_000, 40_000, 400_000, 1_000_000, 25_000_000)))
        self.names = [f"I{number}" for number in range(rng.randint(2, 9))]
        foreign = rng.random() < 0.6
        self.currency = {name: rng.choice(CURRENCIES) if foreign else "EUR" for name in self.names}
        self.bond = {name for name in self.names if rng.random() < 0.12}
        self.price = {name: self._price(name) for name in self.names}
        self.model = self._model()
        self.gone = {name for name in self.names if rng.random() < 0.1}
        self.rows: list[Json] = []
        self.shelf: list[Json] = []

    def _price(self, name: str) -> Decimal:
        rng, amount = self.rng, min(max(self.rng.lognormvariate(3.9, 1.1), 0.5), 4_000)
        if name in self.bond:
            return Decimal(rng.randint(80_000, 115_000)).scaleb(-3)
        scale = {"JPY": 150, "GBX": 100}.get(self.currency[name], 1)
        return Decimal(str(round(amount * scale, rng.choice((0, 2, 2, 4))))) or Decimal(1)

    def _model(self) -> dict[str, Decimal]:
        shares = {name: Decimal(str(round(self.rng.random() + 0.1, 4))) for name in self.names}
        whole = self.rng.choice(("1", "1", "1", "0.98", "0.95"))
        scale = Decimal(whole) / sum(shares.values())
        weights = {name: (share * scale).quantize(Decimal("0.0001")) for name, share in shares.items()}
        weights[self.names[0]] += Decimal(whole) - sum(weights.values())
        return weights

    def rate(self, currency: str) -> Decimal:
        """What one unit is worth in base."""
        if currency == "GBX":
            return Decimal(RATES["GBP"]) / 100
        return Decimal(RATES.get(currency, "1"))

    def unit(self, name: str) -> Decimal:
        """What one unit is worth in base."""
        return self.price[name] * self.rate(self.currency[name]) / (100 if name in self.bond else 1)

    def request(self) -> Json:
        """The book as a request."""
        self._hold()
        self._list()
        pairs = [self._pair(currency, rate) for currency, rate in RATES.items()]
        return {
            "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "EUR", "positions": self.rows, **self._money()},
            "market_data_snapshot": {"prices": [self._quote(name) for name in self.names], "fx_rates": pairs},
            "model_portfolio": {
                "targets": [{"instrument_id": name, "weight": str(self.model[name])} for name in self.names if name not in self.gone]
            },
            "shelf_entries": self.shelf,
            "options": self._options(),
        }

    def _hold(self) -> None:
        rng = self.rng
        if self.first:
            return
        for name in self.names:
            drift = 0 if rng.random() < 0.2 else rng.uniform(0.6, 1.4)
            if name in self.gone:
                drift = max(drift, 0.5)
            units = self.total * self.model[name] * Decimal(str(drift)) / self.unit(name)
            places = rng.choice((0, 0, 0, 3)) if name not in self.bond else 0
            quantity = units.quantize(Decimal(1).scaleb(-places))
            if not quantity:
                continue
            row: Json = {"instrument_id": name, "quantity": f"{quantity:f}"}
            if rng.random() < 0.25:
                row["lots"] = self._lots(name, quantity)
            if rng.random() < 0.3:
                value = quantity * self.unit(name) / self.rate(self.currency[name])
                noise = Decimal(rng.choice(("1", "1", "1.01", "0.97")))
                row["market_value"] = {"amount": f"{(value * noise).quantize(Decimal('0.01')):f}", "currency": self.currency[name]}
            self.rows.append(row)

    def _lots(self, name: str, quantity: Decimal) -> list[Json]:
        first = (quantity * Decimal(str(round(self.rng.random(), 2)))).quantize(Decimal(1), ROUND_DOWN)
        lots = []
        for number, part in enumerate((first, quantity - first)):
            cost = (self.price[name] * Decimal(str(round(self.rng.uniform(0.4, 1.3), 3)))).quantize(Decimal("0.01"))
            money = None if self.rng.random() < 0.1 else {"amount": f"{cost:f}", "currency": self.currency[name]}
            lots.append({"lot_id": f"L{number}", "quantity": f"{part:f}", "unit_cost": money, "purchase_date": f"202{number}-01-01"})
        return lots

    def _pair(self, currency: str, rate: str) -> Json:
        if self.rng.random() < 0.5:
            return {"pair": f"{currency}/EUR", "rate": rate}
        return {"pair": f"EUR/{currency}", "rate": f"{(1 / Decimal(rate)).quantize(Decimal('0.000001')):f}"}

    def _quote(self, name: str) -> Json:
        row: Json = {"instrument_id": name, "price": f"{self.price[name]:f}", "currency": self.currency[name]}
        if name in self.bond:
            row |= {"basis": "PERCENT", "accrued": self.rng.choice(("0", "1.25", "0.4381"))}
        return row

    def _list(self) -> None:
        rng = self.rng
        lotted = rng.random() < 0.3
        for name in self.names:
            row: Json = {"instrument_id": name, "status": "APPROVED", "attributes": {"sector": rng.choice(SECTORS)}}
            row["settlement_days"] = rng.randint(0, 3)
            if name in self.bond and lotted:
                row["lot_size"] = rng.choice(("1000", "100"))
            elif lotted and rng.random() < 0.5:
                row["lot_size"] = rng.choice(("10", "100", "0.001", "25", "0.5"))
            if lotted and rng.random() < 0.2:
                row["min_quantity"] = rng.choice(("5", "20", "150"))
            if rng.random() < 0.1:
                row["min_notional"] = {"amount": rng.choice(("100", "2500")), "currency": rng.choice(("EUR", "USD"))}
            if rng.random() < 0.08:
                row["status"] = rng.choice(("SELL_ONLY", "SUSPENDED", "BANNED"))
            self.shelf.append(row)

    def _money(self) -> Json:
        rng = self.rng
        share = Decimal(rng.choice(("0", "0", "0", "0.0007", "0.002", "0.01", "0.05")))
        booked = (self.total * (1 if self.first else share)).quantize(Decimal("0.01"))
        rows: list[Json] = [{"currency": "EUR", "amount": f"{booked:f}"}]
        for currency in ("USD", "GBP", "JPY", "GBX"):
            if rng.random() < 0.15:
                amount = (self.total * Decimal("0.004") / self.rate(currency)).quantize(Decimal(1))
                rows.append({"currency": currency, "amount": f"{amount:f}"})
        for row in rows:
            if rng.random() < 0.2:
                row["settled"] = f"{(Decimal(row['amount']) * Decimal('0.6')).quantize(Decimal('0.01')):f}"
        money: Json = {"cash_balances": rows}
        if rng.random() < 0.25 and booked >= 100:
            money["open_orders"] = self._open_orders(booked)
            spent = sum(
                (Decimal(row["quantity"]) * self.unit(row["instrument_id"]) for row in money["open_orders"] if row["side"] == "BUY"),
                Decimal(0),
            )
            booked -= spent
        if rng.random() < 0.25:
            out = (booked / 4).quantize(Decimal("0.01"))
            flows = [{"currency": "EUR", "amount": "1234.5", "day": rng.choice((1, 5, 40))}]
            money["cash_flows"] = [*flows, {"currency": "EUR", "amount": f"{-out:f}", "day": rng.randint(0, 300)}] if out > 0 else flows
        return money

    def _open_orders(self, booked: Decimal) -> list[Json]:
        large = [row for row in self.rows[:2] if Decimal(row["quantity"]) >= 4]
        orders: list[Json] = [
            {"instrument_id": row["instrument_id"], "side": "SELL", "quantity": str(int(Decimal(row["quantity"])) // 4)} for row in large
        ]
        name = self.names[-1]
        units = int(booked / 3 / self.unit(name))
        bought = {row["instrument_id"] for row in orders}
        if units and name not in bought and self.currency[name] == "EUR":
            orders.append({"instrument_id": name, "side": "BUY", "quantity": str(units)})
        return orders

    def _options(self) -> Json:
        rng = self.rng
        found: Json = {} if self.conventions == "CLASSIC" else {"conventions": "DESK"}
        if rng.random() < 0.25:
            found["valuation_mode"] = "TRUST_SNAPSHOT"
        for share, draw in (
            (0.5, {"fx_buffer_pct": rng.choice(("0", "0.005", "0.02", "0.05"))}),
            (0.2, {"min_trade_notional": {"amount": rng.choice(("50", "500", "2500", "20000")), "currency": rng.choice(("EUR", "USD"))}}),
            (0.25, {"max_turnover_pct": rng.choice(("0.02", "0.05", "0.1", "0.2", "0.4"))}),
            (0.2, {"turnover_policy": rng.choice(("GREEDY", "FUNDED"))}),
            (0.25, {"enable_tax_awareness": True}),
            (0.15, {"single_position_max_weight": rng.choice(("0.15", "0.2", "0.3", "0.5"))}),
            (
                0.2,
                {"group_constraints": {f"sector:{s}": {"max_weight": rng.choice(("0.2", "0.35", "0.5"))} for s in rng.sample(SECTORS, 2)}},
            ),
            (0.15, {"cash_band_min_weight": rng.choice(("0.01", "0.03"))}),
            (0.1, {"min_cash_buffer_pct": rng.choice(("0.005", "0.02"))}),
            (0.12, {"available_cash": "SETTLED"}),
            (0.12, {"cash_reserve": {"EUR": str(int(self.total / 200)), "USD": "1500"}}),
            (0.15, {"quantity_rounding": rng.choice(("FLOOR", "NEAREST_AFFORDABLE"))}),
            (0.15, {"money_rounding": rng.choice(("MINOR_UNITS", "UNROUNDED"))}),
            (0.15, {"fx_policy": rng.choice(("NEED_ONLY", "SWEEP_ALL"))}),
            (0.3, {"dependencies": "COMPLETE"}),
            (0.1, {"fx_min_deal": {"amount": rng.choice(("100", "2000")), "currency": rng.choice(("EUR", "USD"))}}),
            (0.1, {"odd_lot_exit": False}),
            (0.3, {"explain": True}),
        ):
            if rng.random() < share:
                found |= draw
        if found.get("enable_tax_awareness"):
            found["max_realized_capital_gains"] = rng.choice(("0", str(int(self.total / 500)), str(int(self.total / 50))))
        return found


def guarded_book(seed: int) -> Json:
    """The request of a seed."""
    return Book(seed).request()


if __name__ == "__main__":
    body = json.dumps(guarded_book(int(sys.argv[1])), indent=1)
    sys.stdout.write(f"{body}\n{simulate_json(body.encode(), run_id='rr_1', correlation_id='c_1').decode()}\n")
