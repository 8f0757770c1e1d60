"""The deterministic artifact of a run (RFC-0019): what was decided, what it was decided from, and the hashes that prove both.

It carries the recorded result unchanged and, under `recomputation`, everything that deciding again needs, so that whoever holds the
artifact can verify it without us. A shape that changes gets another `ARTIFACT_VERSION`; stored artifacts stay as they are.
"""

from dataclasses import asdict
from datetime import UTC
from typing import Any, Final

import orjson

from engine.evidence.canonical import canonical, digest, without
from engine.records.runs import RunDocuments, RunHead

ARTIFACT_VERSION: Final = "1.1"
HASHES: Final = ("artifact_hash", "outcome_hash")
"""Members that the artifact's own hash leaves out, at any depth."""

Json = dict[str, Any]


def artifact_of(head: RunHead, documents: RunDocuments) -> bytes:
    """The artifact as UTF-8 JSON: a function of head and documents alone, equal ones give equal bytes. Nothing is decided again.

    `documents.artifact` is not looked at. Needs the members of a result that the summaries repeat. The bytes are read back even by who has
    just decided: rows that were written as text at once have no canonical text of their own.
    """
    result: Json = orjson.loads(documents.result)
    hashes = {"request_hash": head.request_hash}
    artifact = {
        "artifact_id": head.run_id.replace("rr_", "dra_", 1),
        "artifact_version": ARTIFACT_VERSION,
        "rebalance_run_id": head.run_id,
        "correlation_id": head.correlation_id,
        "idempotency_key": head.idempotency_key,
        "portfolio_id": head.portfolio_id,
        "status": result["status"],
        "request_snapshot": {"portfolio_id": head.portfolio_id, "request_hash": head.request_hash},
        "before_summary": result["before"],
        "after_summary": result["after_simulated"],
        "order_intents": result["intents"],
        "rule_outcomes": result["rule_results"],
        "diagnostics": result["diagnostics"],
        "result": result,
        "recomputation": recomputation_of(head, documents),
        "evidence": {
            "engine_version": result["lineage"]["engine_version"] or "unknown",
            "run_created_at": head.created_at.astimezone(UTC).isoformat(),
            "hashes": hashes,
        },
    }
    hashes["artifact_hash"] = artifact_hash(artifact)
    hashes["outcome_hash"] = outcome_hash(result)
    return orjson.dumps(artifact | {"result": orjson.Fragment(documents.result)})


def recomputation_of(head: RunHead, documents: RunDocuments) -> Json:
    """All that deciding the run again needs besides its ids: the engine, the canonical request, and how a pack shaped its options."""
    return {
        "engine_version": head.engine_version,
        "policy_pack": None if head.pack is None else asdict(head.pack),
        "request": orjson.Fragment(documents.request),
        "options": orjson.Fragment(documents.options),
    }


def artifact_hash(artifact: Json) -> str:
    """The digest of an artifact's canonical text without the members named in `HASHES`."""
    text = canonical(artifact)
    if any(f'"{name}"'.encode() in text for name in HASHES):
        text = canonical(without(orjson.loads(text), *HASHES))
    return digest(text)


def outcome_hash(result: Json) -> str:
    """The digest of what was decided: equal decisions hash equal, whoever asked and whenever (dpm-service S29).

    Run and correlation id, the two ids that are made of the run's, and the lineage are left out.
    """
    outcome = {name: value for name, value in result.items() if name not in {"rebalance_run_id", "correlation_id", "lineage"}}
    for member, own_id in (("universe", "universe_id"), ("target", "target_id")):
        outcome[member] = {name: value for name, value in result[member].items() if name != own_id}
    return digest(canonical(outcome))
