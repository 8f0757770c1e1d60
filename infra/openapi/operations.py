"""One call as an operation of the document."""

from collections.abc import Mapping
from typing import Final

from infra.api import CALLS, Call
from infra.http.accept import HTML, JSON
from infra.openapi.parameters import KEYED, KEYED_IF_GIVEN, parameters
from infra.openapi.problems import refusals
from infra.openapi.schemas import Json
from infra.openapi.words import WORDS

BEARER: Final = "bearer"
ACCEPTED: Final = frozenset(call.id for call in CALLS if call.answer.endswith("AsyncAcceptedResponse"))
REPLAYED: Final = (KEYED | KEYED_IF_GIVEN) - {"proposal_create_async", "proposal_add_version_async"}
"""Calls that say when an earlier call was given their answer."""
TAGGED: Final = frozenset({"pack", "put_pack", "desk", "desk_asset"})
MAY_OMIT: Final = frozenset(
    {"proposal_create", "proposal_add_version", "proposal", "proposal_version", "proposal_operation", "proposal_operation_by_correlation"}
)
"""Calls that leave a version's own evidence out where the answer would be too large."""

HEADERS: Final[Mapping[str, tuple[str, str]]] = {
    "Accept-Encoding": ("The content coding that the call takes.", "gzip"),
    "ETag": ("The entity tag of what is shown.", '"3"'),
    "Idempotent-Replayed": ("`true` where an earlier call under the same key was given this answer; absent otherwise.", "true"),
    "Location": ("Where the operation is looked up.", "https://api.example/rebalance/operations/dop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"),
    "Retry-After": ("Seconds after which to ask again.", "1"),
    "WWW-Authenticate": ("How to authenticate.", "Bearer"),
    "X-Correlation-Id": ("The caller's correlation id, or what stands in its place.", "corr-1"),
    "X-Evidence-Omitted": (
        "`true` where a version's own evidence is left out because the answer would be too large; absent otherwise.",
        "true",
    ),
}

FILES: Final[Mapping[str, tuple[str, ...]]] = {"desk.html": (HTML,), "asset": ("text/css", "text/javascript")}
"""Answers that are files, with what they may be."""


def header_components() -> dict[str, Json]:
    """Every header of an answer."""
    return {name: {"description": text, "schema": {"type": "string"}, "example": example} for name, (text, example) in HEADERS.items()}


def operation(call: Call, requests: Mapping[str, Json], answers: Mapping[str, Json], examples: Mapping[str, Json]) -> Json:
    """The operation of a call."""
    words = WORDS[call.id]
    shown: Json = {
        "operationId": call.id,
        "tags": [words.tag],
        "summary": words.summary,
        "description": words.description,
        "parameters": parameters(call),
        "responses": {**_success(call, answers, examples), **{str(status): response for status, response in refusals(call)}},
        "security": [{BEARER: [scope.value]} for scope in call.scopes],
        "x-required-scopes": [scope.value for scope in call.scopes],
    }
    if call.id in requests:
        content = {"schema": requests[call.id], **_told(f"{call.id}_request", examples)}
        shown["requestBody"] = {"required": True, "description": "The request, as JSON.", "content": {JSON: content}}
    return shown


def _success(call: Call, answers: Mapping[str, Json], examples: Mapping[str, Json]) -> dict[str, Json]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(call)}
    if not call.answer:
        return {"204": {"description": "Done; nothing is left to show.", "headers": headers}}
    if call.answer in FILES:
        content: Json = {kind: {"schema": {"type": "string"}} for kind in FILES[call.answer]}
        return {
            "200": {"description": "The file.", "headers": headers, "content": content},
            "304": {"description": "The caller holds this very file.", "headers": headers},
        }
    content = {JSON: {"schema": answers[call.answer], **_told(f"{call.id}_answer", examples)}}
    if call.page:
        content[HTML] = {"schema": {"type": "string", "description": "The same as a page for people."}}
    status = "202" if call.id in ACCEPTED else "200"
    return {
        status: {
            "description": "Accepted: it will be executed, or visibly fail." if status == "202" else "The answer.",
            "headers": headers,
            "content": content,
        }
    }


def _headers(call: Call) -> list[str]:
    of_calls = {"Idempotent-Replayed": REPLAYED, "ETag": TAGGED, "X-Evidence-Omitted": MAY_OMIT}
    return ["X-Correlation-Id", *(name for name, calls in of_calls.items() if call.id in calls)]


def _told(of: str, examples: Mapping[str, Json]) -> Json:
    named = {name.removeprefix(f"{of}_"): {"$ref": f"#/components/examples/{name}"} for name in examples if name.startswith(f"{of}_")}
    return {"examples": named} if named else {}
