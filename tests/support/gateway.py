"""Events as API Gateway's REST proxy sends them, and its answers as a client sees them."""

import base64
import gzip
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from infra.api import CALLS, ROUTES
from infra.http.problems import PROBLEM_JSON
from infra.http.routing import best_match

FUNCTIONS = Path(__file__).parents[2] / "functions"
IDENTITY = {
    "principalId": "bank-a|adviser-7",
    "tenant": "bank-a",
    "actor": "adviser-7",
    "person": "true",
    "scopes": "dpm.read dpm.run",
    "expires_at": "4102444800",  # 2100-01-01
    "integrationLatency": 3,
}


def load(function: str) -> ModuleType:
    """A function's own copy of its module: functions are deployed flat, so every one of them is called `app`."""
    spec = importlib.util.spec_from_file_location(f"function_{function}", FUNCTIONS / function / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(
    body: bytes | str | None,
    headers: Mapping[str, str | list[str]],
    *,
    method: str = "POST",
    path: str = "/rebalance/simulate",
    resource: str | None = None,
    authorizer: dict[str, Any] | None = None,
    before: str = "/prod",
) -> dict[str, Any]:
    """Bytes travel in base64, as the gateway sends what it takes for binary; text travels as it is.

    `before` stands before the path in the caller's address: the stage on the gateway's own domain, on a custom one what that maps.
    """
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "httpMethod": method,
        "identity": {"sourceIp": "192.0.2.7", "userAgent": "partner/1.0"},
        "path": f"{before}{path}",
        "protocol": "HTTP/1.1",
        "requestId": "0b6f7c6e-7a3f-4d3e-9f7a-0a1b2c3d4e5f",
        "resourcePath": resource or path,
        "stage": "prod",
    }
    if authorizer is not None:
        context["authorizer"] = authorizer
    many = {name: value if isinstance(value, list) else [value] for name, value in headers.items()}
    return {
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in many.items()} or None,
        "multiValueHeaders": many or None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Reply":
        """What the client reads: base64 undone by the gateway, gzip by the client; the answer must pass Lambda's limit."""
        assert set(answer) == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert len(json.dumps(answer, ensure_ascii=False).encode()) <= 6 * 1024 * 1024
        body = base64.b64decode(answer["body"], validate=True) if answer["isBase64Encoded"] else answer["body"].encode()
        if answer["headers"].get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        reply = cls(answer["statusCode"], answer["headers"], body)
        if answer["headers"]["Content-Type"] == PROBLEM_JSON:
            stands_in_the_table(reply.json)
        return reply

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def stands_in_the_table(problem: dict[str, Any]) -> None:
    """Whoever is refused on a path of the table is refused by a code that the table gives one of its calls."""
    match = best_match(ROUTES, problem["instance"])
    if match is not None and problem["code"] != "METHOD_NOT_ALLOWED":
        assert problem["code"] in {code for call in CALLS if call.path == match.template for code in call.codes()}


def function_of(method: str, path: str) -> tuple[str, str, dict[str, str]]:
    """The function that serves the path, by this method if there is such a call; the path's template and parameters as they were sent."""
    match = best_match(ROUTES, path)
    assert match is not None
    calls = {call.method: call.function for call in CALLS if call.path == match.template}
    return calls.get(method, next(iter(calls.values()))), match.template, match.parameters


def refused(reply: Reply) -> tuple[int, str]:
    """Status and detail of a refusal, which has the one shape."""
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["status"] == reply.status
    assert reply.json["code"] == reply.json["detail"].partition(":")[0]
    return reply.status, reply.json["detail"]


def violations(reply: Reply) -> list[tuple[list[Any], str]]:
    assert refused(reply) == (422, "REQUEST_VALIDATION_FAILED")
    return [(error["loc"], error["type"]) for error in reply.json["errors"]]


def segment(identifier: str) -> str:
    """An identifier as a path segment."""
    return quote(identifier, safe="")
