"""Conventions: what they decide, what counts as stated, what a hash sees, which runs are guarded (practice 1, desk 1.3)."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts import EngineOptions, parse_options, parse_request
from engine.contracts.conventions import DEFAULTS, resolved
from engine.conventions import guarded, stated, with_changes
from engine.evidence.canonical import canonical_request, digest, effective_document, options_document
from engine.evidence.recomputation import recorded_request
from engine.market import Shelf
from engine.records.runs import RunDocuments
from tests.engine import published
from tests.engine.guarded_facts import CLASSIC, DESK


def chosen(options: EngineOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in CLASSIC}


def request_hash(options: dict[str, Any]) -> str:
    return digest(canonical_request(parse_request(orjson.dumps(published.SMALL | {"options": options}))))


def test_the_table_has_nine_options() -> None:
    assert list(DEFAULTS) == list(CLASSIC)


@pytest.mark.parametrize(("given", "found"), [({}, CLASSIC), ({"conventions": "CLASSIC"}, CLASSIC), ({"conventions": "DESK"}, DESK)])
def test_conventions_decide_what_is_not_stated(given: dict[str, Any], found: dict[str, Any]) -> None:
    options = parse_options(given)
    assert chosen(options) == found
    assert stated(options) == frozenset()


def test_a_default_of_the_other_conventions_is_stated_and_kept() -> None:
    options = parse_options({"conventions": "DESK", "quantity_rounding": "FLOOR", "explain": True})
    assert chosen(options) == DESK | {"quantity_rounding": "FLOOR"}
    assert stated(options) == {"quantity_rounding"}


def test_no_funding_under_desk_is_the_desks() -> None:
    assert chosen(parse_options({"conventions": "DESK", "funding": None})) == DESK


def test_only_what_is_stated_enters_the_hash() -> None:
    desk = request_hash({"conventions": "DESK"})
    assert request_hash({"conventions": "DESK", "quantity_rounding": "NEAREST_AFFORDABLE", "explain": True}) == desk
    assert request_hash(CLASSIC | {"conventions": "CLASSIC", "mode": "FULL", "directives": [], "cash_reserve": {}}) == request_hash({})
    several: list[dict[str, Any]] = [
        {"conventions": "DESK", "quantity_rounding": "FLOOR"},
        {"quantity_rounding": "NEAREST_AFFORDABLE"},
        {"explain": True},
    ]
    assert len({desk, request_hash({}), *map(request_hash, several)}) == 2 + len(several)


def test_a_stated_option_is_written_and_a_default_is_not() -> None:
    document = options_document(parse_options({"conventions": "DESK", "money_rounding": "UNROUNDED", "fx_policy": "NEED_ONLY"}))
    assert {name: document[name] for name in [*CLASSIC, "conventions"] if name in document} == {
        "conventions": "DESK",
        "money_rounding": "UNROUNDED",
    }


def test_effective_options_spell_the_desk_out() -> None:
    effective = effective_document(parse_options({"conventions": "DESK", "money_rounding": "UNROUNDED"}))
    assert {name: effective[name] for name in CLASSIC} == DESK | {"money_rounding": "UNROUNDED"}
    assert CLASSIC.keys().isdisjoint(effective_document(parse_options({"conventions": "CLASSIC"})))
    assert effective_document(parse_options({"explain": True}))["explain"] is True


choices = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from([CLASSIC[name], DESK[name]]) for name in CLASSIC if name != "funding"}
    | {"conventions": st.sampled_from(["CLASSIC", "DESK"]), "funding": st.sampled_from([None, "REDUCE_BUYS"])},
)


@given(choices)
def test_recorded_options_are_read_back_as_they_were(given: dict[str, Any]) -> None:
    request = parse_request(orjson.dumps(published.SMALL | {"options": given}))
    text, options = canonical_request(request), orjson.dumps(effective_document(request.options))
    assert recorded_request(RunDocuments(b"{}", text, options)).options == request.options
    assert parse_request(text) == request
    assert resolved(orjson.loads(text)["options"]) == effective_document(request.options)


@pytest.mark.parametrize(
    ("asked", "changes", "differs"),
    [
        ({}, {"conventions": "DESK"}, DESK),
        ({"explain": False, "funding": "AS_SIZED"}, {"conventions": "DESK"}, DESK | {"funding": "AS_SIZED"}),
        ({"explain": True}, {"conventions": "DESK", "fx_policy": "SWEEP_ALL"}, DESK | {"fx_policy": "SWEEP_ALL"}),
        ({"conventions": "DESK"}, {"conventions": "CLASSIC"}, CLASSIC),
        (
            {"conventions": "DESK", "turnover_policy": "GREEDY", "money_rounding": "UNROUNDED"},
            {"turnover_policy": "FUNDED"},
            DESK | {"money_rounding": "UNROUNDED"},
        ),
        ({"quantity_rounding": "NEAREST_AFFORDABLE"}, {"quantity_rounding": "FLOOR"}, CLASSIC),
    ],
)
def test_the_pack_wins_then_what_is_stated_then_the_conventions(
    asked: dict[str, Any], changes: dict[str, Any], differs: dict[str, Any]
) -> None:
    assert chosen(with_changes(parse_options(asked), changes)) == differs


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, False),
        ({"explain": True}, False),
        ({"dependencies": "COMPLETE", "unavailable_weight": "REDISTRIBUTE", "exits_below_minimum": "SELL"}, False),
        ({"fx_hub": "USD", "max_distance_after": "0.1", "plausibility": {"enabled": False}}, False),
        ({"funding": "AS_SIZED"}, False),
        ({"funding": "REDUCE_BUYS"}, True),
        ({"conventions": "DESK"}, True),
        ({"cash_reserve": {"EUR": "0"}}, True),
        ({"available_cash": "SETTLED"}, True),
        ({"quantity_rounding": "NEAREST_AFFORDABLE"}, True),
        ({"odd_lot_exit": False}, True),
        ({"money_rounding": "MINOR_UNITS"}, True),
        ({"fx_min_deal": {"amount": "0", "currency": "EUR"}}, True),
        ({"turnover_policy": "FUNDED"}, True),
        ({"fx_policy": "NEED_ONLY"}, True),
    ],
)
def test_which_options_guard_a_run(options: dict[str, Any], expected: object) -> None:
    assert guarded(parse_options(options), Shelf.of([])) is expected


@pytest.mark.parametrize(("member", "value"), [("lot_size", "1"), ("min_quantity", "0")])
def test_lots_and_minima_on_the_shelf_guard_a_run(member: str, value: str) -> None:
    shelf = published.SMALL["shelf_entries"][0] | {member: value}
    entries = parse_request(orjson.dumps(published.SMALL | {"shelf_entries": [shelf]})).shelf_entries
    assert guarded(EngineOptions(), Shelf.of(entries))
    assert not guarded(parse_options({"funding": "AS_SIZED"}), Shelf.of(entries))


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"mode": "RAISE_CASH"}, "mode"),
        ({"mode": None}, "mode"),
        ({"raise_cash": {"amount": {"amount": "1", "currency": "EUR"}}}, "raise_cash"),
        ({"drift_bands": {}}, "drift_bands"),
        ({"directives": [{}]}, "directives"),
        ({"costs": {}}, "costs"),
        ({"max_cost_ratio": "0.1"}, "max_cost_ratio"),
        ({"plausibility": {"max_order_wieght": "1"}}, "plausibility.max_order_wieght"),
    ],
)
def test_what_is_not_built_is_refused_as_unknown(options: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=f"^extra_forbidden at {place}$"):
        parse_options(options)


def test_what_is_not_built_is_accepted_at_its_default() -> None:
    given: dict[str, Any] = {
        "mode": "FULL",
        "raise_cash": None,
        "drift_bands": None,
        "directives": [],
        "costs": None,
        "max_cost_ratio": None,
    }
    assert parse_options(given) == EngineOptions()


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        ({"quantity_rounding": None}, "enum at quantity_rounding"),
        ({"explain": None}, "bool_type at explain"),
        ({"conventions": "desk"}, "enum at conventions"),
        ({"cash_reserve": {"EUR": "-1"}}, "greater_than_equal at cash_reserve.EUR"),
        ({"fx_min_deal": {"amount": "-1", "currency": "EUR"}}, "greater_than_equal at fx_min_deal.amount"),
        ({"max_distance_after": "1.1"}, "less_than_equal at max_distance_after"),
        ({"fx_hub": ""}, "string_too_short at fx_hub"),
        ({"plausibility": {"fx_tolerance": "-0.1"}}, "greater_than_equal at plausibility.fx_tolerance"),
        ({"plausibility": {"max_market_data_age_days": -1}}, "greater_than_equal at plausibility.max_market_data_age_days"),
        ({"plausibility": {"accept": ["MODEL_FULL"]}}, "enum at plausibility.accept.0"),
    ],
)
def test_bounds_of_the_new_options(options: dict[str, Any], refused: str) -> None:
    with pytest.raises(ValueError, match=f"^{refused}$"):
        parse_options(options)


def test_a_given_plausibility_is_written_with_all_its_members() -> None:
    document = options_document(parse_options({"plausibility": {"accept": ["VALUE_MISMATCH"]}}))
    assert document["plausibility"] == {
        "enabled": True,
        "max_order_weight": "1",
        "min_model_weight": "0.5",
        "value_tolerance": "0.2",
        "fx_tolerance": "0.01",
        "max_market_data_age_days": 7,
        "accept": ["VALUE_MISMATCH"],
    }
