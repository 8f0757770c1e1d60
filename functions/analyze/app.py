"""POST /rebalance/analyze: one portfolio under up to twenty sets of options, answered at once."""

from aws_lambda_powertools import Logger

from engine.usecases.analyze import AnalyzeBatch, AnalyzeCall
from engine.usecases.packs import PackResolution
from infra.adapters import Adapters
from infra.http.door import Endpoint, Request, door, entry
from infra.http.headers import Handler, Response
from infra.http.identity import Scope
from infra.settings.container import Settings
from infra.settings.guardrails import Need


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    packs = PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    analyze_batch = AnalyzeBatch(adapters.runs, packs, adapters.clock, adapters.ids, settings.store.artifacts)

    def analyze(request: Request) -> Response:
        answer = analyze_batch(
            AnalyzeCall(
                tenant=request.identity.tenant,
                actor=request.identity.actor,
                correlation_id=request.correlation_id(),
                policy_pack_id=request.policy_pack_id(),
                body=request.body(),
                fits=request.fits,
                in_time=request.in_time,
            )
        )
        return Response(200, answer)

    endpoints = {"POST /rebalance/analyze": Endpoint(Scope.RUN, analyze)}
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log)


handler = entry("analyze", build, needs=(Need.RUNS, Need.PACKS))
