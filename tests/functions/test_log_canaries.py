"""Nothing that a client writes comes into the log, whichever call, message, refusal, outage or defect it meets (decisions 3.11).

Every text that somebody could choose holds one word, in every route: over stores that work, that are down, that have a defect, and whose
documents are broken. Then the word is looked for in everything that was written. What a caller may have in the log is what the authorizer
vouches for, tenant and actor, and a correlation id that is one.
"""

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from io import StringIO
from itertools import product
from typing import Any
from uuid import uuid4

import jwt
import pytest
from pydantic import TypeAdapter

from engine.ports.outside import StoreUnavailable
from engine.usecases.refusals import Code
from infra.adapters import Adapters
from infra.api import CALLS, Call
from infra.aws.packs.store import DynamoPacks
from infra.aws.table import Table
from infra.http.identity import Scope
from infra.local.authority import ISSUER, Authority
from infra.memory.runs import MemoryTables
from infra.observability import logger
from infra.settings.packs import PackSettings
from infra.tokens.authorizer import authorizer
from infra.tokens.issuers import issuers_of
from infra.tokens.verification import Verification
from infra.triggers.once import FunctionFailed, telling
from tests.support.adapters import in_memory, on_aws
from tests.support.books import line_of, shared_of
from tests.support.emulators import Aws, everything
from tests.support.gateway import IDENTITY, event, load
from tests.support.packs import MemoryPacks
from tests.support.portfolios import a_proposal, a_request, batch
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, Service
from tests.support.service import Call as Context

WORD = re.compile(r"zq7[a-z]*", re.IGNORECASE)
EVERYTHING = IDENTITY | {"scopes": " ".join(Scope)}
SETTINGS = replace(ACCEPTING, packs=PackSettings(enabled=True))
HEADERS = {
    "Content-Type": "application/json",
    "Idempotency-Key": "zq7key",
    "User-Agent": "zq7agent",
    "X-Forwarded-For": "zq7address",
    "X-Anything": "zq7header",
    "Cookie": "zq7cookie",
    "Authorization": "Bearer zq7token",
    "X-Policy-Pack-Id": "zq7pack",
    "X-Correlation-Id": "traced-1",
}
MALFORMED = ({"Idempotency-Key": "zq7/key"}, {"X-Correlation-Id": "zq7/id"}, {"X-Tenant-Id": "zq7tenant"}, {"Content-Encoding": "zq7"})
QUERY = {"portfolio_id": "zq7portfolio", "reason_code": "ZQ7REASON", "cursor": "zq7cursor", "state": "zq7state", "zq7name": "zq7value"}
NOBODY = {name: f"zq7{name.partition('_')[0]}" for call in CALLS for name in re.findall(r"\{(\w+)\+?\}", call.path)}
BROKEN = {
    "no JSON": '{"zq7member": "zq7value"',
    "no object": '["zq7value"]',
    "unknown members": {"zq7member": "zq7value", "options": {"zq7option": "zq7value"}, "portfolio_snapshot": {"portfolio_id": ["zq7id"]}},
    "twice": '{"zq7member": 1, "zq7member": "zq7value"}',
    "no UTF-8": b'{"zq7member": "\xff"}',
    "too large": b'{"zq7member": "' + b"zq7" * 1_800_000 + b'"}',
}
MESSAGES = (
    "zq7",
    '["zq7value"]',
    '{"zq7member": "zq7value"}',
    '{"tenant": "bank-a", "family": "zq7family", "operation_id": "dop_1"}',
    '{"tenant": "zq7tenant", "family": "DPM", "operation_id": "zq7operation"}',
)


