"""The IAM of every function proved by use: no role lacks anything that its function does, and none has anything that it never needs."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.api import CALLS
from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.privileges.judged import BY_LAMBDA, Statement, done_by_lambda, granted, judged
from tests.privileges.recorded import Use
from tests.privileges.traffic import Deployed, deployed, everything, open_stack
from tests.template.rules import FUNCTION, listed

FUNCTIONS = [name for name, _ in Template.load(TEMPLATE).of_type(FUNCTION)]
LAMBDAS = {action for actions in BY_LAMBDA for action in actions}


@pytest.fixture(scope="module")
def service() -> Iterator[Deployed]:
    """Everything was done once."""
    with open_stack() as stack:
        made = deployed(stack)
        everything(made)
        for name, uses in done_by_lambda(stack.template, stack.resources.attribute):
            made.recorder.told(name, uses)
        yield made


@pytest.fixture(scope="module")
def roles(service: Deployed) -> dict[str, list[Statement]]:
    return granted(service.stack.template, service.stack.resources.attribute)


def uses_of(service: Deployed, name: str) -> list[Use]:
    return list(service.recorder.uses[name])


def actions_of(statements: list[Statement]) -> set[str]:
    return {action for statement in statements for action in listed(statement["Action"])}


def test_everything_was_done(service: Deployed, roles: dict[str, list[Statement]]) -> None:
    assert service.answered == {f"{call.method} {call.path}" for call in CALLS if "{asset}" not in call.path}
    mighty = {name for name, statements in roles.items() if actions_of(statements) - LAMBDAS}
    assert mighty <= service.recorder.called


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_is_what_its_function_needs(service: Deployed, roles: dict[str, list[Statement]], name: str) -> None:
    assert list(judged(roles[name], uses_of(service, name))) == []


def without(statement: Statement, action: str) -> Statement:
    return {**statement, "Action": [other for other in listed(statement["Action"]) if other != action]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_is_taken_from_a_role_is_missed(service: Deployed, roles: dict[str, list[Statement]], name: str) -> None:
    uses = uses_of(service, name)
    for at, statement in enumerate(roles[name]):
        for action in listed(statement["Action"]):
            found = list(judged([*roles[name][:at], without(statement, action), *roles[name][at + 1 :]], uses))
            assert found, (statement["Sid"], action)
            assert all(line.startswith(f"may not {action} on ") for line in found)


def also(statement: Statement, member: str, more: str) -> Statement:
    return {**statement, member: [*listed(statement[member]), more]}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whatever_is_added_to_a_role_is_noticed(service: Deployed, roles: dict[str, list[Statement]], name: str) -> None:
    uses = uses_of(service, name)
    for at, statement in enumerate(roles[name]):
        for member, more in (("Action", "dynamodb:Scan"), ("Resource", "arn:aws:dynamodb:eu-central-1:123456789012:table/other")):
            found = list(judged([*roles[name][:at], also(statement, member, more), *roles[name][at + 1 :]], uses))
            assert found, (statement["Sid"], more)
            assert all(more in line and line.endswith(f"({statement['Sid']})") for line in found)


TABLE, KEYS = "arn:aws:dynamodb:eu-central-1:1:table/t", "dynamodb:LeadingKeys"
MARK: dict[str, Any] = {
    "Sid": "Mark",
    "Effect": "Allow",
    "Action": ["dynamodb:UpdateItem", "dynamodb:PutItem"],
    "Resource": TABLE,
    "Condition": {"ForAllValues:StringLike": {KEYS: ["T#*#OP#*", "T#*#STATS#*"]}, "ForAllValues:StringNotLike": {KEYS: ["T#_*"]}},
}
PUT, PUT_COUNT, UPDATE, UPDATE_COUNT = (
    Use(f"dynamodb:{action}", TABLE, KEYS, (f"T#bank-a#{kind}#1",)) for action in ("PutItem", "UpdateItem") for kind in ("OP", "STATS")
)
ALL = [PUT, PUT_COUNT, UPDATE, UPDATE_COUNT]


@pytest.mark.parametrize(
    ("uses", "found"),
    [
        (ALL, []),
        ([PUT, UPDATE, UPDATE_COUNT], [f"never needs dynamodb:PutItem on {TABLE} with {KEYS} T#*#STATS#* (Mark)"]),
        (
            [*ALL, Use("dynamodb:PutItem", TABLE, KEYS, ("T#_system#OP#1",))],
            [f"may not dynamodb:PutItem on {TABLE} with {KEYS} T#_system#OP#1"],
        ),
        (
            [*ALL, Use("dynamodb:UpdateItem", TABLE, KEYS, ("T#bank-a#OP#1", "T#bank-a#RUN#1"))],
            [f"may not dynamodb:UpdateItem on {TABLE} with {KEYS} T#bank-a#OP#1, T#bank-a#RUN#1"],
        ),
        (
            [*ALL, Use("dynamodb:DeleteItem", TABLE, KEYS, ("T#bank-a#OP#1",))],
            [f"may not dynamodb:DeleteItem on {TABLE} with {KEYS} T#bank-a#OP#1"],
        ),
        (
            [*ALL, Use("dynamodb:PutItem", f"{TABLE}/index/GSI1", KEYS, ("T#bank-a#OP#1",))],
            [f"may not dynamodb:PutItem on {TABLE}/index/GSI1 with {KEYS} T#bank-a#OP#1"],
        ),
    ],
)
def test_partitions_are_judged_by_their_names(uses: list[Use], found: list[str]) -> None:
    assert list(judged([MARK], uses)) == found
