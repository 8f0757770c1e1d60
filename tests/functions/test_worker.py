"""The worker: any number of deliveries, one outcome; what cannot be done ends, what may pass comes back, what never ends is given up."""

import json
from contextlib import suppress
from typing import Any

import pytest

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.operations import Family, Job, Operation
from engine.records.runs import RunDocuments, RunHead
from engine.scenarios import scenario_run_id
from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, ExecuteWhatIf
from engine.usecases.execution import MAX_FAILURES, ExecuteOperation
from engine.usecases.refusals import Code
from infra.aws.operations.queue import SqsQueue
from infra.memory.operations import MemoryOperationStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.guardrails import Misconfigured, Need
from infra.triggers.jobs import delay_after
from infra.triggers.once import triggered
from tests.support.adapters import in_memory, on_aws
from tests.support.emulators import Aws
from tests.support.faults import Fault, Line, outage_after, outage_before, refused
from tests.support.portfolios import batch
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import Call, Service, operating

UNAVAILABLE = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE


@pytest.fixture(params=["memory", "dynamodb"])
def office(request: pytest.FixtureRequest, clock: HandClock) -> Any:
    """The functions over either store."""
    if request.param == "memory":
        return operating(in_memory(MemoryTables(), clock, queue=MemoryQueue()))
    return operating(on_aws(request.getfixturevalue("aws"), clock, queue=MemoryQueue()))


@pytest.fixture
def desk(clock: HandClock) -> Any:
    return operating(in_memory(MemoryTables(), clock, queue=MemoryQueue()))


def job(operation_id: Any) -> Any:
    return Job("bank-a", Family.DPM, operation_id)


def test_the_result_is_the_batchs_and_its_runs_are_there(office: Service) -> None:
    name = office.accepted(batch(b={"max_turnover_pct": "0"}, a={}), X_Correlation_Id="corr-1")
    office.clock.forward(seconds=5)
    assert office.work(*office.jobs()) == [True]
    told = office.status(name)
    assert (told["status"], told["started_at"], told["error"], told["result_url"]) == ("SUCCEEDED", told["finished_at"], None, None)
    assert list(told["result"]["results"]) == ["a", "b"]
    for scenario, result in told["result"]["results"].items():
        assert result["rebalance_run_id"] == scenario_run_id(name, scenario)
        run = office.get(f"/rebalance/runs/{result['rebalance_run_id']}").json
        assert (run["result"], run["correlation_id"], run["operation_id"]) == (result, f"corr-1:{scenario}", name)
        assert (run["batch_run_id"], run["scenario"]) == (told["result"]["batch_run_id"], scenario)
    by_correlation = office.get("/rebalance/operations/by-correlation/corr-1").json
    assert by_correlation == told


def test_another_delivery_changes_nothing(office: Service) -> None:
    name = office.accepted()
    [waiting] = office.jobs()
    office.work(waiting)
    told = office.status(name)
    office.clock.forward(hours=1)
    assert office.work(waiting, waiting) == [True, True]
    assert office.status(name) == told


def test_while_somebody_else_is_at_it_the_message_comes_back(office: Service) -> None:
    name = office.accepted()
    office.operations.lease("bank-a", name, owner="somebody", seconds=60)
    assert office.work(*(waiting := list(office.jobs()))) == [False]
    office.clock.forward(seconds=61)
    assert office.work(*waiting) == [True]
    assert office.status(name)["status"] == "SUCCEEDED"


def test_an_execution_that_died_half_way_is_taken_over_and_every_scenario_is_one_run(office: Service) -> None:
    class DiesAtTheSecond:
        def __init__(self, store: Any) -> None:
            self.store, self.recorded = store, 0

        def __getattr__(self, name: Any) -> Any:
            return getattr(self.store, name)

        def record(self, head: Any, documents: Any, claim: Any) -> Any:
            self.recorded += 1
            if self.recorded == 2:
                raise SystemExit
            return self.store.record(head, documents, claim)

    name = office.accepted(batch(a={}, b={}, c={}))
    adapters = office.adapters
    executors = {ANALYZE_SCENARIOS: ExecuteWhatIf(DiesAtTheSecond(adapters.runs), adapters.clock)}
    dying = ExecuteOperation(office.operations, executors, adapters.ids, lambda _: None)
    with suppress(SystemExit):
        dying("bank-a", name, seconds=60)
    first = adapters.runs.result("bank-a", scenario_run_id(name, "a"))
    assert first is not None
    assert adapters.runs.head("bank-a", scenario_run_id(name, "b")) is None
    office.clock.forward(seconds=61)
    assert office.work(job(name)) == [True]
    told = office.status(name)
    assert told["status"] == "SUCCEEDED"
    assert list(told["result"]["results"]) == ["a", "b", "c"]
    assert told["result"]["results"]["a"] == json.loads(first)
    assert len(office.get("/rebalance/runs").json["items"]) == 3


