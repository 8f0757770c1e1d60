"""What twelve receipts could not get done: the operation says so, and the log tells of messages that name none."""

from aws_lambda_powertools import Logger

from engine.records.operations import Family, Job
from engine.usecases.dispatch import GiveUp
from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.jobs import Handler, jobs
from infra.triggers.once import triggered


def build(_settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    stores = {Family.DPM: adapters.operations, Family.PROPOSAL: adapters.proposal_operations}

    def given_up(job: Job, _seconds: int) -> tuple[str, bool]:
        return "FAILED" if GiveUp(stores[job.family])(job.tenant, job.operation_id) else "NOTHING_TO_DO", True

    return jobs(dict.fromkeys(stores, given_up), log, is_last_queue=True)


handler = triggered("dead-letters", build, needs=(Need.RUNS, Need.PROPOSALS))
