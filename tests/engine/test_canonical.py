"""Canonical text and digest: the published vectors, and what is and is not part of a request's identity."""

import json
from typing import Any

import pytest

from engine.contracts import parse_request
from engine.evidence.canonical import canonical, canonical_request, digest, without

REQUEST: dict[str, Any] = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "USD", "cash_balances": [{"currency": "USD", "amount": "1000"}]},
    "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "USD"}]},
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.5"}]},
    "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
    "options": {},
}
PUBLISHED = "sha256:1f74f7856469d251bf7874ee48fbffbf0321336b79ffb6ac03463d96d02020ec"


def request_hash(**changes: Any) -> str:
    body = json.dumps(REQUEST | changes).encode()
    return digest(canonical_request(parse_request(body)))


def test_an_integer_of_more_than_64_bits_is_written_with_all_its_digits() -> None:
    document = {"é": -473601397838426610134417408, "a": {"z": 1, "y": None}}
    assert canonical(document) == b'{"a":{"y":null,"z":1},"\\u00e9":-473601397838426610134417408}'


def test_a_request_with_such_an_integer_is_written_as_with_any_other() -> None:
    few, many = (
        canonical_request(parse_request(json.dumps(REQUEST | {"options": {"plausibility": {"max_market_data_age_days": days}}}).encode()))
        for days in (12_345, 2**64)
    )
    assert many == few.replace(b"12345", b"18446744073709551616")


def test_the_published_document() -> None:
    text = canonical({"portfolio_id": "pf_é", "n": None, "b": [1, "0.10", True], "a": {"z": "1", "y": "2"}})
    assert text == rb'{"a":{"y":"2","z":"1"},"b":[1,"0.10",true],"n":null,"portfolio_id":"pf_\u00e9"}'
    assert digest(text) == "sha256:e51969c086310443f11037adec03da471a0bd5c4762ac46fc1e615cb9f0a6c3a"


def test_the_published_request() -> None:
    text = canonical_request(parse_request(json.dumps(REQUEST).encode())).decode()
    assert text.startswith(
        '{"market_data_snapshot":{"fx_rates":[],"prices":[{"currency":"USD","instrument_id":"A","price":"10"}],"snapshot_id":null},'
        '"model_portfolio":{"targets":[{"instrument_id":"A","weight":"0.5"}]},"options":{"allow_restricted":false,'
    )
    assert digest(text.encode()) == PUBLISHED


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"b": 1, "B": 2, "_": 3, "a": 4}, b'{"B":2,"_":3,"a":4,"b":1}'),
        ({"é": "\U0001f600"}, rb'{"\u00e9":"\ud83d\ude00"}'),
        ({"\uffff": 1, "\U00010000": 2}, rb'{"\uffff":1,"\ud800\udc00":2}'),
        ({"a": '"\\\n\x7f/'}, b'{"a":"\\"\\\\\\n\x7f/"}'),
        ([3, 1, 2], b"[3,1,2]"),
        ({"a": None, "b": False}, b'{"a":null,"b":false}'),
    ],
)
def test_keys_by_code_point_no_blanks_escapes_and_given_list_order(document: dict[str, Any], text: bytes) -> None:
    assert canonical(document) == text


def test_names_are_removed_at_any_depth() -> None:
    document = {"a": 1, "hash": "x", "b": [{"hash": "y", "c": {"hash": {"hash": 1}, "d": 2}}]}
    assert without(document, "hash") == {"a": 1, "b": [{"c": {"d": 2}}]}
    assert document["hash"] == "x"


@pytest.mark.parametrize(
    "changes",
    [
        {"options": {"max_turnover_pct": None}},
        {"options": {"min_cash_buffer_pct": "0.0", "valuation_mode": "CALCULATED", "group_constraints": {}}},
        {"options": {"suitability_thresholds": {"max_weight_by_liquidity_tier": {"L4": "0.10", "L5": "0.05"}}}},
        {"model_portfolio": {"targets": [{"weight": 0.5, "instrument_id": "A"}], "unknown": 1}},
        {"market_data_snapshot": {"prices": [{"instrument_id": "A", "price": 10, "currency": "USD"}], "as_of": None}},
        {"shelf_entries": [{"instrument_id": "A", "status": "APPROVED", "settlement_days": "2", "asset_class": "UNKNOWN"}]},
    ],
)
def test_defaults_unknown_members_and_notation_do_not_change_the_hash(changes: dict[str, Any]) -> None:
    assert request_hash(**changes) == PUBLISHED


@pytest.mark.parametrize(
    "changes",
    [
        {"options": {"max_turnover_pct": "1"}},
        {"options": {"min_cash_buffer_pct": "0.00"}},
        {"model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.50"}]}},
        {"market_data_snapshot": {"prices": [{"instrument_id": "A", "price": 10.0, "currency": "USD"}]}},
        {"market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "USD"}], "as_of": "2026-03-31"}},
        {"portfolio_snapshot": REQUEST["portfolio_snapshot"] | {"snapshot_id": "ps_1"}},
    ],
)
def test_scale_values_and_given_moments_change_the_hash(changes: dict[str, Any]) -> None:
    assert request_hash(**changes) != PUBLISHED


def test_the_order_of_rows_changes_the_hash() -> None:
    rows = [{"instrument_id": "A", "status": "APPROVED"}, {"instrument_id": "B", "status": "BANNED"}]
    assert request_hash(shelf_entries=rows) != request_hash(shelf_entries=rows[::-1])
