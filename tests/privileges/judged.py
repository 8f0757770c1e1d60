"""Roles against recorded use: what a function did and may not, and what it may and never did."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from typing import Any, Final

from infra.template import Lookup, Template
from tests.privileges.recorded import Use
from tests.template.rules import FUNCTION, listed, statements_of

Statement = Mapping[str, Any]

POLLED: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
TRACED: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
LOGGED: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
FORBIDS: Final = "ForAllValues:StringNotLike"
BY_LAMBDA: Final = {
    POLLED: "Lambda takes messages out of the queue for the function, under its role",
    TRACED: "Lambda's own X-Ray daemon sends the segments of a traced function",
    LOGGED: "Lambda writes what the function prints to its log group",
}
"""The exceptions: what no function calls, and why its role needs it."""


def done_by_lambda(template: Template, lookup: Lookup) -> Iterator[tuple[str, list[Use]]]:
    """What Lambda does under the role of each function, as the function's own properties ask for it."""
    for name, function in template.of_type(FUNCTION, lookup):
        queues = [event["Properties"]["Queue"] for event in function.get("Events", {}).values() if event["Type"] == "SQS"]
        group = lookup(template.properties(name)["LoggingConfig"]["LogGroup"]["Ref"], "Arn")
        resources = {POLLED: queues, TRACED: ["*"] if function["Tracing"] == "Active" else [], LOGGED: [group]}
        yield name, [Use(action, resource) for actions in BY_LAMBDA for resource in resources[actions] for action in actions]


def granted(template: Template, lookup: Lookup) -> dict[str, list[Statement]]:
    """By function the statements of its role, with the names that everything has in the account."""
    return {
        name: [template.resolve(statement, lookup) for statement in statements_of(template, function)]
        for name, function in template.of_type(FUNCTION)
    }


def judged(statements: Sequence[Statement], uses: Iterable[Use]) -> Iterator[str]:
    """What is missing in a role and what it has for nothing, for these uses."""
    done = list(uses)
    yield from (f"may not {use}" for use in done if not any(allows(statement, use) for statement in statements))
    for statement in statements:
        yield from (f"never needs {unused}" for unused in never_used(statement, done))


def allows(statement: Statement, use: Use) -> bool:
    """Whether a statement lets a call pass, as IAM reads the parts of policies that this repository uses."""
    if statement["Effect"] != "Allow":
        raise NotImplementedError(statement["Effect"])
    return (
        use.action in listed(statement["Action"])
        and any(fnmatchcase(use.resource, pattern) for pattern in listed(statement["Resource"]))
        and all(
            _holds(operator, listed(values), use.values if key == use.key else ())
            for operator, asked in statement.get("Condition", {}).items()
            for key, values in asked.items()
        )
    )


def _holds(operator: str, patterns: Sequence[str], given: Sequence[str]) -> bool:
    match operator:
        case "StringEquals":
            return len(given) == 1 and given[0] in patterns
        case "ForAllValues:StringLike":
            return all(any(fnmatchcase(value, pattern) for pattern in patterns) for value in given)
        case _ if operator == FORBIDS:
            return not any(fnmatchcase(value, pattern) for value in given for pattern in patterns)
        case _:
            raise NotImplementedError(operator)


def never_used(statement: Statement, uses: Sequence[Use]) -> Iterator[str]:
    """Every action on every resource under every value of a condition without which all these calls would pass as well."""
    for action, resource in product(listed(statement["Action"]), listed(statement["Resource"])):
        for values, conditions in _one_by_one(statement.get("Condition", {})):
            alone = {**statement, "Action": action, "Resource": resource, "Condition": conditions}
            if not any(allows(alone, use) for use in uses):
                yield f"{action} on {resource}{values} ({statement['Sid']})"


def _one_by_one(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """The condition with one value in place of each list that lets pass; what forbids stays whole."""
    lists = [
        (operator, key, listed(values)) for operator, asked in condition.items() if operator != FORBIDS for key, values in asked.items()
    ]
    forbidden = {FORBIDS: dict(condition[FORBIDS])} if FORBIDS in condition else {}
    for chosen in product(*(values for _, _, values in lists)):
        alone: dict[str, dict[str, Any]] = dict(forbidden)
        for (operator, key, _), value in zip(lists, chosen, strict=True):
            alone.setdefault(operator, {})[key] = value
        yield "".join(f" with {key} {value}" for (_, key, _), value in zip(lists, chosen, strict=True)), alone
