"""The result models say exactly what the engine renders: members, order, texts."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

import engine
from engine.contracts.results import diagnostics, document, plan, state, targets
from engine.contracts.results.advisory.document import PROPOSAL_RESULT
from engine.contracts.results.document import RESULT
from tests.golden.scenarios import Scenario, scenarios
from tests.support.hostile_requests import hostile_request

SCENARIOS = {scenario.name: scenario for scenario in scenarios()}
MODELS = {
    name: one
    for module in (document, diagnostics, plan, state, targets)
    for name, one in vars(module).items()
    if isinstance(one, type) and is_dataclass(one)
}
MEMBERS = [
    (f"{name}.{field.name}", get_type_hints(model, include_extras=True)[field.name])
    for name, model in MODELS.items()
    for field in fields(model)
]
FULL_RESULT = SCENARIOS["cash_buffer"]


def ordered(text: bytes) -> list[Any]:
    """The document with objects as lists of pairs, so that the order of members counts."""
    pairs: list[Any] = json.loads(text, object_pairs_hook=list)
    return pairs


def assert_described(text: bytes, contract: TypeAdapter[Any] = RESULT) -> None:
    result = contract.validate_json(text, strict=True)
    assert ordered(contract.dump_json(result, exclude_defaults=True)) == ordered(text)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_golden_result_is_what_the_models_say(scenario: Scenario) -> None:
    assert_described(scenario.decide(), PROPOSAL_RESULT if scenario.proposed else RESULT)


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_any_result_is_what_the_models_say(first: int) -> None:
    for seed in range(first, first + 100):
        assert_described(engine.simulate_json(orjson.dumps(hostile_request(seed)), run_id="rr_1", correlation_id="c_1"))


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(inner)


FREE_MAPS = ("threshold", "details", "recipients", "allocation_by_attribute")


def refuses(document: dict[str, Any]) -> bool:
    with pytest.raises(ValidationError):
        RESULT.validate_json(json.dumps(document), strict=True)
    return True


def test_an_unknown_member_is_refused_everywhere() -> None:
    document = json.loads(FULL_RESULT.decide())
    free = [id(owner[name]) for owner in objects(document) for name in FREE_MAPS if name in owner]
    closed = [one for one in objects(document) if id(one) not in free]
    assert len(closed) > 40
    for one in closed:
        one["unknown"] = "1"
        assert refuses(document)
        del one["unknown"]


def test_every_member_must_be_there() -> None:
    document = json.loads(FULL_RESULT.decide())
    for one in [document, *document["intents"], document["before"], document["diagnostics"], document["lineage"]]:
        for name in list(one):
            value = one.pop(name)
            assert refuses(document)
            one[name] = value


@pytest.mark.parametrize("value", [1, 1.5, None, True, "", "1,5", "NaN", "Infinity", "+1", ".5", "1."])
def test_a_decimal_is_a_string_of_digits(value: float | str) -> None:
    document = json.loads(FULL_RESULT.decide())
    document["intents"][0]["quantity"] = value
    assert refuses(document)


@pytest.mark.parametrize("value", ["0", "0.5", "0.50000", "1E+3"])
def test_a_shown_weight_has_four_decimals(value: str) -> None:
    document = json.loads(FULL_RESULT.decide())
    document["after_simulated"]["positions"][0]["weight"] = value
    assert refuses(document)


@pytest.mark.parametrize(("name", "hint"), MEMBERS, ids=[name for name, _ in MEMBERS])
def test_every_member_has_a_description_and_valid_examples(name: str, hint: Any) -> None:
    del name
    (info,) = [extra for extra in hint.__metadata__ if getattr(extra, "description", None)]
    assert info.description.endswith(".")
    nested = any(one in MODELS.values() for one in (hint.__origin__, *get_args(hint.__origin__)))
    assert info.examples or nested
    for example in info.examples or ():
        TypeAdapter(hint).validate_json(json.dumps(example), strict=True)
