"""The rules on watching notice what breaks them."""

from typing import Any

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.template.spoiled import Sabotage, delete, properties, spoiled, violations

QUERIES = ("CallsThatFailed", "CallsThatWereSlow", "OneCorrelation", "WhoReadARun", "WhatATenantRead")


def body(document: Any, old: str, new: str) -> None:
    text = properties(document, "Dashboard")["DashboardBody"]["Fn::Sub"]
    assert old in text
    properties(document, "Dashboard")["DashboardBody"]["Fn::Sub"] = text.replace(old, new)


def ask(document: Any, query: str, old: str, new: str) -> None:
    text = properties(document, query)["QueryString"]
    assert old in text
    properties(document, query)["QueryString"] = text.replace(old, new)


SABOTAGE: Sabotage = {
    "another timeout": (
        lambda t: properties(t, "ArtifactFunction").update(Timeout=25),
        ["ArtifactSlow: does not ring at 80 % of the timeout"],
    ),
    "the mean": (
        lambda t: properties(t, "SweeperSlow").update(ExtendedStatistic="p50"),
        ["SweeperSlow: does not ring at 95 % of the timeout"],
    ),
    "reads unheard": (
        lambda t: properties(t, "ProposalsTableReadThrottles").update(MetricName="WriteThrottleEvents"),
        ["ProposalsTable: no alarm on ReadThrottleEvents"],
    ),
    "indexes unheard": (
        lambda t: delete(t, "IndexThrottles"),
        ["RunsTable: nobody asks for WriteThrottleEvents by GlobalSecondaryIndexName, TableName"],
    ),
    "another table's failures": (
        lambda t: properties(t, "PolicyPacksTableSystemErrors").update(Metrics=properties(t, "TableSystemErrors")["Metrics"]),
        ["PolicyPacksTable: nobody asks for SystemErrors by Operation, TableName"],
    ),
    "any account's quota": (
        lambda t: properties(t, "AccountConcurrencyTight")["Metrics"][0].update(Expression="100 * claimed / 1000"),
        ["account: nobody hears when its concurrency is nearly claimed"],
    ),
    "refusals unheard": (lambda t: delete(t, "ApiRefusals"), ["Api: no alarm on a surge of 4XXError"]),
    "401 unheard": (lambda t: delete(t, "Unauthorized"), ["UnauthorizedCalls: nobody hears of it"]),
    "401 uncounted": (
        lambda t: properties(t, "UnauthorizedCalls").update(FilterPattern='{ $.status = "403" }'),
        ['access log: nobody counts $.status = "401"'],
    ),
    "error written down under another name": (
        lambda t: properties(t, "Api")["AccessLogSetting"].update(
            Format=properties(t, "Api")["AccessLogSetting"]["Format"].replace('"error":', '"refused":')
        ),
        ['access log: nobody counts $.error = "AUTHORIZER_*"', "RefusedTokens: no line has error"],
    ),
    "an alarm that nobody explains": (
        lambda t: t["Resources"].update(Novelty=t["Resources"]["ApiFailures"]),
        ["Novelty: not in docs/runbook.md"],
    ),
    "machinery first": (
        lambda t: body(
            t,
            '"y":2,"width":6,"height":6,"properties":{"title":"Runs by status"',
            '"y":90,"width":6,"height":6,"properties":{"title":"Runs by status"',
        ),
        [f"dashboard: no runs_{status} above the machinery" for status in ("blocked", "pending_review", "ready")],
    ),
    "a metric that nobody counts": (
        lambda t: body(t, '"solver_missing"', '"solver_absent"'),
        ["dashboard: no solver_missing above the machinery", "dashboard: nobody counts solver_absent", "dashboard: no solver_missing"],
    ),
    "a function out of sight": (lambda t: body(t, "${FallbackFunction}", "${SweeperFunction}"), ["dashboard: no FallbackFunction"]),
    "a table out of sight": (lambda t: body(t, "${PolicyPacksTable}", "${RunsTable}"), ["dashboard: no PolicyPacksTable"]),
    "a queue out of sight": (
        lambda t: body(t, "${OperationsDeadLetters.QueueName}", "${OperationsQueue.QueueName}"),
        ["dashboard: no OperationsDeadLetters"],
    ),
    "what no line has": (lambda t: ask(t, "WhoReadARun", "tenant, actor", "tenant, user"), ["WhoReadARun: no line has user"]),
    "what no line has, counted": (
        lambda t: ask(t, "CallsThatWereSlow", "max(engine_ms)", "max(engine_seconds)"),
        ["CallsThatWereSlow: no line has engine_seconds"],
    ),
    "a log out of reach": (
        lambda t: [properties(t, query)["LogGroupNames"].remove({"Ref": "SweeperLogs"}) for query in QUERIES],
        ["SweeperLogs: no saved query asks it"],
    ),
}


@pytest.fixture(scope="module")
def original() -> Any:
    return Template.load(TEMPLATE).document


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_rule_notices(original: Any, name: str) -> None:
    spoil, expected = SABOTAGE[name]
    assert violations(spoiled(original, spoil), Stage="prod") == expected


def test_aliases_are_plain_copies_when_read() -> None:
    template = Template.load(TEMPLATE)
    assert template.properties("SimulateErrors")["Dimensions"] != template.properties("FallbackErrors")["Dimensions"]
