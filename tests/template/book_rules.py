"""What must hold of how template.yaml runs books: what chunks came to stays, uploads go, the machine calls its steps alone and is heard."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.records.books import BEGUN, BLOCKS, INDEX, ORDERS, RESULTS, SHARED, START, TALLIES, TODO
from infra.template import Template
from tests.template.variants import variant

MACHINE: Final = "AWS::Serverless::StateMachine"
SCHEDULE: Final = "AWS::Scheduler::Schedule"
UPLOADS: Final = {"Id": "erase-uploads", "Status": "Enabled", "TagFilters": [{"Key": "kind", "Value": "upload"}], "ExpirationInDays": 7}
DELIVERED: Final = {
    "schedule": "<aws.scheduler.schedule-arn>",
    "scheduled_for": "<aws.scheduler.scheduled-time>",
    "book": {"tenant": "bank-a"},
}
"""What the scheduler delivers, at least once, each time alike: the words in brackets are its own."""
ONCE: Final = (BEGUN, INDEX, SHARED, START, *(f"{folder}/*" for folder in (TODO, RESULTS, ORDERS, BLOCKS, TALLIES)))
"""What of a book is written once; summary, orders and blocks of the whole are made anew when more of its chunks are there."""


def uploads_go_and_books_stay_unless_asked(template: Template) -> Iterator[str]:
    for days, status in (("0", "Disabled"), ("30", "Enabled")):
        rules = variant(template, BookRetentionDays=days).properties("BooksBucket")["LifecycleConfiguration"]["Rules"]
        by_name = {rule["Id"]: rule for rule in rules}
        if by_name.get("erase-uploads") != UPLOADS:
            yield "BooksBucket: uploads stay, or something else goes with them"
        ends = by_name.get("erase-books", {})
        if ends.get("Status") != status or (status == "Enabled" and str(ends.get("ExpirationInDays")) != days):
            yield f"BooksBucket: books do not end after {days} days"


def chunks_are_written_once(template: Template) -> Iterator[str]:
    wanted = [{"Fn::Sub": f"${{BooksBucket.Arn}}/*/books/*/{name}"} for name in ONCE]
    statements = template.properties("BooksBucketPolicy")["PolicyDocument"]["Statement"]
    if wanted not in [statement["Resource"] for statement in statements]:
        yield "BooksBucket: something else than chunks is protected from being written over"


def machines_call_their_steps_and_nothing_else(template: Template) -> Iterator[str]:
    for name, machine in template.of_type(MACHINE):
        steps = steps_of(machine)
        called = sorted(f"{function}.Alias" for function in steps.values())
        statements = template.properties(machine["Role"]["Fn::GetAtt"][0])["Policies"][0]["PolicyDocument"]["Statement"]
        allowed = sorted(arn["Ref"] for s in statements if s["Action"] == "lambda:InvokeFunction" for arn in s["Resource"])
        if called != allowed:
            yield f"{name}: may not call all its steps, or may call others"
        for state in states_of(definition_of(template, machine)):
            function = step_of(state, steps)
            if function and "TimeoutSeconds" in state and state["TimeoutSeconds"] <= template.properties(function)["Timeout"]:
                yield f"{name}: gives {function} up before it ends"


def machines_are_heard(template: Template) -> Iterator[str]:
    alarms = [alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm") if alarm.get("Namespace") == "AWS/States"]
    heard = {(alarm["Dimensions"][0]["Value"]["Ref"], alarm["MetricName"]) for alarm in alarms}
    for name, machine in template.of_type(MACHINE):
        yield from (f"{name}: no alarm on {kind}" for kind in ("ExecutionsFailed", "ExecutionsTimedOut") if (name, kind) not in heard)
        if machine.get("Tracing") != {"Enabled": True} or machine["Logging"].get("IncludeExecutionData") is not False:
            yield f"{name}: not traced, or writes down what callers sent"
        if "TimeoutSeconds" not in definition_of(template, machine):
            yield f"{name}: never times out"


def schedules_are_made_where_asked(template: Template) -> Iterator[str]:
    asked = variant(template, BookSchedule="cron(0 22 ? * MON-FRI *)", BookScheduleInput='{"tenant": "bank-a"}')
    if list(template.of_type(SCHEDULE)) or len(list(asked.of_type(SCHEDULE))) != 1:
        yield "books: scheduled unasked, or not when asked"
    for name, schedule in asked.of_type(SCHEDULE):
        target = schedule["Target"]
        role = asked.resources[target["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
        if json.loads(target["Input"]) != DELIVERED or "PermissionsBoundary" not in role:
            yield f"{name}: starts another book, or by a role without a boundary"


def schedules_that_fail_are_heard(template: Template) -> Iterator[str]:
    asked = variant(template, BookSchedule="cron(0 22 ? * MON-FRI *)", BookScheduleInput='{"tenant": "bank-a"}')
    for name, schedule in asked.of_type(SCHEDULE):
        queue = schedule["Target"].get("DeadLetterConfig", {}).get("Arn")
        role = asked.properties(schedule["Target"]["RoleArn"]["Fn::GetAtt"][0])
        statements = role["Policies"][0]["PolicyDocument"]["Statement"]
        if queue is None or not any((s["Action"], s["Resource"]) == ("sqs:SendMessage", queue) for s in statements):
            yield f"{name}: a start that is given up is told to nobody"


PAIRS: Final = {"BookSchedule": "BookScheduleInput", "RunRetentionDays": "BookRetentionDays"}
"""Who gives the first of these parameters must give the second."""


def parameters_come_in_pairs(template: Template) -> Iterator[str]:
    rules = json.dumps(list(template.document["Rules"].values()))
    for name, other in PAIRS.items():
        defaults = [json.dumps(str(template.document["Parameters"][one]["Default"])) for one in (name, other)]
        unlike = [
            f'{{"Fn::Not": [{{"Fn::Equals": [{{"Ref": "{one}"}}, {text}]}}]}}' for one, text in zip((name, other), defaults, strict=True)
        ]
        if f'{{"RuleCondition": {unlike[0]}, "Assertions": [{{"Assert": {unlike[1]}, ' not in rules:
            yield f"{name}: may be given without {other}"


def books_are_closed_and_bounded(template: Template) -> Iterator[str]:
    """Nobody starts a book unless that is opened, nor as many as they like, nor with more chunks at once than are reserved."""
    parameters = template.document["Parameters"]
    if parameters["BooksEnabled"]["Default"] != "false" or parameters["BooksAtOnce"]["Default"] == 0:
        yield "books: open, or without bounds, unless somebody says otherwise"
    bounds = {
        "BooksFunction": {"BOOKS_ENABLED": "BooksEnabled", "BOOKS_AT_ONCE": "BooksAtOnce"},
        "BookIndexFunction": {"BOOK_CHUNK_CONCURRENCY": "BookChunkConcurrency", "DPM_POLICY_PACKS_ENABLED": "PolicyPacksEnabled"},
        "BookChunkFunction": {"DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES": "WorkflowReviewStatuses"},
        "BookSummaryFunction": {"DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES": "WorkflowReviewStatuses"},
    }
    for name, wanted in bounds.items():
        told = template.document["Resources"][name]["Properties"]["Environment"]["Variables"]
        yield from (f"{name}: is not told {value}" for variable, value in wanted.items() if told.get(variable) != {"Ref": value})


def definition_of(template: Template, machine: Any) -> Any:
    return json.loads((template.folder / machine["DefinitionUri"]).read_text(encoding="utf-8"))


def steps_of(machine: Any) -> dict[str, str]:
    """By the variable of the definition, the function whose alias it stands for."""
    stated = machine["DefinitionSubstitutions"].items()
    return {variable: value["Ref"].removesuffix(".Alias") for variable, value in stated if isinstance(value, dict)}


def step_of(state: Any, steps: dict[str, str]) -> str | None:
    """The function that a state calls."""
    return steps.get(state.get("Parameters", {}).get("FunctionName", "").strip("${}"))


def states_of(definition: Any) -> Iterator[dict[str, Any]]:
    """Every state of a definition and of the maps in it."""
    for state in definition["States"].values():
        yield state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


BOOK_RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    uploads_go_and_books_stay_unless_asked,
    chunks_are_written_once,
    machines_call_their_steps_and_nothing_else,
    machines_are_heard,
    schedules_are_made_where_asked,
    schedules_that_fail_are_heard,
    parameters_come_in_pairs,
    books_are_closed_and_bounded,
)
