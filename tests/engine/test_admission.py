"""What is refused once options are effective, and the door's rules on lots, orders under way, pairs and lots of trading."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

import engine
from engine.admission import admit
from engine.contracts import InvalidRequest, parse_request
from engine.contracts.packs import parse_pack
from engine.policy_packs import PolicyPack
from tests.engine.books import Json, approved, book, cash, decided, holding, lot, price, refusal, trades

LOT_PLACE = "body.portfolio_snapshot.positions.0"


def scenario_failure(body: Json, options: Json) -> str | None:
    """Why a scenario of these options fails, if it does; another one beside it must not."""
    shared = {name: part for name, part in body.items() if name != "options"}
    batch = orjson.dumps(shared | {"scenarios": {"plain": {"options": {}}, "tried": {"options": options}}})
    answer = orjson.loads(engine.analyze_json(batch, batch_run_id="b", finished_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert "plain" in answer["results"]
    failed: dict[str, str] = answer["failed_scenarios"]
    assert failed.keys() <= {"tried"}
    return failed.get("tried")


@pytest.mark.parametrize(
    "beside", [{"conventions": "DESK"}, {"available_cash": "SETTLED"}, {"fx_policy": "NEED_ONLY"}, {"odd_lot_exit": False}]
)
def test_as_sized_does_not_go_with_what_guards(beside: Json) -> None:
    options = {"funding": "AS_SIZED"} | beside
    assert refusal(book(options=options)) == ("body.options.funding", "FUNDING_REQUIRED")
    assert scenario_failure(book(), options) == "INVALID_OPTIONS: FUNDING_REQUIRED funding"


def test_as_sized_does_not_go_with_lots_of_trading() -> None:
    body = book(prices=[price("A", "10")], shelf=[approved("A", lot_size="100")], options={"funding": "AS_SIZED"})
    assert refusal(body) == ("body.options.funding", "FUNDING_REQUIRED")


@pytest.mark.parametrize("beside", [{}, {"explain": True}, {"dependencies": "COMPLETE"}, {"fx_hub": "USD"}])
def test_as_sized_goes_with_what_guards_nothing(beside: Json) -> None:
    assert decided(book(options={"funding": "AS_SIZED"} | beside))["status"] == "READY"


def test_a_pack_can_make_stated_funding_a_contradiction_and_resolve_it() -> None:
    request = parse_request(orjson.dumps(book(options={"funding": "AS_SIZED"})))

    def shaped(trading: Json) -> Any:
        return PolicyPack("p", parse_pack(orjson.dumps({"version": "1", "trading_policy": trading})), 1).applied_to(request.options)

    with pytest.raises(InvalidRequest, match=r"FUNDING_REQUIRED at body\.options\.funding"):
        admit(request, shaped({"conventions": "DESK"}))
    admit(request, shaped({"conventions": "DESK", "funding": "REDUCE_BUYS"}))


def with_lots(quantity: str, *quantities: str, taxed: bool = True) -> Json:
    lots = [lot(f"l{n}", each, "10") for n, each in enumerate(quantities)]
    return book(
        positions=[holding("A", quantity, lots=lots)],
        prices=[price("A", "10")],
        model={"A": "1"},
        options={"enable_tax_awareness": taxed},
    )


@pytest.mark.parametrize(
    ("quantity", "lots", "warned"),
    [
        ("1000", ["1000.1"], False),  # 0.01 % of 1,000
        ("1000", ["500", "499.9"], False),
        ("1000", ["1000.11"], True),
        ("1000", ["1010"], True),
        ("1000", ["990"], True),
        ("0.5", ["0.5001"], False),  # less than 0.0001 is never doubted
        ("0.5", ["0.5002"], True),
        ("-1000", [], False),
    ],
)
def test_lots_near_their_position_pass_with_a_warning_or_without(quantity: str, lots: list[str], warned: object) -> None:
    warnings = decided(with_lots(quantity, *lots))["diagnostics"]["warnings"]
    assert ("LOT_QUANTITY_MISMATCH_A" in warnings) is warned


@pytest.mark.parametrize(("quantity", "lots"), [("1000", ["1010.01"]), ("1000", ["989.99"]), ("10", ["5"]), ("0", ["0.0002"])])
def test_lots_far_from_their_position_are_refused_with_tax_awareness_only(quantity: str, lots: list[str]) -> None:
    body = with_lots(quantity, *lots)
    assert refusal(body) == (LOT_PLACE, "value_error")
    assert scenario_failure(body, body["options"]) == "INVALID_OPTIONS: value_error portfolio_snapshot.positions.0"
    assert decided(with_lots(quantity, *lots, taxed=False))["diagnostics"]["warnings"] == []


def test_a_pack_that_sells_by_lots_has_them_checked() -> None:
    request = parse_request(orjson.dumps(with_lots("10", "5", taxed=False)))
    pack = PolicyPack("p", parse_pack(b'{"version": "1", "tax_policy": {"enable_tax_awareness": true}}'), 1)
    admit(request, request.options)
    with pytest.raises(InvalidRequest, match=r"value_error at body\.portfolio_snapshot\.positions\.0"):
        admit(request, pack.applied_to(request.options))


def test_warnings_about_lots_come_first_by_id() -> None:
    positions = [holding(name, "1000", lots=[lot("l", "1001", "10")]) for name in ("B", "A")]
    body = book(positions=positions, prices=[price("A", "10"), price("B", "10")], options={"enable_tax_awareness": True})
    assert decided(body)["diagnostics"]["warnings"][:2] == ["LOT_QUANTITY_MISMATCH_A", "LOT_QUANTITY_MISMATCH_B"]


@pytest.mark.parametrize(
    ("lots", "sold", "warnings"),
    [
        ("999.9", "1000", []),  # short of the sale by no more than passes in silence
        ("999.5", "999", ["LOT_QUANTITY_MISMATCH_A", "LOT_QUANTITY_SHORTFALL"]),
    ],
)
def test_lots_short_of_a_sale_limit_it_beyond_what_passes_in_silence(lots: str, sold: str, warnings: list[str]) -> None:
    body = book(positions=[holding("A", "1000", lots=[lot("l", lots, "10")])], prices=[price("A", "10")])
    result = decided(body | {"options": {"enable_tax_awareness": True}})
    assert trades(result) == {"A": ("SELL", sold)}
    assert result["diagnostics"]["warnings"] == warnings


def under_way(*orders: Json, held: str = "100") -> Json:
    return book(positions=[holding("A", held)], prices=[price("A", "10")], portfolio={"open_orders": list(orders)})


def order(side: str, quantity: str, name: str = "A", **members: Any) -> Json:
    return {"instrument_id": name, "side": side, "quantity": quantity, **members}


@pytest.mark.parametrize(
    ("orders", "at"),
    [
        ([order("SELL", "101")], 0),
        ([order("SELL", "60"), order("BUY", "50"), order("SELL", "41")], 2),
        ([order("SELL", "1", name="B")], 0),
    ],
)
def test_more_cannot_be_under_sale_than_is_held(orders: list[Json], at: int) -> None:
    assert refusal(under_way(*orders)) == (f"body.portfolio_snapshot.open_orders.{at}", "OPEN_ORDER_EXCEEDS_HOLDING")


def test_all_that_is_held_may_be_under_sale() -> None:
    parse_request(orjson.dumps(under_way(order("SELL", "60"), order("SELL", "40", order_id="o", settlement_days=0), order("BUY", "7"))))


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [
        ("quantity", "0", "greater_than"),
        ("quantity", "0.000", "greater_than"),
        ("quantity", "-1", "greater_than"),
        ("quantity", 0, "greater_than"),
        ("side", "HOLD", "enum"),
        ("settlement_days", 11, "less_than_equal"),
        ("order_id", "", "string_too_short"),
    ],
)
def test_bounds_of_an_open_order(member: str, value: Any, kind: str) -> None:
    found = refusal(under_way(order("BUY", "1") | {member: value}))
    assert found == (f"body.portfolio_snapshot.open_orders.0.{member}", kind)


@pytest.mark.parametrize("quantity", ["0.0000000000000000000000000001", "999999999999999999.9999999999", "1", "007", "0.50"])
def test_any_quantity_above_zero_is_an_order(quantity: str) -> None:
    parse_request(orjson.dumps(under_way(order("BUY", quantity))))


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [("amount", "0", "value_error"), ("amount", "0.00", "value_error"), ("day", 366, "less_than_equal"), ("day", -1, "greater_than_equal")],
)
def test_bounds_of_a_cash_flow(member: str, value: Any, kind: str) -> None:
    flow = {"currency": "EUR", "amount": "-5", "day": 365} | {member: value}
    assert refusal(book(portfolio={"cash_flows": [flow]})) == (f"body.portfolio_snapshot.cash_flows.0.{member}", kind)


def test_money_that_comes_too_late_is_warned_of_by_currency() -> None:
    days = [("USD", "5", 6), ("EUR", "5", 365), ("EUR", "7", 6), ("GBP", "-5", 365), ("CHF", "5", 5)]
    flows = [{"currency": currency, "amount": amount, "day": day} for currency, amount, day in days]
    body = book(balances=[cash("1")], portfolio={"cash_flows": flows})
    assert decided(body)["diagnostics"]["warnings"][:2] == ["CASH_FLOW_LATER_EUR", "CASH_FLOW_LATER_USD"]
    assert "CASH_FLOW_LATER_CHF" not in decided(body)["diagnostics"]["warnings"]


@pytest.mark.parametrize("pair", ["EURUSD", "/USD", "EUR/", "/", "EUR/USD/CHF", "", "EUR//USD"])
def test_a_pair_is_two_codes_and_a_slash(pair: str) -> None:
    assert refusal(book(rates={pair: "1"})) == ("body.market_data_snapshot.fx_rates.0.pair", "FX_PAIR_FORMAT")


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [
        ("lot_size", "0", "greater_than"),
        ("lot_size", "-1", "greater_than"),
        ("lot_size", "1000000000.1", "less_than_equal"),
        ("lot_size", "0.0000000000001", "decimal_max_places"),
        ("lot_size", 1e-13, "decimal_max_places"),
        ("min_quantity", "-1", "greater_than_equal"),
    ],
)
def test_bounds_of_trading_lots(member: str, value: Any, kind: str) -> None:
    assert refusal(book(prices=[price("A", "1")], shelf=[approved("A", **{member: value})])) == (f"body.shelf_entries.0.{member}", kind)


@pytest.mark.parametrize("value", ["1000000000", "0.000000000001", "0.10000000000000000", None])
def test_trading_lots_within_bounds(value: str | None) -> None:
    parse_request(orjson.dumps(book(prices=[price("A", "1")], shelf=[approved("A", lot_size=value)])))


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [("basis", "PER_MILLE", "enum"), ("accrued", "-1", "greater_than_equal"), ("multiplier", "0", "greater_than")],
)
def test_bounds_of_a_price(member: str, value: Any, kind: str) -> None:
    assert refusal(book(prices=[price("A", "1", **{member: value})])) == (f"body.market_data_snapshot.prices.0.{member}", kind)
