"""Canonical text and its digest: the identity of a request, a snapshot, an artifact (RFC-0016, dpm-engine 1.4).

The models are built for requests only: who checks the hash of an artifact never pays for them.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from engine.contracts import EngineOptions
    from engine.contracts.batches import BatchRebalanceRequest
    from engine.contracts.requests import RebalanceRequest


def canonical(document: Any) -> bytes:
    r"""The canonical text of a JSON document: keys sorted by code point, no blanks, non-ASCII as \uXXXX."""
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    if text.isascii():
        return text
    return json.dumps(orjson.loads(text), sort_keys=True, separators=(",", ":")).encode("ascii")


def digest(text: bytes) -> str:
    """`sha256:` and the lower-case hex SHA-256 of the bytes."""
    return "sha256:" + hashlib.sha256(text).hexdigest()


def without(document: Any, *names: str) -> Any:
    """The document without the named members, at any depth."""
    if isinstance(document, dict):
        return {key: without(value, *names) for key, value in document.items() if key not in names}
    if isinstance(document, list):
        return [without(value, *names) for value in document]
    return document


def canonical_request(request: "RebalanceRequest") -> bytes:
    """The canonical text of a validated request: defaults filled in, unknown members gone, decimals as given.

    Members added after 1.0 take part only when given, so that a release never turns a pending retry into a conflict.
    """
    return canonical(request_document(request))


def request_document(request: "RebalanceRequest | BatchRebalanceRequest") -> dict[str, Any]:
    """The validated request as JSON types, as it enters the canonical text."""
    from engine.contracts.batches import BATCH  # noqa: PLC0415  (see the module's promise)
    from engine.contracts.requests import REQUEST, RebalanceRequest  # noqa: PLC0415

    adapter: TypeAdapter[Any] = REQUEST if isinstance(request, RebalanceRequest) else BATCH
    document: dict[str, Any] = orjson.loads(adapter.dump_json(request))
    for snapshot in ("portfolio_snapshot", "market_data_snapshot"):
        if document[snapshot]["as_of"] is None:
            del document[snapshot]["as_of"]
    return document


def options_document(options: "EngineOptions") -> dict[str, Any]:
    """Validated options as JSON types."""
    from engine.contracts.requests import OPTIONS  # noqa: PLC0415  (see the module's promise)

    document: dict[str, Any] = orjson.loads(OPTIONS.dump_json(options))
    return document
