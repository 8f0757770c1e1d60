"""The example portfolio: its figures are the published ones, its lots add up, and its decision stays instructive."""

import csv
import json
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import engine
from infra.local.example import FOLDER, example_request


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


SOURCES = rows("sources.csv")
HOLDINGS = rows("holdings.csv")


def used(kind: str) -> dict[str, str]:
    return {row["subject"]: row["used"] for row in SOURCES if row["kind"] == kind}


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(example_request())
    return document


@pytest.fixture(scope="module")
def result(example: dict[str, Any]) -> dict[str, Any]:
    decided: dict[str, Any] = json.loads(
        engine.simulate_json(json.dumps(example).encode(), run_id="rr_example", correlation_id="c_example")
    )
    return decided


def test_every_price_and_rate_is_the_one_that_its_source_names(example: dict[str, Any]) -> None:
    market = example["market_data_snapshot"]
    assert {row["instrument_id"]: row["price"] for row in market["prices"]} == used("PRICE")
    assert {row["pair"]: row["rate"] for row in market["fx_rates"]} == used("FX")


def test_every_lot_cost_is_the_close_of_its_day(example: dict[str, Any]) -> None:
    costs = {
        (f"{position['instrument_id']} lot {lot['lot_id'][1:]}", lot["purchase_date"]): lot["unit_cost"]["amount"]
        for position in example["portfolio_snapshot"]["positions"]
        for lot in position["lots"]
    }
    assert costs == {(row["subject"], row["date"]): row["used"] for row in SOURCES if row["kind"] == "COST"}


def test_all_prices_and_rates_are_of_one_day() -> None:
    assert {row["date"] for row in SOURCES if row["kind"] in {"PRICE", "FX"}} == {"2012-09-12"}


def test_figures_are_used_as_published_save_pence() -> None:
    for row in SOURCES:
        divisor = 100 if row["unit"] == "GBX" else 1
        assert Decimal(row["used"]) * divisor == Decimal(row["published"]), row["subject"]


@pytest.mark.parametrize(
    ("subject", "published"),
    [("EUR/USD", "1.2896"), ("EUR/JPY", "100.45"), ("AAPL", "669.79"), ("MSFT", "30.78"), ("AZN.L", "2907.5")],
)
def test_sources_name_the_figures_of_the_tape(subject: str, published: str) -> None:
    assert [row["published"] for row in SOURCES if row["subject"] == subject] == [published]


def test_only_deposits_have_no_market_price() -> None:
    made = {row["subject"] for row in SOURCES if row["package"] == "own construction"}
    assert made == {row["instrument_id"] for row in HOLDINGS if row["asset_class"] == "MONEY_MARKET"}


@pytest.mark.parametrize(
    ("part", "listed", "key"),
    [
        ("portfolio_snapshot", "positions", "instrument_id"),
        ("portfolio_snapshot", "cash_balances", "currency"),
        ("market_data_snapshot", "prices", "instrument_id"),
        ("market_data_snapshot", "fx_rates", "pair"),
        ("model_portfolio", "targets", "instrument_id"),
    ],
)
def test_no_row_stands_twice(example: dict[str, Any], part: str, listed: str, key: str) -> None:
    assert max(Counter(row[key] for row in example[part][listed]).values()) == 1


def test_lots_sum_to_the_quantity(example: dict[str, Any]) -> None:
    for position in example["portfolio_snapshot"]["positions"]:
        if position["lots"]:
            assert sum(Decimal(lot["quantity"]) for lot in position["lots"]) == Decimal(position["quantity"])


def test_the_portfolio_is_as_wide_as_it_claims(example: dict[str, Any]) -> None:
    portfolio, market = example["portfolio_snapshot"], example["market_data_snapshot"]
    assert len(portfolio["positions"]) == 40
    assert {row["currency"] for row in market["prices"]} == {"USD", "EUR", "GBP", "JPY", "CHF"}
    assert {row["currency"] for row in portfolio["cash_balances"]} == {"USD", "EUR", "GBP", "JPY", "CHF"}
    assert {row["status"] for row in example["shelf_entries"]} == {"APPROVED", "RESTRICTED", "SUSPENDED", "SELL_ONLY"}


def no_string(path: Path, text: str) -> None:
    pytest.fail(f"{path.name}: {text} is no string")


def test_no_number_in_a_part_is_a_float() -> None:
    for path in (*FOLDER.glob("*.json"), FOLDER.parent / "first_request.json"):
        json.loads(path.read_text(), parse_float=partial(no_string, path))


def test_the_decision_needs_a_person_for_several_kinds_of_reasons(result: dict[str, Any]) -> None:
    assert result["status"] == "PENDING_REVIEW"
    assert result["gate_decision"]["gate"] == "RISK_REVIEW_REQUIRED"
    assert [row["reason_code"] for row in result["gate_decision"]["reasons"]] == [
        "SOFT_RULE_FAIL:CASH_BAND",
        "SOFT_RULE_FAIL:GROUP_MAX:region:NORTH_AMERICA",
        "SOFT_RULE_FAIL:GROUP_MAX:sector:INFORMATION_TECHNOLOGY",
        "SOFT_RULE_FAIL:SINGLE_POSITION_MAX",
        "TARGETS_CONSTRAINED",
    ]


def test_limits_of_every_kind_leave_their_trace(result: dict[str, Any]) -> None:
    diagnostics = result["diagnostics"]
    assert {row["instrument_id"] for row in diagnostics["tax_budget_constraint_events"]} == {"AAPL", "USB"}
    assert diagnostics["dropped_intents"]
    assert diagnostics["suppressed_intents"]
    assert diagnostics["group_constraint_events"]
    assert not diagnostics["cash_ladder_breaches"]
    assert "SETTLEMENT_OVERDRAFT_UTILIZED" in diagnostics["warnings"]
    assert {row["pair"] for row in result["intents"] if row["intent_type"] == "FX_SPOT"} == {"USD/EUR", "GBP/EUR", "CHF/EUR", "JPY/EUR"}


def test_locked_holdings_are_not_traded(result: dict[str, Any]) -> None:
    traded = {row["instrument_id"] for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"}
    assert traded.isdisjoint({"UPS", "NEM"})


def test_the_first_request_is_ready() -> None:
    body = (FOLDER.parent / "first_request.json").read_bytes()
    result = json.loads(engine.simulate_json(body, run_id="rr_first", correlation_id="c_first"))
    assert result["status"] == "READY"
    assert result["gate_decision"]["gate"] == "EXECUTION_READY"
    assert {row["instrument_id"] for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"} == {
        "AAPL",
        "MSFT",
        "AZN.L",
        "CALL-EUR",
    }
