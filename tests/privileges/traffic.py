"""Everything that the functions of the template are there for, done once over the local stack: every call of the API, every message, every chore.

Documents lie in the bucket whatever their size, and every group of calls is open.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import boto3

from engine.ports.operations import OperationStore
from engine.records.book_runs import Book, BookStatus
from engine.records.operations import Family, Job
from engine.scenarios import scenario_run_id
from engine.usecases.books.beginning import BeginAttempt
from infra.adapters import Adapters
from infra.api import CALLS, ROUTES
from infra.aws import connect
from infra.aws.books.machine import StepFunctions
from infra.aws.clients import client
from infra.aws.keys import payload
from infra.aws.operations.queue import SqsQueue
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.http.routing import best_match
from infra.local.functions import FunctionError
from infra.local.lambdas import HandlerLambda
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.operations import ExecutionMode, OperationSettings
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now
from infra.template import ACCOUNT, REGION
from tests.privileges.recorded import Recorder, Use
from tests.support.books import line_of, shared_of
from tests.support.faults import Line, lost_acknowledgement
from tests.support.gateway import IDENTITY, Reply, event, load
from tests.support.lives import Lives, ok
from tests.support.machines import until
from tests.support.portfolios import a_proposal, a_request, batch
from tests.support.samples import run_id
from tests.support.service import OPEN, Call, Service

PARAMETERS: Final = {"InlinePayloadMaxBytes": "0"}
EVERYBODY: Final = IDENTITY | {"scopes": " ".join(sorted({scope for call in CALLS for scope in call.scopes}))}
REVIEWER: Final = EVERYBODY | {"actor": "reviewer-1"}
PACK: Final = {"version": "1", "turnover_policy": {"max_turnover_pct": "0.5"}}
DAY: Final = 86_400
BOOK: Final = {"manifest": ["bank-a/uploads/up_1/manifest"], "shared": "bank-a/uploads/up_1/shared", "records": "NONE"}


def open_stack() -> LocalStack:
    return LocalStack.from_template(parameters=PARAMETERS, variables=EVERYTHING_OPEN)


@dataclass
class Deployed(Service):
    """The functions of the stack as the gateway, the queues and the schedule call them, each under its name in the record."""

    stack: LocalStack = field(default_factory=open_stack)
    recorder: Recorder = field(default_factory=lambda: Recorder(""))
    answered: set[str] = field(default_factory=set)

    def function(self, name: str) -> Any:
        [(logical, function)] = [(key, made) for key, made in self.stack.functions.items() if made.folder.name == name]

        def invoke(event: Any, _: Any) -> Any:
            with self.recorder.by(logical):
                return function.invoke(event)

        return invoke

    def call(self, method: str, path: str, body: Any, headers: Any, authorizer: Any, query: Any = None, **parts: Any) -> Reply:
        reply = super().call(method, path, body, headers, authorizer, query, **parts)
        match = best_match(ROUTES, path)
        assert match is not None
        if reply.status < 300:
            self.answered.add(f"{method} {match.template}")
        return reply

    def send(self, proxy_event: dict[str, Any]) -> Reply:
        self.answered.add("POST /rebalance/simulate")
        return super().send(proxy_event)

    def read(self, *paths: str, **query: Any) -> None:
        for path in paths:
            ok(self.get(f"/rebalance/{path}", **query))


def deployed(stack: LocalStack) -> Deployed:
    """Over a running stack, as somebody who may do everything. Its own adapters, whose calls nobody records, see the same tables and put into them what no call brings about."""
    return Deployed(stored(stack, boto3.client), caller=EVERYBODY, stack=stack, recorder=Recorder(stack.resources.attribute("Key", "Arn")))


def stored(stack: LocalStack, clients: Any, **later: float) -> Adapters:
    """The adapters of a deployment over the stack's resources, at another time."""
    name = stack.resources.attribute

    def clock() -> Any:
        return utc_now() + timedelta(**later)

    payloads = Payloads(clients("s3"), name("PayloadBucket"), inline_max_bytes=0)
    tables = [Table(clients("dynamodb"), name(table)) for table in ("RunsTable", "ProposalsTable")]
    proposals = connect.proposals_over(tables[1], tables[0], payloads, clock=clock, key_ttl_seconds=DAY)
    runs = DynamoRunStore(tables[0], payloads, clock=clock, retention_days=1 if later.get("days") else 0)
    queue = SqsQueue(clients("sqs"), name("OperationsQueue"))
    books = StepFunctions(clients("stepfunctions"), name("BookMachine"))
    return connect.over(runs, proposals, operations_ttl_seconds=DAY, packs=EnvironmentPacks(""), queue=queue, book_machine=books)


