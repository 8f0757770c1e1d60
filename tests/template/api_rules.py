"""What must hold of the API of template.yaml: its routes, what the gateway answers itself, what it writes down."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from infra.api import CALLS
from infra.http.problems import PROBLEMS
from infra.local.authorizers import AUTHORIZER
from infra.local.gateway import ANY
from infra.template import Template
from tests.template.variants import variant

TOKEN: Final[dict[str, list[str]]] = {"token": []}
NO_TOKENS: Final = ("", "Basic dXNlcjpwYXNz", "Bearer", "Bearer a", "Bearer a.b", "Bearer a.b.c.d.e", "Bearer a.b.c, Bearer d.e.f", "a.b.c")

LARGE_FILES: Final = {"openapi", "docs_asset"}
"""Calls that answer anybody with more than a page's text."""

CATCH_ALL: Final = {"/", "/{proxy+}"}

OWN_STATUS: Final = {
    "ACCESS_DENIED": 403,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""Kinds of gateway responses whose status is not their default's 400 or 500: unlisted, they would get it."""

OUR_STATUS: Final = {"EXPIRED_TOKEN": 401, "MISSING_AUTHENTICATION_TOKEN": 404}  # the gateway says so of unknown routes

OF_EVERY_REFUSAL: Final = {
    "Content-Type": ("'application/problem+json'", "not application/problem+json"),
    "X-Correlation-Id": ("context.requestId", "its header names another correlation id than its body"),
    "Cache-Control": ("'no-store'", "may be kept"),
    "X-Content-Type-Options": ("'nosniff'", "a browser may take it for another kind"),
}
"""By header, what a gateway response says in it, and what is wrong where it does not."""

WRITTEN_DOWN: Final = (
    "requestId",
    "authorizer.tenant",
    "authorizer.actor",
    "authorizer.error",
    "identity.sourceIp",
    "identity.userAgent",
    "resourcePath",
    "status",
    "error.responseType",
    "integration.error",
)


def routes_are_the_calls(template: Template) -> Iterator[str]:
    """Path, method and function of every route are those of the table of calls."""
    paths = template.properties("Api")["DefinitionBody"]["paths"]
    reached = {
        f"{method.upper()} {path}": _function(template, operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method != ANY
    }
    wanted = {route: call.function for call in CALLS for route in call.routes}
    yield from (f"{route}: not in infra/api.py" for route in sorted(reached.keys() - wanted.keys()))
    yield from (f"{route}: not in the template" for route in sorted(wanted.keys() - reached.keys()))
    for route in sorted(reached.keys() & wanted.keys()):
        if reached[route] != wanted[route]:
            yield f"{route}: leads to functions/{reached[route]}, the table says {wanted[route]}"
    fallback = "functions/${FallbackFunction.Arn}:live/invocations"
    for path in sorted(set(paths) | CATCH_ALL):
        if fallback not in _uri(paths.get(path, {}).get(ANY)):
            yield f"{path}: other methods do not reach the fallback"


def who_is_asked_stands_in_the_table(template: Template) -> Iterator[str]:
    """A route that asks nobody who they are says so itself, and it is one of a call without a scope: no default can open or close it."""
    open_calls = {route for call in CALLS if call.anybodys for route in call.routes}
    for path, item in template.properties("Api")["DefinitionBody"]["paths"].items():
        for method, operation in item.items():
            route = f"{method.upper()} {path}"
            if operation.get("security") == [] and route not in open_calls:
                yield f"{route}: asks nobody who they are"
            if operation.get("security") != [] and route in open_calls:
                yield f"{route}: asks who calls, and anybody may"


def every_other_route_asks_who_calls(template: Template) -> Iterator[str]:
    """The token of the one authorizer, at every operation by itself; under a usage plan also the key that the authorizer names."""
    asked = variant(template, UsagePlanEnabled="true")
    schemes: tuple[tuple[Template, list[dict[str, list[str]]]], ...] = ((template, [TOKEN]), (asked, [TOKEN, {"api_key": []}]))
    for told, security in schemes:
        for path, item in told.properties("Api")["DefinitionBody"]["paths"].items():
            for method, operation in item.items():
                if operation.get("security") not in ([], security):
                    yield f"{method.upper()} {path}: does not ask for {' and '.join(name for one in security for name in one)}"
    if (template.properties("Api").get("ApiKeySourceType"), asked.properties("Api").get("ApiKeySourceType")) != (None, "AUTHORIZER"):
        yield "Api: keys of usage plans do not come from the authorizer, or always do"
    if dict(template.of_type("AWS::ApiGateway::UsagePlan")) or not dict(asked.of_type("AWS::ApiGateway::UsagePlan")):
        yield "UsagePlanEnabled: makes no plan, or one is made unasked"


def the_authorizer_is_ours(template: Template) -> Iterator[str]:
    """It reads the one header, is asked about nothing that is no token, and only the API's authorizers may call it."""
    schemes = template.properties("Api")["DefinitionBody"]["components"]["securitySchemes"]
    token = schemes["token"]
    stated = token[AUTHORIZER]
    kept = variant(template, AuthorizerCacheSeconds="60").properties("Api")["DefinitionBody"]["components"]["securitySchemes"]["token"]
    facts = {
        "reads the header Authorization": (token["in"], token["name"], stated["type"]) == ("header", "Authorization", "token"),
        "asks functions/authorizer": template.properties(_named(stated["authorizerUri"]))["CodeUri"] == "functions/authorizer",
        "is asked about tokens alone": bool(_shaped(stated, "Bearer a.b.c")) and not any(_shaped(stated, text) for text in NO_TOKENS),
        "is kept as long as the parameter says": kept[AUTHORIZER]["authorizerResultTtlInSeconds"] == "60",
    }
    yield from (f"token: not so that it {fact}" for fact, holds in facts.items() if not holds)


def _shaped(stated: Mapping[str, Any], text: str) -> Any:
    return re.fullmatch(stated.get("identityValidationExpression", ".*"), text)


def routed_functions_may_be_called(template: Template) -> Iterator[str]:
    text = json.dumps(template.properties("Api")["DefinitionBody"])
    allowed = {permission["FunctionName"]["Ref"]: permission for _, permission in template.of_type("AWS::Lambda::Permission")}
    authorizer = _named(template.properties("Api")["DefinitionBody"]["components"]["securitySchemes"]["token"][AUTHORIZER]["authorizerUri"])
    for name in sorted(set(re.findall(r"\$\{(\w+)\.Arn\}:live/invocations", text))):
        permission, caller = allowed.get(f"{name}.Alias", {}), "/authorizers/*" if name == authorizer else "/*"
        source = str(permission.get("SourceArn"))
        if permission.get("Principal") != "apigateway.amazonaws.com" or not source.endswith(f":${{Api}}{caller}'}}"):
            yield f"{name}: the API may not call it, or not the API alone"
        if template.properties(name)["Timeout"] > 29:
            yield f"{name}: runs longer than the API waits"


def the_api_tells_its_release(template: Template) -> Iterator[str]:
    """Its version is the project's, which CHANGELOG.md counts as callers see it."""
    release = tomllib.loads((template.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    told = template.properties("Api")["DefinitionBody"]["info"]["version"]
    if told != release:
        yield f"Api: tells release {told}, it is {release}"


def gateway_refuses_like_us(template: Template) -> Iterator[str]:
    responses = template.properties("Api")["GatewayResponses"]
    yield from (f"{kind}: missing" for kind in ("DEFAULT_4XX", "DEFAULT_5XX", *OWN_STATUS) if kind not in responses)
    for kind in sorted(set(OWN_STATUS) & set(responses)):
        if responses[kind]["StatusCode"] != OUR_STATUS.get(kind, OWN_STATUS[kind]):
            yield f"{kind}: not the status that the gateway means"
    for kind, response in responses.items():
        body = json.loads(response["ResponseTemplates"]["application/json"])
        known = PROBLEMS.get(body["code"])
        headers = response["ResponseParameters"]["Headers"]
        if known is None or (known.status, known.title) != (body["status"], body["title"]) or response["StatusCode"] != body["status"]:
            yield f"{kind}: not the problem that infra/http/problems.py knows"
        if set(body) != {"type", "title", "status", "detail", "code", "instance", "correlation_id"} or body["type"] != "about:blank":
            yield f"{kind}: not a problem's members"
        yield from (f"{kind}: {otherwise}" for name, (value, otherwise) in OF_EVERY_REFUSAL.items() if headers.get(name) != value)
        if body["status"] == 429 and "Retry-After" not in headers:
            yield f"{kind}: does not say when to come back"


def large_public_files_have_a_throttle_of_their_own(template: Template) -> Iterator[str]:
    """Whoever may fetch a file of hundreds of kilobytes without a token may not do so at the rate of all callers."""
    settings = {(row["ResourcePath"], row["HttpMethod"]): row for row in template.properties("Api")["MethodSettings"]}
    everybodys = settings.pop(("/*", "*"), {})
    throttled = {(f"/{call.path.replace('/', '~1')}", method) for call in CALLS if call.id in LARGE_FILES for method in call.methods}
    yield from (f"{method} {path}: no call that answers with a large file" for path, method in sorted(settings.keys() - throttled))
    for path, method in sorted(throttled):
        found = settings.get((path, method), everybodys)
        if not found["ThrottlingRateLimit"] < everybodys["ThrottlingRateLimit"] > found["ThrottlingBurstLimit"]:
            yield f"{method} {path}: as fast as every other route"
        if (found.get("MetricsEnabled"), found.get("DataTraceEnabled")) != (True, False):
            yield f"{method} {path}: is not measured, or its bodies reach a log"


def the_access_log_answers_who_and_what(template: Template) -> Iterator[str]:
    line = template.properties("Api")["AccessLogSetting"]["Format"]
    values = set(json.loads(line).values())
    yield from (f"access log: no {member}" for member in WRITTEN_DOWN if f"$context.{member}" not in values)
    if "$context.path" in line:
        yield "access log: holds keys that callers chose"
    if "\n" in line:
        yield "access log: more than one line"


def the_account_is_left_alone_unless_asked(template: Template) -> Iterator[str]:
    """API Gateway's log role is one per account and region; a fresh account takes it only after a resource of API Gateway's."""
    account, role = "AWS::ApiGateway::Account", "AWS::ApiGateway::ApiKey"
    yield from (f"{name}: made unasked" for kind in (account, role) for name, _ in template.of_type(kind))
    asked = variant(template, ManageApiLogRole="true")
    for name, _ in asked.of_type(account):
        first = asked.resources[name].get("DependsOn")
        if first not in dict(asked.of_type(role)) or asked.resources["Api"].get("DependsOn") != name:
            yield f"{name}: made before the API Gateway resource that it needs, or after the API that needs it"
    if not dict(asked.of_type(account)):
        yield "ManageApiLogRole: asks for nothing"


def _uri(operation: Mapping[str, Any] | None) -> str:
    return json.dumps(operation["x-amazon-apigateway-integration"]["uri"]) if operation else ""


def _function(template: Template, operation: Mapping[str, Any]) -> str:
    """The folder of functions/ that an operation leads to; empty where it leads nowhere."""
    named = _named(_uri(operation))
    return template.properties(named)["CodeUri"].removeprefix("functions/") if named else ""


def _named(uri: Any) -> str:
    """The function that an address of API Gateway's names; empty where it names none."""
    named = re.search(r"\$\{(\w+)\.Arn\}:live/invocations", uri if isinstance(uri, str) else json.dumps(uri))
    return named[1] if named else ""


API_RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    routes_are_the_calls,
    who_is_asked_stands_in_the_table,
    every_other_route_asks_who_calls,
    the_authorizer_is_ours,
    routed_functions_may_be_called,
    the_api_tells_its_release,
    gateway_refuses_like_us,
    large_public_files_have_a_throttle_of_their_own,
    the_access_log_answers_who_and_what,
    the_account_is_left_alone_unless_asked,
)
