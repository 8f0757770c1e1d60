"""The sweeper: bounded pieces for every tenant in turn; broken off anywhere, the next sweep finishes."""

import io
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.reviews import Action, ReviewDecision, ReviewState
from engine.records.runs import RunFilter, Span, Statistics
from engine.usecases.refusals import Code
from engine.usecases.sweeps import Chore, Sweep, Task
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured, Need
from infra.triggers.once import triggered
from tests.support.adapters import over
from tests.support.emulators import Aws, everything
from tests.support.faults import Crash, Line, crash_after, crash_before, refused
from tests.support.gateway import load
from tests.support.operations import operation
from tests.support.samples import DOCUMENTS, HEAD, TENANT, HandClock, claim_for, run_id, scenario

RETENTION_DAYS = 7
NOTHING = {
    "proposals_expired": 0,
    "books_started": 0,
    "books_ended": 0,
    "runs_removed": 0,
    "operations_removed": 0,
    "documents_removed": 0,
    "unfinished": 0,
    "failed": 0,
}


class Left:
    """A call's context with this much time left at each question, the last answer for ever."""

    def __init__(self, *milliseconds: int) -> None:
        self.answers = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


PLENTY = Left(300_000)


class Sweeper:
    """The sweeper over one store, under a clock that the test moves."""

    def __init__(self, runs: Any, clock: Any) -> None:
        self.runs, self.clock, self.out = runs, clock, io.StringIO()
        self.handler = load("sweeper").build(Settings(), over(runs), logger(f"sweeper-{uuid4()}", self.out))

    def sweep(self, context: Any = PLENTY) -> Any:
        return self.handler({"source": "aws.events"}, context)

    @property
    def lines(self) -> Any:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def clock() -> Any:
    return HandClock()


@pytest.fixture(params=["memory", "dynamodb"])
def sweeper(request: pytest.FixtureRequest, clock: HandClock, memory: MemoryTables) -> Any:
    if request.param == "memory":
        return Sweeper(MemoryRunStore(memory, clock=clock, retention_days=RETENTION_DAYS), clock)
    return Sweeper(in_dynamodb(request.getfixturevalue("aws"), clock), clock)


def in_dynamodb(aws: Any, clock: Any) -> Any:
    return DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket, inline_max_bytes=40), clock=clock, retention_days=7)


def recorded(runs: Any, number: Any, clock: Any, **changes: Any) -> Any:
    head = replace(HEAD, run_id=run_id(number), idempotency_key=f"key-{number}", created_at=clock.now, **changes)
    assert runs.record(head, replace(DOCUMENTS, artifact=bytes(range(64))), claim_for(head)) is None
    return head


def statistics(runs: Any) -> Any:
    return over(runs).statistics.statistics(TENANT)


def test_an_empty_store_is_swept(sweeper: Any) -> None:
    assert sweeper.sweep() == NOTHING
    line = sweeper.lines[-1]
    assert (line["message"], line["level"]) == ("sweep", "INFO")
    assert {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]} == {"duration_ms", *NOTHING}
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["stage", "service"]]


def test_what_is_past_its_time_goes_and_the_rest_stays(sweeper: Any, clock: HandClock) -> None:
    recorded(sweeper.runs, 1, clock)
    recorded(sweeper.runs, 2, clock, tenant="bank-b")
    operations = over(sweeper.runs).operations
    operations.accept(operation(created_at=clock.now), b"{}")
    clock.forward(days=8)
    young = recorded(sweeper.runs, 3, clock)
    assert sweeper.sweep() == NOTHING | {"runs_removed": 2, "operations_removed": 1}
    assert sweeper.sweep() == NOTHING
    kept = over(sweeper.runs, operations_ttl_seconds=10**9)
    sweeper.runs.retention_days = 0
    assert [row.run_id for row in kept.lookup.page(TENANT, RunFilter(), limit=9).rows] == [young.run_id]
    assert kept.lookup.page("bank-b", RunFilter(), limit=9).rows == ()
    assert statistics(sweeper.runs).runs_by_status == {"READY": 1}


def test_a_backlog_goes_in_pieces(sweeper: Any, clock: HandClock) -> None:
    for number in range(30):
        recorded(sweeper.runs, number, clock)
    clock.forward(days=8)
    assert sweeper.sweep(Left(300_000, 29_999)) == NOTHING | {"runs_removed": 25, "unfinished": 2}
    assert sweeper.sweep(Left(30_000)) == NOTHING | {"unfinished": 2}
    assert sweeper.sweep() == NOTHING | {"runs_removed": 5}


