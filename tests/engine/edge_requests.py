"""Random requests whose orders land exactly on whole units, caps and budgets, one a seed.

Holdings are quoted in a currency that only an inverse pair converts, so that every value in base is a repeating decimal and
every sum of them is rounded: in exact arithmetic an order is a whole number of units, and one digit lost at the end of a sum
makes it one less. By hand: `python -m tests.engine.edge_requests EDGE SEED` prints a request.
"""

import json
import sys
from decimal import Decimal
from random import Random
from typing import Any

IDS = ("B", "a", "A", "10", "2", "Ä", "Z", "C")
INVERSE_RATES = ("3", "7", "9", "11", "13", "0.7", "1.1")
PRICES = ("1", "2", "5", "10", "50", "100")
STATUSES = ("APPROVED",) * 8 + ("SUSPENDED", "SELL_ONLY")
SECTORS = ("T", "F", "U")
CAPS = ("0.1", "0.15", "0.2", "0.25", "0.3", "0.4", "0.5")

PRICE = 10
HALF = Decimal("0.5")
ROUND_TOTALS = (10_000, 20_000, 40_000, 50_000, 100_000, 200_000, 400_000)
TOLERANCE = Decimal("0.0001")
"""By which group caps and the sum of all weights may be passed."""

Json = dict[str, Any]


def edge_request(seed: int) -> Json:
    """The request of a seed: three to eight instruments, one foreign currency, weights in steps of a twentieth."""
    rng = Random(seed)  # noqa: S311  (test data, repeatable)
    names = rng.sample(IDS, rng.randint(3, len(IDS)))
    prices = {name: rng.choice(PRICES) for name in names}
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [position(rng, name, prices[name]) for name in rng.sample(names, rng.randint(2, len(names)))],
            "cash_balances": [{"currency": "EUR", "amount": str(100 * rng.randint(0, 30))}],
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": name, "price": price, "currency": "EUR"} for name, price in prices.items()],
            "fx_rates": [{"pair": "USD/EUR", "rate": rng.choice(INVERSE_RATES)}],
        },
        "model_portfolio": {"targets": targets(rng, names)},
        "shelf_entries": [
            {"instrument_id": name, "status": rng.choice(STATUSES), "attributes": {"sector": rng.choice(SECTORS)}} for name in names
        ],
        "options": options(rng),
    }


def sold_on_a_budget(seed: int) -> Json:
    """Everything is sold, and some of the sells are exactly what the turnover cap allows."""
    rng, units, cash = _foreign_portfolio(seed)
    turned_over = sum(units[: rng.randint(1, len(units))]) * PRICE
    share = Decimal(turned_over) / (sum(units) * PRICE + cash)
    return _request(rng, units, cash, [], {"max_turnover_pct": f"{share:f}"})


def locked_up_to_a_cap(seed: int) -> Json:
    """Locked holdings and one buy weigh exactly what a group may with its tolerance; nobody outside could take an excess."""
    rng, units, cash = _foreign_portfolio(seed)
    weight = Decimal(sum(units) * PRICE) / (sum(units) * PRICE + cash)
    bought, cap = min(Decimal("0.05"), 1 - weight), min(weight + Decimal("0.05"), Decimal(1)) - TOLERANCE
    return _request(rng, units, cash, [bought], {"group_constraints": {"sector:T": {"max_weight": f"{cap:f}"}}}, "SUSPENDED")


def locked_up_to_one(seed: int) -> Json:
    """Locked holdings, one of them short, and one buy weigh exactly one with its tolerance; on the way sums pass one."""
    rng, units, _ = _foreign_portfolio(seed)
    half = sum(units) * PRICE // 4
    return _request(rng, [*units, -3 * half // PRICE], half, [HALF + TOLERANCE], {}, "SUSPENDED")


def _foreign_portfolio(seed: int) -> tuple[Random, list[int], int]:
    """Units of some holdings and the cash that makes a round total of them."""
    rng = Random(seed)  # noqa: S311  (test data, repeatable)
    units = [40 * rng.randint(1, 15) for _ in range(rng.randint(3, 7))]
    held = sum(units) * PRICE
    return rng, units, next(total for total in ROUND_TOTALS if total >= held) - held


def _request(rng: Random, units: list[int], cash: int, bought: list[Decimal], limits: Json, status: str = "APPROVED") -> Json:
    held = [f"{number}" for number in rng.sample(range(100), len(units))]
    names = [*held, "N"]
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [{"instrument_id": name, "quantity": str(count)} for name, count in zip(held, units, strict=True)],
            "cash_balances": [{"currency": "EUR", "amount": str(cash)}],
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": name, "price": str(PRICE) if name in held else "0.01", "currency": "EUR"} for name in names],
            "fx_rates": [{"pair": "USD/EUR", "rate": rng.choice(INVERSE_RATES)}],
        },
        "model_portfolio": {"targets": [{"instrument_id": names[-1], "weight": f"{weight:f}"} for weight in bought]},
        "shelf_entries": [
            {"instrument_id": name, "status": status if name in held else "APPROVED", "attributes": {"sector": "T"}} for name in names
        ],
        "options": limits,
    }


def position(rng: Random, name: str, price: str) -> Json:
    """Tens of units, in one lot or two, each with a gain or a loss."""
    units = 10 * rng.randint(1, 60)
    first = rng.choice((units, units // 2, 10))
    lots = [
        {
            "lot_id": str(i),
            "quantity": str(part),
            "purchase_date": "2024",
            "unit_cost": {"amount": rng.choice(COSTS[price]), "currency": "EUR"},
        }
        for i, part in enumerate((first, units - first))
    ]
    return {"instrument_id": name, "quantity": str(units), "lots": lots}


COSTS = {price: [str(Decimal(price) * tenths / 10) for tenths in (0, 5, 8, 9, 10, 12)] for price in PRICES}


def targets(rng: Random, names: list[str]) -> list[Json]:
    """Twentieths that sum to one, to more or to less."""
    wanted = rng.sample(names, rng.randint(1, len(names)))
    return [{"instrument_id": name, "weight": str(Decimal(rng.randint(0, 8)) / 20)} for name in wanted]


def options(rng: Random) -> Json:
    found: Json = {}
    if rng.random() < 0.4:
        found["group_constraints"] = {
            f"sector:{sector}": {"max_weight": rng.choice(CAPS)} for sector in rng.sample(SECTORS, rng.randint(1, 3))
        }
    if rng.random() < 0.3:
        found["single_position_max_weight"] = rng.choice(CAPS)
    if rng.random() < 0.2:
        found["min_cash_buffer_pct"] = rng.choice(CAPS)
    if rng.random() < 0.3:
        found["max_turnover_pct"] = rng.choice(CAPS)
    if rng.random() < 0.4:
        found |= {"enable_tax_awareness": True, "max_realized_capital_gains": rng.choice((str(rng.randint(0, 2_000)), "100"))}
    return found


EDGES = {edge.__name__: edge for edge in (edge_request, sold_on_a_budget, locked_up_to_a_cap, locked_up_to_one)}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(EDGES[sys.argv[1]](int(sys.argv[2])), indent=1) + "\n")
