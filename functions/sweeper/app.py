"""On a schedule: send and start again what waits unheard, take out what is past its time, a bounded run for every tenant in turn."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from aws_lambda_powertools import Logger

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Family
from engine.usecases.books.beginning import BOOKS_AT_ONCE, LOOKED_AT_ONCE, BeginAttempt, BeginWaiting, SeeBook, SeeRunning
from engine.usecases.dispatch import SENT_AT_ONCE, SendAgain
from engine.usecases.proposals.expiry import ExpireProposals
from engine.usecases.sweeps import PROPOSALS_AT_ONCE, Chore, Sweep, Task, tasks_of
from infra.adapters import Adapters
from infra.observability import log_sweep
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.triggers.once import Context, triggered

SENT: Final = {Family.DPM: "operations_sent", Family.PROPOSAL: "proposal_operations_sent"}
RESERVE_MS: Final = 30_000
"""No task runs with less time left."""


def build(_settings: Settings, adapters: Adapters, log: Logger) -> Callable[[Any, Context], dict[str, int]]:
    """The handler over these adapters."""
    tasks = tasks_of(adapters.retention, adapters.operations)
    if adapters.queue is not None:
        for family, operations in ((Family.PROPOSAL, adapters.proposal_operations), (Family.DPM, adapters.operations)):
            again = SendAgain(operations, adapters.queue, adapters.clock, family)
            tasks = (Task(SENT[family], SENT_AT_ONCE, again), *tasks)
    expire = ExpireProposals(adapters.proposals, adapters.clock, adapters.ids)
    books = adapters.book_records, adapters.book_machine, adapters.clock
    chores = (
        Chore("proposals_expired", PROPOSALS_AT_ONCE, expire),
        Chore("books_started", BOOKS_AT_ONCE, BeginWaiting(adapters.book_records, BeginAttempt(*books), adapters.clock)),
        Chore("books_ended", LOOKED_AT_ONCE, SeeRunning(adapters.book_records, SeeBook(*books))),
    )
    sweep = Sweep(adapters.retention, tasks, adapters.clock, chores)

    def handler(_event: Any, context: Context) -> dict[str, int]:
        started = perf_counter()
        swept = sweep(lambda: context.get_remaining_time_in_millis() > RESERVE_MS)
        counts = {**swept.counts, "unfinished": swept.unfinished, "failed": len(swept.failures)}
        log_sweep(log, seconds=perf_counter() - started, counts=counts)
        if swept.failures:
            raise StoreUnavailable(swept.failures[0])
        return counts

    return handler


handler = triggered("sweeper", build, needs=(Need.RUNS, Need.PROPOSALS, Need.QUEUE, Need.BOOK_RUNS))