def everything(service: Deployed) -> None:
    """In this order: later parts read what earlier ones made."""
    with service.recorder.listening():
        packs(service)
        runs(service)
        operations(service)
        reviews(service)
        proposals(service)
        living(service)
        at_once(service)
        books(service)
        book_calls(service)
        public(service)
        chores(service)


def packs(service: Deployed) -> None:
    path, sent = "/rebalance/policies/catalog/growth", {"Content-Type": "application/json"}
    for pack in ("growth", "gone"):
        ok(service.call("PUT", path.replace("growth", pack), PACK, sent, EVERYBODY))
    assert service.call("DELETE", path.replace("growth", "gone"), None, {}, EVERYBODY).status == 204
    service.read("policies/catalog", "policies/catalog/growth", "policies/effective")


def runs(service: Deployed) -> None:
    pending = a_request() | {"options": {"single_position_max_weight": "0.3"}}
    sent = {"Idempotency-Key": "key", "X-Correlation-Id": "corr", "X-Policy-Pack-Id": "growth"}
    first = ok(service.post(pending, sent))
    assert ok(service.post(pending, sent)).headers["Idempotent-Replayed"] == "true"
    ok(service.analyze(batch(a={}, b={}), **{"X-Policy-Pack-Id": "growth"}))
    with acknowledgement_lost():  # of its one transaction: it reads back whose run that is
        ok(service.analyze(batch(a={})))
    name, digest = first.json["rebalance_run_id"], first.json["lineage"]["request_hash"]
    service.read("runs", f"runs/{name}", "runs/by-correlation/corr", f"runs/by-request-hash/{digest}", "runs/idempotency/key")
    service.read("runs", portfolio_id="pf_1")
    service.read("idempotency/key/history", f"lineage/{name}", "lineage/corr", "lineage/key", "supportability/summary")
    service.read(f"runs/{name}/verification", f"runs/{name}/artifact")
    service.read(*(f"runs/{one}/support-bundle" for one in (name, "by-correlation/corr", "idempotency/key")))
    ok(service.call("GET", f"/rebalance/runs/{name}", None, {"Accept": "text/html"}, EVERYBODY))
    copied(service, run_id(7), artifact=None)
    ok(service.evidence(f"{run_id(7)}/artifact"))  # composed for its first reader


@contextmanager
def acknowledgement_lost() -> Iterator[None]:
    """The next call to DynamoDB is carried out, and its caller does not hear of it."""
    dynamodb = client("dynamodb")
    line = Line(dynamodb)
    line.break_at(range(1), lost_acknowledgement)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister("before-send.*.*", line._send)


def copied(service: Deployed, name: str, **changes: Any) -> None:
    """A recorded run under another name; documents given as None are left out."""
    first = service.simulate().json["rebalance_run_id"]
    head, documents = service.adapters.runs.head("bank-a", first), service.adapters.runs.documents("bank-a", first)
    assert head is not None
    assert documents is not None
    same = replace(head, run_id=name, idempotency_key=None)
    assert service.adapters.runs.record(same, replace(documents, **changes), None) is None


