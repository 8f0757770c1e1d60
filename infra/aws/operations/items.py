"""How an accepted operation lies in the runs table. Builders and readers, no calls.

    META         T#…#OP#{operation}             META                 listed by time (GSI1) and, while open, for the sweeper (GSI2)
    correlation  T#…#OPCORR#{family}#{id}       {time}#{operation}
    claim        T#…#OPKEY#{family}#{key}       CLAIM                first use of the acceptance's key, where it has one
    statistics   T#…#STATS#{shard}              OPERATIONS#{part}    counts by status, edges

The state lives in META alone: pointers hold ids.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from engine.records.operations import Failure, Family, Operation, OperationKeyClaim, OperationStatus
from engine.records.pages import instant
from infra.aws import counters, keys
from infra.aws.expressions import Item, Write, delete, put, put_if, put_once, update_of
from infra.aws.formats import VERSIONS, Format

VERSION: Final = VERSIONS[Format.OPERATIONS]

COUNTED_AS: Final[Mapping[Family, str]] = {Family.DPM: counters.OPERATIONS, Family.PROPOSAL: counters.PROPOSAL_OPERATIONS}

STATUS: Final = {"#status": "status"}
"""`status` is one of DynamoDB's own words."""


def meta(family: Family, operation: Operation, request: Item) -> Item:
    """A PENDING operation. `record` is the owner token: the digest of what was accepted."""
    by_time = keys.at(operation.created_at, operation.operation_id)
    fields = {
        "operation_id": operation.operation_id,
        "operation_type": operation.operation_type,
        "correlation_id": operation.correlation_id,
        "actor": operation.actor,
        "created_at": instant(operation.created_at),
        "status": OperationStatus.PENDING.value,
        "idempotency_key": operation.idempotency_key,
        "subject_id": operation.subject_id,
        "rows": operation.rows,
    }
    return {
        "pk": keys.operation(operation.tenant, operation.operation_id),
        "sk": keys.META,
        "v": VERSION,
        "family": family.value,
        **fields,
        "attempts": 0,
        "documents": {"request": request},
        "record": sha256(json.dumps([family, fields, request["sha256"]], sort_keys=True).encode()).hexdigest(),
        "gsi1pk": keys.operations_by_time(operation.tenant, family, keys.shard(operation.operation_id)),
        "gsi1sk": by_time,
        "gsi2pk": keys.open_operations(operation.tenant, family),
        "gsi2sk": by_time,
    }


def operation_of(tenant: str, item: Item) -> Operation:
    """The operation that META holds; from an index row, what a list shows of it."""
    times = {name: keys.moment(item[name]) for name in ("started_at", "finished_at", "lease_until", "sent_at") if name in item}
    return Operation(
        tenant=tenant,
        operation_id=item["operation_id"],
        operation_type=item["operation_type"],
        correlation_id=item["correlation_id"],
        actor=item.get("actor", ""),
        created_at=keys.moment(item["created_at"]),
        status=OperationStatus(item["status"]),
        idempotency_key=item.get("idempotency_key"),
        subject_id=item.get("subject_id"),
        attempts=item.get("attempts", 0),
        outages=item.get("outages", 0),
        rows=item.get("rows"),
        failure=Failure(**item["failure"]) if "failure" in item else None,
        **times,
    )


def pointer(family: Family, operation: Operation) -> tuple[str, str]:
    """The primary key of the pointer from the correlation id."""
    partition = keys.operation_correlation(operation.tenant, family, operation.correlation_id)
    return partition, keys.at(operation.created_at, operation.operation_id)


def claim_item(family: Family, operation: Operation, claim: OperationKeyClaim) -> Item:
    """The first use of an acceptance's key."""
    return {
        "pk": keys.operation_key(operation.tenant, family, operation.idempotency_key or ""),
        "sk": keys.CLAIM,
        "v": VERSION,
        "operation_id": claim.operation_id,
        "request_hash": claim.request_hash,
    }


def counted(family: Family, operation: Operation, amounts: Mapping[OperationStatus, int], attempt: int, edges: int = 0) -> Write:
    """Move the counts by status; a DPM operation is an edge to its correlation id as long as it exists."""
    changes = {counters.STATUS + status.value: amount for status, amount in amounts.items()}
    if edges and family is Family.DPM:
        changes[counters.EDGES] = edges
    return counters.counted(operation.tenant, COUNTED_AS[family], counters.counter_slot(operation.operation_id, attempt), changes)


def accept_writes(
    family: Family, operation: Operation, request: Item, claim: OperationKeyClaim | None, expired_operation_id: str, attempt: int
) -> list[Write]:
    """The whole acceptance: META first, then the claim where there is one. A claim of the operation `expired_operation_id` is taken over."""
    partition, by_time = pointer(family, operation)
    named = {"v": VERSION, "operation_id": operation.operation_id, "created_at": instant(operation.created_at)}
    writes = [put_once(meta(family, operation, request))]
    if claim is not None:
        free = "attribute_not_exists(pk) OR operation_id = :expired_operation_id"
        writes.append(put_if(claim_item(family, operation, claim), free, {":expired_operation_id": expired_operation_id}))
    return [
        *writes,
        put({"pk": partition, "sk": by_time} | named),
        counted(family, operation, {OperationStatus.PENDING: 1}, attempt, edges=1),
    ]


def removal_writes(family: Family, operation: Operation, claims: bool, attempt: int) -> list[Write]:  # noqa: FBT001  (bound by partial)
    """Everything of an expired operation, as it was seen."""
    values = {":seen": operation.status.value, ":before": operation.attempts}
    guard = "#status = :seen AND attempts = :before"
    gone = delete(keys.operation(operation.tenant, operation.operation_id), keys.META, guard, values, STATUS)
    writes = [gone, delete(*pointer(family, operation)), counted(family, operation, {operation.status: -1}, attempt, edges=-1)]
    if claims:
        partition = keys.operation_key(operation.tenant, family, operation.idempotency_key or "")
        writes.append(delete(partition, keys.CLAIM, "operation_id = :own", {":own": operation.operation_id}))
    return writes


def transition_writes(
    family: Family, seen: Operation, status: OperationStatus, changes: Mapping[str, Any], attempt: int, owner: str = ""
) -> list[Write]:
    """Take the operation from the state that was seen to another, with its counts.

    Refused when anybody took it since, or, with `owner`, when another lease holds it.
    """
    guard = "#status = :seen AND attempts = :before" + (" AND lease_owner = :owner" if owner else "")
    values = {":seen": seen.status.value, ":before": seen.attempts, ":status": status.value} | ({":owner": owner} if owner else {})
    sets = ", ".join(["#status = :status", *(f"{name} = :{name}" for name in changes)])
    removes = "" if status is OperationStatus.RUNNING else " REMOVE gsi2pk, gsi2sk, lease_until"
    values |= {f":{name}": value for name, value in changes.items()}
    partition = keys.operation(seen.tenant, seen.operation_id)
    move: list[Write] = [{"Update": update_of(partition, keys.META, f"SET {sets}{removes}", guard, values, STATUS)}]
    if status is not seen.status:
        move.append(counted(family, seen, {seen.status: -1, status: 1}, attempt))
    return move
