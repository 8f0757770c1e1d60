"""How far a portfolio is from its target: which instruments the result names, and what it shows of them (practice 9)."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine import simulate_json


def distance(held: dict[str, str], wanted: dict[str, str]) -> Any:
    """Of a portfolio without cash, in units of 1 EUR: the block of the result."""
    names = [*held, *(name for name in wanted if name not in held)]
    body = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "EUR",
            "positions": [{"instrument_id": name, "quantity": quantity} for name, quantity in held.items()],
            "cash_balances": [],
        },
        "market_data_snapshot": {"prices": [{"instrument_id": name, "price": "1", "currency": "EUR"} for name in names], "fx_rates": []},
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": weight} for name, weight in wanted.items()]},
        "shelf_entries": [{"instrument_id": name, "status": "APPROVED"} for name in names],
        "options": {},
    }
    return orjson.loads(simulate_json(orjson.dumps(body), run_id="rr_1", correlation_id="c_1"))["distance"]


@pytest.mark.parametrize("count", [3, 7, 200, 201, 500])
def test_where_no_gap_is_left_the_first_instruments_by_id_stand(count: int) -> None:
    names = sorted([f"I{number:03}" for number in range(count)], key=lambda name: name[::-1])
    block = distance(dict.fromkeys(names, "1000"), dict.fromkeys(names, str(Decimal(1) / count)[:10]))
    assert [row["instrument_id"] for row in block["largest"]] == sorted(names)[:5]
    assert {row["after"] for row in block["largest"]} == {"0.0000"}


def test_the_largest_gaps_stand_first_then_the_rest_by_id() -> None:
    """100 units of 1 EUR, which whole units cannot cut finer: 0.335 and 0.165 of them leave half a unit more in cash than asked each."""
    block = distance({"A": "50", "B": "20", "C": "20", "D": "10"}, {"A": "0.2", "D": "0.335", "C": "0.3", "E": "0.165"})
    shown = [(row["instrument_id"], row["before"], row["after"]) for row in block["largest"]]
    assert shown == [
        ("D", "-0.2350", "-0.0050"),
        ("E", "-0.1650", "-0.0050"),
        ("A", "0.3000", "0.0000"),
        ("B", "0.2000", "0.0000"),
        ("C", "-0.1000", "0.0000"),
    ]
    assert (block["before"], block["after"]) == ("0.5000", "0.0100")
    assert (block["cash_before"], block["cash_after"]) == ("0.0000", "0.0100")