def operations(service: Deployed) -> None:
    sent = {"X_Correlation_Id": "ops", "X_Policy_Pack_Id": "growth"}
    executed, worked, left = (service.accepted(batch(a={}, b={}), Idempotency_Key=f"op {n}", **sent) for n in range(3))
    for begun in (executed, worked):  # somebody recorded a first scenario and came no further
        copied(service, scenario_run_id(begun, "a"))
    ok(service.execute(executed))
    hand_over(service, Family.DPM, service.adapters.operations, worked, left)
    assert {service.status(operation)["status"] for operation in (executed, worked)} == {"SUCCEEDED"}
    service.read("operations", f"operations/{worked}", "operations/by-correlation/ops")
    service.read(f"runs/by-operation/{worked}/support-bundle", scenario="b")
    service.read("operations", correlation_id="ops")
    service.read("operations", limit=1, cursor=worked)
    service.read(f"lineage/{worked}")


def hand_over(service: Deployed, family: Family, store: OperationStore, worked: str, left: str) -> None:
    """One operation is held by somebody else when its message comes, then executed; the other is given up."""
    held = store.lease("bank-a", worked, owner="somebody", seconds=600)
    assert held is not None
    assert service.work(Job("bank-a", family, worked)) == [False]
    store.give_back("bank-a", worked, owner="somebody")
    assert service.work(Job("bank-a", family, worked)) == [True]
    gone = json.dumps({"tenant": "bank-a", "family": family.value, "operation_id": left})
    assert service.hand("dead_letters", [gone]) == [True]


def reviews(service: Deployed) -> None:
    for way in ("idempotency/key", "by-correlation/corr"):
        service.read(f"runs/{way}/workflow", f"runs/{way}/workflow/history")
    name = service.get("/rebalance/runs/by-correlation/corr").json["rebalance_run_id"]
    for way in (name, "by-correlation/corr", "idempotency/key"):
        ok(service.act(f"/rebalance/runs/{way}/workflow/actions", {"action": "REQUEST_CHANGES", "reason_code": "MORE"}, REVIEWER))
    service.read(f"runs/{name}/workflow", f"runs/{name}/workflow/history", "workflow/decisions", "workflow/decisions/by-correlation/corr")
    page = service.get("/rebalance/workflow/decisions", limit=1).json
    service.read("workflow/decisions", cursor=page["next_cursor"])


def proposals(service: Deployed) -> None:
    for form in ("simulate", "artifact", "simulate"):
        ok(service.propose(a_proposal(), {"Idempotency-Key": "proposed"}, EVERYBODY, form=form))


def living(service: Deployed) -> None:
    lives = Lives(service)
    first = ok(lives.create(caller=EVERYBODY, key="made")).json["proposal"]
    name = str(first["proposal_id"])
    ok(lives.create(caller=EVERYBODY, key="made"))
    ok(lives.check(name, caller=EVERYBODY, Idempotency_Key="checked"))
    ok(lives.check(name, caller=EVERYBODY, Idempotency_Key="checked"))
    ok(lives.add_version(name, a_proposal(3), EVERYBODY, headers={"Idempotency_Key": "again"}))
    ok(lives.move(name, "SUBMITTED_FOR_COMPLIANCE_REVIEW", caller=EVERYBODY))
    ok(lives.vote(name, "COMPLIANCE", REVIEWER))
    lives_read(lives, name, first)
    accepted = []
    for path, key in (("/async", "later"), ("/async", "gone"), (f"/{name}/versions/async", "version"), ("/async", "made")):
        answer = ok(lives.post(path, {"simulate_request": a_proposal()}, EVERYBODY, Idempotency_Key=key, X_Correlation_Id="ops"))
        accepted.append(answer.json["operation_id"])
    worked, left, version, made_before = accepted
    hand_over(service, Family.PROPOSAL, service.adapters.proposal_operations, worked, left)
    for operation in (version, made_before):
        assert service.work(Job("bank-a", Family.PROPOSAL, operation)) == [True]
    for path in (f"/operations/{worked}", "/operations/by-correlation/ops"):
        ok(lives.get(path, EVERYBODY))


