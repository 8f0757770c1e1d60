"""Execute accepted operations as the queue names them: any number of times, with one outcome (RFC-0018)."""

from aws_lambda_powertools import Logger

from engine.records.operations import Family, Job
from engine.usecases.execution import Attempt
from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.execution import execution, proposal_execution
from infra.triggers.jobs import Handler, jobs
from infra.triggers.once import triggered


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    families = {Family.DPM: execution(settings, adapters, log), Family.PROPOSAL: proposal_execution(settings, adapters, log)}

    def executed(job: Job, seconds: int) -> tuple[str, bool]:
        attempt = families[job.family](job.tenant, job.operation_id, seconds=seconds)
        return attempt.value, attempt is not Attempt.HELD

    return jobs(dict.fromkeys(families, executed), log, queue=adapters.queue, by_tenant=settings.metrics_by_tenant)


handler = triggered("worker", build, needs=(Need.RUNS, Need.PROPOSALS))
