"""What the document of the API says of an answer: no answer of a test may be another one."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from infra.api import CALLS
from infra.http.messages import JSON

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
ROUTES = {(call.method, call.path) for call in CALLS}
OF_EVERY_ANSWER = {
    *("Cache-Control", "Content-Encoding", "Content-Type", "Vary"),
    *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options"),
}
"""Headers that any answer may have, as HTTP and browsers know them."""
WORDS = ("description", "examples", "default")
STANDS_FOR_A_RESULT = ("result", "before_summary", "proposal_result")


@cache
def committed() -> Any:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def response_of(method: str, template: str, status: int) -> Any:
    """What the document says of a status of a call. AssertionError for one that it does not know."""
    responses = committed()["paths"][template][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {template}: {status} is not documented"
    response = responses[str(status)]
    return committed()["components"]["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response


@cache
def _validator(schema: str) -> Any:
    """Of a schema as text, with formats looked at."""
    components = {"components": {"schemas": committed()["components"]["schemas"]}} if "$ref" in schema else {}
    return jsonschema_rs.Draft202012Validator(json.loads(schema) | components, validate_formats=True)


def valid(schema: Any, document: Any) -> None:
    """AssertionError with the first place where a document is not what a schema of the document says."""
    checked = {name: part for name, part in schema.items() if name not in WORDS}
    for error in _validator(json.dumps(checked)).iter_errors(document):
        raise AssertionError(f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}")


def described(method: str, template: str, status: int, headers: Any, body: bytes) -> None:
    """AssertionError where the document does not know the status, the kind, the code or a member of an answer."""
    if (method, template) not in ROUTES or status == 405:
        return
    response = response_of(method, template, status)
    unknown = headers.keys() - response.get("headers", {}).keys() - OF_EVERY_ANSWER
    assert not unknown, f"{method} {template}: {status} is not documented with {', '.join(sorted(unknown))}"
    kind = headers["Content-Type"].partition(";")[0]
    if not body:
        return
    assert kind in response["content"], f"{method} {template}: {status} is not documented as {kind}"
    if "json" not in kind:
        return
    document = json.loads(body)
    if kind != JSON:
        assert document["code"] in response["x-codes"], f"{method} {template}: {status} is not documented with {document['code']}"
    if not stands_in(document):
        valid(response["content"][kind]["schema"], document)


def stands_in(document: Any) -> bool:
    """Whether a test recorded something short in the place of a result: there is no model of that."""
    if isinstance(document, list):
        return any(map(stands_in, document))
    if not isinstance(document, dict):
        return False
    results = [document[name] for name in STANDS_FOR_A_RESULT if isinstance(document.get(name), dict)]
    short = any(len(result) < 4 for result in results)  # a real one has a dozen members
    alone = len(document) == 1 and isinstance(next(iter(document.values())), str)
    return short or alone or any(stands_in(value) for value in document.values() if isinstance(value, dict | list))