def test_without_retention_no_run_goes(clock: HandClock, memory: MemoryTables) -> None:
    sweeper = Sweeper(MemoryRunStore(memory, clock=clock), clock)
    recorded(sweeper.runs, 1, clock)
    clock.forward(days=4_000)
    assert sweeper.sweep() == NOTHING


class Tenants:
    """A retention that knows tenants, and documents without owners."""

    def __init__(self, *tenants: str) -> None:
        self.known, self.looked = tenants, 0

    def tenants(self) -> tuple[str, ...]:
        return self.known

    def remove_runs(self, _tenant: str, *, most: int) -> int:
        raise AssertionError(most)

    def remove_orphans(self, *, most: int) -> int:
        self.looked += 1
        return 3


def test_tenants_take_turns_and_each_minute_another_is_first(clock: HandClock) -> None:
    done: list[str] = []
    left = Counter({"a": 5, "b": 1, "c": 3})

    def piece(tenant: str, most: int) -> int:
        done.append(tenant)
        piece = min(most, left[tenant])
        left[tenant] -= piece
        return piece

    sweep = Sweep(Tenants("a", "b", "c"), (Task("work", 2, piece),), clock)
    first = int(clock.now.timestamp()) // 60 % 3
    order = ["a", "b", "c"][first:] + ["a", "b", "c"][:first]
    assert sweep(lambda: True).counts == {"work": 9, "documents_removed": 3}
    assert done[:3] == order
    assert Counter(done) == {"a": 3, "b": 1, "c": 2}

    starts = set()
    for _ in range(3):
        clock.forward(minutes=1)
        done.clear()
        sweep(lambda: len(done) < 1)
        starts.add(done[0])
    assert starts == {"a", "b", "c"}


def test_an_outage_in_one_piece_leaves_the_others_to_be_done(clock: HandClock) -> None:
    done: list[str] = []
    retention = Tenants("a", "b")

    def piece(tenant: str, most: int) -> int:
        if tenant == "a":
            raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)
        done.append(tenant)
        return 0

    swept = Sweep(retention, (Task("one", 1, piece), Task("two", 1, lambda tenant, most: 0)), clock)(lambda: True)
    assert (done, retention.looked) == (["b"], 1)
    assert swept.failures == ("DPM_SUPPORTABILITY_STORE_UNAVAILABLE",)


def test_documents_are_looked_at_only_when_there_is_time(clock: HandClock) -> None:
    retention = Tenants()
    assert Sweep(retention, (), clock)(lambda: False).counts == {"documents_removed": 0}
    assert retention.looked == 0


def test_an_outage_is_an_error_of_the_function_and_counted(aws: Aws, clock: HandClock) -> None:
    sweeper = Sweeper(in_dynamodb(aws, clock), clock)
    recorded(sweeper.runs, 1, clock)
    clock.forward(days=8)
    line = Line(aws.s3)
    line.break_at(range(100), refused("AccessDenied"))
    with pytest.raises(StoreUnavailable):
        sweeper.sweep()
    assert sweeper.lines[-1]["failed"] == 2
    line.break_at(range(0), crash_before)
    assert sweeper.sweep() == NOTHING | {"runs_removed": 1}


def test_documents_without_an_owner_go_after_a_week_those_of_operations_too(aws: Aws, clock: HandClock) -> None:
    sweeper = Sweeper(in_dynamodb(aws, clock), clock)
    sweeper.runs.retention_days = 0
    over(sweeper.runs).operations.accept(operation(created_at=clock.now), b"[%s]" % bytes(range(48, 99)))
    recorded(sweeper.runs, 1, clock)
    names = [f"{TENANT}/runs/{run_id(9)}/0.json.gz", f"{TENANT}/operations/dop_9/0.json.gz", f"{TENANT}/other/x/0.json.gz"]
    for name in names:
        aws.s3.put_object(Bucket=aws.bucket, Key=name, Body=b"")
    there = aws.s3.list_objects_v2(Bucket=aws.bucket)["KeyCount"]
    clock.now = aws.s3.head_object(Bucket=aws.bucket, Key=names[0])["LastModified"] + timedelta(days=8)
    swept = sweeper.sweep()
    assert swept["documents_removed"] == 2
    left = [row["Key"] for row in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]]
    assert names[2] in left
    assert len(left) == there - 2 - swept["operations_removed"]


def never(*_: Any) -> Any:
    pytest.fail("built")


