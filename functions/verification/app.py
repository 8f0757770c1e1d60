"""GET /rebalance/runs/{rebalance_run_id}/verification: decide a recorded run again and compare, byte by byte."""

from aws_lambda_powertools import Logger

from engine.evidence.verification import Verification
from engine.usecases.verification import VerifyRun
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler, Response
from infra.observability import log_broken_evidence
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.answers import segment
from infra.wire.evidence import verification_answer


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""

    def shown(verification: Verification) -> Response:
        if verification.broken is not None:
            log_broken_evidence(log, code=verification.verdict, payload=verification.broken)
        return verification_answer(verification)

    endpoints = {"verification": endpoint(segment("rebalance_run_id"), VerifyRun(adapters.runs), shown)}
    return door("verification", endpoints, settings, adapters.clock, log)


handler = entry("verification", build, needs=(Need.RUNS,))
