"""Every refusal of a call: by status its codes, each with the problem that is answered."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from engine.contracts.violations import Violation
from engine.usecases.refusals import Code
from infra.api import Call
from infra.http.body import NO_BODY
from infra.http.problems import PROBLEM_JSON, PROBLEMS, problem
from infra.openapi.headers import headers_of
from infra.openapi.models import PROBLEM
from infra.openapi.schemas import ROOT, Json
from infra.openapi.story import Examples
from infra.settings.guardrails import GUARDRAILS

BY_THE_GATEWAY: Final = (
    Code.BAD_REQUEST,
    Code.FORBIDDEN,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.TOO_MANY_REQUESTS,
    Code.INTERNAL_SERVER_ERROR,
    Code.EXECUTION_TIME_EXCEEDED,
)
"""What no function says, of any call: the gateway answers it itself."""

_GUARDED: Final = {rule.code for rules in GUARDRAILS.values() for rule in rules}
UNSERVED: Final = tuple(code for code in Code if code in _GUARDED)
"""What a call may be answered while its environment may not serve."""

BECAUSE: Final[Mapping[Code, str]] = {
    Code.UNAUTHORIZED: "identity required",
    Code.SCOPE_REQUIRED: "dpm.run",
    Code.IDEMPOTENCY_KEY_CONFLICT: "request hash mismatch",
    Code.PROPOSAL_SIMULATION_DISABLED: "set options.enable_proposal_simulation=true",
    Code.STATE_CONFLICT: "expected_state mismatch",
    Code.PROPOSAL_TERMINAL_STATE: "cannot create version",
    Code.INTERNAL_SERVER_ERROR: "An unexpected error occurred.",
}
"""What stands behind a code's colon, as an example of it."""

BROKEN: Final[Mapping[Code, Violation]] = {
    Code.REQUEST_VALIDATION_FAILED: Violation(("header", "Idempotency-Key"), "missing", "Field required"),
    Code.DUPLICATE_MEMBER: Violation(("body", "options"), "duplicate_member", "The member stands twice in its object"),
}

HEADERS: Final[Mapping[int, tuple[str, ...]]] = {
    401: ("WWW-Authenticate",),
    415: ("Accept-Encoding",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""By status, what its problems say in headers besides what every answer says."""


def problem_examples() -> dict[str, Json]:
    """A problem for every code, as components."""
    usual = {_name(code, PROBLEMS[code].status): {"summary": PROBLEMS[code].title, "value": _example(code)} for code in Code}
    of_body = {
        _name(code, known.of_body): {"summary": known.title, "value": _example(code, of_body=True)}
        for code, known in PROBLEMS.items()
        if known.of_body is not None
    }
    return usual | of_body


def _name(code: Code, status: int) -> str:
    return code.value if status == PROBLEMS[code].status else f"{code}.{status}"


def refusals(call: Call, examples: Examples) -> Iterator[tuple[int, Json]]:
    """By status ascending, the response with every code that the call may be refused by."""
    codes = dict.fromkeys([*call.codes(), *BY_THE_GATEWAY, *(() if call.anybodys else UNSERVED)])
    by_status: dict[int, list[Code]] = defaultdict(list)
    for code in codes:
        by_status[status_of(call, code)].append(code)
    for status, of_it in sorted(by_status.items()):
        yield status, _response(call, status, of_it, examples)


def status_of(call: Call, code: Code) -> int:
    """The status that a code travels with; of one that can be about path or body, the body's where that names what the path does not."""
    known = PROBLEMS[code]
    of_body = known.of_body is not None and call.body is not NO_BODY and "{version_no}" not in call.path
    return known.of_body if of_body and known.of_body is not None else known.status


def _response(call: Call, status: int, codes: list[Code], told: Examples) -> Json:
    listed = [code for code in codes if code not in UNSERVED]
    examples: Json = {}
    for code in listed or codes:
        examples |= told.of(call.id, code) or {code.value: {"$ref": f"#/components/examples/{_name(code, status)}"}}
    return {
        "description": "; ".join(f"`{code}`: {PROBLEMS[code].title}" for code in listed or codes),
        "content": {PROBLEM_JSON: {"schema": {"$ref": ROOT + PROBLEM}, "examples": examples}},
        "headers": headers_of(("X-Correlation-Id", *HEADERS.get(status, ()))),
        "x-codes": [code.value for code in codes],
    }


def _example(code: Code, *, of_body: bool = False) -> Any:
    said = problem(
        code,
        BECAUSE.get(code, ""),
        instance="/rebalance/simulate",
        correlation_id="corr-1",
        violations=(BROKEN[code],) if code in BROKEN else (),
        of_body=of_body,
    )
    return orjson.loads(said.body)