def marked(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The request with the word in all that it names."""
    named: dict[str, Any] = json.loads(json.dumps(document | more).replace("I0000", "zq7instrument").replace('"pf_1"', '"zq7portfolio"'))
    for entry in named["shelf_entries"]:
        entry |= {"attributes": {"sector": "zq7sector"}, "issuer_id": "zq7issuer"}
    return named


# No cash may stay, and with whole units a little does: the run asks for a review.
GUARDED = {"cash_band_max_weight": "0", "single_position_max_weight": "0.4", "group_constraints": {"sector:zq7sector": {"max_weight": "1"}}}
SCENARIOS = marked(batch(zq7scenario={}, zq7other={"zq7option": "zq7value"}))
PROPOSED = {"simulate_request": marked(a_proposal())}
METADATA = {"title": "zq7title", "advisor_notes": "zq7notes", "jurisdiction": "zq7land", "mandate_id": "zq7mandate"}
REASON = {"text": "zq7reason", "zq7detail": "zq7value"}
ACT = {"action": "REQUEST_CHANGES", "reason_code": "ZQ7REASON", "comment": "zq7comment"}

BODIES: dict[str, Any] = {
    "put_pack": {"version": "zq7version", "turnover_policy": {"max_turnover_pct": "1"}},
    "simulate": marked(a_request(), options=GUARDED),
    "analyze": SCENARIOS,
    "analyze_async": SCENARIOS,
    "execute_operation": None,
    "proposal_simulate": PROPOSED["simulate_request"],
    "proposal_artifact": PROPOSED["simulate_request"],
    "proposal_create": PROPOSED | {"metadata": METADATA},
    "proposal_create_async": PROPOSED | {"metadata": METADATA},
    "proposal_add_version": PROPOSED,
    "proposal_add_version_async": PROPOSED,
    "proposal_check": {"market_data_snapshot": PROPOSED["simulate_request"]["market_data_snapshot"]},
    "proposal_transition": {"expected_state": "DRAFT", "event_type": "SUBMITTED_FOR_COMPLIANCE_REVIEW", "reason": REASON},
    "proposal_approval": {
        "expected_state": "COMPLIANCE_REVIEW",
        "approval_type": "COMPLIANCE",
        "approved": True,
        "related_version_no": 2,
        "details": REASON,
    },
    "review_action": ACT,
    "review_action_by_correlation": ACT,
    "review_action_by_key": ACT,
    "book_uploads": {},
    "book_start": {"manifest": ["bank-a/zq7folder/zq7manifest"], "shared": "bank-a/zq7folder/zq7shared"},
    "book_cancel": None,
    "book_redrive": None,
    "book_run": None,
    "delete_pack": None,
}
"""What every call that changes something is sent, in an order in which each finds what it needs."""

CHANGES = {call.id: call for call in CALLS if call.method != "GET"}
FAMILIES = (("DPM", "run"), ("PROPOSAL", "proposal"))
READS = [call for call in CALLS if call.method == "GET"]


class Clients:
    """Everybody who could call a service, and the ids that they learnt from it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.known: dict[str, dict[str, str]] = {"run": {}, "proposal": {"version_no": "2"}}
        for family in self.known.values():
            family |= {"policy_pack_id": "zq7pack", "idempotency_key": "zq7key", "correlation_id": "traced-1"}
        self.served: set[str] = set()

    def ask(self, call: Call, body: Any, path: dict[str, str], query: Any = None, **headers: str) -> dict[str, Any]:
        sent = event(
            json.dumps(body) if isinstance(body, dict) else body,
            HEADERS | headers,
            method=call.method,
            path=call.path.format_map(path),
            resource=call.path,
            authorizer=EVERYTHING,
        )
        sent |= {"pathParameters": path, "multiValueQueryStringParameters": query}
        handler = load(call.function).handler if call.anybodys else self.service.function(call.function)
        answer: dict[str, Any] = handler(sent, None)
        if answer["statusCode"] < 400 and not call.anybodys:
            self.served.add(call.id)
        return answer

    def path_of(self, call: Call) -> dict[str, str]:
        """The path's parameters: of the call's family where they are known, made up where not."""
        path = NOBODY | self.known.get(self.family(call), {})
        return path | ({"rebalance_run_id": path.get("book_run", "zq7run")} if call.id == "book_run" else {})

    @staticmethod
    def family(call: Call) -> str:
        return "proposal" if call.id.startswith("proposal") else "run"

    def make(self, name: str) -> None:
        """Change something, and learn what it is called."""
        call, runs = CHANGES[name], self.service.adapters.book_machine
        runs.held = None if name == "book_redrive" else 0  # type: ignore[attr-defined]  # what is stopped was under way, and is made then
        answer = self.ask(call, BODIES[name], self.path_of(call))
        if answer["statusCode"] >= 300 or not answer["body"]:
            return
        told = json.loads(answer["body"])
        ids = {
            "operation_id": told.get("operation_id"),
            "book_id": told.get("book_id"),
            "proposal_id": told.get("proposal", {}).get("proposal_id"),
        }
        if call.id == "simulate":
            run_id = told["rebalance_run_id"]
            ids |= {"rebalance_run_id": run_id, "entity_id": run_id, "request_hash": told["lineage"]["request_hash"]}
        if call.id == "book_redrive":
            ids["book_run"] = self.service.adapters.book_files("bank-a").read(f"bank-a/books/{told['book_id']}/runs.csv")[:35].decode()
        self.known[self.family(call)] |= {name: value for name, value in ids.items() if value}

    def change(self) -> None:
        """What changes something; before the catalog is emptied again everything is read, and what waits is worked on."""
        for name in BODIES:
            if name == "delete_pack":
                self.read()
            self.make(name)
        self.work()

    def work(self) -> None:
        """Hand what was accepted to the worker."""
        waiting = [{"tenant": "bank-a", "family": family, "operation_id": self.known[name]["operation_id"]} for family, name in FAMILIES]
        self.service.hand("worker", list(map(json.dumps, waiting)))

    def read(self) -> None:
        """Everything that only reads."""
        for call in READS:
            self.ask(call, None, self.path_of(call))

    def look_around(self) -> None:
        """The same as pages, narrowed by what nobody knows, and of what there is not."""
        narrowed = {name: [value] for name, value in QUERY.items()}
        for call in READS:
            self.ask(call, None, self.path_of(call), narrowed)
            self.ask(call, None, NOBODY, Accept="zq7/type")
            if call.page:
                self.ask(call, None, self.path_of(call), Accept="text/html")

    def err(self) -> None:
        """Everything that a body, a header, a path, an identity and a message should not be."""
        for name, body in BODIES.items():
            call = CHANGES[name]
            for kind, broken in BROKEN.items():
                if kind != "too large" or name in {"simulate", "put_pack"}:
                    self.ask(call, broken, self.path_of(call))
            for headers in MALFORMED:
                self.ask(call, body, self.path_of(call), **headers)
            self.ask(call, body, NOBODY)
        self.ask(CHANGES["simulate"], marked(a_request(3)), {})  # another request under the same key
        self.service.send(event("zq7", {"zq7": "zq7"}, path="/zq7path", resource="/zq7path", authorizer=EVERYTHING))
        self.service.send(event("zq7", {}, authorizer={name: f"zq7{name}" for name in IDENTITY}))
        for function in ("worker", "dead_letters"):
            self.service.hand(function, list(MESSAGES))

    def sweep(self) -> str:
        """What the platform writes of how the sweeper ended."""
        sweeper = telling(self.service.function("sweeper"), logger(f"sweeper-{uuid4()}", self.service.log))
        try:
            sweeper({"source": "zq7"}, Context(300))
        except (StoreUnavailable, FunctionFailed) as failed:
            return f"{failed!r} {failed.__cause__!r} {failed.__context__!r}"
        return ""

    @property
    def log(self) -> str:
        return self.service.log.getvalue()


def down() -> Any:
    raise StoreUnavailable(Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)


def unkept() -> Any:
    raise KeyError("zq7key")


def unexpected() -> Any:
    raise ValueError("zq7value", {"zq7member": "zq7value"})


def unreadable() -> Any:
    """What pydantic raises: its text repeats the input."""
    TypeAdapter(int).validate_python("zq7input")


FAULTS = (down, unkept, unexpected, unreadable)
STORES = [field.name for field in fields(Adapters) if field.name not in {"clock", "ids", "watch"}]
DECIDED = [name for name in STORES if name not in {"operations", "proposal_operations", "queue"}]
"""Without these what was accepted cannot be executed."""


class Faulty:
    """Every port of the stores, failing in one way."""

    def __init__(self, fault: Callable[[], None]) -> None:
        self.fault = fault

    def __getattr__(self, name: str) -> Any:
        return lambda *_given, **_named: self.fault()

    def __call__(self, *_given: Any) -> Any:
        return self.fault()


def break_documents(aws: Aws) -> None:
    """Every document is something else now, and every definition of a pack."""
    for found in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]:
        aws.s3.put_object(Bucket=aws.bucket, Key=found["Key"], Body=b"zq7broken")
    for item in everything(aws, aws.packs):
        if "definition" in item:
            aws.dynamodb.put_item(TableName=aws.packs, Item=item | {"definition": {"S": "zq7broken"}})


