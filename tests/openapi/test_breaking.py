"""What breaks callers, and what does not: pairs of small documents, and what is told of each."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra.openapi.__main__ import main
from infra.openapi.breaking import breaks, contract
from infra.openapi.document import RELEASED, document
from infra.openapi.narrowing import Break

ORDER: Any = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "maxLength": 10},
        "side": {"type": "string", "enum": ["BUY", "SELL"]},
        "weight": {"anyOf": [{"type": "string", "pattern": "^[0-9]$"}, {"type": "number", "minimum": 0, "maximum": 1}]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["id"],
}


def api(**changes: Any) -> Any:
    """A document of one call, `POST /orders`."""
    operation = {
        "parameters": [{"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "maximum": 200}}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Sent"}}}},
        "responses": {
            "200": {
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}},
            }
        },
        "x-required-scopes": ["read", "write"],
    }
    whole = {"paths": {"/orders": {"post": operation}}, "components": {"schemas": {"Sent": deepcopy(ORDER), "Told": deepcopy(ORDER)}}}
    for place, value in changes.items():
        put(whole, place.split("__"), value)
    return whole


def put(whole: Any, names: list[str], value: Any) -> None:
    """A change below the call, or below one of its two schemas: `sent__properties__id`. `...` takes a member out."""
    start = {"sent": whole["components"]["schemas"]["Sent"], "told": whole["components"]["schemas"]["Told"]}
    part = start.get(names[0], whole["paths"]["/orders"]["post"])
    if names[0] in start:
        names = names[1:]
    for name in names[:-1]:
        part = part[int(name) if isinstance(part, list) else name]
    if value is ...:
        del part[names[-1]]
    else:
        part[names[-1]] = value


def test_nothing_breaks_what_stays_as_it_is() -> None:
    assert breaks(api(), api()) == []


ADDED_PARAMETER = {"name": "filter", "in": "query", "required": False, "schema": {"type": "string"}}


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": [*api()["paths"]["/orders"]["post"]["parameters"], ADDED_PARAMETER]},
        {"parameters__0__schema__maximum": 500},
        {"sent__properties__new": {"type": "string"}},
        {"sent__required": []},
        {"sent__properties__side__enum": ["BUY", "SELL", "SHORT"]},
        {"sent__properties__id": {"type": "string", "maxLength": 20}},
        {"sent__properties__id": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        {"told__properties__new": {"type": "string"}},
        {"told__required": ["id", "side"]},
        {"told__properties__side__enum": ["BUY", "SELL", "SHORT"]},
        {"told__properties__note": {"type": "string"}},
        {"told__properties__id__maxLength": 5},
        {"x-required-scopes": ["read", "write", "admin"]},
        {"x-required-scopes": []},
        {"responses__200__headers__Link": {"schema": {"type": "string"}}},
        {"responses__409": {"content": {}}},
    ],
    ids=str,
)
def test_callers_do_not_notice(change: dict[str, Any]) -> None:
    assert breaks(api(), api(**change)) == []


@pytest.mark.parametrize(
    ("change", "place", "what"),
    [
        ({"parameters": []}, "query limit", "is not read any more"),
        ({"parameters__0__required": True}, "query limit", "is required now"),
        ({"parameters__0__schema__maximum": 100}, "query limit", "has a maximum of 100 now"),
        ({"parameters__0__schema__minimum": 1}, "query limit", "has a minimum of 1 now"),
        ({"parameters__0__schema__type": "boolean"}, "query limit", "integer is not taken any more"),
        ({"sent__required": ["id", "side"]}, "body.side", "is required now"),
        ({"sent__properties__note": ...}, "body.note", "is not read any more"),
        ({"sent__additionalProperties": False}, "body", "refuses members that it does not know now"),
        ({"sent__properties__side__enum": ["BUY"]}, "body.side", "does not take SELL any more"),
        ({"sent__properties__id__enum": ["a"]}, "body.id", "takes a alone now"),
        ({"sent__properties__id__maxLength": 9}, "body.id", "has a maxLength of 9 now"),
        ({"sent__properties__id__pattern": "^a$"}, "body.id", "must have another pattern now"),
        ({"sent__properties__note": {"type": "string"}}, "body.note", "null is not taken any more"),
        ({"sent__properties__note__pattern": "^a$"}, "body.note", "must have another pattern now"),
        ({"sent__propertyNames": {"pattern": "^a$"}}, "body", "must have another propertyNames now"),
        ({"sent__properties__weight__anyOf__1__maximum": 0.5}, "body.weight", "has a maximum of 0.5 now"),
        ({"sent__properties__weight": {"type": "string", "pattern": "^[0-9]$"}}, "body.weight", "number is not taken any more"),
        ({"told__properties__note": ...}, "200.note", "is gone"),
        ({"told__required": []}, "200.id", "may be absent now"),
        ({"told__properties__id": {"type": "integer"}}, "200.id", "may be integer now"),
        ({"told__properties__id": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "200.id", "may be null now"),
        ({"told__properties__side__enum": ["BUY"]}, "200.side", "is never SELL any more"),
        ({"told__properties__side": {"type": "string"}}, "200.side", "may be any text now"),
        ({"told__properties__weight__anyOf__0__pattern": "^x$"}, "200.weight", "is written otherwise now"),
        ({"responses": {}}, "200", "is never answered any more"),
        ({"responses__200__headers": {}}, "200 header ETag", "is gone"),
        ({"responses__200__content": {"text/html": {"schema": {}}}}, "200", "is never answered as application/json any more"),
        ({"requestBody__content": {"text/csv": {"schema": {}}}}, "body", "application/json is not taken any more"),
        ({"x-required-scopes": ["read"]}, "scopes", "write is not enough any more"),
    ],
    ids=str,
)
def test_callers_would_trip(change: dict[str, Any], place: str, what: str) -> None:
    assert breaks(api(), api(**change)) == [Break("POST /orders", place, what)]


def test_a_call_that_is_gone_or_begins_to_ask_for_something_breaks() -> None:
    assert breaks(api(), {**api(), "paths": {}}) == [Break("POST /orders", "", "is gone")]
    required = {**ADDED_PARAMETER, "required": True}
    assert breaks(api(parameters=[]), api(parameters=[required])) == [Break("POST /orders", "query filter", "is required now")]
    free = api(**{"requestBody": ..., "x-required-scopes": []})
    assert breaks(free, api()) == [
        Break("POST /orders", "body", "is required now"),
        Break("POST /orders", "scopes", "needs a token now"),
    ]


def test_a_kind_of_its_own_is_compared_with_the_nearest_there_was() -> None:
    sold: Any = {"type": "object", "properties": {"kind": {"const": "SELL"}, "lots": {"type": "array", "items": {"type": "string"}}}}
    bought = {"type": "object", "properties": {"kind": {"const": "BUY"}}}
    changed = {**sold, "properties": {**sold["properties"], "lots": {"type": "array", "items": {"type": "integer"}}}}
    old, new = api(told__properties__id={"oneOf": [bought, sold]}), api(told__properties__id={"oneOf": [bought, changed]})
    assert breaks(old, new) == [Break("POST /orders", "200.id.lots.[]", "may be integer now")]
    assert breaks(old, old) == []


def test_what_refers_to_itself_comes_to_an_end() -> None:
    tree = {"type": "array", "items": {"$ref": "#/components/schemas/Sent"}}
    old, new = api(sent__properties__below=tree), api(sent__properties__below=tree, sent__properties__id={"type": "integer"})
    assert breaks(old, new) == [Break("POST /orders", "body.id", "string is not taken any more")]


def test_words_are_no_part_of_the_contract_but_members_may_be_called_so() -> None:
    whole = {
        "info": {"title": "T", "version": "1", "description": "D"},
        "paths": {"/a": {"get": {"summary": "S", "responses": {"200": {"description": "D", "content": {}}}}}},
        "components": {"schemas": {"A": {"description": "D", "properties": {"description": {"type": "string", "examples": ["x"]}}}}},
    }
    assert contract(whole) == {
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"content": {}}}}}},
        "components": {"schemas": {"A": {"properties": {"description": {"type": "string"}}}}},
    }


def test_callers_of_the_last_release_do_not_notice_what_was_done_since() -> None:
    assert breaks(json.loads(RELEASED.read_text(encoding="utf-8")), document()) == []


def test_the_command_tells_in_a_table_what_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older = json.loads(RELEASED.read_text(encoding="utf-8"))
    older["paths"]["/rebalance/older"] = {"get": {"responses": {}}}
    (tmp_path / "older.json").write_text(json.dumps(older))
    assert main(["--against", str(tmp_path / "older.json")]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == ["GET /rebalance/older    is gone"]
    assert main(["--against", str(RELEASED)]) == 0
