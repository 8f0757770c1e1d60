"""POST /rebalance/analyze: one portfolio under up to twenty sets of options, answered at once."""

from functools import partial

from aws_lambda_powertools import Logger

from engine.usecases.analyze import AnalyzeBatch
from engine.usecases.packs import PackResolution
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.observability import log_defect
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.rebalance import analyze_asked, analyzed_answer


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    packs = PackResolution(settings.packs.rules, adapters.packs, strict=settings.packs.strict)
    failed = partial(log_defect, log)
    analyze_batch = AnalyzeBatch(adapters.runs, packs, adapters.clock, adapters.ids, settings.store.artifacts, adapters.watch, failed)
    endpoints = {"analyze": endpoint(analyze_asked, analyze_batch, analyzed_answer)}
    return door("analyze", endpoints, settings, adapters.clock, log)


handler = entry("analyze", build, needs=(Need.RUNS, Need.PACKS))
