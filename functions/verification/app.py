"""GET /rebalance/runs/{rebalance_run_id}/verification: decide a recorded run again and compare, byte by byte."""

from aws_lambda_powertools import Logger

from engine.usecases.verification import VerifyRun
from engine.verification import Verification
from infra.adapters import Adapters
from infra.door import door, entry
from infra.endpoints import endpoint
from infra.gates import Gate
from infra.http import Handler, Response
from infra.observability import log_broken_evidence
from infra.run_evidence import verification_answer
from infra.run_reads import segment
from infra.settings import Settings


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""

    def shown(verification: Verification) -> Response:
        if verification.broken is not None:
            log_broken_evidence(log, code=verification.verdict, payload=verification.broken)
        return verification_answer(verification)

    verify = endpoint("dpm.read", segment("rebalance_run_id"), VerifyRun(adapters.runs), shown, Gate.SUPPORT_APIS)
    endpoints = {"GET /rebalance/runs/{rebalance_run_id}/verification": verify}
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log, closed=settings.closed)


handler = entry("verification", build)
