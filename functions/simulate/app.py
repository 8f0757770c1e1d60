"""POST /rebalance/simulate: the orders that bring a portfolio to its model, once per idempotency key."""

from aws_lambda_powertools import Logger

from engine.usecases.packs import PackResolution
from engine.usecases.simulate import SimulateRun
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.rebalance import simulate_asked, simulated_answer


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    packs = PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    simulate_run = SimulateRun(
        adapters.runs,
        packs,
        adapters.clock,
        adapters.ids,
        replay_enabled=settings.replay_enabled,
        artifacts=settings.store.artifacts,
        watch=adapters.watch,
    )
    endpoints = {"simulate": endpoint(simulate_asked, simulate_run, simulated_answer)}
    return door("simulate", endpoints, settings, adapters.clock, log)


handler = entry("simulate", build, needs=(Need.RUNS, Need.PACKS))
