"""Checks before execution and verifications, as they are asked and shown (advisory-practice 10)."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from engine.records.proposal_history import ExecutionCheck
from engine.usecases.proposals.checks import CheckCall, Checked
from engine.usecases.proposals.verification import NamedVersion, VerifiedVersion
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.query import path_parameter
from infra.observability import log_broken_evidence
from infra.wire.answers import answer
from infra.wire.lifecycle.documents import check_document
from infra.wire.lifecycle.reads import version_number
from infra.wire.lifecycle.versions import caller_of
from infra.wire.rebalance import REPLAYED


def check_asked(request: Request) -> CheckCall:
    """A check of the version that the path names, by the verified caller."""
    from engine.contracts.lifecycle.checks import parse_check  # noqa: PLC0415  (reads start without models)

    named, key, asked = named_version(request), request.optional_idempotency_key(), parse_check(request.body())
    return CheckCall(named.proposal_id, named.version_no, caller_of(request, None), key, asked, request.in_time)


def named_version(request: Request) -> NamedVersion:
    """The version that the path names."""
    return NamedVersion(path_parameter(request.event, "proposal_id"), version_number(request))


def check_answer(checked: Checked) -> Response:
    """One check, and whether an earlier call made it."""
    check = checked.check
    shown = answer(check_document(check), proposal_id=check.proposal_id, version_no=check.version_no, verdict=check.verdict.value)
    return Response(shown.status, shown.body, REPLAYED, shown.facts) if checked.replayed else shown


def checks_answer(found: tuple[NamedVersion, tuple[ExecutionCheck, ...]]) -> Response:
    """All checks of a version, oldest first."""
    named, checks = found
    document = {"proposal_id": named.proposal_id, "version_no": named.version_no, "checks": list(map(check_document, checks))}
    return answer(document, proposal_id=named.proposal_id, rows=len(checks))


def verification_answer(log: Logger) -> Callable[[VerifiedVersion], Response]:
    """The verdict on a version; what of its evidence does not hold is written to the log, for its alarm."""

    def shown(verified: VerifiedVersion) -> Response:
        named, found = verified.named, verified.verification
        if found.broken is not None:
            log_broken_evidence(log, code=found.verdict, payload=found.broken)
        document = {"proposal_id": named.proposal_id, "version_no": named.version_no, **found.as_json()}
        return answer(document, proposal_id=named.proposal_id, verdict=found.verdict)

    return shown