def lives_read(lives: Lives, name: str, first: dict[str, Any]) -> None:
    for path in ("", "/versions/1", "/versions/1/checks", "/versions/1/verification", "/workflow-events", "/approvals", "/lineage"):
        ok(lives.get(f"/{name}{path}", EVERYBODY))
    for path in ("/idempotency/made", "/supportability/config"):
        ok(lives.get(path, EVERYBODY))
    for narrowed in ({}, {"portfolio_id": "pf_1"}, {"created_by": first["created_by"]}, {"state": "DRAFT"}, {"cursor": name}):
        ok(lives.get("", EVERYBODY, **narrowed))


def at_once(service: Deployed) -> None:
    """Operations where a deployment executes them before it answers."""
    settings = replace(OPEN, operations=OperationSettings(execution_mode=ExecutionMode.INLINE))
    inline = Service(stored(service.stack, client), settings, EVERYBODY)
    with service.recorder.by("AsyncDispatchFunction"):
        batch_done = inline.accepted(batch(a={}))
    with service.recorder.by("ProposalWorkflowFunction"):
        request = {"simulate_request": a_proposal()}
        proposed = ok(Lives(inline).post("/async", request, EVERYBODY, Idempotency_Key="at once")).json["operation_id"]
    assert service.status(batch_done)["status"] == "SUCCEEDED"
    assert ok(Lives(service).get(f"/operations/{proposed}", EVERYBODY)).json["status"] == "SUCCEEDED"


def books(service: Deployed) -> None:
    """A book of one portfolio, step by step as its state machine calls them, its run recorded."""
    bucket = service.stack.resources.attribute("BooksBucket")
    shared = shared_of(a_request(), policy_pack={"policy_pack_id": "growth"})
    for name, content in (("manifest", line_of(a_request())), ("shared", shared)):
        boto3.client("s3").put_object(Bucket=bucket, Key=f"bank-a/uploads/up_1/{name}", Body=content)
    order = {"tenant": "bank-a", "manifest": ["bank-a/uploads/up_1/manifest"], "shared": "bank-a/uploads/up_1/shared", "records": "ALL"}
    given = {"input": order, "execution": "bk_1", "started": "2026-11-26T20:00:00Z"}
    plan = service.function("book_index")(given, None)
    service.function("book_index")(given | {"execution": "bk_1-r1"}, None)  # a second attempt, of which HTTP does not know
    delivered = {"schedule": "arn:aws:scheduler:::schedule/default/night", "scheduled_for": given["started"], "book": order}
    for execution in ("delivered", "delivered-again"):  # twice, and the second looks how the first stands
        service.function("book_index")(given | {"input": delivered, "execution": execution}, None)
    [chunk] = json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=plan["todo"])["Body"].read())
    with acknowledgement_lost():  # of its run's one transaction
        assert service.function("book_chunk")({"book": plan["book"], "chunk": chunk}, None) == {"lines": 1, "failed": 0}
    assert service.function("book_summary")({"book": plan["book"]}, None)["status"] == "COMPLETE"


class Elsewhere:
    """Functions that a state machine does not reach: nobody but the caller does anything."""

    def invoke(self, _: Any) -> Any:
        raise FunctionError("StoreUnavailable", "elsewhere")


def begun(service: Deployed, execution: str) -> None:
    """Wait until an execution runs: the emulator cannot stop one whose thread has not come so far."""
    states = boto3.client("stepfunctions")
    arn = f"{service.stack.resources.attribute('BookMachine').replace(':stateMachine:', ':execution:', 1)}:{execution}"
    assert until(lambda: states.get_execution_history(executionArn=arn)["events"], bool, 10)


