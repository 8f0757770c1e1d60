"""What is decided when a proposal is checked: its executed trades, as they are, on other snapshots (advisory-practice 10)."""

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from engine.contracts.conventions import ProposalQuantities
from engine.contracts.lifecycle.checks import ProposalCheckRequest
from engine.contracts.proposals import ProposalSimulateRequest, ProposedTrade
from engine.contracts.requests import snapshot_violations
from engine.contracts.snapshots import OrderSide
from engine.contracts.violations import InvalidRequest

SECURITY_TRADE: Final = "SECURITY_TRADE"

Trades = Sequence[Mapping[str, Any]]


def executed_trades(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The trades of a result that are executed, in its order."""
    return [intent for intent in result["intents"] if intent["intent_type"] == SECURITY_TRADE]


def request_again(stored: ProposalSimulateRequest, trades: Trades, asked: ProposalCheckRequest) -> ProposalSimulateRequest:
    """The stored request with these snapshots, and these trades as quantities. Raises InvalidRequest for snapshots that break the contract."""
    portfolio = asked.portfolio_snapshot or stored.portfolio_snapshot
    if found := snapshot_violations(portfolio, asked.market_data_snapshot, stored.shelf_entries):
        raise InvalidRequest(found)
    return replace(
        stored,
        portfolio_snapshot=portfolio,
        market_data_snapshot=asked.market_data_snapshot,
        options=dataclasses.replace(stored.options, proposal_quantities=ProposalQuantities.AS_PROPOSED),
        proposed_trades=[
            ProposedTrade(OrderSide(trade["side"]), trade["instrument_id"], quantity=Decimal(trade["quantity"])) for trade in trades
        ],
    )
