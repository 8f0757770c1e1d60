"""The review of runs: where it stands, what was decided, and the actions of reviewers (RFC-0020)."""

from functools import partial

from aws_lambda_powertools import Logger

from engine.usecases.lookup import FindRun
from engine.usecases.reviews import RunReviews
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.headers import Handler
from infra.http.identity import Scope
from infra.http.switches import Switch
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.reviews import action_asked, decision_document, decisions_asked, review_answer, reviews_answer
from infra.wire.runs import page_answer, segment

SWITCHES = Switch.SUPPORT_APIS, Switch.WORKFLOW


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    find = FindRun(adapters.runs, adapters.lookup)
    reviews = RunReviews(adapters.reviews, adapters.clock, adapters.ids, settings.reviews.statuses, settings.reviews.four_eyes)

    decisions = endpoint(Scope.READ, decisions_asked, reviews.decisions, page_answer(decision_document), *SWITCHES)
    endpoints = {"GET /rebalance/workflow/decisions": decisions}
    for path, name, shown, acted_on in (
        ("/rebalance/runs/{rebalance_run_id}", "rebalance_run_id", find.by_id, find.by_id),
        ("/rebalance/runs/by-correlation/{correlation_id}", "correlation_id", find.by_correlation, find.alone_by_correlation),
        ("/rebalance/runs/idempotency/{idempotency_key}", "idempotency_key", find.by_key, find.by_key),
    ):
        state, history, act = partial(reviews.state, shown), partial(reviews.history, shown), partial(reviews.act, acted_on)
        endpoints |= {
            f"GET {path}/workflow": endpoint(Scope.READ, segment(name), state, review_answer, *SWITCHES),
            f"GET {path}/workflow/history": endpoint(Scope.READ, segment(name), history, reviews_answer, *SWITCHES),
            f"POST {path}/workflow/actions": endpoint(Scope.REVIEW, action_asked(name), act, review_answer, *SWITCHES),
        }
    by_correlation = endpoints["GET /rebalance/runs/by-correlation/{correlation_id}/workflow/history"]
    endpoints["GET /rebalance/workflow/decisions/by-correlation/{correlation_id}"] = by_correlation
    return door(endpoints, local=settings.local, clock=adapters.clock, log=log, closed=settings.closed)


handler = entry("run-workflow", build, needs=(Need.RUNS,))
