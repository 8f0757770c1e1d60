"""Runs as release 1.2 left them in the table and the bucket: version 1 of the items, spelled out here so that no later shape changes them."""

import gzip
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from engine.records.runs import KeyClaim, RunDocuments, RunHead
from infra.aws.expressions import put, put_once
from infra.aws.runs.items import statistics
from infra.aws.runs.store import DynamoRunStore

INLINE = 64


def recorded(runs: DynamoRunStore, head: RunHead, documents: RunDocuments, claim: KeyClaim | None = None) -> None:
    """Keep a run of the API as version 1 did: six items with a claim, five without, and an object for each document that is not small."""
    named = {kind: document for kind in ("result", "request", "options", "artifact") if (document := getattr(documents, kind)) is not None}
    kept = {kind: _document(runs, head, document) for kind, document in named.items()}
    items = [*_items(head, kept), *([] if claim is None else [_claim(head, claim)])]
    runs.table.transact(lambda attempt: [put_once(items[0]), *map(put, items[1:]), statistics(head, attempt)])


def _document(runs: DynamoRunStore, head: RunHead, document: bytes) -> dict[str, Any]:
    digest, packed = sha256(document).hexdigest(), gzip.compress(document, compresslevel=6, mtime=0)
    if len(packed) <= INLINE:
        return {"sha256": digest, "size": len(document), "gz": packed}
    name = f"{head.tenant}/runs/{head.run_id}/{digest}.json.gz"
    runs.payloads.s3.put_object(Bucket=runs.payloads.bucket, Key=name, Body=packed, IfNoneMatch="*")
    return {"sha256": digest, "size": len(document), "key": name}


def _items(head: RunHead, kept: dict[str, Any]) -> list[dict[str, Any]]:
    assert head.batch is None
    assert head.pack is not None
    run, at = f"T#{head.tenant}#RUN#{head.run_id}", f"{head.created_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    by_time = f"{at}#{head.run_id}"
    common = {"v": 1, "run_id": head.run_id, "request_hash": head.request_hash, "created_at": at}
    listed = {"correlation_id": head.correlation_id, "portfolio_id": head.portfolio_id, "status": head.status}
    made = {"engine_version": head.engine_version, "actor": head.actor, "source": head.source.value, "pack": asdict(head.pack)}
    row = common | listed | {"idempotency_key": head.idempotency_key}
    indexed = {
        "gsi1pk": f"T#{head.tenant}#RUNS#0",
        "gsi1sk": by_time,
        "gsi2pk": f"T#{head.tenant}#PF#{head.portfolio_id}",
        "gsi2sk": by_time,
    }
    return [
        {"pk": run, "sk": "META"} | row | made | indexed | {"documents": kept, "record": "0" * 64},
        {"pk": f"T#{head.tenant}#CORR#{head.correlation_id}", "sk": f"RUN#{by_time}"} | common,
        {"pk": f"T#{head.tenant}#HASH#{head.request_hash}", "sk": by_time} | row,
        {"pk": f"T#{head.tenant}#IDEM#{head.idempotency_key}", "sk": f"HIST#{by_time}"} | common | {"correlation_id": head.correlation_id},
    ]


def _claim(head: RunHead, claim: KeyClaim) -> dict[str, Any]:
    at = f"{claim.created_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    told = {"v": 1, "run_id": claim.run_id, "request_hash": claim.request_hash, "pack_digest": claim.pack_digest, "created_at": at}
    return {"pk": f"T#{head.tenant}#IDEM#{head.idempotency_key}", "sk": "CLAIM"} | told
