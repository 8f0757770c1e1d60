"""What the report shows of a guarded run: distance, plan, reasons, who waits for whom, and what money held back."""

from typing import Any

import pytest

from engine.report.figures import gap
from engine.report.orders import orders
from engine.report.plan import distance, plan, reasons
from engine.report.rows import Section
from engine.report.sections import held_back, notices, reconciliation, rules, tax
from engine.report.text import render_section

Json = dict[str, Any]


def eur(amount: str) -> Json:
    return {"amount": amount, "currency": "EUR"}


def lines(section: Section | None, width: int = 100) -> list[str]:
    """A section's lines under its title; the title stands first, without its rule."""
    assert section is not None
    _, *shown = render_section(section, width).splitlines()
    return [section.title, *shown]


PLAN: Json = {
    "mode": "FULL",
    "worth": "12000.000000000000",
    "cash_floor": "600.000000000000",
    "cash_floor_by_currency": {},
    "free_cash": "-600.000000000000",
    "wished": {"buys": "12000.000000000000", "sells": "12000.000000000000"},
    "planned": {"buys": "6000.000000000000", "sells": "6000.000000000000"},
    "traded": {"buys": "5990.000000000000", "sells": "6000.000000000000"},
    "price_of_cash": "495.049504950495",
    "turnover": None,
    "raise": None,
    "residual_cash": "10.000000000000",
}
REASON: Json = {
    "instrument_id": "A",
    "decision": "BUY",
    "quantity": "10",
    "target_weight": "0.400000000000",
    "drift_before": "-0.200000000000",
    "drift_after": "-0.100000000000",
    "wished": "200.000000000000",
    "traded": "100.000000000000",
    "driver": "TARGET",
    "driver_key": None,
    "price": None,
    "flips_at": None,
}


def planned(**changes: Any) -> Json:
    return {"before": {"total_value": eur("12000")}, "plan": PLAN | changes}


def explained(*rows: Json) -> Json:
    return {"explanation": {"reasons": [REASON | row for row in rows]}}


def deal(intent_id: str, buy: tuple[str, str], sell: tuple[str, str], *waits: str) -> Json:
    return {
        "intent_type": "FX_SPOT",
        "intent_id": intent_id,
        "pair": "USD/EUR",
        "buy_currency": buy[1],
        "buy_amount": buy[0],
        "sell_currency": sell[1],
        "sell_amount_estimated": sell[0],
        "dependencies": list(waits),
        "rationale": {"code": "SWEEP", "message": "Sweep"},
    }


def trade(intent_id: str, side: str, *waits: str) -> Json:
    return {
        "intent_type": "SECURITY_TRADE",
        "intent_id": intent_id,
        "instrument_id": intent_id.upper(),
        "side": side,
        "quantity": "1",
        "notional": eur("5"),
        "notional_base": eur("5"),
        "dependencies": list(waits),
        "rationale": None,
        "constraints_applied": [],
    }


@pytest.mark.parametrize(
    ("weight", "text"),
    [("0.0125", "+1.25 %"), ("-0.25", "-25.00 %"), ("-0.0000", "0.00 %"), ("0.000048471019", "0.00 %"), ("-0.00005001", "-0.01 %")],
)
def test_a_gap_has_its_sign_unless_nothing_is_left(weight: str, text: str) -> None:
    assert gap(weight) == text


def test_distance_names_cash_and_the_largest_gaps() -> None:
    block = {
        "before": "0.4500",
        "after": "0.0001",
        "cash_before": "0.1932",
        "cash_after": "-0.0001",
        "largest": [{"instrument_id": "MSFT", "before": "-0.2500", "after": "0.0001"}],
    }
    assert lines(distance({"distance": block})) == [
        "Distance from the target: 45.00 % → 0.01 %",
        "over, under    before    after",
        "cash         +19.32 %  -0.01 %",
        "MSFT         -25.00 %  +0.01 %",
    ]


def test_a_plan_says_what_money_made_of_the_wishes() -> None:
    assert lines(plan(planned(cash_floor_by_currency={"USD": "1000"}))) == [
        "Plan: FULL",
        "worth       12,000.00 EUR",
        "cash        floor 600.00 EUR, 1,000.00 USD",
        "            free -600.00, after the orders 10.00, price of cash 495.05",
        "EUR           buys      sells",
        "wished   12,000.00  12,000.00",
        "planned   6,000.00   6,000.00",
        "traded    5,990.00   6,000.00",
    ]


@pytest.mark.parametrize(
    ("policy", "price", "cash_price", "shown"),
    [
        ("FUNDED", "4500.000000000000", "1500.000000000000", "FUNDED, budget 12,000.00, price 4,500.00, cash price 1,500.00"),
        ("GREEDY", None, None, "GREEDY, budget 12,000.00"),
    ],
)
def test_a_turnover_cap_shows_its_prices_unless_it_ranks(policy: str, price: str | None, cash_price: str | None, shown: str) -> None:
    cap = {"budget": "12000.000000000000", "policy": policy, "price": price, "cash_price": cash_price}
    assert f"turnover    {shown}" in lines(plan(planned(turnover=cap)))


