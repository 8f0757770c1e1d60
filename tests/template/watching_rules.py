"""What must hold of how template.yaml is watched: alarms that ring in time and stand in the runbook, a dashboard, saved queries."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from infra.template import Template
from infra.watching.metrics import METRICS, NAMESPACE, STAGE
from tests.template.variants import variant

ALARM: Final = "AWS::CloudWatch::Alarm"
FUNCTION: Final = "AWS::Serverless::Function"
PERCENT: Final = {"AuthorizerFunction": 40, "SweeperFunction": 95}
"""Of its timeout, when the p99 of a function rings; of all others 80. The authorizer waits three seconds for an issuer, and callers wait for
it; the sweeper begins nothing in its last thirty seconds, and is meant to use the others."""

TOLD: Final = {
    *("@timestamp", "message", "service", "route", "status", "code", "error_type", "outcome"),
    *("tenant", "actor", "run_id", "book_id", "proposal_id", "proposal_run_id", "operation_id", "request_id", "correlation_id"),
    *("duration_ms", "engine_ms", "failed", "tokens_refused"),
}
"""Members of our lines that a saved query may ask for; the access log has its own."""

OF_STEP_FUNCTIONS: Final = {"execution_arn", "type"}
"""What the service writes of an execution, and we ask for."""

WORDS_OF_THE_LANGUAGE: Final = frozenset(
    ["fields", "filter", "sort", "stats", "limit", "by", "and", "or", "like", "in", "asc", "desc", "count", "pct", "max", "min"]
)

_VARIABLE: Final = re.compile(r"\$\{([\w:.]+)\}")


def functions_ring_before_their_timeout(template: Template) -> Iterator[str]:
    for alarm_name, alarm in template.of_type(ALARM):
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", "Duration"):
            name = alarm["Dimensions"][0]["Value"]["Ref"]
            percent, timeout = PERCENT.get(name, 80), template.properties(name)["Timeout"]
            if (alarm["ExtendedStatistic"], alarm["Threshold"]) != ("p99", percent * timeout * 10):  # milliseconds
                yield f"{alarm_name}: does not ring at {percent} % of the timeout"


def tables_are_watched(template: Template) -> Iterator[str]:
    """Throttles of reads and writes, of the table and of its indexes, and what DynamoDB itself fails at."""
    alarms = [alarm for _, alarm in template.of_type(ALARM)]
    plain = {(a["Dimensions"][0]["Value"].get("Ref"), a["MetricName"]) for a in alarms if a.get("Namespace") == "AWS/DynamoDB"}
    asked = {m["Expression"]["Fn::Sub"] for a in alarms for m in a.get("Metrics", []) if isinstance(m.get("Expression"), dict)}
    for name, table in template.of_type("AWS::DynamoDB::Table"):
        kinds = ("WriteThrottleEvents", "ReadThrottleEvents")
        yield from (f"{name}: no alarm on {kind}" for kind in kinds if (name, kind) not in plain)
        questions = {"SystemErrors": "Operation, TableName"}
        if "GlobalSecondaryIndexes" in table:
            questions |= dict.fromkeys(kinds, "GlobalSecondaryIndexName, TableName")
        for metric, by in questions.items():
            question = f"SELECT SUM({metric}) FROM SCHEMA(\"AWS/DynamoDB\", {by}) WHERE TableName = '${{{name}}}'"  # noqa: S608  (as the template puts it)
            if question not in asked:
                yield f"{name}: nobody asks for {metric} by {by}"


def the_account_is_watched(template: Template) -> Iterator[str]:
    told = [
        alarm["Metrics"]
        for _, alarm in variant(template, AccountConcurrency="250").of_type(ALARM)
        if "ClaimedAccountConcurrency" in json.dumps(alarm.get("Metrics", []))
    ]
    if [metrics[0]["Expression"] for metrics in told] != ["100 * claimed / 250"]:
        yield "account: nobody hears when its concurrency is nearly claimed"


def refusals_are_heard(template: Template) -> Iterator[str]:
    """A surge of 4xx, of 401, and an authorizer that gives no answer. The last two stand in the access log alone."""
    line = json.loads(template.properties("Api")["AccessLogSetting"]["Format"])
    alarms = dict(template.of_type(ALARM))
    metrics = {(json.dumps(alarm.get("Namespace")), alarm.get("MetricName")) for alarm in alarms.values()}
    wanted = {("$.status", '"401"'): "$context.status", ("$.error", '"AUTHORIZER_*"'): "$context.error.responseType"}
    found = {}
    for name, counted in template.of_type("AWS::Logs::MetricFilter"):
        member, value = re.fullmatch(r"\{ (\$\.\w+) = (\S+) \}", counted["FilterPattern"]).groups()  # type: ignore[union-attr]  # no match is an error
        found[member, value] = line.get(member.removeprefix("$."))
        [made] = counted["MetricTransformations"]
        if counted["LogGroupName"] != {"Ref": "ApiLogs"} or (json.dumps(made["MetricNamespace"]), made["MetricName"]) not in metrics:
            yield f"{name}: nobody hears of it"
    yield from (
        f"access log: nobody counts {member} = {value}" for member, value in wanted if found.get((member, value)) != wanted[member, value]
    )
    if not any("4XXError" in json.dumps(alarm.get("Metrics", [])) for alarm in alarms.values()):
        yield "Api: no alarm on a surge of 4XXError"


def alarms_stand_in_the_runbook(template: Template) -> Iterator[str]:
    named = set(re.findall(r"`(\w+)`", (template.folder / "docs/runbook.md").read_text(encoding="utf-8")))
    yield from (f"{name}: not in docs/runbook.md" for name, _ in template.of_type(ALARM) if name not in named)


def the_dashboard_begins_with_decisions(template: Template) -> Iterator[str]:
    """All that the business counts is there, above everything else; then every function, queue and table."""
    widgets = [widget for widget in _dashboard(template) if widget["type"] == "metric"]
    shown = [(widget["y"], metric) for widget in widgets for metric in _metrics(widget)]
    ours = {metric.name for metric in METRICS if STAGE in metric.by}
    on_top = {metric[1] for y, metric in shown if y < min((y for y, m in shown if m[0] != NAMESPACE), default=0)}
    business = {metric.name for metric in METRICS if metric.business}
    yield from (f"dashboard: no {name} above the machinery" for name in sorted(business - on_top))
    counted = {metric.name for metric in METRICS}
    yield from (f"dashboard: nobody counts {m[1]}" for _, m in shown if m[0] == NAMESPACE and m[1] not in counted)
    heard = {metric[1] for _, metric in shown if metric[0] == NAMESPACE}
    yield from (f"dashboard: no {name}" for name in sorted(ours - heard))
    named = {part.removeprefix("<").removesuffix(">") for _, metric in shown for part in metric if isinstance(part, str)}
    for kind, attribute in ((FUNCTION, ""), ("AWS::SQS::Queue", ".QueueName"), ("AWS::DynamoDB::Table", "")):
        yield from (f"dashboard: no {name}" for name, _ in template.of_type(kind) if f"{name}{attribute}" not in named)


def _dashboard(template: Template) -> Any:
    body = template.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    return json.loads(_VARIABLE.sub(r"<\1>", body))["widgets"]


def _metrics(widget: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Every metric of a widget spelt out: `.` repeats what stands above, `...` all but the options."""
    above: list[Any] = []
    for metric in widget["properties"]["metrics"]:
        named = [part for part in metric if isinstance(part, str)]
        above = above if named == ["..."] else [above[n] if part == "." else part for n, part in enumerate(named)]
        yield above


