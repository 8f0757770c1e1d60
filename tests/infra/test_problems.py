"""One table knows every code, its status and its title; nobody else's table may disagree."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from engine.usecases.refusals import Code, Refused
from infra.http import door
from infra.http.door import Caller
from infra.http.headers import Headers
from infra.http.messages import Event, Response
from infra.http.problems import PROBLEMS, Problem, problem
from infra.http.switches import Switch
from infra.observability import logger

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


def test_the_table_knows_every_code_and_no_other() -> None:
    assert set(PROBLEMS) == set(Code)


@pytest.mark.parametrize(("code", "known"), PROBLEMS.items())
def test_every_code_has_a_status_and_a_title(code: Code, known: Problem) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", code)
    assert code.name == code.value
    assert 400 <= HTTPStatus(known.status) < 600
    assert known.title.strip() == known.title != ""


def test_the_gateways_own_answers_agree_with_the_table() -> None:
    answers = [json.loads(text) for text in re.findall(r"'(\{\"type\":\"about:blank\".*?\})'", TEMPLATE.read_text())]
    assert len(answers) >= 8
    for answer in answers:
        known = PROBLEMS[answer["code"]]
        assert (answer["status"], answer["title"]) == (known.status, known.title)
        assert answer["detail"].partition(":")[0] == answer["code"]


def test_what_passes_by_itself_says_when_to_come_back_and_nothing_else() -> None:
    answers = {code: problem(code, instance="/", correlation_id="c_none").headers.get("Retry-After") for code in Code}
    assert {code: seconds for code, seconds in answers.items() if seconds is not None} == {
        "BOOK_TOO_MANY": "60",
        "TOO_MANY_REQUESTS": "1",
        "PROPOSAL_STORE_CONTENTION": "1",
        "DPM_SUPPORTABILITY_STORE_UNAVAILABLE": "5",
        "DPM_POLICY_PACK_STORE_UNAVAILABLE": "5",
        "STORE_PROPOSAL_UNAVAILABLE": "5",
        "STORE_QUEUE_UNAVAILABLE": "5",
        "BOOK_STORE_UNAVAILABLE": "5",
        "BOOK_MACHINE_UNAVAILABLE": "5",
    }


@pytest.mark.parametrize("switch", Switch)
def test_every_closed_switch_answers_404_and_says_what_is_off(switch: Switch) -> None:
    known = PROBLEMS[switch.disabled]
    assert (switch.disabled, known.status) == (f"{switch}_DISABLED", 404)
    assert known.title.endswith(" switched off")


def test_no_code_names_a_database_product() -> None:
    assert not re.search("POSTGRES|DYNAMO|SQL|DSN|S3|SQS", " ".join(PROBLEMS))


def test_what_more_the_specification_says_stands_behind_a_colon() -> None:
    response = problem(Code.SCOPE_REQUIRED, "dpm.run", instance="/x", correlation_id="c")
    assert (response.status, response.content_type) == (403, "application/problem+json")
    assert json.loads(response.body) == {
        "type": "about:blank",
        "title": "The identity lacks the scope that this route asks for",
        "status": 403,
        "detail": "SCOPE_REQUIRED: dpm.run",
        "code": "SCOPE_REQUIRED",
        "instance": "/x",
        "correlation_id": "c",
    }


def test_what_a_body_names_and_is_not_there_is_no_route_that_is_not_there() -> None:
    of_path = problem(Code.PROPOSAL_VERSION_NOT_FOUND, instance="/x", correlation_id="c")
    of_body = problem(Code.PROPOSAL_VERSION_NOT_FOUND, instance="/x", correlation_id="c", of_body=True)
    assert (of_path.status, json.loads(of_path.body)["status"]) == (404, 404)
    assert (of_body.status, json.loads(of_body.body)["status"]) == (422, 422)
    assert problem(Code.STATE_CONFLICT, instance="/x", correlation_id="c", of_body=True).status == 409


@pytest.mark.parametrize(("of_body", "status"), [(False, 404), (True, 422)])
def test_the_door_tells_them_apart(of_body: bool, status: int) -> None:
    def serve(event: Event, headers: Headers, caller: Caller) -> Response:
        raise Refused(Code.PROPOSAL_VERSION_NOT_FOUND, of_body=of_body)

    answer = door._handler(serve, logger("test"))({"path": "/x", "headers": {}}, None)
    assert answer["statusCode"] == status


def test_a_code_alone_is_the_whole_detail() -> None:
    assert json.loads(problem(Code.NOT_FOUND, instance="/x", correlation_id="c").body)["detail"] == "NOT_FOUND"
