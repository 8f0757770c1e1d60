"""The models of results and artifacts of proposals say exactly what is rendered: members, order, texts."""

import json
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.contracts.results import diagnostics as of_a_run
from engine.contracts.results import document, state
from engine.contracts.results.advisory import artifact as whole
from engine.contracts.results.advisory import diagnostics, drift, intents, orders, suitability, summary
from engine.contracts.results.advisory import document as result
from engine.contracts.results.advisory.artifact import PROPOSAL_ARTIFACT
from engine.contracts.results.advisory.document import PROPOSAL_RESULT
from tests.engine.advisory.artifacts import V1, Json, body, buy, composed, decided, prices, sell, shelf

MODELS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": one
    for module in (whole, diagnostics, drift, intents, orders, suitability, summary, result)
    for name, one in vars(module).items()
    if isinstance(one, type) and is_dataclass(one) and one.__module__ == module.__name__
}
SHARED = {one for module in (document, state, of_a_run) for one in vars(module).values() if isinstance(one, type) and is_dataclass(one)}
MEMBERS = [
    (f"{name}.{field.name}", get_type_hints(model, include_extras=True)[field.name])
    for name, model in MODELS.items()
    for field in fields(model)
]

TOLERANT = {"block_on_missing_prices": False, "block_on_missing_fx": False}
ASKED: dict[str, Json] = {
    "vector": V1,
    "empty": body(),
    "without gates and scanner": body(enable_workflow_gates=False, enable_suitability_scanner=False),
    "blocked": body(cash={"EUR": "5"}, priced=prices(A="10"), offered=shelf("A"), trades=[buy("A", "9"), buy("B", "1")]),
    "short of another currency": body(
        cash={"EUR": "5"}, priced=prices("USD", A="10"), offered=shelf("A"), rates={"USD/EUR": "1"}, trades=[buy("A", "9")]
    ),
    "without rates": body(
        held={"A": "3"},
        cash={"EUR": "5"},
        priced=prices("USD", A="10"),
        offered=shelf("A"),
        trades=[sell("A", "1"), buy("A", "1")],
        **TOLERANT,
    ),
    "without prices": body(held={"A": "3"}, offered=shelf("A"), trades=[buy("A", "1")], **TOLERANT),
    "costs, a bond, a client, a hub": body(
        held={"A": "30"},
        cash={"EUR": "9000", "CHF": "4"},
        priced=[*prices("USD", A="10"), {"instrument_id": "B", "price": "99", "currency": "EUR", "basis": "PERCENT", "accrued": "1"}],
        rates={"USD/CHF": "0.9", "CHF/EUR": "1.05"},
        offered=shelf({"instrument_id": "A", "product_risk": 7, "ongoing_cost_pct": "0.01"}, {"instrument_id": "B", "lot_size": "100"}),
        flows={"EUR": "-20"},
        trades=[buy("A", "5"), {"side": "BUY", "instrument_id": "B", "notional": {"amount": "1050", "currency": "EUR"}}],
        costs={"commission": [{"rate_bps": "10"}], "transaction_tax": [{"rate_bps": "5"}], "fx_spread_bps": "20"},
        cost_disclosure={},
        client_profile={"max_product_risk": 3, "horizon_years": 2},
        fx_hub="CHF",
        conventions="DESK",
    ),
    "known flows and open orders": body(
        held={"A": "30"},
        cash={"EUR": "900"},
        priced=prices(A="10"),
        offered=shelf("A"),
        trades=[sell("A", "50.001"), sell("A", "1")],
        snapshot={
            "cash_flows": [{"currency": "EUR", "amount": "-50", "day": 1}],
            "open_orders": [{"instrument_id": "A", "side": "BUY", "quantity": "2", "settlement_days": 1}],
        },
    ),
    "out of range": body(
        held={"A": "999999999999999999"},
        priced=[{"instrument_id": "A", "price": "999999999999999999", "currency": "EUR", "multiplier": "999999999999999999"}],
        cash={"EUR": "-0.0000000001"},
        offered=shelf("A"),
        cost_disclosure={"service_fee_pct": "1"},
        trades=[sell("A", "0.0000000000000001")],
    ),
}


def ordered(text: bytes) -> list[Any]:
    """The document with objects as lists of pairs, so that the order of members counts."""
    pairs: list[Any] = json.loads(text, object_pairs_hook=list)
    return pairs


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_result_and_its_artifact_are_what_the_models_say(asked: Json) -> None:
    answers: list[tuple[TypeAdapter[Any], bytes]] = [
        (PROPOSAL_RESULT, decided(asked).to_json()),
        (PROPOSAL_ARTIFACT, composed(asked)),
    ]
    for contract, text in answers:
        read = contract.validate_json(text, strict=True)
        assert ordered(contract.dump_json(read, exclude_defaults=True)) == ordered(text)


def test_the_requests_above_meet_every_optional_member() -> None:
    texts = [composed(asked) for asked in ASKED.values()]
    optional = ("costs_and_charges", "accrued_interest", "fx_derived", "known_flows", "unexplained", "severity_change")
    assert all(any(f'"{name}":'.encode() in text for text in texts) for name in optional)
    assert {json.loads(text)["status"] for text in texts} == {"READY", "PENDING_REVIEW", "BLOCKED"}


def test_an_unknown_member_is_refused_and_every_member_must_be_there() -> None:
    made = json.loads(composed(V1))
    places = [
        made,
        made["summary"],
        made["portfolio_impact"]["delta"],
        made["trades_and_funding"]["trade_list"][0],
        made["evidence_bundle"],
    ]
    places += [made["suitability_summary"]["issues"][0], made["evidence_bundle"]["engine_outputs"]["proposal_result"]["drift_analysis"]]
    for one in places:
        for name in list(one):
            value = one.pop(name)
            assert refuses(made), name
            one[name] = value
        one["unknown"] = 1
        assert refuses(made)
        del one["unknown"]
    PROPOSAL_ARTIFACT.validate_json(json.dumps(made), strict=True)


def refuses(made: Json) -> bool:
    try:
        PROPOSAL_ARTIFACT.validate_json(json.dumps(made), strict=True)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(("name", "hint"), MEMBERS, ids=[name for name, _ in MEMBERS])
def test_every_member_has_a_description_and_valid_examples(name: str, hint: Any) -> None:
    del name
    (info,) = [extra for extra in hint.__metadata__ if getattr(extra, "description", None)]
    assert info.description.endswith(".")
    nested = any(one in {*MODELS.values(), *SHARED} for one in (hint.__origin__, *get_args(hint.__origin__)))
    assert info.examples or nested
    for example in info.examples or ():
        TypeAdapter(hint).validate_json(json.dumps(example), strict=True)
