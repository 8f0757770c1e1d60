"""What is kept of a run: plain values that the use cases hand to the stores (RFC-0016, RFC-0017)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.records.pages import EVER, Period

NO_CORRELATION: Final = "c_none"
"""Stands in records and answers where the caller named no correlation id. Calls carry None."""

TENANT: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def tenant_of(text: str) -> str:
    """The text, if it can be a tenant; ValueError `TENANT_INVALID` otherwise."""
    if TENANT.fullmatch(text) is None:
        raise ValueError("TENANT_INVALID")
    return text


class Source(StrEnum):
    """The door a run came through."""

    API = "API"
    BOOK = "BOOK"
    CLI = "CLI"


@dataclass(frozen=True, slots=True)
class PackTrace:
    """Which policy pack shaped a run: `digest` is the SHA-256 of its canonical definition (RFC-0022)."""

    policy_pack_id: str
    version: str
    revision: int
    digest: str
    source: str


@dataclass(frozen=True, slots=True)
class BatchLink:
    """The what-if batch (and operation, when asynchronous) that a scenario's run belongs to (RFC-0013, RFC-0018)."""

    batch_run_id: str
    scenario: str
    operation_id: str | None = None


@dataclass(frozen=True, slots=True)
class RunHead:
    """Everything about a run but its documents. `created_at` is aware, UTC."""

    tenant: str
    run_id: str
    correlation_id: str
    request_hash: str
    idempotency_key: str | None
    portfolio_id: str
    status: str
    created_at: datetime
    engine_version: str
    actor: str
    source: Source = Source.API
    pack: PackTrace | None = None
    batch: BatchLink | None = None


@dataclass(frozen=True, slots=True)
class RunDocuments:
    """The documents of a run, as UTF-8 JSON bytes.

    `result` is the very answer the caller got. `request` is the canonical request and `options` the effective options
    (after the policy pack): with `RunHead.engine_version` they are all that a later recomputation needs.
    `artifact` is the deterministic artifact where artifacts are persisted, else None (RFC-0019).
    """

    result: bytes
    request: bytes
    options: bytes
    artifact: bytes | None = None


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """What an idempotency key stands for: the first request that used it, its pack and the run it made."""

    request_hash: str
    pack_digest: str
    run_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the list of runs."""

    run_id: str
    correlation_id: str
    request_hash: str
    idempotency_key: str | None
    portfolio_id: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One use of an idempotency key. The newest is the key's current mapping."""

    run_id: str
    correlation_id: str
    request_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What a list of runs is narrowed to; None does not narrow. Texts match exactly."""

    period: Period = EVER
    status: str | None = None
    request_hash: str | None = None
    portfolio_id: str | None = None

    def passes(self, run: RunHead | RunRow) -> bool:
        """Whether the run is in the list."""
        wanted = ((self.status, run.status), (self.request_hash, run.request_hash), (self.portfolio_id, run.portfolio_id))
        return self.period.holds(run.created_at) and all(text is None or text == found for text, found in wanted)


@dataclass(frozen=True, slots=True)
class Span:
    """The oldest and the newest of a kind of records."""

    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a tenant's store holds. Values that do not occur are absent; counts may lag expiry by one sweep."""

    runs_by_status: Mapping[str, int]
    operations_by_status: Mapping[str, int]
    decisions_by_action: Mapping[str, int]
    decisions_by_reason: Mapping[str, int]
    edges: int
    runs: Span = Span()
    operations: Span = Span()
