"""How a run lies in the table: at most five items, one fact each. Builders and readers of them, no calls.

    META            T#…#RUN#{run}          META             the run, where its documents are; listed by time (GSI1) and by portfolio (GSI2)
    correlation     T#…#CORR#{id}          RUN#{time}#{run}
    request hash    T#…#HASH#{hash}        {time}#{run}     with the fields of a list row
    claim           T#…#IDEM#{key}         CLAIM            first use of the key, where replay is on
    history         T#…#IDEM#{key}         HIST#{time}#{run}  every other use of it
    operation       T#…#OP#{operation}     RUN#{scenario}   runs of asynchronous scenarios, in place of claim or history
    statistics      T#…#STATS#{shard}      RUNS#{part}      counts by status, edges

`v` is the version of the shape; readers accept every version up to theirs. In version 1 a claim was not told as a use, which had a history
item besides, and each document had a pointer of its own.
"""

from dataclasses import asdict
from typing import Any, Final

from engine.records.pages import instant
from engine.records.runs import BatchLink, KeyClaim, KeyUse, PackTrace, RunHead, RunRow, Source
from infra.aws import counters, keys
from infra.aws.expressions import Item, Write, put, put_if, put_once
from infra.aws.formats import VERSIONS, Format

VERSION: Final = VERSIONS[Format.RUNS]

USE_SINCE: Final = 2
"""The version since which a claim is a use of its key."""

HEAD_FIELDS: Final = (
    "run_id",
    "correlation_id",
    "request_hash",
    "idempotency_key",
    "portfolio_id",
    "status",
    "created_at",
    "engine_version",
    "actor",
    "source",
    "pack",
    "batch",
    "deleting",
)
"""Attributes of META that make a RunHead; `deleting` marks a run that retention is taking apart."""


def meta(head: RunHead, documents: Item) -> Item:
    """The run itself, and what its documents' binder tells."""
    fields = asdict(head)
    del fields["tenant"]
    fields |= {"source": head.source.value, "created_at": instant(head.created_at)}
    by_time = keys.at(head.created_at, head.run_id)
    return {
        "pk": keys.run(head.tenant, head.run_id),
        "sk": keys.META,
        "v": VERSION,
        **{name: _without_none(value) for name, value in fields.items()},
        "documents": documents,
        "gsi1pk": keys.runs_by_time(head.tenant, keys.shard(head.run_id)),
        "gsi1sk": by_time,
        "gsi2pk": keys.portfolio(head.tenant, head.portfolio_id),
        "gsi2sk": by_time,
    }


def _without_none(value: Any) -> Any:
    return {name: member for name, member in value.items() if member is not None} if isinstance(value, dict) else value


def head_of(tenant: str, item: Item) -> RunHead:
    """The RunHead that `meta` stored."""
    return RunHead(
        tenant=tenant,
        run_id=item["run_id"],
        correlation_id=item["correlation_id"],
        request_hash=item["request_hash"],
        idempotency_key=item.get("idempotency_key"),
        portfolio_id=item["portfolio_id"],
        status=item["status"],
        created_at=keys.moment(item["created_at"]),
        engine_version=item["engine_version"],
        actor=item["actor"],
        source=Source(item["source"]),
        pack=PackTrace(**item["pack"]) if "pack" in item else None,
        batch=BatchLink(**item["batch"]) if "batch" in item else None,
    )


def claim_of(item: Item) -> KeyClaim:
    """The KeyClaim that `claim` stored."""
    return KeyClaim(
        request_hash=item["request_hash"],
        pack_digest=item["pack_digest"],
        run_id=item["run_id"],
        created_at=keys.moment(item["created_at"]),
    )


def row_of(item: Item) -> RunRow:
    """A list's row, from META in an index or from a pointer by request hash."""
    return RunRow(
        run_id=item["run_id"],
        correlation_id=item["correlation_id"],
        request_hash=item["request_hash"],
        idempotency_key=item.get("idempotency_key"),
        portfolio_id=item["portfolio_id"],
        status=item["status"],
        created_at=keys.moment(item["created_at"]),
    )


