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


@pytest.mark.parametrize("call_id", OPERATIONS)
def test_an_example_of_an_answer_is_what_its_schema_says(call_id: str) -> None:
    for status, response in OPERATIONS[call_id]["responses"].items():
        for kind, content in found(response).get("content", {}).items():
            for document in shown(content):
                valid(content["schema"], document)
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


@pytest.mark.parametrize(("label", "status"), [("ready", "READY"), ("pending_review", "PENDING_REVIEW"), ("blocked", "BLOCKED")])
def test_a_simulation_is_shown_in_every_status(label: str, status: str) -> None:
    content = OPERATIONS["simulate"]["responses"]["200"]["content"]["application/json"]
    assert found(content["examples"][label])["value"]["status"] == status


@pytest.mark.parametrize("name", COMPONENTS["schemas"])
def test_an_example_of_a_property_is_one(name: str) -> None:
    for member, schema in COMPONENTS["schemas"][name].get("properties", {}).items():
        for example in schema.get("examples", ()):
            try:
                valid(schema, example)
            except AssertionError as wrong:
                raise AssertionError(f"{member}: {wrong}") from None


@pytest.mark.parametrize("call_id", OPERATIONS)
def test_an_example_of_a_parameter_is_one(call_id: str) -> None:
    for parameter in OPERATIONS[call_id]["parameters"]:
        assert parameter["description"].endswith(".")
        valid(parameter["schema"], parameter["example"])
