"""What the log lines count is what the template's alarms listen to: name and dimensions, letter for letter."""

import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from engine.records.books import BookStart
from infra.local.stack import TEMPLATE
from infra.observability import log_book, log_broken_evidence, log_call, log_job, log_sweep, logger
from infra.template import Template
from infra.watching.metrics import METRICS, NAMESPACE, STAGE, Line, of_line

Series = tuple[str, frozenset[str]]
"""A metric's name and the names of its dimensions."""

SERVICES = count(1)  # loggers of one name share the stream of the first

BOOK = BookStart("night", [], "bank-a/shared", "bank-a")
LINES: dict[str, Callable[[Logger], None]] = {
    "call": lambda log: log_call(log, route="GET /rebalance/runs", status=503, seconds=0.25, facts={}),
    "job": lambda log: log_job(log, seconds=0.25, facts={"returned": 1}),
    "evidence": lambda log: log_broken_evidence(log, code="EVIDENCE_CORRUPT", payload="bank-a/runs/rr_1/a.json.gz"),
    "sweep": lambda log: log_sweep(log, seconds=0.25, counts={"runs_removed": 2, "failed": 1}),
    "book": lambda log: log_book(log, book=BOOK, counts={"decided": 7, "failed_lines": 1, "chunks_missing": 2}),
}
OURS = {"tenant": "bank-a", "engine_ms": 12.5, "runs_ready": 2, "intents": 7, "code": "IDEMPOTENCY_KEY_CONFLICT"}


def series_of(line: dict[str, object]) -> Iterator[Series]:
    embedded = line["_aws"]
    assert isinstance(embedded, dict)
    for directive in embedded["CloudWatchMetrics"]:
        assert directive["Namespace"] == NAMESPACE
        yield from ((metric["Name"], frozenset(dimensions)) for metric in directive["Metrics"] for dimensions in directive["Dimensions"])


def written(message: str) -> dict[str, object]:
    stream = io.StringIO()
    LINES[message](logger(f"observed-{next(SERVICES)}", stream, {"APP_STAGE": "uat"}))
    line = json.loads(stream.getvalue())
    assert isinstance(line, dict)
    return line


@pytest.mark.parametrize("message", LINES)
def test_a_line_holds_what_it_announces(message: str) -> None:
    line = written(message)
    announced = {name for metric, dimensions in series_of(line) for name in (metric, *dimensions)}
    assert announced <= set(line)
    assert (line["message"], line["stage"]) == (message, "uat")


@pytest.mark.parametrize("message", LINES)
def test_a_line_announces_its_metrics_as_powertools_would(message: str) -> None:
    """Powertools' own writes a line for metrics alone; ours are on the line of the call, in the very same form."""
    line = written(message)
    for directive in line["_aws"]["CloudWatchMetrics"]:  # type: ignore[index]
        theirs = EphemeralMetrics(namespace=NAMESPACE)
        [dimensions] = directive["Dimensions"]
        for name in dimensions:
            theirs.add_dimension(name, str(line[name]))
        for metric in directive["Metrics"]:
            theirs.add_metric(metric["Name"], MetricUnit(metric["Unit"]), float(str(line[metric["Name"]])))
        [told] = theirs.serialize_metric_set()["_aws"]["CloudWatchMetrics"]
        assert directive == told


def test_every_alarm_on_our_metrics_has_a_line_that_feeds_it() -> None:
    fed = {series for message in LINES for series in series_of(written(message))}
    alarms = [alarm for _, alarm in Template.load(TEMPLATE).of_type("AWS::CloudWatch::Alarm") if alarm.get("Namespace") == NAMESPACE]
    listened = {(alarm["MetricName"], frozenset(dimension["Name"] for dimension in alarm["Dimensions"])) for alarm in alarms}
    assert listened == {(metric.name, frozenset(STAGE)) for metric in METRICS if metric.alarm}
    assert len(listened) == 5
    assert listened <= fed


def test_every_name_of_the_table_is_counted_in_one_way_by_a_line() -> None:
    for line in Line:
        names = [metric.name for metric in of_line(line)]
        assert len(set(names)) == len(names), line
    assert all(metric.lines and metric.by and metric.says for metric in METRICS)
    assert not any(metric.business and "route" in dimensions for metric in METRICS for dimensions in metric.by)


@pytest.mark.parametrize("by_tenant", [False, True])
def test_what_is_decided_is_counted_by_tenant_where_the_deployment_asks_for_it(by_tenant: bool) -> None:
    stream = io.StringIO()
    log = logger(f"observed-{next(SERVICES)}", stream, {"APP_STAGE": "uat"})
    log_call(log, route="POST /rebalance/simulate", status=409, seconds=0.25, facts=OURS, by_tenant=by_tenant)
    found = set(series_of(json.loads(stream.getvalue())))
    theirs = {name for name, dimensions in found if "tenant" in dimensions}
    assert theirs == ({"engine_ms", "runs_ready", "intents", "conflicts"} if by_tenant else set())
    assert {(name, frozenset(STAGE)) for name in ("runs_ready", "intents", "conflicts", "engine_ms", "failed", "replayed")} <= found


def test_who_is_not_known_has_no_series() -> None:
    stream = io.StringIO()
    log = logger(f"observed-{next(SERVICES)}", stream, {"APP_STAGE": "uat"})
    log_call(log, route="POST /rebalance/simulate", status=401, seconds=0.25, facts={"conflicts": 1}, by_tenant=True)
    assert not [dimensions for _, dimensions in series_of(json.loads(stream.getvalue())) if "tenant" in dimensions]


def test_the_runbook_names_every_metric_and_no_other() -> None:
    told = (TEMPLATE.parent / "docs/runbook.md").read_text(encoding="utf-8").partition("| Of | Metrics |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", told)) == {metric.name for metric in METRICS}


def test_a_sweep_that_failed_is_no_call_that_failed() -> None:
    assert ("failed", frozenset({"stage"})) not in set(series_of(written("sweep")))


def test_without_a_stage_a_line_is_of_the_local_stack() -> None:
    stream = io.StringIO()
    logger("observed-local", stream, {"APP_STAGE": ""}).info("call")
    assert json.loads(stream.getvalue())["stage"] == "local"
