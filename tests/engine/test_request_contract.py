"""What a partner reads of a request and of a policy pack: every member says what it means, with examples that are valid."""

import json
from typing import Any, Final, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter
from pydantic.dataclasses import is_pydantic_dataclass

from engine.contracts import limits, market_data, options, packs, plausibility, requests, shelf, snapshots
from engine.contracts.conventions import DEFAULTS
from engine.contracts.options.rebalance import EngineOptions
from engine.contracts.received.rows import Row

MODELS: Final = {
    name: one
    for module in (requests, snapshots, market_data, shelf, options, limits, plausibility, packs)
    for name, one in vars(module).items()
    if isinstance(one, type) and (is_pydantic_dataclass(one) or (issubclass(one, Row) and one is not Row))
}
MEMBERS: Final = [
    (f"{name}.{member}", hint)
    for name, model in MODELS.items()
    for member, hint in (model.declared if issubclass(model, Row) else get_type_hints(model, include_extras=True)).items()
]
OPTIONS: Final = TypeAdapter(EngineOptions).json_schema()["properties"]


@pytest.mark.parametrize(("name", "hint"), MEMBERS, ids=[name for name, _ in MEMBERS])
def test_every_member_has_a_description_and_valid_examples(name: str, hint: Any) -> None:
    del name
    (info,) = [extra for extra in hint.__metadata__ if getattr(extra, "description", None)]
    assert info.description.endswith(".")
    parts = (hint.__origin__, *get_args(hint.__origin__))
    assert info.examples or any(one in MODELS.values() for one in parts)
    for example in info.examples or ():
        TypeAdapter(hint).validate_json(json.dumps(example))


@pytest.mark.parametrize("name", DEFAULTS)
def test_an_option_that_conventions_decide_names_both_defaults(name: str) -> None:
    default = DEFAULTS[name]
    told = OPTIONS[name]
    assert told["default"] == default.classic
    assert f"{json.dumps(default.classic)} under CLASSIC" in told["description"]
    assert f"{json.dumps(default.desk)} under DESK" in told["description"]
