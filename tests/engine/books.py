"""Small books as request bodies, and what the engine decides on them."""

from typing import Any

import orjson

import engine

Json = dict[str, Any]


def holding(name: str, quantity: str, **members: Any) -> Json:
    """A position."""
    return {"instrument_id": name, "quantity": quantity, **members}


def price(name: str, amount: str, currency: str = "EUR", **members: Any) -> Json:
    """A price row."""
    return {"instrument_id": name, "price": amount, "currency": currency, **members}


def cash(amount: str, currency: str = "EUR", **members: Any) -> Json:
    """A cash row."""
    return {"currency": currency, "amount": amount, **members}


def approved(name: str, **members: Any) -> Json:
    """A shelf row."""
    return {"instrument_id": name, "status": "APPROVED", **members}


def lot(lot_id: str, quantity: str, cost: str | None, currency: str = "EUR", date: str = "2024-01-01") -> Json:
    """A tax lot; its cost may be unknown."""
    unit_cost = None if cost is None else {"amount": cost, "currency": currency}
    return {"lot_id": lot_id, "quantity": quantity, "unit_cost": unit_cost, "purchase_date": date}


def book(
    *,
    positions: list[Json] | None = None,
    balances: list[Json] | None = None,
    prices: list[Json] | None = None,
    rates: dict[str, str] | None = None,
    model: dict[str, str] | None = None,
    shelf: list[Json] | None = None,
    portfolio: Json | None = None,
    options: Json | None = None,
    base: str = "EUR",
) -> Json:
    """A request; every priced instrument is approved unless a shelf is given."""
    priced = prices or []
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": base,
            "positions": positions or [],
            "cash_balances": balances or [],
            **(portfolio or {}),
        },
        "market_data_snapshot": {
            "prices": priced,
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in (rates or {}).items()],
        },
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": weight} for name, weight in (model or {}).items()]},
        "shelf_entries": [approved(row["instrument_id"]) for row in priced] if shelf is None else shelf,
        "options": options or {},
    }


def decided(body: Json) -> Json:
    """The result on a request."""
    result: Json = orjson.loads(engine.simulate_json(orjson.dumps(body), run_id="rr_1", correlation_id="c_1"))
    return result


def trades(result: Json) -> dict[str, tuple[str, str]]:
    """Instrument → side and quantity of its order."""
    return {row["instrument_id"]: (row["side"], row["quantity"]) for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"}


def values(result: Json, state: str = "before") -> dict[str, str]:
    """Instrument → its value in its own currency, with it."""
    rows = result[state]["positions"]
    return {row["instrument_id"]: " ".join(row["value_in_instrument_ccy"].values()) for row in rows}


def refusal(body: Json) -> tuple[str, str]:
    """The place and type of the one violation of a request."""
    try:
        decided(body)
    except engine.InvalidRequest as invalid:
        [found] = invalid.violations
        return ".".join(map(str, found.loc)), found.type
    raise AssertionError("nothing is refused")
