"""The parameters of the document are those that the functions read: one given twice with two values is refused where it is read, and only there."""

import json
import re
from typing import Any

import pytest

from infra.api import CALLS, Call
from infra.http.identity import Scope
from infra.local.gateway import ANY
from infra.memory.runs import MemoryTables
from infra.openapi.document import FOLDER
from infra.openapi.parameters import QUERY, TRACED
from infra.template import Template
from tests.openapi.test_examples import OPERATIONS, shown
from tests.support.adapters import in_memory
from tests.support.gateway import IDENTITY
from tests.support.samples import HandClock
from tests.support.service import OPEN, Service

EVERYTHING = IDENTITY | {"scopes": " ".join(Scope)}
HEADERS = ("Idempotency-Key", "X-Correlation-Id", "X-Tenant-Id", "X-Policy-Pack-Id", "X-Tenant-Policy-Pack-Id", "If-Match")
ASKING = [call for call in CALLS if not call.anybodys]


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(in_memory(MemoryTables(), HandClock()), OPEN, EVERYTHING)


def parameters(call: Call, place: str) -> dict[str, Any]:
    return {one["name"]: one for one in OPERATIONS[call.id]["parameters"] if one["in"] == place}


def refused(service: Service, call: Call, headers: dict[str, Any], query: dict[str, Any]) -> set[str]:
    """What is told of an otherwise valid call to be given twice."""
    path = call.path.format(**{name: one["example"] for name, one in parameters(call, "path").items()})
    needed = {name: one["example"] for name, one in parameters(call, "header").items() if one["required"]}
    body = next(shown(OPERATIONS[call.id]["requestBody"]["content"]["application/json"])) if "requestBody" in OPERATIONS[call.id] else None
    reply = service.call(call.method, path, body, needed | headers, EVERYTHING, query)
    errors = json.loads(reply.body or b"{}").get("errors", ())
    return {error["loc"][1] for error in errors if error["type"] == "multiple_values"}


@pytest.mark.parametrize("call", ASKING, ids=lambda call: call.id)
def test_the_query_of_a_call_is_what_it_reads(service: Service, call: Call) -> None:
    twice = {f"{name}_": ["1", "2"] for name in QUERY}
    assert refused(service, call, {}, twice) == set(parameters(call, "query"))


@pytest.mark.parametrize("call", ASKING, ids=lambda call: call.id)
def test_the_headers_of_a_call_are_what_it_reads(service: Service, call: Call) -> None:
    read = {name for name in HEADERS if refused(service, call, {name: ["1", "2"]}, {})}
    echoed = set() if call.id in TRACED else {"X-Correlation-Id"}
    assert read == (set(parameters(call, "header")) & set(HEADERS)) - echoed


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.id)
def test_the_path_of_a_call_is_the_tables(call: Call) -> None:
    assert list(parameters(call, "path")) == re.findall(r"{(\w+)}", call.path)


def test_routes_methods_and_names_in_paths_are_those_of_the_deployed_api() -> None:
    deployed = Template.load(FOLDER / "template.yaml").properties("Api")["DefinitionBody"]["paths"]
    left = {ANY, "head"}  # the fallback's, and what a GET answers without its body
    told = {(path, method) for path, item in deployed.items() for method in item if method not in left and "+}" not in path}
    assert told == {(call.path, call.method.lower()) for call in CALLS}


def test_a_call_takes_the_scopes_of_the_table() -> None:
    for call in CALLS:
        operation = OPERATIONS[call.id]
        assert operation["x-required-scopes"] == [scope.value for scope in call.scopes]
        assert [one["bearer"] for one in operation["security"]] == [[scope.value] for scope in call.scopes]
        assert operation["security"] or call.anybodys
