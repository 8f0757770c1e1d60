"""The evidence of a run: its deterministic artifact, and everything recorded around it in one support bundle."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from engine.usecases.artifacts import ReadArtifact
from engine.usecases.bundles import Bundle, BundleCall, SupportBundle
from engine.usecases.lookup import FindRun
from infra.adapters import Adapters
from infra.http.door import Endpoint, door, entry
from infra.http.endpoints import endpoint
from infra.http.headers import Handler
from infra.http.identity import Scope
from infra.http.switches import Switch
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.evidence import artifact_answer, bundle_answer, bundle_asked
from infra.wire.runs import segment


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    artifact = ReadArtifact(adapters.runs, settings.store.artifacts)
    bundle = SupportBundle(FindRun(adapters.runs, adapters.lookup), artifact, adapters.reviews, adapters.lineage, adapters.operations)

    def bundled(name: str, do: Callable[[str, BundleCall], Bundle]) -> Endpoint:
        return endpoint(Scope.READ, bundle_asked(name), do, bundle_answer, Switch.SUPPORT_APIS, Switch.SUPPORT_BUNDLE)

    endpoints = {
        "GET /rebalance/runs/{rebalance_run_id}/artifact": endpoint(
            Scope.READ, segment("rebalance_run_id"), artifact, artifact_answer, Switch.SUPPORT_APIS, Switch.ARTIFACTS
        ),
        "GET /rebalance/runs/{rebalance_run_id}/support-bundle": bundled("rebalance_run_id", bundle.by_id),
        "GET /rebalance/runs/by-correlation/{correlation_id}/support-bundle": bundled("correlation_id", bundle.by_correlation),
        "GET /rebalance/runs/idempotency/{idempotency_key}/support-bundle": bundled("idempotency_key", bundle.by_key),
        "GET /rebalance/runs/by-operation/{operation_id}/support-bundle": bundled("operation_id", bundle.by_operation),
    }
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log, closed=settings.closed)


handler = entry("artifact", build, needs=(Need.RUNS,))
