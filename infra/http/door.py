"""The outermost door of every function: who calls, which endpoint, what goes back. Nothing but an answer leaves it."""

import gc
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import Any, Final, NamedTuple

from aws_lambda_powertools import Logger

from engine.contracts.violations import DuplicateMembers, InvalidRequest, Violation
from engine.ports.outside import Clock, EvidenceCorrupt, StoreUnavailable
from engine.usecases.refusals import Code, Refused
from infra.adapters import Adapters, connect
from infra.api import ROUTES, methods_of
from infra.http import headers as http
from infra.http.body import body_of
from infra.http.headers import Event, Handler, Headers, ProxyAnswer, Response
from infra.http.identity import Identity, Scope, identity_of
from infra.http.problems import problem
from infra.http.switches import CLOSED_UNLESS_OPENED, Switch
from infra.observability import log_broken_evidence, log_call, log_defect, logger
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured, Need
from infra.settings.reading import Environ

DECISION_SECONDS: Final = 25
"""Of the 29 that the gateway waits, what deciding may take; the rest is for recording."""

UNKNOWN_ROUTE: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """A verified caller's call. Its parts are read when an endpoint asks for them, and refused when they are wrong."""

    identity: Identity
    headers: Headers
    event: Event
    closed: frozenset[Switch] = CLOSED_UNLESS_OPENED
    started: float = field(default_factory=perf_counter)

    def in_time(self) -> bool:
        """Whether recording may still begin: a late run must not be recorded while its caller is told of a timeout (dpm-service 17.10)."""
        return perf_counter() - self.started <= DECISION_SECONDS

    def require_open(self, *switches: Switch) -> None:
        """Refuse by the first of these switches that is closed. Endpoints ask after they have read the request and before any store."""
        for switch in switches:
            if switch in self.closed:
                raise Refused(switch.disabled)

    def idempotency_key(self) -> str:
        """The key, required."""
        return http.idempotency_key(self.headers)

    def optional_idempotency_key(self) -> str | None:
        """The key, where one is given."""
        return http.optional_idempotency_key(self.headers)

    def correlation_id(self) -> str:
        """The caller's correlation id, `c_none` without."""
        return http.correlation_id(self.headers)

    def policy_pack_id(self) -> str:
        """The policy pack that the caller asks for; empty when none."""
        return http.policy_pack_id(self.headers)

    def body(self) -> bytes:
        """The bytes of the JSON body."""
        return body_of(self.event, self.headers)

    def fits(self, answer: bytes) -> bool:
        """Whether this answer can reach the caller, now and when it is looked up later."""
        return http.fits(answer, gzip_accepted=http.accepts_gzip(self.headers), room=http.LOOK_UP_ROOM)


class Endpoint(NamedTuple):
    """A scope, and the function that answers callers who hold it."""

    scope: Scope
    answer: Callable[[Request], Response]


Endpoints = Mapping[str, Endpoint]
"""By method and path template: `POST /rebalance/simulate`."""

Caller = dict[str, str]
"""Ids of the verified caller, for the log; empty until somebody is verified."""

Serve = Callable[[Event, Headers, Caller], Response]
Build = Callable[[Settings, Adapters, Logger], Handler]


def door(endpoints: Endpoints, *, local: bool, clock: Clock, log: Logger, closed: frozenset[Switch] = CLOSED_UNLESS_OPENED) -> Handler:
    """A Lambda handler for these endpoints; every other route is answered 404, or 405 where only the method is wrong."""

    def serve(event: Event, headers: Headers, caller: Caller) -> Response:
        endpoint = endpoints.get(_route(event))
        if endpoint is None or _path(event).endswith("/"):  # API Gateway does not see a slash at the end; we do
            return _unrouted(event, headers)
        identity = identity_of(event, local=local)
        caller.update(tenant=identity.tenant, actor=identity.actor)
        identity.require(endpoint.scope, clock())
        identity.require_tenant(http.single(headers, "X-Tenant-Id"))
        return endpoint.answer(Request(identity, headers, event, closed))

    return _handler(serve, log)