def use_of(item: Item) -> KeyUse:
    """One use of a key, from its history or its claim."""
    return KeyUse(item["run_id"], item["correlation_id"], item["request_hash"], keys.moment(item["created_at"]))


def is_use(item: Item) -> bool:
    """Whether an item of a key's partition tells a use of it."""
    return bool(item["sk"] != keys.CLAIM or item["v"] >= USE_SINCE)


def use_order(item: Item) -> tuple[str, str]:
    """The order of uses: by time, then run id."""
    return item["created_at"], item["run_id"]


def pointers(head: RunHead) -> list[Item]:
    """The items by which a run is found: by correlation, by hash, by its key's history and, a scenario's, by its operation."""
    by_time = keys.at(head.created_at, head.run_id)
    common = {"v": VERSION, "run_id": head.run_id, "request_hash": head.request_hash, "created_at": instant(head.created_at)}
    row = common | {
        "correlation_id": head.correlation_id,
        "idempotency_key": head.idempotency_key,
        "portfolio_id": head.portfolio_id,
        "status": head.status,
    }
    items = [
        {"pk": keys.correlation(head.tenant, head.correlation_id, head.run_id), "sk": keys.RUN_PREFIX + by_time} | common,
        {"pk": keys.request_hash(head.tenant, head.request_hash), "sk": by_time} | row,
    ]
    if head.idempotency_key is not None:
        used = common | {"correlation_id": head.correlation_id}
        items.append({"pk": keys.idempotency(head.tenant, head.idempotency_key), "sk": keys.HISTORY_PREFIX + by_time} | used)
    if head.batch is not None and head.batch.operation_id is not None:
        named = common | {"scenario": head.batch.scenario, "batch_run_id": head.batch.batch_run_id}
        scenario = keys.RUN_PREFIX + keys.escaped(head.batch.scenario)
        items.append({"pk": keys.operation(head.tenant, head.batch.operation_id), "sk": scenario} | named)
    return items


def pointer_keys(head: RunHead) -> list[tuple[str, str]]:
    """The primary keys of the run's pointers."""
    return [(item["pk"], item["sk"]) for item in pointers(head)]


def claim(head: RunHead, key: str, first: KeyClaim, cutoff: str) -> Write:
    """The key is free when nobody used it, or when the run of its first use is past retention."""
    item = {
        "pk": keys.idempotency(head.tenant, key),
        "sk": keys.CLAIM,
        "v": VERSION,
        "run_id": first.run_id,
        "correlation_id": head.correlation_id,
        "request_hash": first.request_hash,
        "pack_digest": first.pack_digest,
        "created_at": instant(first.created_at),
    }
    return put_if(item, "attribute_not_exists(pk) OR created_at < :cutoff", {":cutoff": cutoff})


def edges_of(head: RunHead) -> int:
    """How many lineage edges a run brings: from its correlation id, its idempotency key, its operation."""
    of_operation = head.batch is not None and head.batch.operation_id is not None
    return 1 + (head.idempotency_key is not None) + of_operation


def statistics(head: RunHead, attempt: int = 0, sign: int = 1) -> Write:
    """Count a run or, with sign -1, its removal. Each attempt draws another shard."""
    amounts = {counters.STATUS + head.status: sign, counters.EDGES: sign * edges_of(head)}
    return counters.counted(head.tenant, counters.RUNS, counters.counter_slot(head.run_id, attempt), amounts)


def run_writes(head: RunHead, documents: Item, first: KeyClaim | None, cutoff: str, attempt: int) -> list[Write]:
    """The whole run as one transaction: META first, then the claim where there is one, then the rest. At most five."""
    writes, found_by = [put_once(meta(head, documents))], pointers(head)
    if first is not None and head.idempotency_key is not None:
        writes.append(claim(head, head.idempotency_key, first, cutoff))
        found_by = [item for item in found_by if not item["sk"].startswith(keys.HISTORY_PREFIX)]
    return [*writes, *map(put, found_by), statistics(head, attempt)]
