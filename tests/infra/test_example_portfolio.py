"""The example portfolio: its figures are the published ones, its lots add up, and its decision stays instructive."""

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
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


def test_figures_are_used_as_published_save_the_yields_of_notes() -> None:
    for row in SOURCES:
        if "yield" not in row["unit"]:
            assert row["used"] == row["published"], row["subject"]


@pytest.mark.parametrize(
    ("note", "day", "coupon", "previous", "following", "halves"),
    [
        ("UST-2022", date(2012, 9, 12), "1.625", date(2012, 8, 15), date(2013, 2, 15), 20),
        ("UST-2017", date(2012, 9, 12), "0.625", date(2012, 8, 31), date(2013, 2, 28), 10),
        ("UST-2022 lot 1", date(2012, 8, 20), "1.625", date(2012, 8, 15), date(2013, 2, 15), 20),
        ("UST-2017 lot 1", date(2012, 9, 4), "0.625", date(2012, 8, 31), date(2013, 2, 28), 10),
    ],
)
def test_a_note_costs_what_its_published_yield_makes_it(
    note: str, day: date, coupon: str, previous: date, following: date, halves: int
) -> None:
    """The street convention in floats: an annuity and the nominal, discounted over whole halves and the rest of the running one."""
    [row] = [row for row in SOURCES if row["subject"] == note]
    half, growth = float(coupon) / 2, 1 + float(row["published"]) / 2
    left = (following - day).days / (following - previous).days
    annuity = half * (1 - growth**-halves) / (growth - 1)
    whole = (annuity + 100 * growth**-halves) * growth ** (1 - left)
    clean = whole - half * (1 - left)
    assert abs(clean - float(row["used"])) <= 0.0005
    assert row["date"] == day.isoformat()


def test_interest_accrues_since_the_last_coupon(example: dict[str, Any]) -> None:
    accrued = {row["instrument_id"]: row["accrued"] for row in example["market_data_snapshot"]["prices"] if "accrued" in row}
    assert accrued == {"UST-2017": "0.020718", "UST-2022": "0.123641"}  # 0.3125 × 12 ÷ 181, 0.8125 × 28 ÷ 184


@pytest.mark.parametrize(
    ("subject", "published"),
    [("EUR/USD", "1.2896"), ("EUR/JPY", "100.45"), ("AAPL", "669.79"), ("MSFT", "30.78"), ("AZN.L", "2907.5"), ("UST-2022", "0.0177")],
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
    assert len(portfolio["positions"]) == 43
    assert {row["currency"] for row in market["prices"]} == {"USD", "EUR", "GBX", "GBP", "JPY", "CHF"}
    assert "GBX" not in "".join(row["pair"] for row in market["fx_rates"])
    assert {row.get("basis") for row in market["prices"]} == {None, "PERCENT"}
    assert {row.get("lot_size") for row in example["shelf_entries"]} == {None, "1000", "0.001"}
    assert portfolio["open_orders"]
    assert [row["day"] for row in portfolio["cash_flows"] if row["amount"].startswith("-")] == [5]
    assert example["options"]["conventions"] == "DESK"
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
        "SOFT_RULE_FAIL:GROUP_MAX:sector:INFORMATION_TECHNOLOGY",
        "SOFT_RULE_FAIL:SINGLE_POSITION_MAX",
        "TARGETS_CONSTRAINED",
    ]


def test_limits_of_every_kind_leave_their_trace(result: dict[str, Any]) -> None:
    diagnostics = result["diagnostics"]
    assert {row["instrument_id"] for row in diagnostics["tax_budget_constraint_events"]} == {"AAPL", "USB"}
    assert diagnostics["suppressed_intents"]
    assert diagnostics["group_constraint_events"]
    assert not diagnostics["cash_ladder_breaches"]
    assert "SETTLEMENT_OVERDRAFT_UTILIZED" in diagnostics["warnings"]
    assert {row["pair"] for row in result["intents"] if row["intent_type"] == "FX_SPOT"} == {"USD/EUR", "GBP/EUR", "CHF/EUR", "JPY/EUR"}
    drivers = {row["driver"] for row in result["explanation"]["reasons"]}
    assert {"TURNOVER_PRICE", "GROUP_ROOM", "TAX_BUDGET", "MINIMUM", "NOT_TRADEABLE"} <= drivers
    assert Decimal(result["plan"]["turnover"]["price"]) > 0


