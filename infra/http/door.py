"""The outermost door of every function: who calls, which endpoint, what goes back. Nothing but an answer leaves it."""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

from aws_lambda_powertools import Logger

from engine.contracts.violations import DuplicateMembers, InvalidRequest, Violation
from engine.ports.outside import Clock, EvidenceCorrupt, StoreUnavailable
from engine.records.runs import NO_CORRELATION
from engine.usecases.refusals import Code, Refused
from infra.api import CALLS, ROUTES, Call
from infra.http.body import CodingRefused
from infra.http.endpoints import Endpoint, Request
from infra.http.habits.addresses import addressed
from infra.http.habits.keeping import kept
from infra.http.headers import Headers, accepts_gzip, correlation_id, headers_of, single
from infra.http.identity import NOBODY, identity_of
from infra.http.messages import Event, Handler, ProxyAnswer, Response, fits, proxy_answer
from infra.http.problems import problem
from infra.http.routing import best_match
from infra.observability import CLIENT_ERROR, log_broken_evidence, log_call, log_defect, logger
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured, Need
from infra.settings.reading import Environ
from infra.triggers.once import Build, once, started
from infra.watching.tally import tallied

UNKNOWN_ROUTE: Final = "unknown"

Caller = dict[str, str]
"""Ids of the verified caller, for the log; empty until somebody is verified."""

Unready = Callable[[Settings, Code, Logger], Handler]
"""Makes the handler of a function whose stores are not configured, from the code that says so."""

Serve = Callable[[Event, Headers, Caller], Response]


def door(function: str, endpoints: Mapping[str, Endpoint], settings: Settings, clock: Clock, log: Logger) -> Handler:
    """A Lambda handler for a function's rows of the table of calls, an endpoint for each by its id. ValueError for any other set of ids.

    Every other route is answered 404, or 405 where only the method is wrong. A group that is switched off answers before anything of
    the request is read.
    """
    served = _rows(function, endpoints)

    def serve(event: Event, headers: Headers, caller: Caller) -> Response:
        call = served.get(_route(event))
        if call is None or _ends_in_a_slash(event):
            return _unrouted(event, headers)
        identity = NOBODY
        if not call.anybodys:
            identity = identity_of(event, local=settings.local)
            caller.update(tenant=identity.tenant, actor=identity.actor)
            identity.require(call.scopes, clock())
            identity.require_tenant(single(headers, "X-Tenant-Id"))
        for switch in call.switches:
            if switch in settings.closed:
                raise Refused(switch.disabled)
        response = addressed(endpoints[call.id](Request(call, identity, headers, event, clock, clock())), event)
        return kept(response, headers) if call.lasting else response

    return _handler(serve, log, by_tenant=settings.metrics_by_tenant)


def _rows(function: str, endpoints: Mapping[str, Endpoint]) -> dict[str, Call]:
    """The function's calls by their route."""
    rows = [call for call in CALLS if call.function == function]
    if differing := endpoints.keys() ^ {call.id for call in rows}:
        raise ValueError(f"{function}: not the calls that infra/api.py gives it: {', '.join(sorted(differing))}")
    return {route: call for call in rows for route in call.routes}


def entry(
    service: str, build: Build[Handler], environ: Environ = os.environ, *, needs: Collection[Need], unready: Unready | None = None
) -> Handler:
    """The handler of a module that the API calls, made once per container.

    An environment that violates a guardrail for one of its needs answers every call 503 with the guardrail's code, but what `unready` serves.
    """

    def make() -> Handler:
        try:
            return started(service, build, environ, needs)
        except Misconfigured as misconfigured:
            return (
                _refusing(misconfigured.code, logger(service))
                if unready is None
                else _unready(service, unready, misconfigured.code, environ)
            )

    return once(make, environ)


def _unready(service: str, unready: Unready, code: Code, environ: Environ) -> Handler:
    log = logger(service)
    try:
        return unready(Settings.from_environ(environ, ()), code, log)
    except Misconfigured as misconfigured:  # an environment in which nothing at all may serve
        return _refusing(misconfigured.code, log)


def _refusing(code: Code, log: Logger) -> Handler:
    def serve(_event: Event, _headers: Headers, _caller: Caller) -> Response:
        raise Refused(code)

    return _handler(serve, log)


