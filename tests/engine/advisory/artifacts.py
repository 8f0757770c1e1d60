"""Artifacts of real proposals, for the tests that look into them."""

import json
from datetime import UTC, datetime
from typing import Any

from engine.advisory.artifact import compose
from engine.advisory.document import ProposalDecision
from engine.advisory.proposal import propose
from engine.contracts.proposals import parse_proposal
from engine.evidence.canonical import canonical_proposal, digest

Json = dict[str, Any]

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
RUN = "pr_1a2b3c4d"


def decided(body: Any, correlation_id: str = "c_1", idempotency_key: str | None = "key-1") -> ProposalDecision:
    """The proposal as the service decides it: the request by its hash."""
    request = parse_proposal(json.dumps(body).encode())
    return propose(
        request,
        run_id=RUN,
        correlation_id=correlation_id,
        request_hash=digest(canonical_proposal(request)),
        idempotency_key=idempotency_key,
    )


def composed(body: Any, created_at: datetime = NOON, **ids: Any) -> bytes:
    """The bytes of the artifact."""
    return compose(decided(body, **ids), created_at)


def artifact(body: Any, created_at: datetime = NOON, **ids: Any) -> Json:
    """The artifact, read."""
    document: Json = json.loads(composed(body, created_at, **ids))
    return document


def shelf(*rows: str | Json) -> list[Json]:
    """Approved shares of an issuer and a tier each, by id; rows that say more are given whole."""
    usual = {"status": "APPROVED", "asset_class": "EQUITY", "liquidity_tier": "L1"}
    given = [{"instrument_id": row} if isinstance(row, str) else row for row in rows]
    return [usual | {"issuer_id": f"ISS_{row['instrument_id']}"} | row for row in given]


def prices(currency: str = "EUR", **amounts: str) -> list[Json]:
    """Prices by instrument, in one currency."""
    return [{"instrument_id": name, "price": amount, "currency": currency} for name, amount in amounts.items()]


def body(**said: Any) -> Json:
    """A request from the little that a test has to say: what is held, cash and flows by currency, rates by pair; the rest are options."""
    held, cash, rates, flows = (said.pop(name, {}) for name in ("held", "cash", "rates", "flows"))
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf_1",
            "base_currency": said.pop("base", "EUR"),
            "positions": [{"instrument_id": name, "quantity": units} for name, units in held.items()],
            "cash_balances": [{"currency": currency, "amount": amount} for currency, amount in cash.items()],
            **said.pop("snapshot", {}),
        },
        "market_data_snapshot": {
            "prices": said.pop("priced", []),
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in rates.items()],
        },
        "shelf_entries": said.pop("offered", []),
        "proposed_cash_flows": [{"currency": currency, "amount": amount} for currency, amount in flows.items()],
        "proposed_trades": said.pop("trades", []),
        "reference_model": said.pop("model", None),
        "options": {"enable_proposal_simulation": True} | said,
    }


def buy(name: str, units: str, **more: Any) -> Json:
    """A buy by quantity."""
    return {"side": "BUY", "instrument_id": name, "quantity": units, **more}


def sell(name: str, units: str) -> Json:
    """A sell by quantity."""
    return {"side": "SELL", "instrument_id": name, "quantity": units}


def model(**weights: str) -> Json:
    """A reference model in euros, by asset class."""
    rows = [{"asset_class": name, "weight": weight} for name, weight in weights.items()]
    return {"model_id": "balanced", "as_of": "2026-03-31", "base_currency": "EUR", "asset_class_targets": rows}


V1: Json = {
    "portfolio_snapshot": {
        "portfolio_id": "PF-31",
        "base_currency": "CHF",
        "positions": [{"instrument_id": "BND_EU", "quantity": "300"}, {"instrument_id": "EQ_US", "quantity": "40"}],
        "cash_balances": [{"currency": "CHF", "amount": "9000.00"}, {"currency": "USD", "amount": "250.00"}],
    },
    "market_data_snapshot": {
        "snapshot_id": "MD-31",
        "prices": [
            {"instrument_id": "BND_EU", "price": "101.5", "currency": "EUR"},
            {"instrument_id": "EQ_US", "price": "210.25", "currency": "USD"},
            {"instrument_id": "FND_JP", "price": "1830", "currency": "JPY"},
        ],
        "fx_rates": [{"pair": "EUR/CHF", "rate": "0.95"}, {"pair": "USD/CHF", "rate": "0.88"}, {"pair": "CHF/JPY", "rate": "170"}],
    },
    "shelf_entries": [
        {"instrument_id": "BND_EU", "status": "APPROVED", "asset_class": "BOND", "issuer_id": "ISS_B", "liquidity_tier": "L2"},
        {"instrument_id": "EQ_US", "status": "APPROVED", "asset_class": "EQUITY", "issuer_id": "ISS_E", "liquidity_tier": "L1"},
        {"instrument_id": "FND_JP", "status": "APPROVED", "asset_class": "EQUITY", "issuer_id": "ISS_J", "liquidity_tier": "L4"},
    ],
    "options": {"enable_proposal_simulation": True},
    "proposed_cash_flows": [{"currency": "CHF", "amount": "-1000.00"}],
    "proposed_trades": [
        {"side": "BUY", "instrument_id": "EQ_US", "notional": {"amount": "4000", "currency": "USD"}},
        {"side": "SELL", "instrument_id": "BND_EU", "quantity": "20"},
        {"side": "BUY", "instrument_id": "FND_JP", "quantity": "300"},
    ],
    "reference_model": {
        "model_id": "balanced",
        "as_of": "2026-03-31",
        "base_currency": "CHF",
        "asset_class_targets": [
            {"asset_class": "BOND", "weight": "0.60"},
            {"asset_class": "EQUITY", "weight": "0.35"},
            {"asset_class": "CASH", "weight": "0.05"},
        ],
    },
}
"""advisory-engine vector 1: a withdrawal, an amount in dollars, a sale in euros and a fund in yen, in francs."""