class Listening(logging.Handler):
    """Hears every logger, with all that a formatter could show."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(str(record.__dict__))


@pytest.fixture
def streams(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What was written past our own stream: to the streams of the process, and to any logger by any module."""
    listening, everybody = Listening(), logging.getLogger()
    before = everybody.level
    everybody.addHandler(listening)
    everybody.setLevel(logging.INFO)
    logging.getLogger("botocore.any").info("said by %s", "another module")
    assert "another module" in "".join(listening.heard)
    yield lambda: "".join([*capfd.readouterr(), *listening.heard])
    everybody.removeHandler(listening)
    everybody.setLevel(before)


def messages(log: str) -> set[str]:
    return {json.loads(line)["message"] for line in log.splitlines()}


def test_nothing_that_a_client_chose_is_written(clock: HandClock, streams: Callable[[], str]) -> None:
    packs = MemoryPacks()
    working = Clients(Service(in_memory(MemoryTables(), clock, queue=MemoryQueue(), packs=packs, pack_changes=packs), SETTINGS))
    files = working.service.adapters.book_files("bank-a")
    files.keep("bank-a/zq7folder/zq7manifest", line_of(BODIES["simulate"], correlation_id="zq7line") + b'\n{"zq7member": "zq7value"}')
    files.keep("bank-a/zq7folder/zq7shared", shared_of(BODIES["simulate"]))
    working.change()
    assert working.served == {call.id for call in CALLS if not call.anybodys}
    told = [working.sweep()]
    working.err()
    working.look_around()
    assert (messages(working.log), told) == ({"call", "job", "sweep", "defect"}, [""])
    for fault, stores in product(FAULTS, (STORES, DECIDED)):
        failing = Clients(working.service.with_adapters(**dict.fromkeys(stores, Faulty(fault))))
        failing.known = working.known
        failing.change()
        told += [failing.sweep(), failing.log]
    assert WORD.findall("".join([working.log, *told, streams()])) == []


