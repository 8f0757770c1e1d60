"""The rules on books notice what breaks them."""

from typing import Any

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.template.spoiled import Sabotage, delete, properties, spoiled, violations


def rules_of(document: Any) -> Any:
    return properties(document, "BooksBucket")["LifecycleConfiguration"]["Rules"]


def statement(document: Any, position: int) -> Any:
    return properties(document, "BookMachineRole")["Policies"][0]["PolicyDocument"]["Statement"][position]


SABOTAGE: Sabotage = {
    "uploads stay": (lambda t: rules_of(t).pop(1), 2 * ["BooksBucket: uploads stay, or something else goes with them"]),
    "all goes as uploads do": (
        lambda t: rules_of(t)[1].pop("TagFilters"),
        2 * ["BooksBucket: uploads stay, or something else goes with them"],
    ),
    "books go unasked": (lambda t: rules_of(t)[2].update(Status="Enabled"), ["BooksBucket: books do not end after 0 days"]),
    "books stay although asked": (
        lambda t: rules_of(t)[2].update(ExpirationInDays=3650),
        ["BooksBucket: books do not end after 30 days"],
    ),
    "tallies written over": (
        lambda t: properties(t, "BooksBucketPolicy")["PolicyDocument"]["Statement"][1]["Resource"].pop(),
        ["BooksBucket: something else than chunks is protected from being written over"],
    ),
    "a step out of reach": (
        lambda t: statement(t, 0)["Resource"].pop(),
        ["BookMachine: may not call all its steps, or may call others"],
    ),
    "another function in reach": (
        lambda t: statement(t, 0)["Resource"].append({"Ref": "SimulateFunction.Alias"}),
        ["BookMachine: may not call all its steps, or may call others"],
    ),
    "a chunk given up": (
        lambda t: [properties(t, "BookChunkFunction").update(Timeout=250), properties(t, "BookChunkSlow").update(Threshold=200000)],
        ["BookMachine: gives BookChunkFunction up before it ends"],
    ),
    "nobody hears of a failed book": (lambda t: delete(t, "BooksFailed"), ["BookMachine: no alarm on ExecutionsFailed"]),
    "input in the log": (
        lambda t: properties(t, "BookMachine")["Logging"].update(IncludeExecutionData=True),
        ["BookMachine: not traced, or writes down what callers sent"],
    ),
    "nobody hears of a lost start": (
        lambda t: properties(t, "BookNight")["Target"].pop("DeadLetterConfig"),
        [
            "BookNightDeadLetters: no dead-letter queue",
            "BookNightDeadLetters: nobody hears of what waits too long",
            "BookNight: a start that is given up is told to nobody",
        ],
    ),
    "a schedule without its book": (
        lambda t: t["Rules"].pop("ScheduleNamesItsBook"),
        ["BookSchedule: may be given without BookScheduleInput"],
    ),
    "runs that live on in books": (
        lambda t: t["Rules"].pop("RetentionReachesBooks"),
        ["RunRetentionDays: may be given without BookRetentionDays"],
    ),
    "books for everybody": (
        lambda t: t["Parameters"]["BooksEnabled"].update(Default="true"),
        ["books: open, or without bounds, unless somebody says otherwise"],
    ),
    "books without the bank's packs": (
        lambda t: properties(t, "BookIndexFunction")["Environment"]["Variables"].pop("DPM_POLICY_PACKS_ENABLED"),
        ["BookIndexFunction: is not told PolicyPacksEnabled"],
    ),
    "an estimate of other reviews": (
        lambda t: properties(t, "BookSummaryFunction")["Environment"]["Variables"].pop("DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES"),
        ["BookSummaryFunction: is not told WorkflowReviewStatuses"],
    ),
    "lost portfolios pass": (lambda t: delete(t, "BookChunksMissing"), ["chunks_missing: nobody hears of it"]),
    "scheduled unasked": (lambda t: t["Resources"]["BookNight"].pop("Condition"), ["books: scheduled unasked, or not when asked"]),
    "a role without a boundary": (
        lambda t: properties(t, "BookScheduleRole").pop("PermissionsBoundary"),
        ["BookNight: starts another book, or by a role without a boundary"],
    ),
}


@pytest.fixture(scope="module")
def original() -> Any:
    return Template.load(TEMPLATE).document


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_rule_notices(original: Any, name: str) -> None:
    spoil, expected = SABOTAGE[name]
    assert violations(spoiled(original, spoil), Stage="prod") == expected
