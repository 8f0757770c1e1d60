"""What is decided when a proposal is checked: its executed trades, as they are, on other snapshots (advisory-practice 10)."""

import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from msgspec.structs import replace

from engine.contracts.conventions import ProposalQuantities
from engine.contracts.lifecycle.checks import ProposalCheckRequest
from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.proposals import ProposalSimulateRequest, ProposedTrade
from engine.contracts.requests import snapshot_violations
from engine.contracts.snapshots import Money, OrderSide, PortfolioSnapshot
from engine.contracts.violations import InvalidRequest
from engine.market import Market
from engine.snapshots import MarketAndShelf, Snapshots

SECURITY_TRADE: Final = "SECURITY_TRADE"

Trades = Sequence[Mapping[str, Any]]


def executed_trades(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The trades of a result that are executed, in its order."""
    return [intent for intent in result["intents"] if intent["intent_type"] == SECURITY_TRADE]


def request_again(stored: ProposalSimulateRequest, trades: Trades, asked: ProposalCheckRequest) -> ProposalSimulateRequest:
    """The stored request with these snapshots, and these trades as quantities. Raises InvalidRequest for snapshots that break the contract.

    Where a unit is worth what it was, a quantity comes to the amount that was decided: the 28 digits of an amount ÷ unit value may miss that
    by the last one, and nothing moved.
    """
    portfolio = asked.portfolio_snapshot or stored.portfolio_snapshot
    if found := snapshot_violations(portfolio, asked.market_data_snapshot, stored.shelf_entries):
        raise InvalidRequest(found)
    then = _market(stored, stored.portfolio_snapshot, stored.market_data_snapshot)
    now = _market(stored, portfolio, asked.market_data_snapshot)
    return replace(
        stored,
        portfolio_snapshot=portfolio,
        market_data_snapshot=asked.market_data_snapshot,
        options=dataclasses.replace(stored.options, proposal_quantities=ProposalQuantities.AS_PROPOSED),
        proposed_trades=[_again(trade, then, now) for trade in trades],
    )


def _market(stored: ProposalSimulateRequest, portfolio: PortfolioSnapshot, data: MarketDataSnapshot) -> Market:
    return Snapshots.over(MarketAndShelf.of(data, stored.shelf_entries), portfolio).under(stored.options).market


def _again(trade: Mapping[str, Any], then: Market, now: Market) -> ProposedTrade:
    name, notional = str(trade["instrument_id"]), trade["notional"]
    price = now.prices.get(name)
    again = ProposedTrade(OrderSide(trade["side"]), name)
    again.quantity = Decimal(trade["quantity"])  # set, not sent: what was decided may be longer than what a caller may state
    if price is not None and price.currency == notional["currency"] and now.units[name] == then.units.get(name):
        again.notional = Money(Decimal(notional["amount"]), price.currency)
    return again
