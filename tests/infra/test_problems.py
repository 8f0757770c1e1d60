"""One table knows every code, its status and its title; nobody else's table may disagree."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import pytest

from infra.http.problems import PROBLEMS, UNEXPECTED, problem
from infra.http.switches import Switch
from infra.settings.reading import GUARDRAILS

TEMPLATE = Path(__file__).parents[2] / "template.yaml"


@pytest.mark.parametrize(("code", "known"), PROBLEMS.items())
def test_every_code_has_a_status_and_a_title(code, known):
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", code)
    assert 400 <= HTTPStatus(known.status) < 600
    assert known.title.strip() == known.title != ""


def test_the_gateways_own_answers_agree_with_the_table():
    answers = [json.loads(text) for text in re.findall(r"'(\{\"type\":\"about:blank\".*?\})'", TEMPLATE.read_text())]
    assert len(answers) >= 8
    for answer in answers:
        known = PROBLEMS[answer["code"]]
        assert (answer["status"], answer["title"]) == (known.status, known.title)
        assert answer["detail"].partition(":")[0] == answer["code"]


def test_every_guardrail_can_be_answered():
    assert {code for rows in GUARDRAILS.values() for code, _ in rows} <= set(PROBLEMS)
    assert UNEXPECTED.partition(":")[0] in PROBLEMS


def test_every_closed_switch_can_be_answered():
    assert {(switch.disabled, PROBLEMS[switch.disabled].status) for switch in Switch} == {(f"{switch}_DISABLED", 404) for switch in Switch}


def test_no_code_names_a_database_product():
    assert not re.search("POSTGRES|DYNAMO|SQL|DSN|S3|SQS", " ".join(PROBLEMS))


def test_the_code_is_the_part_of_the_detail_before_a_colon():
    response = problem("SCOPE_REQUIRED: dpm.run", instance="/x", correlation_id="c")
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
