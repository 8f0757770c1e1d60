"""A run's evidence as a partner holds it: an artifact, a support bundle, or the run's documents in one JSON file (RFC-0019, RFC-0023).

    artifact    as `GET …/artifact` answers
    bundle      as `GET …/support-bundle` answers; the artifact in it, where there is one, is evidence too
    documents   {result, request, options, policy_pack?}: what the store keeps of a run, under these names

Blanks that a tool put between members are not taken for a difference, members in another order are.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from engine.contracts.violations import InvalidRequest, Violation, no_json, violations_of
from engine.evidence.canonical import canonical
from engine.records.runs import BatchLink, PackTrace, RunDocuments, RunHead

Json = dict[str, Any]

UNKNOWN: Final = ""
"""Tenant and actor, which no file tells."""

UNDATED: Final = datetime.min.replace(tzinfo=UTC)
"""When a run was recorded that comes without an artifact or a bundle around it."""

_BY_CONTENT: Final = "sha256:"


@dataclass(frozen=True, slots=True)
class _Found:
    """What every form of evidence tells, in its own places."""

    rebalance_run_id: str
    correlation_id: str
    request_hash: str
    portfolio_id: str
    engine_version: str
    result: Json
    request: Json
    options: Json
    artifact: Json | None = None
    policy_pack: PackTrace | None = None
    idempotency_key: str | None = None
    created_at: AwareDatetime = UNDATED


_FOUND: Final = TypeAdapter(_Found)


def run_in(document: Json) -> tuple[RunHead, RunDocuments]:
    """The run in a document. Raises InvalidRequest, which names the members that are missing or not of their kind."""
    if "run" in document:
        told = _of_bundle(document)
    else:
        told = _of_artifact(document) if "artifact_version" in document else _of_documents(document)
    try:
        found = _FOUND.validate_python(told)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    return _head(found), RunDocuments(
        result=orjson.dumps(found.result),
        request=canonical(found.request),
        options=canonical(found.options),
        artifact=None if found.artifact is None else _as_composed(found.artifact),
    )


def _as_composed(artifact: Json) -> bytes:
    """The artifact in our own spelling: request and options are canonical texts in it, everything else is UTF-8."""
    decided_from = member(artifact, "recomputation")
    texts = {name: orjson.Fragment(canonical(decided_from[name])) for name in ("request", "options") if name in decided_from}
    return orjson.dumps(artifact | ({"recomputation": decided_from | texts} if texts else {}))


def _of_bundle(bundle: Json) -> Json:
    return member(bundle, "run") | member(bundle, "recomputation") | {"artifact": bundle.get("artifact")}


def _of_artifact(artifact: Json) -> Json:
    evidence = member(artifact, "evidence")
    named = {"created_at": evidence.get("run_created_at"), "request_hash": member(evidence, "hashes").get("request_hash")}
    return artifact | member(artifact, "recomputation") | named | {"artifact": artifact}


def _of_documents(documents: Json) -> Json:
    result = member(documents, "result")
    named = {"portfolio_id": member(member(documents, "request"), "portfolio_snapshot").get("portfolio_id")}
    return result | member(result, "lineage") | named | documents | {"artifact": None}


def _head(found: _Found) -> RunHead:
    batch_run_id, _, scenario = found.request_hash.partition(":")
    return RunHead(
        tenant=UNKNOWN,
        run_id=found.rebalance_run_id,
        correlation_id=found.correlation_id,
        request_hash=found.request_hash,
        idempotency_key=found.idempotency_key,
        portfolio_id=found.portfolio_id,
        status=str(found.result.get("status")),
        created_at=found.created_at,
        engine_version=found.engine_version,
        actor=UNKNOWN,
        pack=found.policy_pack,
        batch=None if found.request_hash.startswith(_BY_CONTENT) else BatchLink(batch_run_id, scenario),
    )


def document_in(file: bytes) -> Json:
    """The JSON object in a file. Raises InvalidRequest for anything else."""
    try:
        document = orjson.loads(file)
        orjson.dumps(document)
    except orjson.JSONDecodeError as error:
        raise no_json(error) from None
    except TypeError:
        raise InvalidRequest([Violation(("body",), "json_invalid", "Nested too deeply")]) from None
    if not isinstance(document, dict):
        raise InvalidRequest([Violation(("body",), "dict_type", "Input should be a valid dictionary")])
    return document


def member(document: Json, name: str) -> Json:
    """The object under a name; where there is none, an empty one, whose members are then missing."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}