def test_an_environment_that_cannot_serve_is_an_error() -> None:
    handler = triggered("sweeper", never, {}, needs=(Need.RUNS,))
    with pytest.raises(Misconfigured):
        handler({}, PLENTY)


def test_the_sweeper_is_built_once() -> None:
    built = []

    def build(settings: Any, adapters: Any, log: Any) -> Any:
        built.append(settings)
        return lambda event, context: {"n": len(built)}

    handler = triggered("sweeper", build, {"APP_PERSISTENCE_PROFILE": "LOCAL"}, needs=(Need.RUNS,))
    assert [handler({}, PLENTY) for _ in range(2)] == [{"n": 1}, {"n": 1}]


SWEEP_CALLS = 45
"""No sweep of the store below makes more calls."""


def fill(runs: Any, clock: Any) -> Any:
    """Runs past their time, one reviewed, one of an operation; and a young one."""
    old = [recorded(runs, 1, clock), scenario(replace(HEAD, run_id=run_id(2), created_at=clock.now), "base", "dop_1")]
    runs.record(old[-1], DOCUMENTS, None)
    decision = ReviewDecision("dwd_1", old[0].run_id, Action.APPROVE, "OK", None, "reviewer-1", clock.now, "c_none")
    over(runs).reviews.append(TENANT, decision, ReviewState())
    clock.forward(days=8)
    return old, recorded(runs, 3, clock)


@pytest.mark.parametrize("number", range(SWEEP_CALLS))
def test_a_sweep_broken_off_anywhere_leaves_runs_whole_or_gone_and_the_next_finishes(aws: Aws, clock: HandClock, number: int) -> None:
    runs = in_dynamodb(aws, clock)
    old, young = fill(runs, clock)
    forever = in_dynamodb(aws, clock)
    forever.retention_days = 0
    sweeper, line = Sweeper(runs, clock), Line(aws.dynamodb, aws.s3)

    line.break_at(range(number, number + 1), crash_after)  # before the next call the world looks the same
    with suppress(Crash):
        sweeper.sweep()
    line.break_at(range(0), crash_after)
    for head in old:
        there = forever.head(head.tenant, head.run_id)
        assert there in {None, head}
        assert there is None or forever.documents(head.tenant, head.run_id) is not None
    visible = [head for head in (*old, young) if forever.head(head.tenant, head.run_id)]
    assert statistics(forever).runs_by_status == {"READY": len(visible)}

    sweeper.sweep()
    for head in old:
        assert not [item for item in everything(aws) if head.run_id in item["pk"]["S"] + item["sk"]["S"]]
    assert runs.documents(TENANT, young.run_id).result == DOCUMENTS.result
    assert statistics(forever) == Statistics({"READY": 1}, {}, {}, {}, 2, Span(young.created_at, young.created_at))
    assert {row["Key"].split("/")[2] for row in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]} == {young.run_id}


def test_a_sweep_makes_no_more_calls_than_are_broken_off_above(aws: Aws, clock: HandClock) -> None:
    runs = in_dynamodb(aws, clock)
    fill(runs, clock)
    line = Line(aws.dynamodb, aws.s3)
    assert Sweeper(runs, clock).sweep() == NOTHING | {"runs_removed": 2}
    assert 30 < len(line.calls) <= SWEEP_CALLS


@pytest.mark.parametrize(("left", "done"), [([True] * 9, 5), ([False], 2), ([True, False], 4)])
def test_a_chore_goes_on_while_there_is_more_of_it_and_time(clock: HandClock, memory: MemoryTables, left: list[bool], done: int) -> None:
    """Two at once of five: 2, 2 and 1; the first bounded run needs no leave."""
    waiting = [2, 2, 1]
    chores = (Chore("done", 2, lambda most: min(most, waiting.pop(0))),)
    swept = Sweep(over(MemoryRunStore(memory, clock=clock)).retention, (), clock, chores)(lambda: left.pop(0) if left else True)
    assert swept.counts["done"] == done


def test_a_chore_that_an_outage_breaks_off_leaves_the_rest_to_be_done(clock: HandClock, memory: MemoryTables) -> None:
    def down(_: int) -> int:
        raise StoreUnavailable(Code.STORE_PROPOSAL_UNAVAILABLE)

    chores = (Chore("broken", 2, down), Chore("done", 2, lambda _: 1))
    swept = Sweep(over(MemoryRunStore(memory, clock=clock)).retention, (), clock, chores)(lambda: True)
    assert (swept.counts["broken"], swept.counts["done"], swept.failures) == (0, 1, (Code.STORE_PROPOSAL_UNAVAILABLE,))
