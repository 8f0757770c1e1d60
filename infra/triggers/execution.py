"""What executes accepted operations, built alike for the worker and for whoever executes one while its caller waits."""

from aws_lambda_powertools import Logger

from engine.records.operations import Family
from engine.usecases.acceptance import AcceptOnly, Dispatch, Inline
from engine.usecases.accepted_batches import ANALYZE_SCENARIOS, ExecuteWhatIf
from engine.usecases.dispatch import ToQueue
from engine.usecases.execution import ExecuteOperation
from engine.usecases.proposals.accepted import CREATE_PROPOSAL, CREATE_PROPOSAL_VERSION, ExecuteProposal
from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.settings.operations import ExecutionMode
from infra.triggers.jobs import log_failures
from infra.triggers.lifecycle import Lifecycle
from infra.wire.lifecycle.versions import readable


def dispatching(settings: Settings, adapters: Adapters, execute: ExecuteOperation, family: Family) -> Dispatch:
    """What becomes of an accepted operation of a family: executed at once, or left to the workers."""
    to_queue = ToQueue(execute.operations, adapters.queue, family)
    return Inline(execute, to_queue) if settings.operations.execution_mode is ExecutionMode.INLINE else AcceptOnly(to_queue)


def proposal_execution(settings: Settings, adapters: Adapters, log: Logger) -> ExecuteOperation:
    """The operations on proposals of these adapters; failures are logged, refusals are their callers' affair."""
    life, operations = Lifecycle.of(settings, adapters), adapters.proposal_operations
    execute = ExecuteProposal(operations, life.create, life.add_version, readable)
    return ExecuteOperation(operations, dict.fromkeys((CREATE_PROPOSAL, CREATE_PROPOSAL_VERSION), execute), adapters.ids, log_failures(log))


def execution(settings: Settings, adapters: Adapters, log: Logger) -> ExecuteOperation:
    """The operations of these adapters, each type with its executor; failures are logged."""
    failed = log_failures(log)
    executors = {ANALYZE_SCENARIOS: ExecuteWhatIf(adapters.runs, adapters.clock, settings.store.artifacts, adapters.watch, failed)}
    return ExecuteOperation(adapters.operations, executors, adapters.ids, failed)
