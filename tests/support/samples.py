"""Runs for tests: plain values, every one spelled out."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.records.runs import BatchLink, KeyClaim, PackTrace, RunDocuments, RunHead, Source

START = datetime(2026, 2, 20, 12, 0, 0, 123456, tzinfo=UTC)
TENANT = "bank-a"


@dataclass
class HandClock:
    """A clock that moves when told."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def run_id(number: int) -> str:
    return f"rr_{number:032x}"


HEAD = RunHead(
    tenant=TENANT,
    run_id=run_id(1),
    correlation_id="corr-1",
    request_hash="sha256:" + "a" * 64,
    idempotency_key="key-1",
    portfolio_id="pf_1",
    status="READY",
    created_at=START,
    engine_version="1.0.0",
    actor="adviser-7",
    source=Source.API,
    pack=PackTrace(policy_pack_id="pack", version="3", revision=2, digest="sha256:" + "b" * 64, source="REQUEST"),
)

DOCUMENTS = RunDocuments(result=b'{"status":"READY"}', request=b'{"portfolio_snapshot":{}}', options=b"{}")


@dataclass
class Numbered:
    """Draws heads with ids and times that rise."""

    clock: HandClock
    number: int = field(default=0)

    def head(self, **changes: Any) -> RunHead:
        self.number += 1
        drawn: dict[str, Any] = {"run_id": run_id(self.number), "created_at": self.clock.now}
        return replace(HEAD, **(drawn | changes))


def scenario(head: RunHead, name: str, operation_id: str) -> RunHead:
    link = BatchLink(batch_run_id="batch_1", scenario=name, operation_id=operation_id)
    return replace(head, correlation_id=f"{head.correlation_id}:{name}", idempotency_key=None, batch=link)


def claim_for(head: RunHead, **changes: Any) -> KeyClaim:
    digest = head.pack.digest if head.pack is not None else ""
    return replace(KeyClaim(head.request_hash, digest, head.run_id, head.created_at), **changes)
