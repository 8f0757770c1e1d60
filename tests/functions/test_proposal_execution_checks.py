"""A version is decided again on the market of now before it is executed; what moved is told (advisory-practice 10)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.gateway import refused, violations
from tests.support.lives import ADVISER, COMPLIANCE, EXECUTOR, STRANGER, Lives, at_once, for_compliance, ok
from tests.support.portfolios import a_proposal

REQUIRED = (409, "EXECUTION_CHECK_REQUIRED")


def market(spy: str = "500", rate: str = "1.10", **members: Any) -> dict[str, Any]:
    prices = [
        {"instrument_id": "SPY", "price": spy, "currency": "USD"},
        {"instrument_id": "BND", "price": "100", "currency": "EUR"},
    ]
    return {"prices": prices, "fx_rates": [{"pair": "EUR/USD", "rate": rate}]} | members


def portfolio(cash: str = "60000", bonds: str = "200") -> dict[str, Any]:
    return {
        "portfolio_id": "pf_1",
        "base_currency": "EUR",
        "positions": [{"instrument_id": "BND", "quantity": bonds}],
        "cash_balances": [{"currency": "EUR", "amount": cash}],
    }


def buys_spy(**options: Any) -> dict[str, Any]:
    """Vector 12: 60,000 EUR in cash, 20,000 in BND, buy 100 SPY at 500 USD; 50,000 ÷ 1.10 = 45,454.55 EUR of 80,000 in all."""
    return {
        "portfolio_snapshot": portfolio(),
        "market_data_snapshot": market(),
        "shelf_entries": [
            {"instrument_id": name, "status": "APPROVED", "issuer_id": name, "liquidity_tier": "L1"} for name in ("SPY", "BND")
        ],
        "options": {"enable_proposal_simulation": True, **options},
        "proposed_trades": [{"side": "BUY", "instrument_id": "SPY", "quantity": "100"}],
    }


def rows(reply: Any) -> list[tuple[str, str, Any, Any, Any]]:
    return [tuple(row[name] for name in ("code", "subject", "before", "after", "change")) for row in ok(reply).json["changes"]]


def test_what_moved_little_is_clear(lives: Lives) -> None:
    proposal_id = lives.opened(buys_spy())
    # 505/500 − 1 = 0.01; 1.10/1.095 − 1 = 0.0046; 50,500/1.095/80,000 = 0.5765, from 0.5682: 0.0083
    reply = ok(lives.check(proposal_id, {"market_data_snapshot": market("505", "1.095")})).json
    assert (reply["verdict"], reply["changes"], reply["status"], reply["version_no"]) == ("CLEAR", [], "READY", 1)
    assert (reply["artifact_hash"], reply["actor_id"]) == (lives.summary(proposal_id)["artifact_hash"], "adviser-7")
    assert [(trade["instrument_id"], trade["quantity"]) for trade in reply["trades"]] == [("SPY", "100")]
    assert reply["gate_decision"]["gate"] == lives.summary(proposal_id)["gate"]
    assert reply["check_id"].startswith("pck_")
    assert lives.state(proposal_id) == "DRAFT"


def test_what_moved_is_told_by_code_and_subject(lives: Lives) -> None:
    proposal_id = lives.opened(buys_spy())
    reply = lives.check(proposal_id, {"market_data_snapshot": market("512", "1.08")})
    assert reply.json["verdict"] == "RENEW"
    fx, price, weight = rows(reply)
    assert fx[:2] == ("FX_MOVED", "USD")
    # 1 ÷ 1.10 → 1 ÷ 1.08: 1.10/1.08 − 1 = 0.0185185…
    assert [round(Decimal(text), 10) for text in fx[2:]] == [Decimal("0.9090909091"), Decimal("0.9259259259"), Decimal("0.0185185185")]
    assert price == ("PRICE_MOVED", "SPY", "500", "512", "0.024")
    # 51,200 ÷ 1.08 = 47,407.4074 of what is left of 80,000; 0.5925926 − 0.5681818 = 0.0244108
    assert weight[:2] == ("WEIGHT_MOVED", "SPY")
    assert [round(Decimal(text), 6) for text in weight[2:]] == [Decimal("0.568182"), Decimal("0.592593"), Decimal("0.024411")]


def test_what_cannot_be_paid_any_more_is_blocked(memory_lives: Lives) -> None:
    reply = ok(
        memory_lives.check(memory_lives.opened(buys_spy()), {"market_data_snapshot": market("640", "1.00")})
    ).json  # 64,000 of 60,000
    assert (reply["verdict"], reply["status"], reply["gate_decision"]["gate"]) == ("BLOCKED", "BLOCKED", "BLOCKED")
    assert ("GATE_WORSE", "gate") in [(row["code"], row["subject"]) for row in reply["changes"]]


def test_less_money_makes_a_desk_trade_less(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened(buys_spy(conventions="DESK"))
    reply = memory_lives.check(proposal_id, {"market_data_snapshot": market(), "portfolio_snapshot": portfolio("40000")})
    assert reply.json["verdict"] == "RENEW"
    found = {row[:2]: row[2:] for row in rows(reply)}
    assert found["TRADE_CHANGED", "SPY"] == ("100", "88", "-12")  # 40,000 × 1.10 ÷ 500 = 88
    assert found["CASH_CHANGED", "EUR"] == ("60000", "40000", "-20000")


def test_a_holding_that_changed_and_a_price_that_is_lost(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened(buys_spy())
    fewer = memory_lives.check(proposal_id, {"market_data_snapshot": market(), "portfolio_snapshot": portfolio(bonds="199")})
    assert ("HOLDING_CHANGED", "BND", "200", "199", "-1") in rows(fewer)
    gone = market()
    gone["prices"] = gone["prices"][:1]
    lost = memory_lives.check(proposal_id, {"market_data_snapshot": gone})
    assert ("PRICE_LOST", "BND", "100", None, None) in rows(lost)
    assert lost.json["verdict"] == "BLOCKED"
    unpriced = memory_lives.check(proposal_id, {"market_data_snapshot": market() | {"prices": market()["prices"][1:]}})
    assert {("PRICE_LOST", "SPY", "500", None, None), ("TRADE_LOST", "SPY", "100", None, None)} <= set(rows(unpriced))


def test_a_rate_that_is_lost(memory_lives: Lives) -> None:
    reply = memory_lives.check(memory_lives.opened(buys_spy()), {"market_data_snapshot": market() | {"fx_rates": []}})
    assert [row[3:] for row in rows(reply) if row[:2] == ("FX_MOVED", "USD")] == [(None, None)]


def test_an_issue_that_was_not_there_and_a_gate_that_is_stricter(memory_lives: Lives) -> None:
    """SPY may weigh 60 %: at 45,454.55 of 80,000 it does not reach that, at 550 and 1.04 it does: 55,000 ÷ 1.04 = 52,884.62, 66 %."""
    limits = {"single_position_max_weight": "0.60", "issuer_max_weight": "1", "cash_band_min_weight": "0", "cash_band_max_weight": "1"}
    own = memory_lives.under(
        thresholds='{"single_position_max_weight":"0.60","issuer_max_weight":"1","cash_band_min_weight":"0","cash_band_max_weight":"1"}'
    )
    proposal_id = own.opened(buys_spy(suitability_thresholds=limits))
    assert own.summary(proposal_id)["gate"] == "CLIENT_CONSENT_REQUIRED"
    tolerance = {"price": "1", "fx": "1", "weight": "1"}
    found = rows(own.check(proposal_id, {"market_data_snapshot": market("550", "1.04"), "tolerance": tolerance}))
    assert found == [
        ("GATE_WORSE", "gate", "CLIENT_CONSENT_REQUIRED", "RISK_REVIEW_REQUIRED", None),
        ("NEW_ISSUE", "SINGLE_POSITION_MAX|SPY", None, "MEDIUM", None),
    ]


def test_data_of_an_earlier_day_are_told(memory_lives: Lives) -> None:
    request = buys_spy() | {"market_data_snapshot": market(as_of="2026-02-20T08:00:00Z")}
    proposal_id = memory_lives.opened(request)
    assert rows(memory_lives.check(proposal_id, {"market_data_snapshot": market(as_of="2026-02-20T01:00:00Z")})) == []
    older = rows(memory_lives.check(proposal_id, {"market_data_snapshot": market(as_of="2026-02-17")}))
    assert older == [("DATA_OLD", "market_data_snapshot", "2026-02-20", "2026-02-17", "-3")]


@pytest.mark.parametrize(("spy", "verdict"), [("510", "CLEAR"), ("510.0001", "RENEW"), ("490", "CLEAR"), ("489.9999", "RENEW")])
def test_a_tolerance_is_passed_and_not_reached(memory_lives: Lives, spy: str, verdict: str) -> None:
    """500 × (1 ± 0.02) are 510 and 490."""
    wide = {"weight": "1"}
    assert (
        memory_lives.check(memory_lives.opened(buys_spy()), {"market_data_snapshot": market(spy), "tolerance": wide}).json["verdict"]
        == verdict
    )


def test_a_trade_is_checked_as_it_was_executed(memory_lives: Lives) -> None:
    """DESK buys for 30,000 USD 60 whole units at 499; on the check 60 units stay 60, though at 495 the amount would buy one more."""
    request = buys_spy(conventions="DESK") | {"market_data_snapshot": market("499")}
    request["proposed_trades"] = [{"side": "BUY", "instrument_id": "SPY", "notional": {"amount": "30000", "currency": "USD"}}]
    proposal_id = memory_lives.opened(request)
    reply = ok(memory_lives.check(proposal_id, {"market_data_snapshot": market("491")})).json  # 30,000 ÷ 491 = 61.1
    assert [trade["quantity"] for trade in reply["trades"]] == ["60"]
    assert reply["verdict"] == "CLEAR"


def for_an_amount(side: str, amount: str, price: str, cash: str, **members: Any) -> dict[str, Any]:
    """BND for an amount, 100 of which are held, and units are not whole."""
    return {
        "portfolio_snapshot": portfolio(cash, "100"),
        "market_data_snapshot": bonds_at(price),
        "shelf_entries": [{"instrument_id": "BND", "status": "APPROVED", "issuer_id": "BND", "liquidity_tier": "L1"}],
        "options": {"enable_proposal_simulation": True, "proposal_withdrawals": "AFTER_SELLS"},
        "proposed_trades": [{"side": side, "instrument_id": "BND", "notional": {"amount": amount, "currency": "EUR"}}],
    } | members


def bonds_at(price: str) -> dict[str, Any]:
    return {"prices": [{"instrument_id": "BND", "price": price, "currency": "EUR"}]}


def test_an_amount_that_took_all_the_cash_is_executed_where_nothing_moved(lives: Lives) -> None:
    """5,000 ÷ 219.82 are 22.74588299517787280502229097 units in 28 digits; × 219.82 that is 5,000 and 10⁻²⁴ more than there is."""
    careful = lives.under(execution_check_minutes=60)
    proposal_id = careful.ready(careful.opened(for_an_amount("BUY", "5000.00", "219.82", "5000.00")))
    # 22.7459 × 219.83 = 5,000.23: that is more than there is
    assert ok(careful.check(proposal_id, {"market_data_snapshot": bonds_at("219.83")})).json["verdict"] == "BLOCKED"
    assert refused(careful.move(proposal_id, "EXECUTED", caller=EXECUTOR)) == REQUIRED
    clear = ok(careful.check(proposal_id, {"market_data_snapshot": bonds_at("219.820")})).json
    assert (clear["verdict"], clear["changes"], clear["status"]) == ("CLEAR", [], "READY")
    assert [(trade["quantity"], trade["notional"]["amount"]) for trade in clear["trades"]] == [("22.74588299517787280502229097", "5000.00")]
    assert ok(careful.move(proposal_id, "EXECUTED", caller=EXECUTOR)).json["current_state"] == "EXECUTED"


@pytest.mark.parametrize(
    ("price", "brings"),
    [
        ("37", "900"),
        ("36.99", "899.7567567567567567567567566"),  # 900 − 1.6 × 10⁻²⁵, and a cent less a unit, 0.2432…
        ("37.01", "900.2432432432432432432432431"),
    ],
)
def test_a_withdrawal_that_a_sell_just_pays_is_paid_where_nothing_moved(memory_lives: Lives, price: str, brings: str) -> None:
    """900 ÷ 37 are 24.32432432432432432432432432 units; × 37 that is 1.6 × 10⁻²⁵ less than 900."""
    leaves = {"proposed_cash_flows": [{"currency": "EUR", "amount": "-900"}]}
    proposal_id = memory_lives.opened(for_an_amount("SELL", "900", "37", "0", **leaves))
    reply = ok(memory_lives.check(proposal_id, {"market_data_snapshot": bonds_at(price)})).json
    assert [trade["notional"]["amount"] for trade in reply["trades"]] == [brings]
    assert reply["verdict"] == ("BLOCKED" if Decimal(brings) < 900 else "CLEAR")


def test_a_quantity_longer_than_one_may_ask_for_is_checked(memory_lives: Lives) -> None:
    """10¹⁷ at 0.01 are 10¹⁹ units; who asks for a quantity may state 18 digits before the point."""
    much = "100000000000000000"
    proposal_id = memory_lives.opened(for_an_amount("BUY", much, "0.01", much))
    reply = ok(memory_lives.check(proposal_id, {"market_data_snapshot": bonds_at("0.01")})).json
    assert ([trade["quantity"] for trade in reply["trades"]], reply["verdict"]) == (["10000000000000000000"], "CLEAR")


def test_what_is_too_small_for_a_new_order_is_still_the_one_that_was_proposed(memory_lives: Lives) -> None:
    """DESK orders 5,000 USD and more: 10 at 505 are 5,050. At 496, 1.8 % down, they are 4,960, and still to be executed."""
    request = buys_spy(conventions="DESK") | {"market_data_snapshot": market("505")}
    request["shelf_entries"][0]["min_notional"] = {"amount": "5000", "currency": "USD"}
    request["proposed_trades"][0]["quantity"] = "10"
    reply = ok(memory_lives.check(memory_lives.opened(request), {"market_data_snapshot": market("496")})).json
    assert ([trade["quantity"] for trade in reply["trades"]], reply["verdict"]) == (["10"], "CLEAR")


def test_the_gate_of_a_check_is_not_the_requesters_either(memory_lives: Lives) -> None:
    reply = ok(memory_lives.check(memory_lives.opened(for_compliance()))).json
    assert (reply["gate_decision"]["gate"], reply["verdict"]) == ("COMPLIANCE_REVIEW_REQUIRED", "CLEAR")


def test_checks_are_listed_as_they_came(lives: Lives) -> None:
    proposal_id = lives.opened(buys_spy())
    made = []
    for spy in ("500", "600", "501"):
        made.append(ok(lives.check(proposal_id, {"market_data_snapshot": market(spy)})).json)
        lives.clock.forward(seconds=1)
    listed = ok(lives.get(f"/{proposal_id}/versions/1/checks")).json
    assert listed == {"proposal_id": proposal_id, "version_no": 1, "checks": made}
    assert ok(lives.get(f"/{proposal_id}/workflow-events")).json["events"][-1]["event_type"] == "CREATED"
    assert refused(lives.get(f"/{proposal_id}/versions/2/checks")) == (404, "PROPOSAL_VERSION_NOT_FOUND")
    assert refused(lives.get(f"/{proposal_id}/versions/1/checks", STRANGER)) == (404, "PROPOSAL_VERSION_NOT_FOUND")


def test_a_check_under_a_key_is_made_once(lives: Lives) -> None:
    proposal_id, body = lives.opened(buys_spy()), {"market_data_snapshot": market()}
    first = ok(lives.check(proposal_id, body, Idempotency_Key="k"))
    lives.clock.forward(hours=1)
    again = ok(lives.check(proposal_id, body, Idempotency_Key="k"))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    other = lives.check(proposal_id, {"market_data_snapshot": market("501")}, Idempotency_Key="k")
    assert refused(other) == (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")
    assert len(ok(lives.get(f"/{proposal_id}/versions/1/checks")).json["checks"]) == 1


def test_checks_that_race_are_all_kept(lives: Lives) -> None:
    proposal_id = lives.opened(buys_spy())
    replies = at_once(8, lambda number: lives.check(proposal_id, {"market_data_snapshot": market(str(500 + number))}))
    assert {reply.status for reply in replies} == {200}
    assert len(ok(lives.get(f"/{proposal_id}/versions/1/checks")).json["checks"]) == 8


def test_only_the_current_version_of_what_is_open_is_checked(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    assert refused(memory_lives.check("pp_unknown")) == (404, "PROPOSAL_NOT_FOUND")
    assert refused(memory_lives.check(proposal_id, caller=STRANGER)) == (404, "PROPOSAL_NOT_FOUND")
    assert refused(memory_lives.check(proposal_id, version_no=2)) == (404, "PROPOSAL_VERSION_NOT_FOUND")
    assert refused(memory_lives.check(proposal_id, caller=COMPLIANCE)) == (403, "SCOPE_REQUIRED: advisory.run or advisory.execute")
    ok(memory_lives.check(proposal_id, caller=EXECUTOR))
    ok(memory_lives.add_version(proposal_id))
    assert refused(memory_lives.check(proposal_id)) == (409, "STATE_CONFLICT: version mismatch")
    ok(memory_lives.move(proposal_id, "CANCELLED"))
    assert refused(memory_lives.check(proposal_id, version_no=2)) == (422, "PROPOSAL_TERMINAL_STATE: cannot check")


def test_snapshots_are_held_to_the_contract_and_to_the_portfolio(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened(buys_spy())
    twice = market() | {"prices": market()["prices"] * 2}
    assert violations(memory_lives.check(proposal_id, {"market_data_snapshot": twice}))[0] == (
        ["body", "market_data_snapshot", "prices", 0, "instrument_id"],
        "duplicate",
    )
    assert violations(memory_lives.check(proposal_id, {})) == [(["body", "market_data_snapshot"], "missing")]
    beyond = {"market_data_snapshot": market(), "tolerance": {"price": "1.1"}}
    assert violations(memory_lives.check(proposal_id, beyond)) == [(["body", "tolerance", "price"], "less_than_equal")]
    misspelt = {"market_data_snapshot": market(), "tolerance": {"prices": "0.1"}}
    assert violations(memory_lives.check(proposal_id, misspelt)) == [(["body", "tolerance", "prices"], "extra_forbidden")]
    other = {"market_data_snapshot": market(), "portfolio_snapshot": portfolio() | {"portfolio_id": "pf_2"}}
    assert refused(memory_lives.check(proposal_id, other)) == (422, "PORTFOLIO_CONTEXT_MISMATCH")


@pytest.mark.parametrize("event", ["EXECUTION_REQUESTED", "EXECUTED"])
def test_nothing_is_executed_without_a_clear_and_fresh_check_of_the_current_version(lives: Lives, event: str) -> None:
    careful = lives.under(execution_check_minutes=60)
    proposal_id = careful.ready(careful.opened(a_proposal()))
    clear = {"market_data_snapshot": a_proposal()["market_data_snapshot"]}
    dear = {"market_data_snapshot": {"prices": [row | {"price": "11"} for row in clear["market_data_snapshot"]["prices"]]}}  # 10 % up
    assert refused(careful.move(proposal_id, event, caller=EXECUTOR)) == REQUIRED
    ok(careful.check(proposal_id, dear))  # RENEW
    assert refused(careful.move(proposal_id, event, caller=EXECUTOR)) == REQUIRED
    ok(careful.check(proposal_id, clear))
    careful.clock.forward(minutes=60, microseconds=1)
    assert refused(careful.move(proposal_id, event, caller=EXECUTOR)) == REQUIRED  # too old
    ok(careful.check(proposal_id, clear))
    ok(careful.check(proposal_id, dear))
    assert refused(careful.move(proposal_id, event, caller=EXECUTOR)) == REQUIRED  # the newest decides
    last = ok(careful.check(proposal_id, clear)).json
    careful.clock.forward(minutes=60)
    done = ok(careful.move(proposal_id, event, caller=EXECUTOR)).json["latest_workflow_event"]
    assert (done["event_type"], done["check_id"]) == (event, last["check_id"])


def test_a_check_of_another_version_does_not_count(memory_lives: Lives) -> None:
    careful = memory_lives.under(execution_check_minutes=60, reset_on_new_version=False)
    proposal_id = careful.ready()
    assert ok(careful.check(proposal_id)).json["verdict"] == "CLEAR"
    ok(careful.add_version(proposal_id))
    assert refused(careful.move(proposal_id, "EXECUTED", caller=EXECUTOR)) == REQUIRED


def test_what_was_requested_needs_no_second_look(memory_lives: Lives) -> None:
    careful = memory_lives.under(execution_check_minutes=60)
    proposal_id = careful.ready()
    ok(careful.check(proposal_id))
    ok(careful.move(proposal_id, "EXECUTION_REQUESTED", caller=EXECUTOR))
    careful.clock.forward(days=1)
    assert ok(careful.move(proposal_id, "EXECUTED", caller=EXECUTOR)).json["latest_workflow_event"]["check_id"] is None


def test_a_check_by_its_caller_alone(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    ok(memory_lives.check(proposal_id, Idempotency_Key="k"))
    other = memory_lives.check(proposal_id, caller=ADVISER | {"actor": "adviser-8"}, Idempotency_Key="k")
    assert refused(other)[0] == 409