def test_an_outage_leaves_it_running_and_the_message_comes_back(clock: HandClock) -> None:
    tables = MemoryTables()

    class Down(MemoryRunStore):
        def record(self, head: Any, documents: Any, claim: Any) -> None:
            raise StoreUnavailable(UNAVAILABLE)

    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    waiting = list(office.jobs())
    assert office.with_adapters(runs=Down(tables, clock=clock)).work(*waiting) == [False]
    assert office.status(name)["status"] == "RUNNING"
    assert office.work(*waiting) == [True]
    assert office.status(name)["status"] == "SUCCEEDED"


class Down(MemoryRunStore):
    """Records nothing; looks up."""

    def record(self, head: RunHead, documents: RunDocuments, claim: Any) -> Any:
        raise StoreUnavailable(UNAVAILABLE)


def test_what_met_an_outage_comes_back_soon_and_twelve_receipts_outlive_an_hour(clock: HandClock) -> None:
    tables = MemoryTables()
    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    waiting = list(office.jobs())
    broken = office.with_adapters(runs=Down(tables, clock=clock))
    for received in range(1, 12):
        assert broken.work(*waiting, received=received) == [False]
        clock.forward(seconds=delay_after(received))
    queue = office.adapters.queue
    assert isinstance(queue, MemoryQueue)
    delays = [seconds for _, seconds in queue.postponed]
    assert delays == [30, 60, 120, 240, 480, 600, 600, 600, 600, 600, 600]
    assert sum(delays) > 3600
    assert office.work(*waiting, received=12) == [True]
    assert office.status(name)["status"] == "SUCCEEDED"


def test_outages_do_not_excuse_what_dies_by_itself(clock: HandClock) -> None:
    tables = MemoryTables()
    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    waiting = list(office.jobs())
    broken = office.with_adapters(runs=Down(tables, clock=clock))
    for number in range(MAX_FAILURES):
        assert broken.work(*waiting) == [False]
        assert office.operations.lease("bank-a", name, owner=f"dies-{number}", seconds=1) is not None
        clock.forward(seconds=2)
    assert office.work(*waiting) == [True]
    assert office.status(name)["error"]["code"] == "EXECUTION_RETRIES_EXHAUSTED"


def test_what_somebody_else_holds_comes_back_soon_and_what_is_no_job_in_the_queues_own_time(clock: HandClock) -> None:
    office = operating(in_memory(MemoryTables(), clock, queue=MemoryQueue()))
    name = office.accepted()
    waiting = list(office.jobs())
    office.operations.lease("bank-a", name, owner="somebody", seconds=900)
    assert office.work(*waiting, received=2) == [False]
    assert office.hand("worker", ["nonsense"]) == [False]
    queue = office.adapters.queue
    assert isinstance(queue, MemoryQueue)
    assert [seconds for _, seconds in queue.postponed] == [60]


@pytest.mark.parametrize("fault", [outage_before, outage_after, refused("AccessDenied"), refused("InvalidParameterValue")])
def test_a_queue_that_does_not_hear_of_the_delay_loses_nothing(aws: Aws, clock: HandClock, fault: Fault) -> None:
    sqs, url = aws.queue()
    tables = MemoryTables()
    office = operating(in_memory(tables, clock, queue=MemoryQueue())).with_adapters(queue=SqsQueue(sqs, url))
    name = office.accepted()
    [message] = sqs.receive_message(QueueUrl=url, VisibilityTimeout=1)["Messages"]
    Line(sqs).break_at(range(100), fault)
    record = {"messageId": "m1", "receiptHandle": message["ReceiptHandle"], "body": message["Body"], "attributes": {}}
    broken = office.with_adapters(runs=Down(tables, clock=clock))
    assert broken.function("worker")({"Records": [record]}, Call()) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert office.function("worker")({"Records": [record]}, Call()) == {"batchItemFailures": []}
    assert office.status(name)["status"] == "SUCCEEDED"


def test_an_attempt_that_cannot_even_be_given_back_still_tells_of_its_outage(clock: HandClock) -> None:
    class Mute(MemoryOperationStore):
        def give_back(self, tenant: str, operation_id: str, *, owner: str) -> None:
            raise StoreUnavailable(UNAVAILABLE)

    tables = MemoryTables()
    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    waiting = list(office.jobs())
    broken = office.with_adapters(runs=Down(tables, clock=clock), operations=Mute(tables.operations, clock=clock))
    assert broken.work(*waiting) == [False]
    assert office.work(*waiting) == [False]
    clock.forward(seconds=136)
    assert office.work(*waiting) == [True]
    assert office.status(name)["status"] == "SUCCEEDED"


def test_a_lease_outlives_the_function_that_took_it(desk: Any) -> None:
    name = desk.accepted()
    [waiting] = desk.jobs()
    until = []

    class Watching(MemoryRunStore):
        def record(self, head: Any, documents: Any, claim: Any) -> None:
            until.append(desk.operations.operation("bank-a", name).lease_until - desk.clock())
            raise StoreUnavailable(UNAVAILABLE)

    desk.with_adapters(runs=Watching(desk.adapters.runs.tables, clock=desk.clock)).work(waiting, seconds=100)
    assert [held.total_seconds() for held in until] == [115]


