"""What executes accepted operations, built alike for the worker and for whoever executes one while its caller waits."""

from aws_lambda_powertools import Logger

from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, ExecuteWhatIf
from engine.usecases.execution import ExecuteOperation
from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.triggers.jobs import log_failures


def execution(settings: Settings, adapters: Adapters, log: Logger) -> ExecuteOperation:
    """The operations of these adapters, each type with its executor; failures are logged."""
    executors = {ANALYZE_SCENARIOS: ExecuteWhatIf(adapters.runs, adapters.clock, settings.store.artifacts)}
    return ExecuteOperation(adapters.operations, executors, adapters.ids, log_failures(log))
