"""The door: what a request may hold, what is refused, and where a refusal points (dpm-engine 1.2, 2, 3)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from engine.contracts import InvalidRequest, parse_options, parse_request
from tests.engine.contract_requests import MISSING, PRICE, QUANTITY, WEIGHT, base, refusal, request, violations


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1.50", "1.50"),
        ("-0", "-0"),
        ("007.0", "7.0"),
        ("999999999999999999", "999999999999999999"),
        ("999999999999999999.9999999999", "999999999999999999.9999999999"),
        ("0.0000000000000000000000000000000001", "1E-34"),
        ("12345678.12345678901234567890", "12345678.12345678901234567890"),
        ("1.000000000000000000000000000000000000", "1.000000000000000000000000000000000000"),
        (f"-0.{'0' * 60}1", "-1E-61"),
        (f"{'0' * 63}7", "7"),
        (3, "3"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (1.10, "1.1"),
        (-2.5, "-2.5"),
        (1e-7, "1E-7"),
        (1e17, "1E+17"),
    ],
)
def test_decimals_keep_what_was_written(given: float | str, text: str) -> None:
    assert str(parse_request(request(QUANTITY, given)).portfolio_snapshot.positions[0].quantity) == text


def test_an_exponent_is_a_number_not_a_text() -> None:
    body = request(QUANTITY, "@").replace(b'"@"', b"1.5e3")
    assert parse_request(body).portfolio_snapshot.positions[0].quantity == Decimal("1500.0")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("", "decimal_parsing"),
        (" 1", "decimal_parsing"),
        ("1 ", "decimal_parsing"),
        ("1\n", "decimal_parsing"),
        ("+1", "decimal_parsing"),
        (".5", "decimal_parsing"),
        ("1.", "decimal_parsing"),
        ("1e3", "decimal_parsing"),
        ("1_000", "decimal_parsing"),
        ("1,5", "decimal_parsing"),
        ("0x1", "decimal_parsing"),
        ("\u0661", "decimal_parsing"),
        ("--1", "decimal_parsing"),
        ("NaN", "finite_number"),
        ("-Infinity", "finite_number"),
        ("1000000000000000000", "decimal_max_digits"),
        ("1.0000000000000000000000000001", "decimal_max_digits"),
        ("123456789.12345678901234567891", "decimal_max_digits"),
        (f"-0.{'0' * 61}1", "string_too_long"),
        (f"{'0' * 64}7", "string_too_long"),
        ("1" * 1_000_000, "string_too_long"),
        (10**18, "less_than"),
        (1e18, "less_than"),
        (True, "decimal_type"),
        (None, "decimal_type"),
        ([], "decimal_type"),
        ({}, "decimal_type"),
        (MISSING, "missing"),
    ],
)
def test_other_texts_are_no_decimals(given: Any, kind: str) -> None:
    assert refusal(QUANTITY, given) == (f"body.{QUANTITY}", kind)


@pytest.mark.parametrize(
    ("path", "given", "kind"),
    [
        (PRICE, "-0.01", "greater_than_equal"),
        (PRICE, -1, "greater_than_equal"),
        ("market_data_snapshot.fx_rates.0.rate", "-1", "greater_than_equal"),
        (WEIGHT, "-0.1", "greater_than_equal"),
        (WEIGHT, "1.0000000001", "less_than_equal"),
        (WEIGHT, 1.1, "less_than_equal"),
        ("options.single_position_max_weight", "2", "less_than_equal"),
        ("options.min_cash_buffer_pct", "-0.01", "greater_than_equal"),
        ("options.fx_buffer_pct", "1.01", "less_than_equal"),
        ("options.cash_band_min_weight", "-1", "greater_than_equal"),
        ("options.cash_band_max_weight", "1.5", "less_than_equal"),
        ("options.max_turnover_pct", "1.5", "less_than_equal"),
        ("options.max_realized_capital_gains", "-1", "greater_than_equal"),
        ("options.compare_target_methods_tolerance", "-1", "greater_than_equal"),
        ("options.settlement_horizon_days", 11, "less_than_equal"),
        ("options.fx_settlement_days", -1, "greater_than_equal"),
        ("options.drift_top_contributors_limit", 0, "greater_than_equal"),
        ("shelf_entries.0.settlement_days", 11, "less_than_equal"),
    ],
)
def test_bounds_are_refused_beyond(path: str, given: int | str, kind: str) -> None:
    assert refusal(path, given) == (f"body.{path}", kind)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (PRICE, "0"),
        (WEIGHT, "0"),
        (WEIGHT, "1.000"),
        (WEIGHT, 1),
        ("market_data_snapshot.fx_rates.0.rate", "0"),
        ("options.max_turnover_pct", "0"),
        ("options.settlement_horizon_days", 10),
        ("portfolio_snapshot.cash_balances.0.amount", "-100"),
        (QUANTITY, "-3.5"),
    ],
)
def test_bounds_themselves_and_short_positions_are_accepted(path: str, given: str) -> None:
    parse_request(request(path, given))


def test_a_cash_band_upside_down_is_for_the_solver_to_explain() -> None:
    options = parse_options({"cash_band_min_weight": "0.5", "cash_band_max_weight": "0.2"})
    assert options.cash_band_min_weight > options.cash_band_max_weight


@pytest.mark.parametrize("path", ["options.min_trade_notional", "shelf_entries.0.min_notional"])
def test_thresholds_are_not_negative(path: str) -> None:
    assert refusal(path, {"amount": "-1", "currency": "USD"}) == (f"body.{path}.amount", "greater_than_equal")


@pytest.mark.parametrize(("given", "days"), [(3, 3), (3.0, 3), ("3", 3), ("3.0", 3), (True, 1), (False, 0)])
def test_integers_are_read_laxly(given: float, days: int) -> None:
    assert parse_options({"settlement_horizon_days": given}).settlement_horizon_days == days


@pytest.mark.parametrize("given", [2.5, "2.5", "", "two", "1e0", None, []])
def test_other_values_are_no_integers(given: float | list[Any] | str) -> None:
    place, kind = refusal("options.settlement_horizon_days", given)
    assert place == "body.options.settlement_horizon_days"
    assert kind.startswith("int_")


@pytest.mark.parametrize(
    ("given", "flag"),
    [(True, True), (1, True), (1.0, True), (0, False), (0.0, False)]
    + [(word, True) for word in ("true", "True", "YES", "on", "t", "y", "1")]
    + [(word, False) for word in ("false", "No", "OFF", "f", "n", "0")],
)
def test_booleans_are_read_laxly(given: int | str, flag: bool) -> None:
    assert parse_options({"allow_restricted": given}).allow_restricted is flag


@pytest.mark.parametrize("given", [2, 0.5, "", " true", "ja", None, []])
def test_other_values_are_no_booleans(given: float | list[Any]) -> None:
    place, kind = refusal("options.allow_restricted", given)
    assert (place, kind[:5]) == ("body.options.allow_restricted", "bool_")


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("shelf_entries.0.status", "approved"),
        ("shelf_entries.0.status", "UNKNOWN"),
        ("shelf_entries.0.liquidity_tier", "L6"),
        ("options.valuation_mode", "trust_snapshot"),
        ("options.target_method", ""),
    ],
)
def test_enumerations_are_case_sensitive(path: str, given: str) -> None:
    assert refusal(path, given) == (f"body.{path}", "enum")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"max_turnover": "0.1"}, "max_turnover"),
        ({"min_trade_notional": {"amount": "1", "currency": "USD", "ccy": "USD"}}, "min_trade_notional.ccy"),
        ({"group_constraints": {"s:T": {"max_weight": "1", "min_weight": "0"}}}, "group_constraints.s:T.min_weight"),
        ({"suitability_thresholds": {"issuer_max": "0.1"}}, "suitability_thresholds.issuer_max"),
    ],
)
def test_an_unknown_option_is_refused_at_any_depth(given: dict[str, Any], place: str) -> None:
    assert refusal("options", given) == (f"body.options.{place}", "extra_forbidden")


@pytest.mark.parametrize(
    "path",
    [
        "unknown",
        "portfolio_snapshot.unknown",
        "portfolio_snapshot.positions.0.unknown",
        "market_data_snapshot.prices.0.unknown",
        "shelf_entries.0.x",
    ],
)
def test_unknown_members_elsewhere_are_ignored(path: str) -> None:
    assert parse_request(request(path, {"any": ["thing"]})) == parse_request(json.dumps(base()).encode())


@pytest.mark.parametrize("path", ["portfolio_snapshot", "market_data_snapshot", "model_portfolio", "shelf_entries", "options"])
def test_the_five_parts_are_required_and_not_null(path: str) -> None:
    assert refusal(path, MISSING) == (f"body.{path}", "missing")
    assert refusal(path, None)[0] == f"body.{path}"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1,]", b'{"unknown": NaN}', b'{"unknown": -Infinity}'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    (found,) = violations(body)
    assert (found.loc, found.type) == (("body",), "json_invalid")


@pytest.mark.parametrize(
    ("path", "row", "member"),
    [
        ("portfolio_snapshot.positions", {"instrument_id": "A", "quantity": "1"}, "instrument_id"),
        ("portfolio_snapshot.cash_balances", {"currency": "USD", "amount": "1"}, "currency"),
        ("market_data_snapshot.prices", {"instrument_id": "A", "price": "1", "currency": "EUR"}, "instrument_id"),
        ("market_data_snapshot.fx_rates", {"pair": "EUR/USD", "rate": "3"}, "pair"),
        ("model_portfolio.targets", {"instrument_id": "A", "weight": "0"}, "instrument_id"),
        ("shelf_entries", {"instrument_id": "A", "status": "BANNED"}, "instrument_id"),
    ],
)
def test_a_row_that_stands_twice_is_refused_with_both_places(path: str, row: dict[str, Any], member: str) -> None:
    (found,) = violations(request(f"{path}.1", row))
    place = ("body", *path.split("."))
    assert (found.type, found.loc, found.other_loc) == ("duplicate", (*place, 0, member), (*place, 1, member))
    assert found.as_json()["other_loc"] == [*place, 1, member]


def test_an_inverse_pair_is_no_duplicate() -> None:
    parse_request(request("market_data_snapshot.fx_rates.1", {"pair": "USD/EUR", "rate": "0.5"}))


def lot(lot_id: str, quantity: str, **changes: Any) -> dict[str, Any]:
    return {
        "lot_id": lot_id,
        "quantity": quantity,
        "unit_cost": {"amount": "1", "currency": "USD"},
        "purchase_date": "2024-01-01",
    } | changes


LOTS = "portfolio_snapshot.positions.0.lots"


def test_lots_are_bounded_and_unlike() -> None:
    assert refusal(LOTS, [lot("a", "-1"), lot("b", "11")])[1] == "greater_than_equal"
    negative_cost = lot("a", "10", unit_cost={"amount": "-1", "currency": "USD"})
    assert refusal(LOTS, [negative_cost]) == (f"body.{LOTS}.0.unit_cost.amount", "greater_than_equal")
    (found,) = violations(request(LOTS, [lot("a", "4"), lot("a", "6")]))
    assert (found.type, found.loc[-3:], (found.other_loc or ())[-3:]) == ("duplicate", ("lots", 0, "lot_id"), ("lots", 1, "lot_id"))
    assert refusal(LOTS, [lot(str(i), "0") for i in range(1001)])[1] == "too_long"


def test_no_list_has_more_than_ten_thousand_rows() -> None:
    rows = [{"instrument_id": str(i), "status": "APPROVED"} for i in range(10_001)]
    assert refusal("shelf_entries", rows) == ("body.shelf_entries", "too_long")
    assert len(parse_request(request("shelf_entries", rows[1:])).shelf_entries) == 10_000


@pytest.mark.parametrize("key", ["sector", ":T", "sector:", "a:b:c", ":", ""])
def test_a_group_key_names_attribute_and_value(key: str) -> None:
    assert refusal("options.group_constraints", {key: {"max_weight": "1"}}) == ("body.options.group_constraints", "value_error")


def test_overdrafts_have_a_currency_and_are_not_negative() -> None:
    assert refusal("options.max_overdraft_by_ccy", {"USD": "-1"})[1] == "greater_than_equal"
    assert refusal("options.max_overdraft_by_ccy", {"": "1"})[1] == "string_too_short"


def test_a_hundred_violations_are_reported_and_none_repeats_the_input() -> None:
    rows = [{"instrument_id": "", "weight": "secret"} for _ in range(200)]
    found = violations(request("model_portfolio.targets", rows))
    assert len(found) == 100
    assert "secret" not in json.dumps([one.as_json() for one in found])


def test_options_on_their_own_are_refused_in_declaration_order() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_options({"fx_settlement_days": 11, "valuation_mode": "X", "fx_buffer_pct": "2"})
    assert [found.loc for found in refused.value.violations] == [("valuation_mode",), ("fx_buffer_pct",), ("fx_settlement_days",)]