def book_calls(service: Deployed) -> None:
    """The book of above over HTTP, and another one that is started, stopped and begun again there."""
    HandlerLambda.install(REGION, ACCOUNT, dict.fromkeys((function.name for function in service.stack.functions.values()), Elsewhere()))  # type: ignore[arg-type]
    sent = {"Content-Type": "application/json"}
    offered = ok(service.call("POST", "/rebalance/books/uploads", {}, sent, EVERYBODY)).json
    bucket, s3 = service.stack.resources.attribute("BooksBucket"), boto3.client("s3")
    for upload, content in ((offered["manifest"][0], line_of(a_request())), (offered["shared"], shared_of(a_request()))):
        uses = [Use(f"s3:{action}", f"arn:aws:s3:::{bucket}/{upload['object']}") for action in ("PutObject", "PutObjectTagging")]
        service.recorder.told("BooksFunction", uses)  # as the form that it signed would
        s3.put_object(Bucket=bucket, Key=upload["object"], Body=content)
    order = {"manifest": [offered["manifest"][0]["object"]], "shared": offered["shared"]["object"]}
    accepted = [ok(service.call("POST", "/rebalance/books", order, sent | {"Idempotency-Key": "night"}, EVERYBODY)) for _ in range(2)]
    assert accepted[0].body == accepted[1].body
    where = f"books/{accepted[0].json['book_id']}"
    for command, execution in (("cancel", ""), ("redrive", ""), ("cancel", "-r1")):
        if command == "cancel":
            begun(service, f"{accepted[0].json['book_id']}{execution}")
        ok(service.call("POST", f"/rebalance/{where}/{command}", None, {}, EVERYBODY))
    service.read("books", where, "books/bk_1", "books/bk_1/summary")
    service.read("books", cursor="bk_1")
    index = s3.get_object(Bucket=bucket, Key="bank-a/books/bk_1/runs.csv")["Body"].read().decode()
    ok(service.call("POST", f"/rebalance/books/bk_1/runs/{index.partition(',')[0]}", None, {}, EVERYBODY))


def public(service: Deployed) -> None:
    """What anybody may ask for, and what no function serves."""
    with service.recorder.by("FallbackFunction"):
        service.stack.invoke("Fallback", event(None, {}, method="GET", path="/nothing", resource="/{proxy+}"))
    for call in CALLS:
        if call.anybodys and "{" not in call.path:
            ok(service.call(call.method, call.path, None, {}, None))


def cancelled_while_it_is_swept(service: Deployed) -> None:
    """A book that waits when the sweeper reads it, and is cancelled by its caller when its execution is there."""
    ours = stored(service.stack, client)
    waiting = Book("bank-a", "bk_3", "operations-1", utc_now(), BOOK, ("bk_3",))
    with service.recorder.by("BooksFunction"):
        ours.book_records.keep(waiting)
        ours.book_records.move(waiting, replace(waiting, status=BookStatus.CANCELLED))
        ours.book_machine.start(waiting.execution, waiting.execution_input)
    begun(service, waiting.execution)
    with service.recorder.by("SweeperFunction"):
        assert BeginAttempt(ours.book_records, ours.book_machine, utc_now)(waiting).status is BookStatus.CANCELLED


def chores(service: Deployed) -> None:
    """The sweeper as it is scheduled; then as if it were hours and weeks later, over the same clients."""
    service.function("sweeper")({"source": "aws.events"}, None)
    Lives(service).create(caller=EVERYBODY, valid_until=(utc_now() + timedelta(days=2)).isoformat())
    service.accepted(batch(a={}), Idempotency_Key="never heard of")
    with service.recorder.by("BooksFunction"):  # whose start of it was lost
        stored(service.stack, client).book_records.keep(Book("bank-a", "bk_2", "operations-1", utc_now(), BOOK, ("bk_2",)))
    cancelled_while_it_is_swept(service)
    for kind in ("runs", "operations", "proposal-keys", "proposals"):  # what it belonged to came to nothing
        lost = payload("bank-a", kind, "nobody@1", "0" * 64)
        boto3.client("s3").put_object(Bucket=service.stack.resources.attribute("PayloadBucket"), Key=lost, Body=b"")
    for later in ({"hours": 4}, {"days": 30}):
        sweep = load("sweeper").build(Settings(), stored(service.stack, client, **later), logger("sweeper", io.StringIO()))
        with service.recorder.by("SweeperFunction"):
            assert sweep({"source": "aws.events"}, Call(300))["failed"] == 0
