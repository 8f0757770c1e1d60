"""What a deployment switches off: its own code for each, before anything of the request is read."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.http.switches import CLOSED_UNLESS_OPENED, Switch
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from tests.support.adapters import on_aws
from tests.support.emulators import fresh
from tests.support.gateway import refused, violations
from tests.support.samples import HandClock
from tests.support.service import READER, Service, reading

ACTION = {"action": "APPROVE", "reason_code": "OK"}
SWITCHES_OF = {
    "/rebalance/runs": [],
    "/rebalance/runs/rr_1": [],
    "/rebalance/runs/by-correlation/c": [],
    "/rebalance/runs/by-request-hash/h": [],
    "/rebalance/runs/idempotency/k": [],
    "/rebalance/idempotency/k/history": [Switch.IDEMPOTENCY_HISTORY],
    "/rebalance/lineage/e": [Switch.LINEAGE],
    "/rebalance/supportability/summary": [Switch.SUMMARY],
    "/rebalance/runs/rr_1/workflow": [Switch.WORKFLOW],
    "/rebalance/runs/rr_1/workflow/history": [Switch.WORKFLOW],
    "/rebalance/runs/rr_1/workflow/actions": [Switch.WORKFLOW],
    "/rebalance/runs/by-correlation/c/workflow": [Switch.WORKFLOW],
    "/rebalance/runs/by-correlation/c/workflow/history": [Switch.WORKFLOW],
    "/rebalance/runs/by-correlation/c/workflow/actions": [Switch.WORKFLOW],
    "/rebalance/runs/idempotency/k/workflow": [Switch.WORKFLOW],
    "/rebalance/runs/idempotency/k/workflow/history": [Switch.WORKFLOW],
    "/rebalance/runs/idempotency/k/workflow/actions": [Switch.WORKFLOW],
    "/rebalance/workflow/decisions": [Switch.WORKFLOW],
    "/rebalance/workflow/decisions/by-correlation/c": [Switch.WORKFLOW],
}
TABLE = [(path, [Switch.SUPPORT_APIS, *more]) for path, more in SWITCHES_OF.items()]


@pytest.fixture(scope="module")
def outage() -> Iterator[Any]:
    """Functions over a table that does not exist: whoever asks it gets 503."""
    with fresh() as aws:
        aws.table = "gone"
        yield reading(on_aws(aws, HandClock()))


def ask(reads: Service, path: str, **query: Any) -> Any:
    return reads.act(path, ACTION) if path.endswith("/actions") else reads.get(path, **query)


@pytest.mark.parametrize(("path", "switches"), TABLE)
def test_each_closed_switch_answers_its_code_and_the_first_one_wins(outage: Any, path: Any, switches: Any) -> None:
    for switch in Switch:
        reply = ask(outage.but(closed=frozenset({switch})), path)
        assert refused(reply) == ((404, f"{switch}_DISABLED") if switch in switches else (503, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE"))
    assert refused(ask(outage.but(closed=frozenset(Switch)), path)) == (404, "DPM_SUPPORT_APIS_DISABLED")


@pytest.mark.parametrize("path", ["/rebalance/runs", "/rebalance/lineage/e", "/rebalance/workflow/decisions"])
def test_nothing_of_a_request_is_read_behind_a_closed_switch(outage: Any, path: str) -> None:
    assert violations(outage.get(path, limit="0")) == [(["query", "limit"], "greater_than_equal")]
    assert refused(outage.but(closed=frozenset(Switch)).get(path, limit="0")) == (404, "DPM_SUPPORT_APIS_DISABLED")


def test_no_body_is_read_behind_a_closed_switch(outage: Any) -> None:
    path, too_large = "/rebalance/runs/rr_1/workflow/actions", "[" * 64_001
    assert refused(outage.act(path, too_large)) == (413, "REQUEST_TOO_LARGE")
    assert refused(outage.but(closed=frozenset({Switch.WORKFLOW})).act(path, too_large)) == (404, "DPM_WORKFLOW_DISABLED")


def test_who_may_not_ask_does_not_learn_what_is_switched_off(outage: Any) -> None:
    closed = outage.but(closed=frozenset(Switch))
    assert refused(closed.get("/rebalance/runs", READER | {"scopes": "dpm.run"})) == (403, "SCOPE_REQUIRED: dpm.read")


def closed_in(**environ: Any) -> Any:
    return Settings.from_environ({"APP_PERSISTENCE_PROFILE": "LOCAL"} | environ).closed


def test_what_is_closed_unless_opened() -> None:
    names = {"DPM_WORKFLOW", "DPM_LINEAGE_APIS", "DPM_IDEMPOTENCY_HISTORY_APIS", "DPM_POLICY_PACK_ADMIN_APIS", "BOOKS"}
    assert closed_in() == CLOSED_UNLESS_OPENED == names


@pytest.mark.parametrize("switch", Switch)
def test_a_gate_is_named_by_its_variable(switch: Any) -> None:
    variable = f"{switch}_ENABLED"
    for text in ("1", "true", " YES ", "On"):
        assert switch not in closed_in(**{variable: text})
    for text in ("", "0", "false", "off", "enabled", "2"):
        assert switch in closed_in(**{variable: text})
    warnings = Settings.from_environ({"APP_PERSISTENCE_PROFILE": "LOCAL", variable: " "}).warnings
    assert (f"FLAG_EMPTY: {variable}" in warnings) == (switch not in CLOSED_UNLESS_OPENED)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        (None, {"PENDING_REVIEW"}),
        ("", {"PENDING_REVIEW"}),
        (" , ,", {"PENDING_REVIEW"}),
        ("BLOCKED", {"BLOCKED"}),
        (" PENDING_REVIEW, BLOCKED ,", {"PENDING_REVIEW", "BLOCKED"}),
        ("blocked", {"blocked"}),
    ],
)
def test_the_statuses_that_ask_for_a_review(text: str | None, statuses: set[str]) -> None:
    environ = {} if text is None else {"DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES": text}
    assert Settings.from_environ({"APP_PERSISTENCE_PROFILE": "LOCAL"} | environ).reviews.statuses == statuses


def test_the_settings_of_a_production_start() -> None:
    environ = {
        "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
        "DPM_TABLE_NAME": "runs",
        "DPM_PAYLOAD_BUCKET": "payloads",
        "PROPOSAL_STORE_BACKEND": "DYNAMODB",
        "PROPOSAL_TABLE_NAME": "proposals",
        "BOOKS_BUCKET": "books",
        "BOOK_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:books",
        "DPM_WORKFLOW_FOUR_EYES": "true",
        "DPM_ASYNC_OPERATIONS_TTL_SECONDS": "60",
    }
    settings = Settings.from_environ(environ)
    assert (settings.profile, settings.reviews.four_eyes, settings.operations.ttl_seconds) == (Profile.PRODUCTION, True, 60)
    assert Settings.from_environ(environ | {"DPM_ASYNC_OPERATIONS_TTL_SECONDS": "0"}).operations.ttl_seconds == 86_400
