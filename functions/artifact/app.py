"""The evidence of a run: its deterministic artifact, and everything recorded around it in one support bundle."""

from aws_lambda_powertools import Logger

from engine.usecases.artifacts import ReadArtifact
from engine.usecases.bundles import SupportBundle
from engine.usecases.lookup import FindRun
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.answers import segment
from infra.wire.evidence import artifact_answer, artifact_page, bundle_answer, bundle_asked


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    artifact = ReadArtifact(adapters.runs, settings.store.artifacts)
    bundle = SupportBundle(FindRun(adapters.runs, adapters.lookup), artifact, adapters.reviews, adapters.lineage, adapters.operations)
    endpoints = {
        "artifact": endpoint(segment("rebalance_run_id"), artifact, artifact_answer, artifact_page),
        "bundle": endpoint(bundle_asked("rebalance_run_id"), bundle.by_id, bundle_answer),
        "bundle_by_correlation": endpoint(bundle_asked("correlation_id"), bundle.by_correlation, bundle_answer),
        "bundle_by_key": endpoint(bundle_asked("idempotency_key"), bundle.by_key, bundle_answer),
        "bundle_by_operation": endpoint(bundle_asked("operation_id"), bundle.by_operation, bundle_answer),
    }
    return door("artifact", endpoints, settings, adapters.clock, log)


handler = entry("artifact", build, needs=(Need.RUNS,))
