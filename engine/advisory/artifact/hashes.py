"""The hashes that prove an artifact: of everything that it says, and of what was decided, whoever asked (advisory-engine 16, S18, S19)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from engine.evidence.canonical import canonical, digest

Json = dict[str, Any]

VOLATILE: Final = "created_at"
BUNDLE: Final = "evidence_bundle"
OWN: Final = frozenset({"artifact_hash", "content_hash"})
"""What the bundle's hashes leave out of themselves."""


def artifact_hash(artifact: Json) -> str:
    """The digest of an artifact's canonical text without the time at its top and without its own two hashes."""
    return digest(canonical(_hashed(artifact)))


def content_hash(artifact: Json) -> str:
    """The same without who asked: correlation ids and idempotency key. Equal proposals have equal ones."""
    bundle = artifact[BUNDLE]
    result = bundle["engine_outputs"]["proposal_result"]
    lineage = result["lineage"]
    anonymous = _without(result, "correlation_id") | {"lineage": _without(lineage, "idempotency_key")}
    outputs = bundle["engine_outputs"] | {"proposal_result": anonymous}
    return digest(canonical(_hashed(_without(artifact, "correlation_id") | {BUNDLE: bundle | {"engine_outputs": outputs}})))


def in_canonical_text(document: Json, *but: str) -> Json:
    """A document whose members are canonical texts already, but those named: hashed twice, it is written once."""
    return {name: value if name in but else orjson.Fragment(canonical(value)) for name, value in document.items()}


def _hashed(artifact: Json) -> Json:
    bundle = artifact[BUNDLE]
    hashes = {name: value for name, value in bundle["hashes"].items() if name not in OWN}
    return _without(artifact, VOLATILE) | {BUNDLE: bundle | {"hashes": hashes}}


def _without(document: Mapping[str, Any], left_out: str) -> Json:
    return {name: value for name, value in document.items() if name != left_out}