def test_the_orders_bring_the_portfolio_nearer_to_its_target(result: dict[str, Any]) -> None:
    assert Decimal(result["distance"]["after"]) < Decimal(result["distance"]["before"]) / 2


def test_every_trade_is_in_whole_lots_and_no_sell_is_larger_than_what_is_held(example: dict[str, Any], result: dict[str, Any]) -> None:
    lots = {row["instrument_id"]: Fraction(row.get("lot_size", "1")) for row in example["shelf_entries"]}
    held = {row["instrument_id"]: Fraction(row["quantity"]) for row in example["portfolio_snapshot"]["positions"]}
    for order in example["portfolio_snapshot"]["open_orders"]:
        held[order["instrument_id"]] -= Fraction(order["quantity"])
    traded = [row for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"]
    assert {"UST-2017", "UST-2022", "SPY-FUND", "AZN.L"} <= {row["instrument_id"] for row in traded}
    for row in traded:
        name, quantity = row["instrument_id"], Fraction(row["quantity"])
        if row["side"] == "SELL":
            assert quantity <= held[name], name
        assert not quantity % lots[name] or quantity == held.get(name), name


def test_every_deal_is_in_minor_units_and_pence_are_paid_in_pounds(result: dict[str, Any]) -> None:
    digits = {"JPY": 0}
    for row in result["intents"]:
        if row["intent_type"] == "FX_SPOT":
            for amount, currency in ((row["buy_amount"], row["buy_currency"]), (row["sell_amount_estimated"], row["sell_currency"])):
                assert Decimal(amount) == round(Decimal(amount), digits.get(currency, 2)), row["intent_id"]
    assert [row["notional"]["currency"] for row in result["intents"] if row.get("instrument_id") == "AZN.L"] == ["GBP"]


def test_cash_suffices_whatever_order_the_dependencies_allow(example: dict[str, Any], result: dict[str, Any]) -> None:
    """No currency falls below nothing in any of three hundred orders that the graph allows."""
    booked = {row["currency"]: Fraction(row["amount"]) for row in example["portfolio_snapshot"]["cash_balances"]}
    ids = [row["intent_id"] for row in result["intents"]]
    for row in result["intents"]:
        assert all(ids.index(name) < ids.index(row["intent_id"]) for name in row["dependencies"])
    draw = random.Random(12)  # noqa: S311  (a seed, no secret)
    for _ in range(300):
        balances = defaultdict(Fraction, booked)
        balances["EUR"] -= 150_000  # the withdrawal counts as gone
        balances["USD"] += 1_000 * Fraction("23.19")  # the open sell of INTC counts as done
        for row in one_order(result["intents"], draw):
            for currency, amount in movements(row):
                balances[currency] += amount
            assert min(balances.values()) >= 0, row["intent_id"]


def one_order(intents: list[dict[str, Any]], draw: random.Random) -> Iterator[dict[str, Any]]:
    """The orders in a drawn sequence in which nobody comes before those that it waits for; buys and deals as early as they may."""
    done: set[str] = set()
    waiting = list(intents)
    while waiting:
        free = [row for row in waiting if done.issuperset(row["dependencies"])]
        spending = [row for row in free if row.get("side") != "SELL"]
        row = draw.choice(spending if spending and draw.random() < 0.9 else free)
        waiting.remove(row)
        done.add(row["intent_id"])
        yield row


def movements(intent: dict[str, Any]) -> list[tuple[str, Fraction]]:
    """What an order pays and brings, by currency."""
    if intent["intent_type"] == "FX_SPOT":
        bought, sold = Fraction(intent["buy_amount"]), Fraction(intent["sell_amount_estimated"])
        return [(intent["sell_currency"], -sold), (intent["buy_currency"], bought)]
    amount = Fraction(intent["notional"]["amount"])
    return [(intent["notional"]["currency"], amount if intent["side"] == "SELL" else -amount)]


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