def saved_queries_ask_for_what_is_told(template: Template) -> Iterator[str]:
    groups = {name for name, _ in template.of_type("AWS::Logs::LogGroup")}
    access = set(json.loads(template.properties("Api")["AccessLogSetting"]["Format"]))
    asked_of: set[str] = set()
    for name, query in template.of_type("AWS::Logs::QueryDefinition"):
        asked = {group["Ref"] for group in query["LogGroupNames"]}
        asked_of |= asked
        known = TOLD | (access if "ApiLogs" in asked else set()) | (OF_STEP_FUNCTIONS if "BookMachineLogs" in asked else set())
        text = re.sub(r'"[^"]*"|/[^/]*/|bin\(\w+\)| as \w+', "", query["QueryString"])
        defined = set(re.findall(r" as (\w+)", query["QueryString"]))
        words = set(re.findall(r"@?[a-zA-Z_]\w*", text)) - WORDS_OF_THE_LANGUAGE
        yield from (f"{name}: no line has {word}" for word in sorted(words - known - defined))
    yield from (f"{name}: no saved query asks it" for name in sorted(groups - asked_of))


WATCHING_RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    functions_ring_before_their_timeout,
    tables_are_watched,
    the_account_is_watched,
    refusals_are_heard,
    alarms_stand_in_the_runbook,
    the_dashboard_begins_with_decisions,
    saved_queries_ask_for_what_is_told,
)
