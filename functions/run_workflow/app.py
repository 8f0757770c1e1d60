"""The review of runs: where it stands, what was decided, and the actions of reviewers (RFC-0020)."""

from functools import partial

from aws_lambda_powertools import Logger

from engine.usecases.lookup import FindRun
from engine.usecases.reviews import RunReviews
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.answers import page_answer, segment
from infra.wire.reviews import action_asked, decision_document, decisions_asked, review_answer, reviews_answer


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    find = FindRun(adapters.runs, adapters.lookup)
    reviews = RunReviews(adapters.reviews, adapters.clock, adapters.ids, settings.reviews.statuses, settings.reviews.four_eyes)
    endpoints = {"decisions": endpoint(decisions_asked, reviews.decisions, page_answer(decision_document))}
    for by, name, shown, acted_on in (
        ("", "rebalance_run_id", find.by_id, find.by_id),
        ("_by_correlation", "correlation_id", find.by_correlation, find.alone_by_correlation),
        ("_by_key", "idempotency_key", find.by_key, find.by_key),
    ):
        state, history, act = partial(reviews.state, shown), partial(reviews.history, shown), partial(reviews.act, acted_on)
        endpoints |= {
            f"review{by}": endpoint(segment(name), state, review_answer),
            f"review_history{by}": endpoint(segment(name), history, reviews_answer),
            f"review_action{by}": endpoint(action_asked(name), act, review_answer),
        }
    endpoints["decisions_by_correlation"] = endpoints["review_history_by_correlation"]
    return door("run_workflow", endpoints, settings, adapters.clock, log)


handler = entry("run-workflow", build, needs=(Need.RUNS,))