@pytest.mark.parametrize(
    ("error", "code"), [(EvidenceCorrupt("key"), "EVIDENCE_CORRUPT"), (RecursionError("secret 42"), "EXECUTION_ERROR")]
)
def test_what_would_happen_again_ends_it_at_once_by_a_stable_code(clock: HandClock, error: Any, code: str) -> None:
    tables = MemoryTables()

    class Broken(MemoryRunStore):
        def record(self, head: Any, documents: Any, claim: Any) -> None:
            raise error

    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    broken = office.with_adapters(runs=Broken(tables, clock=clock))
    assert broken.work(*office.jobs()) == [True]
    told = office.status(name)
    assert (told["status"], told["result"], told["error"]["code"]) == ("FAILED", None, code)
    assert told["finished_at"] is not None
    assert "secret" not in json.dumps(told) + broken.log.getvalue()
    assert {line["message"] for line in broken.lines} >= {"job", "evidence" if code == "EVIDENCE_CORRUPT" else "defect"}


def test_an_acceptance_that_this_release_does_not_take_any_more_fails(desk: Any) -> None:
    name = desk.accepted()
    kept = desk.adapters.runs.tables.operations.kept["bank-a", name][1]
    kept.request = kept.request.replace(b"portfolio_id", b"portfolio_ix")
    assert desk.work(*desk.jobs()) == [True]
    assert desk.status(name)["error"] == {
        "code": "REQUEST_VALIDATION_FAILED",
        "message": "The accepted request is not valid any more.",
    }


def test_an_operation_of_a_type_that_nobody_here_executes_fails_by_its_own_code(office: Service) -> None:
    accepted = Operation("bank-a", "dop_70", "OF_TOMORROW", "corr-1", "actor", office.clock())
    assert office.operations.accept(accepted, b"{}") is None
    assert office.work(job("dop_70")) == [True]
    told = office.status("dop_70")
    assert (told["status"], told["result"]) == ("FAILED", None)
    assert told["error"] == {"code": "OPERATION_TYPE_UNKNOWN", "message": "Operations of this type cannot be executed."}
    assert [line["error_type"] for line in office.lines if line["message"] == "defect"] == ["KeyError"]


def test_an_execution_on_demand_that_fails_is_an_answer_like_any_other(clock: HandClock) -> None:
    tables = MemoryTables()

    class Broken(MemoryRunStore):
        def record(self, head: Any, documents: Any, claim: Any) -> None:
            raise RuntimeError

    office = operating(in_memory(tables, clock, queue=MemoryQueue()))
    name = office.accepted()
    reply = office.with_adapters(runs=Broken(tables, clock=clock)).execute(name)
    assert (reply.status, reply.json["status"], reply.json["error"]["code"]) == (200, "FAILED", "EXECUTION_ERROR")


def test_attempts_are_counted_and_end_some_day(desk: Any) -> None:
    name = desk.accepted()
    for number in range(MAX_FAILURES):
        assert desk.operations.lease("bank-a", name, owner=f"dies-{number}", seconds=1) is not None
        desk.clock.forward(seconds=2)
    assert desk.work(*desk.jobs()) == [True]
    assert desk.status(name)["error"]["code"] == "EXECUTION_RETRIES_EXHAUSTED"


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "{}", '{"tenant":"bank-a","family":"OTHER","operation_id":"x"}', '{"tenant":"a b","family":"DPM"}']
)
def test_a_message_that_is_no_job_comes_back_alone_and_is_done_with_as_a_dead_letter(desk: Any, body: str) -> None:
    name = desk.accepted()
    good = json.dumps({"tenant": "bank-a", "family": "DPM", "operation_id": name})
    assert desk.hand("worker", [body, good]) == [False, True]
    assert desk.status(name)["status"] == "SUCCEEDED"
    assert desk.hand("dead_letters", [body]) == [True]
    assert {line["outcome"] for line in desk.lines if line["message"] == "job"} == {"NOT_A_JOB", "ENDED"}


def test_jobs_of_unknown_operations_are_done_with(desk: Any) -> None:
    assert desk.work(job("dop_0"), Job("bank-b", Family.DPM, desk.accepted())) == [True, True]


def test_a_dead_letter_fails_what_nobody_is_at(office: Service) -> None:
    waiting, held, ended = (office.accepted() for _ in range(3))
    jobs = [{"tenant": "bank-a", "family": "DPM", "operation_id": name} for name in (waiting, held, ended)]
    office.operations.lease("bank-a", held, owner="somebody", seconds=60)
    office.work(job(ended))
    assert office.hand("dead_letters", [json.dumps(told) for told in jobs]) == [True, True, True]
    assert [office.status(name)["status"] for name in (waiting, held, ended)] == ["FAILED", "RUNNING", "SUCCEEDED"]
    assert office.status(waiting)["error"]["code"] == "EXECUTION_RETRIES_EXHAUSTED"


def never(*_: Any) -> Any:
    pytest.fail("built")


def test_the_door_of_the_queue_refuses_an_environment_that_cannot_serve() -> None:
    with pytest.raises(Misconfigured, match="PERSISTENCE_PROFILE_REQUIRES_DPM_STORE"):
        triggered("worker", never, {}, needs=(Need.RUNS,))({"Records": []}, Call())