def _handler(serve: Serve, log: Logger, *, by_tenant: bool = False) -> Handler:
    def handler(event: dict[str, Any], _context: Any) -> ProxyAnswer:
        started = perf_counter()
        headers: Headers = {}
        caller: Caller = {}
        with tallied() as tally:
            try:
                headers = headers_of(event)
                response = serve(event, headers, caller)
                if not fits(response.body, gzip_accepted=accepts_gzip(headers)):
                    raise Refused(Code.RESPONSE_TOO_LARGE)  # noqa: TRY301  (a replay of what only gzip could carry)
            except Exception as error:  # noqa: BLE001  (the outermost door)
                response = _refusal(error, event, headers, log)
        ids = _ids(event, headers)
        response = replace(response, headers={"X-Correlation-Id": ids["correlation_id"], **response.headers})
        answer = proxy_answer(response, gzip_accepted=accepts_gzip(headers))
        facts = {
            **ids,
            "response_bytes": len(response.body),
            **caller,
            **tally.figures(kept=response.status < CLIENT_ERROR),
            **response.facts,
        }
        route, seconds = _measured_route(event), perf_counter() - started
        log_call(log, route=route, status=response.status, seconds=seconds, facts=facts, by_tenant=by_tenant)
        return answer

    return handler


def _refusal(error: Exception, event: Event, headers: Headers, log: Logger) -> Response:
    """What the caller is told: our own words by code, and nothing at all of an exception that nobody foresaw."""
    because, of_body, violations, more = "", False, tuple[Violation, ...](), dict[str, str]()
    match error:
        case DuplicateMembers(violations=violations):
            code = Code.DUPLICATE_MEMBER
        case InvalidRequest(violations=violations):
            code = Code.REQUEST_VALIDATION_FAILED
        case CodingRefused(code=Code() as code, taken=taken):
            more = {"Accept-Encoding": taken}
        case Refused(code=Code() as code, because=because, of_body=of_body):
            pass
        case StoreUnavailable(code=Code() as code):
            pass
        case EvidenceCorrupt(key=key):
            code = Code.EVIDENCE_CORRUPT
            log_broken_evidence(log, code=code, payload=key, facts=_ids(event, headers))
        case _:
            code, because = Code.INTERNAL_SERVER_ERROR, "An unexpected error occurred."
            log_defect(log, error, _ids(event, headers))
    return problem(
        code, because, instance=_path(event), correlation_id=_traced(headers), violations=violations, headers=more, of_body=of_body
    )


def _unrouted(event: Event, headers: Headers) -> Response:
    methods = _methods(event)
    if methods and event.get("httpMethod") not in methods:
        allow = {"Allow": ", ".join(sorted(methods))}
        return problem(Code.METHOD_NOT_ALLOWED, instance=_path(event), correlation_id=_traced(headers), headers=allow)
    return problem(Code.NOT_FOUND, instance=_path(event), correlation_id=_traced(headers))


def _methods(event: Event) -> frozenset[str]:
    """What the path takes, nothing where it leads nowhere. A custom domain may put more before the path, never before the resource."""
    if _ends_in_a_slash(event):
        return frozenset()
    resource, rest = str(event.get("resource")), (event.get("pathParameters") or {}).get("proxy")
    if resource in ROUTES:
        return ROUTES[resource]
    match = best_match(ROUTES, _path(event) if rest is None else f"/{rest}")
    return ROUTES[match.template] if match else frozenset()


def _ends_in_a_slash(event: Event) -> bool:
    """API Gateway does not see a slash at the end; we do."""
    return _path(event).endswith("/") and event.get("resource") != "/"


def _route(event: Event) -> str:
    return f"{event.get('httpMethod')} {event.get('resource')}"


def _measured_route(event: Event) -> str:
    """The route as a metric's name: one of the table, or one for all that the table lacks, so that a scan makes no metrics."""
    return _route(event) if event.get("httpMethod") in ROUTES.get(str(event.get("resource")), ()) else UNKNOWN_ROUTE


def _path(event: Event) -> str:
    return str(event.get("path") or "/")


def _ids(event: Event, headers: Headers) -> dict[str, str]:
    """What all lines of one call share."""
    return {"request_id": str((event.get("requestContext") or {}).get("requestId")), "correlation_id": _traced(headers)}


def _traced(headers: Headers) -> str:
    """The correlation id for problems and the log; where it is itself the problem, none."""
    with suppress(InvalidRequest):
        return correlation_id(headers) or NO_CORRELATION
    return NO_CORRELATION
