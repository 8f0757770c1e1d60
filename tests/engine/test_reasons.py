"""Why an instrument is traded as it is (desk 10): of what lowered an amount, the last that acted speaks."""

import json
from typing import Any

from engine import simulate_json

Json = dict[str, Any]


def reason_of(instrument: str, **request: Json | list[Json]) -> Json:
    result = json.loads(simulate_json(json.dumps(request).encode(), run_id="rr_1", correlation_id="c_1"))
    row: Json
    [row] = [row for row in result["explanation"]["reasons"] if row["instrument_id"] == instrument]
    return row


def asked(portfolio: Json, price: str, weight: str, **options: Any) -> Json:
    """One instrument A in a book of euros."""
    return {
        "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "EUR"} | portfolio,
        "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": price, "currency": "EUR"}]},
        "model_portfolio": {"targets": [{"instrument_id": "A", "weight": weight}]},
        "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
        "options": options,
    }


def test_a_gains_budget_that_leaves_no_unit_speaks_not_the_lot() -> None:
    """10 units bought at 1 stand at 10: one unit sold gains 9, the budget is 0."""
    lot = {"lot_id": "L1", "quantity": "10", "unit_cost": {"amount": "1", "currency": "EUR"}, "purchase_date": "2020-01-01"}
    book = {"positions": [{"instrument_id": "A", "quantity": "10", "lots": [lot]}]}
    options = {"conventions": "DESK", "enable_tax_awareness": True, "max_realized_capital_gains": "0"}
    row = reason_of("A", **asked(book, "10", "0.5", **options))
    assert (row["decision"], row["driver"]) == ("NONE", "TAX_BUDGET")
    assert row["flips_at"] == {"number": "max_realized_capital_gains", "at": "9.000000000000", "distance": "9.000000000000"}


def test_less_than_half_a_lot_is_the_lots_doing() -> None:
    """A tenth of 100 is wished of a unit at 40: a quarter of a lot; a lot below half a unit would be dealt."""
    book = {"cash_balances": [{"currency": "EUR", "amount": "100"}]}
    row = reason_of("A", **asked(book, "40", "0.1", conventions="DESK"))
    assert (row["decision"], row["driver"]) == ("NONE", "LOT_SIZE")
    assert row["flips_at"] == {"number": "lot_size", "at": "0.500000000000", "distance": "0.500000000000"}
