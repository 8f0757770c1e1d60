"""Everything that the document shows as an example is what it says of it, and what the models take."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.api import CALLS
from infra.openapi.models import REQUESTS
from infra.openapi.operations import FILES
from tests.support.described import committed, valid

COMPONENTS = committed()["components"]
OPERATIONS = {operation["operationId"]: operation for item in committed()["paths"].values() for operation in item.values()}


def found(part: Any) -> Any:
    """What a reference leads to."""
    while "$ref" in part:
        _, kind, name = part["$ref"].rsplit("/", 2)
        part = COMPONENTS[kind][name]
    return part


def shown(content: Any) -> Iterator[Any]:
    for example in content.get("examples", {}).values():
        yield found(example)["value"]


def conventions(document: Any) -> Iterator[str]:
    """Of every object of options in a request."""
    if isinstance(document, dict):
        if "options" in document:
            yield document["options"].get("conventions", "none")
        for name, value in document.items():
            if name != "options":
                yield from conventions(value)


@pytest.mark.parametrize("call_id", REQUESTS)
def test_an_example_of_a_request_is_one_and_follows_the_desks_conventions(call_id: str) -> None:
    content = OPERATIONS[call_id]["requestBody"]["content"]["application/json"]
    requests = list(shown(content))
    assert requests
    for request in requests:
        valid(content["schema"], request)
        REQUESTS[call_id].validate_json(json.dumps(request))
        assert set(conventions(request)) <= {"DESK"}


def wrong(schema: Any, example: Any) -> str:
    """What is wrong with an example; nothing where it is one."""
    try:
        valid(schema, example)
    except AssertionError as found_wrong:
        return str(found_wrong)
    return ""


def test_an_example_of_an_answer_is_what_its_schema_says() -> None:
    for operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            for kind, content in found(response).get("content", {}).items():
                for document in shown(content):
                    assert wrong(content["schema"], document) == "", operation["operationId"]
                    if kind == "application/problem+json":
                        assert document["status"] == int(status)
                        assert document["code"] in found(response)["x-codes"]


def test_every_call_shows_what_it_answers() -> None:
    answered = {call.id: OPERATIONS[call.id]["responses"] for call in CALLS if call.answer and call.answer not in FILES}
    lacking = [
        name
        for name, responses in answered.items()
        if not list(shown(responses["202" if "202" in responses else "200"]["content"]["application/json"]))
    ]
    assert lacking == []


@pytest.mark.parametrize(
    ("label", "status", "code"),
    [
        ("another_request", "409", "IDEMPOTENCY_KEY_CONFLICT"),
        ("no_key", "422", "REQUEST_VALIDATION_FAILED"),
        ("stands_twice", "422", "DUPLICATE_MEMBER"),
    ],
)
def test_what_is_shown_of_every_call_is_what_one_was_refused_by(label: str, status: str, code: str) -> None:
    content = OPERATIONS["simulate"]["responses"][status]["content"]["application/problem+json"]
    assert content["examples"][label]["value"] == COMPONENTS["examples"][code]["value"]


@pytest.mark.parametrize(("label", "status"), [("ready", "READY"), ("pending_review", "PENDING_REVIEW"), ("blocked", "BLOCKED")])
def test_a_simulation_is_shown_in_every_status(label: str, status: str) -> None:
    content = OPERATIONS["simulate"]["responses"]["200"]["content"]["application/json"]
    assert found(content["examples"][label])["value"]["status"] == status


def test_an_example_of_a_property_is_one() -> None:
    members = [
        (f"{name}.{member}", schema, example)
        for name, component in COMPONENTS["schemas"].items()
        for member, schema in component.get("properties", {}).items()
        for example in schema.get("examples", ())
    ]
    assert len(members) > 1000
    assert [(place, fault) for place, schema, example in members if (fault := wrong(schema, example))] == []


def test_an_example_of_a_parameter_is_one() -> None:
    for operation in OPERATIONS.values():
        for parameter in operation["parameters"]:
            assert parameter["description"].endswith(".")
            assert wrong(parameter["schema"], parameter["example"]) == "", parameter["name"]
