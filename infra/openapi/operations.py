"""One call as an operation of the document."""

from collections.abc import Mapping
from typing import Final

from infra.api import CALLS, Call
from infra.http.accept import HTML, JSON
from infra.http.body import BodyLimits
from infra.openapi.headers import headers_of
from infra.openapi.parameters import FILES as FILE_CALLS
from infra.openapi.parameters import KEYED, KEYED_IF_GIVEN, parameters
from infra.openapi.problems import refusals
from infra.openapi.schemas import Json
from infra.openapi.story import Examples
from infra.openapi.words import WORDS

BEARER: Final = "bearer"
ACCEPTED: Final = frozenset(call.id for call in CALLS if call.answer.endswith("AcceptedResponse"))
REPLAYED: Final = (KEYED | KEYED_IF_GIVEN) - {"proposal_create_async", "proposal_add_version_async"}
"""Calls that say when an earlier call was given their answer."""
TAGGED: Final = frozenset({"pack", "put_pack", *FILE_CALLS, *(call.id for call in CALLS if call.lasting)})
VARIED: Final = frozenset(call.id for call in CALLS if call.page or call.lasting)
PAGED: Final = frozenset({"runs", "operations", "decisions", "lineage", "proposal_list", "books"})
MAY_OMIT: Final = frozenset(
    {"proposal_create", "proposal_add_version", "proposal", "proposal_version", "proposal_operation", "proposal_operation_by_correlation"}
)
"""Calls that leave a version's own evidence out where the answer would be too large."""

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "desk.html": (HTML,),
    "docs.html": (HTML,),
    "openapi.json": (JSON,),
    "asset": ("text/css", "text/javascript", "image/png"),
}
"""Answers that are files, with what they may be."""


def operation(call: Call, requests: Mapping[str, Json], answers: Mapping[str, Json], examples: Examples) -> Json:
    """The operation of a call."""
    words = WORDS[call.id]
    shown: Json = {
        "operationId": call.id,
        "tags": [words.tag],
        "summary": words.summary,
        "description": words.description,
        "parameters": parameters(call),
        "responses": {**_success(call, answers, examples), **{str(status): response for status, response in refusals(call, examples)}},
        "security": [{BEARER: [scope.value]} for scope in call.scopes],
        "x-required-scopes": [scope.value for scope in call.scopes],
    }
    if call.id in requests:
        content = {"schema": requests[call.id], **_told(call, "request", examples)}
        shown["requestBody"] = {"required": True, "description": _bounds(call.body), "content": {JSON: content}}
    return shown


def _bounds(body: BodyLimits) -> str:
    gzipped = f", or gzipped and then {body.unzipped:,} bytes of JSON" if body.unzipped else "; not gzipped"
    return f"The request, as JSON: at most {body.plain:,} bytes as sent{gzipped}, and {body.values:,} values. What is larger is a 413."


def _success(call: Call, answers: Mapping[str, Json], examples: Examples) -> dict[str, Json]:
    headers = headers_of(_headers(call))
    if not call.answer:
        return {"204": {"description": "Done; nothing is left to show.", "headers": headers}}
    if call.answer in FILES:
        content: Json = {kind: {"schema": {"type": "object" if kind == JSON else "string"}} for kind in FILES[call.answer]}
        return {
            "200": {"description": "The file.", "headers": headers, "content": content},
            "304": {"description": "The caller holds this very file.", "headers": headers},
        }
    held: dict[str, Json] = {"304": {"description": "The caller holds this very answer.", "headers": headers}} if call.lasting else {}
    content = {JSON: {"schema": answers[call.answer], **_told(call, "answer", examples)}}
    if call.page:
        content[HTML] = {"schema": {"type": "string", "description": "The same as a page for people."}}
    status = "202" if call.id in ACCEPTED else "200"
    return {
        status: {
            "description": "Accepted: it will be executed, or visibly fail." if status == "202" else "The answer.",
            "headers": headers,
            "content": content,
        },
        **held,
    }


def _headers(call: Call) -> list[str]:
    of_calls = {"Idempotent-Replayed": REPLAYED, "ETag": TAGGED, "X-Evidence-Omitted": MAY_OMIT}
    of_calls |= {"Location": ACCEPTED, "Retry-After": ACCEPTED, "Link": PAGED, "Vary": VARIED}
    return ["X-Correlation-Id", "Cache-Control", *(name for name, calls in of_calls.items() if call.id in calls)]


def _told(call: Call, kind: str, examples: Examples) -> Json:
    told = examples.of(call.id, kind)
    return {"examples": told} if told else {}