def test_reasons_stand_decisions_first_then_by_the_drift_that_is_left_then_by_id() -> None:
    rows = (
        {"instrument_id": "B", "drift_after": "-0.100000000000"},
        {"instrument_id": "A", "drift_after": "0.100000000000", "decision": "SELL"},
        {"instrument_id": "C", "decision": "NONE", "drift_after": "0.900000000000"},
        {"instrument_id": "D", "drift_after": "-0.200000000000"},
    )
    assert [line.split()[0] for line in lines(reasons(explained(*rows)))[2:]] == ["D", "A", "B", "C"]


def test_a_reason_names_its_driver_its_price_and_what_would_change_it() -> None:
    room = {
        "driver": "GROUP_ROOM",
        "driver_key": "s:T",
        "price": "130.000000000000",
        "flips_at": {"number": "group_price", "at": "140.000000000000", "distance": "10.000000000000"},
    }
    lot = {
        "instrument_id": "F",
        "decision": "NONE",
        "driver": "LOT_SIZE",
        "flips_at": {"number": "lot_size", "at": "0.004200000000", "distance": "0.000800000000"},
    }
    assert lines(reasons(explained(room, lot))) == [
        "Reasons",
        "instrument          before   → after  driver       price  key, flips at",
        "A           BUY   -20.00 %  -10.00 %  GROUP_ROOM  130.00  s:T, group_price 140.00",
        "F           NONE  -20.00 %  -10.00 %  LOT_SIZE            lot_size 0.0042",
    ]


def test_a_long_list_of_payers_is_named_once_where_several_wait_for_it() -> None:
    payers = ("oi_1", "oi_2", "oi_3")
    intents = [
        *(trade(name, "SELL") for name in payers),
        deal("oi_fx_6", ("5", "EUR"), ("6", "USD"), *payers),
        deal("oi_fx_7", ("6", "USD"), ("5", "EUR"), "oi_fx_6"),
        trade("oi_4", "BUY", *payers),
        trade("oi_5", "BUY", *payers, "oi_fx_6"),
    ]
    shown = lines(orders({"before": {"total_value": eur("1")}, "intents": intents}))
    assert [line.partition("←")[2] for line in shown[2:]] == ["", "", "", " #1", " oi_fx_6", " #1", " oi_1 oi_2 oi_3 oi_fx_6", ""]
    assert shown[-1] == "#1: oi_1 oi_2 oi_3"


def test_what_money_and_minima_held_back_is_named() -> None:
    result = {
        "universe": {"excluded": []},
        "diagnostics": {
            "dropped_intents": [],
            "suppressed_intents": [
                {
                    "instrument_id": "D",
                    "reason": "BELOW_MIN_QUANTITY",
                    "intended_notional": eur("99.5"),
                    "threshold": eur("1000"),
                }
            ],
            "funding_cuts": [{"instrument_id": "A", "sized_quantity": "1195", "funded_quantity": "1191"}],
        },
    }
    assert lines(held_back(result)) == [
        "Held back",
        "left out, BELOW_MIN_QUANTITY: D 99.50 EUR of 1,000.00 EUR",
        "cut to the money there is: A 1,195 → 1,191",
    ]


def test_hints_stand_under_the_rules_that_failed() -> None:
    doubted = {
        "rule_id": "PLAUSIBILITY:FX_CONTRADICTORY",
        "severity": "SOFT",
        "status": "FAIL",
        "measured": "0.2544",
        "threshold": {"max": "0.01"},
        "reason_code": "FX_CONTRADICTORY",
        "remediation_hint": "EUR/USD and its inverse pair contradict each other; check both rates.",
    }
    passed = doubted | {"rule_id": "NO_SHORTING", "status": "PASS", "remediation_hint": None}
    assert lines(rules({"rule_results": [doubted, passed]}))[-1] == (
        "PLAUSIBILITY:FX_CONTRADICTORY  EUR/USD and its inverse pair contradict each other; check both rates."
    )


def test_known_flows_unknown_costs_and_derived_rates_are_told() -> None:
    block = {"status": "OK", "delta": eur("-3000000"), "tolerance": eur("5"), "known_flows": eur("-3000000")}
    assert lines(reconciliation({"reconciliation": block}))[1].endswith(", known flows -3,000,000.00 EUR")
    impact = {
        "total_realized_gain": eur("1"),
        "total_realized_loss": eur("0"),
        "budget_limit": None,
        "budget_used": None,
        "unknown_cost_proceeds": eur("80"),
    }
    assert lines(tax({"tax_impact": impact, "diagnostics": {"tax_budget_constraint_events": []}}))[1:] == [
        "gains 1.00 EUR, losses 0.00 EUR, sold at unknown cost 80.00 EUR"
    ]
    noticed = {
        "target": {"strategy": {}},
        "explanation": {},
        "diagnostics": {
            "warnings": [],
            "data_quality": {"price_missing": [], "fx_missing": []},
            "fx_derived": [{"pair": "EUR/JPY", "via": "USD", "rate": "162.63"}],
        },
    }
    assert lines(notices(noticed))[1:] == ["derived rates: EUR/JPY 162.63 via USD"]


@pytest.mark.parametrize("section", [distance, plan])
def test_a_run_without_targets_or_guard_has_no_such_section(section: Any) -> None:
    assert section({"distance": None}) is None


@pytest.mark.parametrize("explanation", [{"summary": "READY"}, {"summary": "Blocked", "reasons": []}])
def test_a_run_that_gives_no_reasons_has_none(explanation: Json) -> None:
    assert reasons({"explanation": explanation}) is None