def test_nor_is_it_where_documents_are_broken(aws: Aws, clock: HandClock, streams: Callable[[], str]) -> None:
    packs = DynamoPacks(Table(aws.dynamodb, aws.packs), clock=clock)
    working = Clients(Service(on_aws(aws, clock, queue=MemoryQueue(), packs=packs, pack_changes=packs), SETTINGS))
    for name in ("put_pack", "simulate", "analyze_async", "proposal_artifact", "proposal_create", "proposal_create_async"):
        working.make(name)
    break_documents(aws)
    for call in READS:
        if {Code.EVIDENCE_CORRUPT, Code.DPM_POLICY_PACK_STORE_UNAVAILABLE} & set(call.codes()) or "verification" in call.id:
            working.ask(call, None, working.path_of(call) | {"version_no": "1"})
    working.work()
    assert messages(working.log) == {"call", "job", "evidence"}
    assert WORD.findall(working.log + streams()) == []


def tokens(authority: Authority, now: datetime) -> Iterator[str]:
    """One of each kind that is refused; the last one is good, with claims that nobody asked for."""
    yield from ("zq7token", "zq7.zq7.zq7", "")
    good = authority.token("adviser-7", [Scope.READ], tenant="bank-a", now=now)
    _, claims, signature = good.split(".")
    yield from (
        f"{segment(header)}.{claims}.{signature}"
        for header in ({"alg": "none"}, {"alg": "zq7", "kid": "zq7"}, {"kid": "zq7", "alg": "ES256"})
    )
    unknown = jwt.encode({"iss": "zq7issuer", "sub": "zq7subject"}, "zq7secret" * 8, "HS256", headers={"kid": "zq7kid"})
    yield from (unknown, Authority().token("zq7actor", ["zq7scope"], tenant="zq7tenant", now=now), good[:-4] + "zq7z")
    yield authority.token("zq7actor", [], tenant="zq7/tenant", now=now)
    yield authority.token("zq7actor", [], now=now - timedelta(days=1))
    yield authority.token("adviser-7", [Scope.READ, "zq7scope"], tenant="bank-a", now=now)


def segment(part: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_nothing_of_a_token_is_written_but_who_it_vouches_for(clock: HandClock, streams: Callable[[], str]) -> None:
    authority, written = Authority(), StringIO()
    log = logger("authorizer-canaries", written)
    ask = telling(authorizer(Verification(issuers_of(authority.issuers, local=True), lambda _: b"zq7", clock), log), log)
    *refused, good = (
        {"authorizationToken": f"Bearer {token}", "methodArn": "arn/live/GET/zq7path"} for token in tokens(authority, clock())
    )
    for asked in refused:
        with pytest.raises(FunctionFailed, match=r"\AUnauthorized\Z"):
            ask(asked, None)
    assert ask(good, None)["principalId"] == "bank-a|adviser-7"
    stated = {"issuer": ISSUER, "audience": "rebalance", "key_set": "https://keys.example/"}
    for fault in (unkept, unexpected):
        away = Verification(issuers_of(json.dumps([stated]), local=False), lambda _, fault=fault: bytes(fault()), clock)  # type: ignore[misc]
        with pytest.raises(FunctionFailed, match=r"\A(DEFECT|KEYS_UNAVAILABLE)\Z"):
            telling(authorizer(away, log), log)(good, None)
    assert messages(written.getvalue()) <= {"token", "defect"}
    assert WORD.findall(written.getvalue() + streams()) == []
