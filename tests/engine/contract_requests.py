"""One small valid request, to break one member of it at a time."""

import json
from typing import Any

import pytest

from engine.contracts import InvalidRequest, Violation, parse_request

MISSING = object()


def base() -> dict[str, Any]:
    """Valid, with one row of each kind."""
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [{"instrument_id": "A", "quantity": "10"}],
            "cash_balances": [{"currency": "USD", "amount": "100"}],
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": "A", "price": "10", "currency": "USD"}],
            "fx_rates": [{"pair": "EUR/USD", "rate": "2"}],
        },
        "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.5"}]},
        "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
        "options": {},
    }


def request(path: str, value: object) -> bytes:
    """The base request with one member set, or removed; the path is dotted, numbers are list places."""
    document: Any = base()
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    owner = document
    for part in parents:
        owner = owner[part]
    if value is MISSING:
        del owner[last]
    elif isinstance(owner, list) and last == len(owner):
        owner.append(value)
    else:
        owner[last] = value
    return json.dumps(document).encode()


def violations(body: bytes) -> tuple[Violation, ...]:
    """What a body is refused for."""
    with pytest.raises(InvalidRequest) as refused:
        parse_request(body)
    return refused.value.violations


def refusal(path: str, value: object) -> tuple[str, str]:
    """The one violation that setting this member causes, as (place, type)."""
    (found,) = violations(request(path, value))
    return ".".join(map(str, found.loc)), found.type


QUANTITY = "portfolio_snapshot.positions.0.quantity"
WEIGHT = "model_portfolio.targets.0.weight"
PRICE = "market_data_snapshot.prices.0.price"