def entry(service: str, build: Build, environ: Environ = os.environ, *, needs: Collection[Need]) -> Handler:
    """The handler of a module, built once per container: during INIT on Lambda, elsewhere at the first call.

    An environment that violates a guardrail for one of its needs answers every call 503 with the guardrail's code.
    """
    built: list[Handler] = []
    building = Lock()

    def the_handler() -> Handler:
        with building:
            if not built:
                built.append(_start(service, build, environ, needs))
        return built[0]

    def handler(event: dict[str, Any], context: Any) -> ProxyAnswer:
        return the_handler()(event, context)

    if "AWS_LAMBDA_RUNTIME_API" in environ:
        the_handler()
        gc.freeze()  # what INIT made lives as long as the container: no collection need look at it again
    return handler


def _start(service: str, build: Build, environ: Environ, needs: Collection[Need]) -> Handler:
    log = logger(service)
    try:
        settings = Settings.from_environ(environ, needs)
    except Misconfigured as misconfigured:
        return _refusing(misconfigured.code, log)
    for warning in settings.warnings:
        log.warning("settings", extra={"code": warning})
    return build(settings, connect(settings, needs), log)


def _refusing(code: Code, log: Logger) -> Handler:
    def serve(_event: Event, _headers: Headers, _caller: Caller) -> Response:
        raise Refused(code)

    return _handler(serve, log)


def _handler(serve: Serve, log: Logger) -> Handler:
    def handler(event: dict[str, Any], _context: Any) -> ProxyAnswer:
        started = perf_counter()
        headers: Headers = {}
        caller: Caller = {}
        try:
            headers = http.headers_of(event)
            response = serve(event, headers, caller)
            if not http.fits(response.body, gzip_accepted=http.accepts_gzip(headers)):
                raise Refused(Code.RESPONSE_TOO_LARGE)  # noqa: TRY301  (a replay of what only gzip could carry)
        except Exception as error:  # noqa: BLE001  (the outermost door)
            response = _refusal(error, event, headers, log)
        answer = http.proxy_answer(response, gzip_accepted=http.accepts_gzip(headers))
        ids = {"request_id": _request_id(event), "correlation_id": _traced(headers), "response_bytes": len(response.body)}
        facts = {**ids, **caller, **response.facts}
        log_call(log, route=_measured_route(event), status=response.status, seconds=perf_counter() - started, facts=facts)
        return answer

    return handler


def _refusal(error: Exception, event: Event, headers: Headers, log: Logger) -> Response:
    """What the caller is told: our own words by code, and nothing at all of an exception that nobody foresaw."""
    because, violations = "", tuple[Violation, ...]()
    match error:
        case DuplicateMembers(violations=violations):
            code = Code.DUPLICATE_MEMBER
        case InvalidRequest(violations=violations):
            code = Code.REQUEST_VALIDATION_FAILED
        case Refused(code=Code() as code, because=because):
            pass
        case StoreUnavailable(code=Code() as code):
            pass
        case EvidenceCorrupt(key=key):
            code = Code.EVIDENCE_CORRUPT
            log_broken_evidence(log, code=code, payload=key)
        case _:
            code, because = Code.INTERNAL_SERVER_ERROR, "An unexpected error occurred."
            log_defect(log, error)
    return problem(code, because, instance=_path(event), correlation_id=_traced(headers), violations=violations)


def _unrouted(event: Event, headers: Headers) -> Response:
    methods = methods_of(_path(event))
    if methods and event.get("httpMethod") not in methods:
        allow = {"Allow": ", ".join(sorted(methods))}
        return problem(Code.METHOD_NOT_ALLOWED, instance=_path(event), correlation_id=_traced(headers), headers=allow)
    return problem(Code.NOT_FOUND, instance=_path(event), correlation_id=_traced(headers))


def _route(event: Event) -> str:
    return f"{event.get('httpMethod')} {event.get('resource')}"


def _measured_route(event: Event) -> str:
    """The route as a metric's name: one of the table, or one for all that the table lacks, so that a scan makes no metrics."""
    return _route(event) if event.get("httpMethod") in ROUTES.get(str(event.get("resource")), ()) else UNKNOWN_ROUTE


def _path(event: Event) -> str:
    return str(event.get("path") or "/")


def _request_id(event: Event) -> str:
    return str((event.get("requestContext") or {}).get("requestId"))


def _traced(headers: Headers) -> str:
    """The correlation id for problems and the log; where it is itself the problem, none."""
    with suppress(InvalidRequest):
        return http.correlation_id(headers)
    return http.NO_CORRELATION
