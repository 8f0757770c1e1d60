"""Policy packs of release 1.1: what their trading and cash policies make of options, and that nothing shows until it is stated."""

from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Final, get_args

import orjson
import pytest

from engine.contracts import EngineOptions, InvalidRequest, parse_options
from engine.contracts.answers import packs as answers
from engine.contracts.packs import PackContent, PlausibilityPolicy, TradingPolicy, parse_pack
from engine.policy_packs import PolicyPack

Json = dict[str, Any]


def pack(**policies: Json) -> PolicyPack:
    return PolicyPack("p", parse_pack(orjson.dumps({"version": "1"} | policies)), revision=1)


def shaped(options: Json, **policies: Json) -> EngineOptions:
    return pack(**policies).applied_to(parse_options(options))


@pytest.mark.parametrize(
    ("name", "given", "pack_value"),
    [
        ("quantity_rounding", "NEAREST_AFFORDABLE", "FLOOR"),
        ("odd_lot_exit", True, False),
        ("money_rounding", "MINOR_UNITS", "UNROUNDED"),
        ("turnover_policy", "GREEDY", "FUNDED"),
        ("fx_policy", "NEED_ONLY", "SWEEP_ALL"),
        ("dependencies", "LAST_SELL", "COMPLETE"),
        ("unavailable_weight", "CASH", "REDISTRIBUTE"),
        ("exits_below_minimum", "SELL", "SUPPRESS"),
        ("explain", True, False),
        ("fx_hub", "USD", "CHF"),
        ("funding", "AS_SIZED", "REDUCE_BUYS"),
        ("conventions", "CLASSIC", "DESK"),
    ],
)
def test_a_trading_policy_wins_over_the_request(name: str, given: Any, pack_value: Any) -> None:
    assert getattr(shaped({name: given}, trading_policy={name: pack_value}), name) == pack_value
    assert getattr(shaped({name: given}, trading_policy={name: None}), name) == given


def test_a_pack_may_bring_the_desk_and_keeps_what_is_stated() -> None:
    options = shaped({"explain": False, "fx_policy": "NEED_ONLY"}, trading_policy={"conventions": "DESK", "money_rounding": "UNROUNDED"})
    assert (options.explain, options.fx_policy, options.money_rounding) == (True, "NEED_ONLY", "UNROUNDED")
    assert (options.quantity_rounding, options.funding) == ("NEAREST_AFFORDABLE", "REDUCE_BUYS")


def test_a_distance_is_the_packs() -> None:
    assert shaped({"max_distance_after": "0.5"}, trading_policy={"max_distance_after": "0.02"}).max_distance_after == Decimal("0.02")


def test_of_two_thresholds_the_tighter_one_holds() -> None:
    asked = {
        "enabled": False,
        "max_order_weight": "0.3",
        "min_model_weight": "0.9",
        "value_tolerance": "0.5",
        "fx_tolerance": "0.5",
        "max_market_data_age_days": 9,
        "accept": ["MODEL_EMPTY"],
    }
    tighter = {"max_order_weight": "0.5", "min_model_weight": "0.8", "value_tolerance": "0.1", "fx_tolerance": "0.6"}
    found = shaped({"plausibility": asked}, trading_policy={"plausibility": tighter | {"enabled": True, "max_market_data_age_days": 3}})
    doubts = found.plausibility
    assert (doubts.enabled, doubts.accept) == (True, ["MODEL_EMPTY"])
    assert (doubts.max_order_weight, doubts.min_model_weight) == (Decimal("0.3"), Decimal("0.9"))
    assert (doubts.value_tolerance, doubts.fx_tolerance, doubts.max_market_data_age_days) == (Decimal("0.1"), Decimal("0.5"), 3)


def test_a_plausibility_that_states_nothing_changes_nothing() -> None:
    options = parse_options({"plausibility": {"enabled": False}})
    assert pack(trading_policy={"plausibility": {}}).applied_to(options) == options


def test_a_cash_policy_sets_what_may_be_spent() -> None:
    cash = {"available_cash": "SETTLED", "fx_min_deal": {"amount": "100", "currency": "EUR"}, "cash_reserve": {"EUR": "50", "USD": "1"}}
    options = shaped({"cash_reserve": {"EUR": "70", "CHF": "3"}}, cash_policy=cash)
    assert options.available_cash == "SETTLED"
    assert options.fx_min_deal is not None
    assert (options.fx_min_deal.amount, options.fx_min_deal.currency) == (Decimal(100), "EUR")
    assert options.cash_reserve == {"EUR": Decimal(70), "CHF": Decimal(3), "USD": Decimal(1)}


@pytest.mark.parametrize(
    ("policies", "place"),
    [
        ({"trading_policy": {"funding": "AS_SIZED"}}, "literal_error at body.trading_policy.funding"),
        ({"trading_policy": {"plausibility": {"enabled": False}}}, "literal_error at body.trading_policy.plausibility.enabled"),
        (
            {"trading_policy": {"plausibility": {"fx_tolerance": "-1"}}},
            "greater_than_equal at body.trading_policy.plausibility.fx_tolerance",
        ),
        ({"trading_policy": {"quantity_rounding": "UP"}}, "enum at body.trading_policy.quantity_rounding"),
        ({"cash_policy": {"cash_reserve": {"EUR": "-1"}}}, "greater_than_equal at body.cash_policy.cash_reserve.EUR"),
        ({"trading_policy": None}, "model_attributes_type at body.trading_policy"),
    ],
)
def test_what_no_pack_may_hold(policies: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        pack(**policies)
    assert str(refused.value) == place


def test_policies_that_state_nothing_are_not_part_of_a_definition() -> None:
    plain = pack().definition()
    assert plain.keys().isdisjoint({"trading_policy", "cash_policy"})
    assert pack(trading_policy={"explain": None}, cash_policy={"cash_reserve": {}}).definition() == plain


def test_a_stated_policy_is_written_with_all_its_members() -> None:
    definition = pack(trading_policy={"explain": True}, cash_policy={"cash_reserve": {"EUR": "5"}}).definition()
    assert definition["cash_policy"] == {"available_cash": None, "fx_min_deal": None, "cash_reserve": {"EUR": "5"}}
    assert definition["trading_policy"]["explain"] is True
    assert definition["trading_policy"].keys() == {field.name for field in fields(TradingPolicy)}
    assert definition["trading_policy"]["plausibility"] is None


POLICIES: Final = [kind for field in fields(PackContent) if is_dataclass(kind := get_args(field.type)[0])]


@pytest.mark.parametrize("policy", [*POLICIES, PlausibilityPolicy])
def test_what_a_pack_may_state_is_what_is_answered_of_it(policy: Any) -> None:
    answered = getattr(answers, f"DpmPolicyPack{policy.__name__}")
    assert {field.name for field in fields(answered)} == {field.name for field in fields(policy)}
