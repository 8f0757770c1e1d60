"""An API Gateway REST API over the template's routes: the same events, limits, refusals and binary rules."""

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, quote
from uuid import uuid4

from infra.http.routing import Match, best_match
from infra.local.authorizers import Authorizer, Refused, authorizers_of
from infra.local.functions import Function, FunctionError, PayloadTooLarge
from infra.settings.guardrails import loopback
from infra.template import ACCOUNT, REGION

MAX_BODY: Final = 10 * 1024 * 1024  # bytes of a request
ANY: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_FUNCTION_ARN: Final = re.compile(r"functions/(arn(?::[^:/]+){6})(?::[^:/]+)?/invocations$")  # of whichever alias: here is one version
_SAFE_IN_PATH: Final = "/%:@!$&'()*+,;=~"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client."""

    status: int
    headers: Pairs
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Gateway:
    """Serves the routes of one `AWS::Serverless::Api` with an inline definition."""

    arn: Final = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:local"

    def __init__(self, properties: Mapping[str, Any], functions: Iterable[Function], *, asks_everybody: bool = False) -> None:
        """Unless it asks everybody, as API Gateway does, who sends no token reaches the functions without an identity.

        What a page of somebody else's makes a browser send is asked in any case: it is not the person at this machine who calls.
        """
        self.stage: str = properties["StageName"]
        self.refusals: Mapping[str, Any] = properties.get("GatewayResponses", {})
        self.binary = [kind.replace("~1", "/") for kind in properties.get("BinaryMediaTypes", [])]
        by_arn = {function.arn: function for function in functions}
        self.asks_everybody = asks_everybody
        self.authorizers = authorizers_of(properties["DefinitionBody"], by_arn, _FUNCTION_ARN)
        self.routes = {path: _methods(item, by_arn, self.authorizers) for path, item in properties["DefinitionBody"]["paths"].items()}
        """By path template the function of each method and who is asked first; `ANY` stands for the methods not named."""

    def handle(self, method: str, target: str, headers: Pairs, body: bytes, source_ip: str = "127.0.0.1") -> Answer:
        """The answer to one request. Never raises; what a function does wrong is a 5xx in the template's words."""
        path, _, query = target.partition("?")
        asked, request_id = quote(path, safe=_SAFE_IN_PATH, errors="replace"), str(uuid4())
        path = self._within(asked)
        if len(body) > MAX_BODY:
            return self.refusal("REQUEST_TOO_LARGE", asked, request_id)
        route = self._route(path)
        methods = self.routes[route.template] if route else {}
        operation = methods.get(method, methods.get("ANY"))
        if route is None or operation is None:
            return self.refusal("MISSING_AUTHENTICATION_TOKEN", asked, request_id)
        try:
            caller = self._caller(operation.authorizer, headers, f"{self.arn}/{self.stage}/{method}{path}")
        except Refused as refused:
            return self.refusal(refused.kind, asked, request_id)
        event = self._event(method, path, query, headers, body) | {
            "resource": route.template,
            "pathParameters": route.parameters or None,
            "requestContext": self._context(method, asked, route.template, headers, request_id, source_ip) | caller,
        }
        try:
            return self._answer(operation.function.invoke(event), headers, request_id)
        except PayloadTooLarge:
            return self.refusal("REQUEST_TOO_LARGE", asked, request_id)
        except (FunctionError, _Malformed):
            return self.refusal("DEFAULT_5XX", asked, request_id)

    def refusal(self, kind: str, path: str, request_id: str) -> Answer:
        """A gateway response of the template; the default of its class where the kind has none of its own."""
        response = self.refusals.get(kind) or self.refusals.get("DEFAULT_5XX" if kind == "DEFAULT_5XX" else "DEFAULT_4XX") or {}
        text = response.get("ResponseTemplates", {}).get("application/json", '{"message":"refused"}')
        context = {"requestId": request_id, "path": path}
        text = re.sub(r"\$context\.(\w+)", lambda found: context.get(found[1], ""), text)
        told = response.get("ResponseParameters", {}).get("Headers", {})
        extra = [(name, context.get(str(value).removeprefix("context."), str(value).strip("'"))) for name, value in told.items()]
        given = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, "x-amzn-ErrorType": kind} | dict(extra)
        return Answer(int(response.get("StatusCode", 500)), list(given.items()), text.encode())

    def _within(self, asked: str) -> str:
        """The path within the API. As on the gateway's own domain the stage may stand before it; else this is a custom domain."""
        rest = asked.removeprefix(f"/{self.stage}")
        return asked if rest == asked or rest[:1] not in {"", "/"} else rest or "/"

    def _route(self, path: str) -> Match | None:
        """The best route. Like API Gateway's, it does not see one slash at the end, though the event's path keeps it."""
        return best_match(self.routes, path[:-1] if path.endswith("/") and path != "/" else path)

    def _caller(self, authorizer: Authorizer | None, headers: Pairs, method_arn: str) -> dict[str, Any]:
        """What the event says of who calls."""
        token = _first(headers, authorizer.header) if authorizer else None
        if authorizer is None or (token is None and not self.asks_everybody and not _from_elsewhere(headers)):
            return {}
        return {"authorizer": authorizer.context(token, method_arn)}

    def _event(self, method: str, path: str, query: str, headers: Pairs, body: bytes) -> dict[str, Any]:
        parameters = parse_qs(query, keep_blank_values=True, errors="replace")
        many: dict[str, list[str]] = {}
        for name, value in headers:
            many.setdefault(name, []).append(value)
        binary = bool(body) and self._is_binary(_first(headers, "content-type") or "application/json")
        return {
            "path": path,
            "httpMethod": method,
            "headers": {name: values[-1] for name, values in many.items()},
            "multiValueHeaders": many,
            "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
            "multiValueQueryStringParameters": parameters or None,
            "stageVariables": None,
            "body": (base64.b64encode(body).decode() if binary else body.decode(errors="replace")) if body else None,
            "isBase64Encoded": binary,
        }

    def _context(self, method: str, path: str, template: str, headers: Pairs, request_id: str, source_ip: str) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": _first(headers, "host") or "localhost",
            "extendedRequestId": request_id,
            "httpMethod": method,
            "identity": {"sourceIp": source_ip, "userAgent": _first(headers, "user-agent")},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": time.time_ns() // 1_000_000,
            "resourceId": "local",
            "resourcePath": template,
            "stage": self.stage,
        }

    def _answer(self, result: Any, headers: Pairs, request_id: str) -> Answer:
        """A function's answer as the client gets it; base64 is undone only where the API's binary types match `Accept`."""
        try:
            status = int(result["statusCode"])
            single, many = result.get("headers") or {}, result.get("multiValueHeaders") or {}
            body = result.get("body") or ""
            encoded = bool(result.get("isBase64Encoded")) and self._is_binary((_first(headers, "accept") or "*/*").partition(",")[0])
            content = base64.b64decode(body, validate=True) if encoded else body.encode()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _Malformed from error
        pairs = [(str(name), str(value)) for name, value in single.items() if name not in many]
        pairs += [(str(name), str(value)) for name, values in many.items() for value in values]
        if not any(name.lower() == "content-type" for name, _ in pairs):
            pairs.append(("Content-Type", "application/json"))
        return Answer(status, [*pairs, ("x-amzn-RequestId", request_id)], content)

    def _is_binary(self, media_type: str) -> bool:
        return "*/*" in self.binary or media_type.partition(";")[0].strip().lower() in self.binary


class _Malformed(Exception):  # noqa: N818  (the gateway's own word for it)
    """A function answered something that is no proxy answer."""


class Operation(NamedTuple):
    """What serves a method of a path, and who is asked before it."""

    function: Function
    authorizer: Authorizer | None


def _methods(item: Mapping[str, Any], functions: Mapping[str, Function], authorizers: Mapping[str, Authorizer]) -> dict[str, Operation]:
    methods: dict[str, Operation] = {}
    for method, operation in item.items():
        found = _FUNCTION_ARN.search(operation[_INTEGRATION]["uri"])
        if found is None:
            raise ValueError(json.dumps(operation))
        asked = [authorizers[name] for scheme in operation.get("security", ()) for name in scheme if name in authorizers]
        methods["ANY" if method == ANY else method.upper()] = Operation(functions[found[1]], asked[0] if asked else None)
    return methods


def _from_elsewhere(headers: Pairs) -> bool:
    """Whether a browser sends it for another site's page, or under a name that somebody else gave this machine (DNS rebinding)."""
    host = _first(headers, "host")
    return _first(headers, "sec-fetch-site") in {"cross-site", "same-site"} or (host is not None and not loopback(f"//{host}"))


def _first(headers: Pairs, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)
