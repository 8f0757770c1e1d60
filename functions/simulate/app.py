"""POST /rebalance/simulate: the orders that bring a portfolio to its model, once per idempotency key."""

from typing import Final

from aws_lambda_powertools import Logger

from engine.records.runs import Source
from engine.usecases.packs import PackResolution
from engine.usecases.simulate import SimulateCall, SimulateRun
from infra.adapters import Adapters
from infra.http.door import Endpoint, Request, door, entry
from infra.http.headers import Handler, Response
from infra.http.identity import Scope
from infra.settings.container import Settings
from infra.settings.guardrails import Need

REPLAYED: Final = {"Idempotent-Replayed": "true"}


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    packs = PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    simulate_run = SimulateRun(
        adapters.runs, packs, adapters.clock, adapters.ids, replay_enabled=settings.replay_enabled, artifacts=settings.store.artifacts
    )

    def simulate(request: Request) -> Response:
        run = simulate_run(
            SimulateCall(
                tenant=request.identity.tenant,
                actor=request.identity.actor,
                source=Source.API,
                idempotency_key=request.idempotency_key(),
                correlation_id=request.correlation_id(),
                policy_pack_id=request.policy_pack_id(),
                body=request.body(),
                fits=request.fits,
                in_time=request.in_time,
            )
        )
        headers = REPLAYED if run.replayed else {}
        return Response(200, run.result, headers, facts={"run_id": run.run_id, "replayed": int(run.replayed)})

    endpoints = {"POST /rebalance/simulate": Endpoint(Scope.RUN, simulate)}
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log)


handler = entry("simulate", build, needs=(Need.RUNS, Need.PACKS))
