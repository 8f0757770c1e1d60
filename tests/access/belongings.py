"""What a bank keeps, of every kind, and what the service asks of AWS when somebody looks for it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from engine.records.operations import Family, Job
from infra.api import CALLS, Call
from infra.http.identity import Scope
from tests.access.front import service_over
from tests.support.books import bought, simple
from tests.support.emulators import Aws, everything
from tests.support.gateway import IDENTITY, Reply, segment
from tests.support.lives import Lives, ok
from tests.support.portfolios import a_proposal, a_request, batch
from tests.support.samples import HandClock
from tests.support.service import Service

EVERYTHING = " ".join(Scope)
OWNER = IDENTITY | {"scopes": EVERYTHING}
REVIEWER = OWNER | {"actor": "reviewer-1"}
FOREIGNER = OWNER | {"tenant": "bank-b"}

NONE = "f" * 32
DRAWN = re.compile(r"(?<![0-9a-z])[a-z]{2,5}_[0-9a-f]{32}")
"""Ids that we draw."""


@dataclass
class Heard:
    """The calls to AWS since the last look, as service, operation and parameters."""

    calls: list[tuple[str, str, str]] = field(default_factory=list)

    @contextmanager
    def at(self, *clients: Any) -> Iterator[None]:
        for client in clients:
            client.meta.events.register("before-parameter-build", self._heard, unique_id="heard")
        try:
            yield
        finally:
            for client in clients:
                client.meta.events.unregister("before-parameter-build", unique_id="heard")

    def _heard(self, params: Any, model: Any, **_: Any) -> None:
        self.calls.append((model.service_model.service_name, model.name, json.dumps(params, default=repr, sort_keys=True)))

    def taken(self) -> list[tuple[str, str, str]]:
        calls, self.calls = self.calls, []
        return calls


def tenants_in(calls: list[tuple[str, str, str]]) -> set[str]:
    """Whose partitions and documents these calls touch: `pk`, `:pk` and those of indexes end alike."""
    keys = [key for _, _, parameters in calls for key in re.findall(r'pk": {"S": "T#([^#"]*)', parameters)]
    return {*keys, *(key for _, _, parameters in calls for key in re.findall(r'"Key": "([^/"{]*)', parameters))} - {"_system"}


@dataclass
class Belongings:
    """Everything that bank-a has; `ids` by the names that paths give them, of advisory calls under `proposal`."""

    aws: Aws
    service: Service
    heard: Heard
    ids: dict[str, str]
    proposal: dict[str, str]
    book_run: str

    def named(self, call: Call) -> dict[str, str]:
        others = {"rebalance_run_id": self.book_run} if call.id == "book_run" else {}
        return self.ids | others | (self.proposal if call.path.startswith("/rebalance/proposals") else {})

    def ask(self, call: Call, names: dict[str, str], caller: Any, body: Any = None, key: str = "asked", headers: Any = None) -> Reply:
        """The call on what these names stand for, with a body that it would take unless told."""
        parts = call.path.split("/")
        path = "/".join(segment(names[part[1:-1]]) if part.startswith("{") else part for part in parts)
        sent = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if call.id in KEYED else {}) | (headers or {})
        return self.service.call(call.method, path, body or BODIES.get(call.id), sent, caller)

    def kept(self) -> list[Any]:
        """Everything in the tables, and what lies in the bucket."""
        tables = (self.aws.table, self.aws.proposals, self.aws.packs)
        objects = self.aws.s3.list_objects_v2(Bucket=self.aws.bucket)["Contents"]
        return [everything(self.aws, table) for table in tables] + [sorted(kept["Key"] for kept in objects)]

    def all_ids(self) -> set[str]:
        return {one for one in (*self.ids.values(), *self.proposal.values()) if len(one) > 3}


ACTION = {"action": "APPROVE", "reason_code": "CHECKED"}
BODIES: dict[str, Any] = {
    "review_action": ACTION,
    "review_action_by_correlation": ACTION,
    "review_action_by_key": ACTION,
    "put_pack": {"version": "1"},
    "book_start": {"manifest": ["bank-a/uploads/up_1/manifest.jsonl"], "shared": "bank-a/uploads/up_1/shared.json"},
    "book_uploads": {},
    "proposal_add_version": {"simulate_request": a_proposal()},
    "proposal_add_version_async": {"simulate_request": a_proposal()},
    "proposal_transition": {"event_type": "CANCELLED", "expected_state": "DRAFT"},
    "proposal_approval": {"approval_type": "COMPLIANCE", "approved": True, "expected_state": "DRAFT"},
    "proposal_check": {"market_data_snapshot": a_proposal()["market_data_snapshot"]},
}
KEYED = {
    "book_start",
    "proposal_create",
    "proposal_create_async",
    "proposal_add_version",
    "proposal_transition",
    "proposal_approval",
    "proposal_check",
}
NAMING = [call for call in CALLS if "{" in call.path and not call.anybodys]
LISTING = [call for call in CALLS if "{" not in call.path and call.method == "GET" and not call.anybodys]
UNKNOWN = {
    "rebalance_run_id": f"rr_{NONE}",
    "correlation_id": "what-nobody-did",
    "idempotency_key": "key-of-nobody",
    "request_hash": "sha256:" + "f" * 64,
    "entity_id": f"rr_{NONE}",
    "operation_id": f"dop_{NONE}",
    "policy_pack_id": "pack-of-nob",
    "version_no": "1",
    "book_id": f"bk_{NONE}",
}
UNKNOWN_ADVICE = {"proposal_id": f"pp_{NONE}", "operation_id": f"pop_{NONE}"}


def belongings(aws: Aws) -> Belongings:
    """A run that is reviewed, an operation with its run, a pack, a proposal with a version, an approval, a check and an operation."""
    service = service_over(aws, HandClock())
    service.caller = OWNER
    book_id, book_run = a_book(service)
    named = {"Idempotency-Key": "key-of-banka", "X-Correlation-Id": "what-banka-did"}
    run = json.loads(service.simulate(a_request() | {"options": {"single_position_max_weight": "0.1"}}, **named).body)
    accepted = service.accepted(batch(), X_Correlation_Id="what-banka-did")
    assert service.work(Job("bank-a", Family.DPM, accepted)) == [True]
    ok(service.act(f"/rebalance/runs/{run['rebalance_run_id']}/workflow/actions", ACTION, REVIEWER))
    ok(service.call("PUT", "/rebalance/policies/catalog/pack-of-ban", {"version": "1"}, {"Content-Type": "application/json"}, OWNER))
    lives = Lives(service)
    headers = {"X_Correlation_Id": "what-banka-did"}
    made = ok(lives.create(key="key-of-banka", caller=OWNER, headers=headers)).json["proposal"]["proposal_id"]
    ok(lives.move(made, "SUBMITTED_FOR_COMPLIANCE_REVIEW", "DRAFT", OWNER))
    ok(lives.vote(made, "COMPLIANCE", OWNER, "COMPLIANCE_REVIEW"))
    ok(lives.check(made, caller=OWNER))
    later = ok(lives.post("/async", {"simulate_request": a_proposal()}, OWNER, Idempotency_Key="later", **headers)).json["operation_id"]
    ids = {
        "rebalance_run_id": run["rebalance_run_id"],
        "correlation_id": "what-banka-did",
        "idempotency_key": "key-of-banka",
        "request_hash": run["lineage"]["request_hash"],
        "entity_id": run["rebalance_run_id"],
        "operation_id": accepted,
        "policy_pack_id": "pack-of-ban",
        "version_no": "1",
        "book_id": book_id,
    }
    return Belongings(aws, service, Heard(), ids, {"proposal_id": made, "operation_id": later}, book_run)


def a_book(service: Service) -> tuple[str, str]:
    """A book of one portfolio that was run, and the id of its run."""
    files, folder = service.adapters.book_files("bank-a"), "bank-a/uploads/up_1"
    files.keep(f"{folder}/manifest.jsonl", bought("pf_1", "1000"))
    files.keep(f"{folder}/shared.json", simple())
    start = {"manifest": [f"{folder}/manifest.jsonl"], "shared": f"{folder}/shared.json"}
    reply = ok(service.call("POST", "/rebalance/books", start, {"Content-Type": "application/json", "Idempotency-Key": "night"}, OWNER))
    book_id = str(reply.json["book_id"])
    return book_id, files.read(f"bank-a/books/{book_id}/runs.csv").decode().partition(",")[0]


def without(text: str, names: dict[str, str]) -> str:
    """The text where the names, their digests and the ids that we draw read alike."""
    for kind, name in names.items():
        if len(name) > 1:
            text = text.replace(name, f"<{kind}>").replace(segment(name), f"<{kind}>")
            text = text.replace(sha256(name.encode()).hexdigest(), f"<digest of {kind}>")
    return DRAWN.sub("<drawn>", text)
