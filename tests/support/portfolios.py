"""Requests of a size to choose: the portfolio holds one unit of every instrument and wants as much of each."""

import json
from typing import Any


def a_request(positions: int = 2) -> dict[str, Any]:
    ids = [f"I{number:05d}" for number in range(positions)]
    weight = f"{1 / positions:.6f}" if positions else "0"
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf_1",
            "base_currency": "USD",
            "positions": [{"instrument_id": name, "quantity": "1"} for name in ids],
            "cash_balances": [{"currency": "USD", "amount": "1000"}],
        },
        "market_data_snapshot": {"prices": [{"instrument_id": name, "price": "10", "currency": "USD"} for name in ids]},
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": weight} for name in ids]},
        "shelf_entries": [{"instrument_id": name, "status": "APPROVED"} for name in ids],
        "options": {},
    }


def a_proposal(positions: int = 2, **options: Any) -> dict[str, Any]:
    """The same portfolio for an adviser, who proposes to buy one unit more of its first instrument for 10 of its 1,000 USD."""
    shared = a_request(positions)
    del shared["model_portfolio"]
    trades = [{"side": "BUY", "instrument_id": "I00000", "quantity": "1"}] if positions else []
    return {**shared, "options": {"enable_proposal_simulation": True, **options}, "proposed_trades": trades}


def batch(**scenarios: Any) -> dict[str, Any]:
    """The same portfolio under options by name."""
    shared = a_request()
    del shared["options"]
    return {**shared, "scenarios": {name: {"options": options} for name, options in (scenarios or {"base": {}}).items()}}


def text(document: Any) -> str:
    return json.dumps(document)
