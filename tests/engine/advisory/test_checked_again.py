"""What is decided when a proposal is checked before its execution: the trades that were decided, on other snapshots (advisory-practice 10)."""

import json
from decimal import Decimal
from typing import Any

import orjson
import pytest

from engine.advisory.proposal import propose
from engine.advisory.recheck.request import executed_trades, request_again
from engine.contracts.lifecycle.checks import parse_check
from engine.contracts.proposals import parse_proposal
from tests.engine.advisory.ordinary import KINDS
from tests.support.effort import TIMES

CASH = "5000.00"


def market(price: str, currency: str = "EUR") -> dict[str, Any]:
    return {"prices": [{"instrument_id": "A", "price": price, "currency": currency}], "fx_rates": [{"pair": "GBP/EUR", "rate": "1"}]}


def for_all_the_cash(**trade: Any) -> dict[str, Any]:
    amount = {"notional": {"amount": CASH, "currency": "EUR"}}
    return {
        "portfolio_snapshot": {
            "portfolio_id": "p",
            "base_currency": "EUR",
            "positions": [],
            "cash_balances": [{"currency": "EUR", "amount": CASH}],
        },
        "market_data_snapshot": market("219.82"),
        "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
        "options": {"enable_proposal_simulation": True},
        "proposed_trades": [{"side": "BUY", "instrument_id": "A", **(trade or amount)}],
    }


def decided(request: Any) -> Any:
    return orjson.loads(propose(request, run_id="pr_1", correlation_id="c_1").to_json())


def again(body: dict[str, Any], data: dict[str, Any]) -> tuple[Any, Any]:
    """What was decided, and what is decided of it on other market data."""
    stored = parse_proposal(json.dumps(body).encode())
    first = decided(stored)
    asked = parse_check(json.dumps({"market_data_snapshot": data}).encode())
    return first, decided(request_again(stored, executed_trades(first), asked))


@pytest.mark.parametrize("data", [market("219.82"), market("219.8200")])
def test_an_amount_is_what_was_decided_where_its_price_did_not_move(data: dict[str, Any]) -> None:
    """5,000 ÷ 219.82 are 22.74588299517787280502229097 units in 28 digits, and these × 219.82 are 5,000 and 10⁻²⁴: more than there is."""
    first, now = again(for_all_the_cash(), data)
    assert Decimal("22.74588299517787280502229097") * Decimal("219.82") == Decimal(CASH) + Decimal("1e-24")
    assert [trade["quantity"] for trade in executed_trades(first)] == ["22.74588299517787280502229097"]
    assert executed_trades(now) == executed_trades(first)
    assert [(look["status"], look["after_simulated"]["cash_balances"][0]["amount"]) for look in (first, now)] == [("READY", "0.00")] * 2


def test_an_amount_follows_its_price() -> None:
    """A cent less for each of 22.74588299517787280502229097 units: 5,000 + 10⁻²⁴ − 0.2274588299517787280502229097; a cent more is not there."""
    _, cheaper = again(for_all_the_cash(), market("219.81"))
    assert [trade["notional"]["amount"] for trade in executed_trades(cheaper)] == ["4999.772541170048221271949778"]
    _, dearer = again(for_all_the_cash(), market("219.83"))
    assert (dearer["status"], executed_trades(dearer)) == ("BLOCKED", [])


def test_an_amount_is_not_what_was_decided_in_another_currency() -> None:
    """What was 219.82 EUR is 219.82 GBP, at one EUR each: quantity × unit value, and 10⁻²⁴ are not there."""
    _, now = again(for_all_the_cash(), market("219.82", "GBP"))
    assert [row["required"] for row in now["diagnostics"]["funding_plan"]] == ["5000.00"]
    assert now["diagnostics"]["trade_adjustments"] == []
    assert [row["reason_code"] for row in now["diagnostics"]["skipped_trades"]] == ["PROPOSAL_INSUFFICIENT_FUNDING_CASH"]


def test_a_quantity_that_was_asked_for_is_worth_quantity_times_price() -> None:
    """22.74588299517787280502229097 units asked for as such were never paid: 5,000 and 10⁻²⁴."""
    first, _ = again(for_all_the_cash(quantity="22.74588299517787280502229097"), market("219.82"))
    assert (first["status"], executed_trades(first)) == ("BLOCKED", [])


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("conventions", ["CLASSIC", "DESK"])
def test_what_could_be_done_can_be_done_where_nothing_moved(kind: str, conventions: str) -> None:
    """Every ordinary proposal that is not blocked is checked on its own market: the same trades, and no worse a status."""
    carried_out = 0
    for seed in range(60 * TIMES):
        body = KINDS[kind](seed, conventions=conventions, proposal_withdrawals="AFTER_SELLS")
        first, now = again(body, body["market_data_snapshot"])
        if first["status"] == "BLOCKED":
            continue
        carried_out += 1
        assert [traded(trade) for trade in executed_trades(now)] == [traded(trade) for trade in executed_trades(first)], (kind, seed)
        assert now["status"] in {first["status"], "READY"}, (kind, seed)
    assert carried_out > 40 * TIMES


def traded(trade: Any) -> tuple[str, ...]:
    return trade["instrument_id"], trade["side"], trade["quantity"], trade["notional"]["amount"]
