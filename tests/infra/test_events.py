"""One event for every trigger of the template: each file reaches the function that its route, queue, schedule or state leads to."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from infra.local.functions import FunctionError
from infra.local.stack import EVERYTHING_OPEN, TEMPLATE, LocalStack
from infra.template import Template
from tests.template.book_rules import MACHINE, definition_of, states_of, step_of, steps_of

FOLDER = TEMPLATE.parent / "events"
NO_EVENT = {"first_request", "first_proposal"}  # bodies for curl and the command line


class Fails(NamedTuple):
    """How a function ends that has no answer: the error's text."""

    text: str


RESULTS = {
    "analyze": 200,
    "analyze_async": 202,
    "authorizer": Fails("Unauthorized"),  # to API Gateway an error of this text is a 401
    "artifact": "DPM_RUN_NOT_FOUND",  # the names in the files are those of no run here
    "book_chunk": Fails("LookupError"),  # no such file here
    "book_index": Fails("BOOK_OBJECT_MISSING"),
    "book_summary": Fails("LookupError"),
    "books": 200,
    "dead_letters": {"batchItemFailures": []},
    "documentation": 200,
    "execute_operation": "DPM_ASYNC_OPERATION_NOT_FOUND",
    "fallback": "NOT_FOUND",
    "policy_pack_put": 200,
    "policy_packs": 200,
    "proposal_artifact": 200,
    "proposal_simulate": 200,
    "proposal_workflow": "PROPOSAL_NOT_FOUND",
    "run_lookup": 200,
    "run_workflow": "DPM_RUN_NOT_FOUND",
    "simulate": 200,
    "support_bundle": "DPM_RUN_NOT_FOUND",
    "sweeper": 0,
    "verification": "DPM_RUN_NOT_FOUND",
    "worker": {"batchItemFailures": []},
}


def event_of(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return parsed


def triggers(template: Template) -> Iterator[tuple[str, str]]:
    """Every trigger with its function: `POST /rebalance/simulate`, the name of a queue, `schedule`."""
    functions = dict(template.of_type("AWS::Serverless::Function"))
    for _, api in template.of_type("AWS::Serverless::Api"):
        for path, methods in api["DefinitionBody"]["paths"].items():
            for method, operation in methods.items():
                uri = str(operation.get("x-amazon-apigateway-integration", {}).get("uri", ""))
                yield from ((f"{method.upper()} {path}", name) for name in functions if f"{{{name}.Arn}}" in uri)
        for scheme, stated in api["DefinitionBody"]["components"]["securitySchemes"].items():
            uri = str(stated.get("x-amazon-apigateway-authorizer", {}).get("authorizerUri", ""))
            yield from ((scheme, name) for name in functions if f"{{{name}.Arn}}" in uri)
    for name, properties in functions.items():
        for source in properties.get("Events", {}).values():
            yield ("schedule" if source["Type"].startswith("Schedule") else source["Properties"]["Queue"]["Fn::GetAtt"][0]), name

    for _, machine in template.of_type(MACHINE):
        steps = steps_of(machine)
        for state in states_of(definition_of(template, machine)):
            if function := step_of(state, steps):
                yield given_to(state["Parameters"].get("Payload", "item")), function


def given_to(payload: dict[str, Any] | str) -> str:
    """What a step of a book is given; a chunk its whole item."""
    members = {"book", "chunk"} if isinstance(payload, str) else {name.removesuffix(".$") for name in payload}
    return f"step with {', '.join(sorted(members))}"


def trigger_of(event: dict[str, Any]) -> str:
    if event.get("type") == "TOKEN":
        return "token"
    if "Records" in event:
        return str(event["Records"][0]["eventSourceARN"].rpartition(":")[2])
    if event.get("source") == "aws.events":
        return "schedule"
    if {"book", "execution"} & set(event):
        return given_to(event)
    method = "X-AMAZON-APIGATEWAY-ANY-METHOD" if event["resource"] == "/{proxy+}" else event["httpMethod"]
    return f"{method} {event['resource']}"


TRIGGERS = dict(triggers(Template.load(TEMPLATE)))


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as running:
        yield running


def test_every_function_of_the_template_has_its_event() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} - NO_EVENT == set(RESULTS)
    assert {TRIGGERS[trigger_of(event_of(name))] for name in RESULTS} == {
        name for name, _ in Template.load(TEMPLATE).of_type("AWS::Serverless::Function")
    }


@pytest.mark.parametrize("name", ["simulate", "analyze", "analyze_async"])
def test_events_ask_about_the_portfolio_of_the_first_request_under_the_same_conventions(name: str) -> None:
    first, body = event_of("first_request"), json.loads(event_of(name)["body"])
    options = [scenario["options"] for scenario in body["scenarios"].values()] if "scenarios" in body else [body["options"]]
    assert {part: rows for part, rows in body.items() if part not in {"options", "scenarios"}} == {
        part: rows for part, rows in first.items() if part != "options"
    }
    assert options[0] == first["options"]
    assert {one["conventions"] for one in options} == {"DESK"}


@pytest.mark.parametrize("name", ["proposal_artifact", "proposal_simulate"])
def test_events_ask_for_the_first_proposal(name: str) -> None:
    assert json.loads(event_of(name)["body"]) == event_of("first_proposal")


@pytest.mark.parametrize(("name", "result"), RESULTS.items())
def test_an_event_is_answered(stack: LocalStack, name: str, result: object) -> None:
    event = event_of(name)
    if isinstance(result, Fails):
        with pytest.raises(FunctionError, match=f"^{result.text}$"):
            stack.invoke(TRIGGERS[trigger_of(event)], event)
        return
    answer = stack.invoke(TRIGGERS[trigger_of(event)], event)
    match result:
        case str():
            assert json.loads(answer["body"])["code"] == result
        case 0:
            assert answer["failed"] == result
        case int():
            assert answer["statusCode"] == result, answer["body"]
        case _:
            assert answer == result
