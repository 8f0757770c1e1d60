"""Proposals and versions that are accepted now and made later: one effect, whatever happens to the message (advisory-lifecycle 9, 14.6)."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from engine.records.operations import Family, Job
from engine.records.proposal_history import ProposalState
from infra.memory.runs import MemoryTables
from infra.settings.operations import ExecutionMode, OperationSettings
from tests.support.adapters import in_memory, on_aws
from tests.support.emulators import Aws
from tests.support.faults import Crash, Line, crash_after
from tests.support.gateway import Reply, refused, violations
from tests.support.lives import ADVISER, MACHINE, STRANGER, Lives, ok, oversold
from tests.support.portfolios import a_proposal
from tests.support.queues import MemoryQueue
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, PARTNER, Service

UNKNOWN = (404, "PROPOSAL_ASYNC_OPERATION_NOT_FOUND")


@pytest.fixture(params=["memory", "dynamodb"])
def office(request: pytest.FixtureRequest, clock: HandClock) -> Lives:
    """Over either store, with operations that wait in their queue."""
    if request.param == "memory":
        return Lives(Service(in_memory(MemoryTables(), clock, queue=MemoryQueue()), ACCEPTING))
    return Lives(Service(on_aws(request.getfixturevalue("aws"), clock, queue=MemoryQueue()), ACCEPTING))


@pytest.fixture
def desk(clock: HandClock) -> Lives:
    return Lives(Service(in_memory(MemoryTables(), clock, queue=MemoryQueue()), ACCEPTING))


def submit(lives: Lives, request: Any = None, key: str | None = "k", path: str = "", caller: Any = ADVISER, **headers: str) -> Reply:
    body = {"simulate_request": a_proposal() if request is None else request}
    return lives.post(f"{path}/async", body, caller, Idempotency_Key=key, **headers)


def accepted(lives: Lives, *given: Any, **named: Any) -> str:
    reply = submit(lives, *given, **named)
    assert reply.status == 202, reply.body
    return str(reply.json["operation_id"])


def status(lives: Lives, operation_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(lives.get(f"/operations/{operation_id}")).json
    return found


def test_an_acceptance_is_recorded_and_told_of(office: Lives) -> None:
    reply = submit(office, X_Correlation_Id="desk-7")
    told = reply.json
    assert (reply.status, reply.headers["X-Correlation-Id"]) == (202, "desk-7")
    assert re.fullmatch("pop_[0-9a-f]{32}", told["operation_id"])
    assert told == {
        "operation_id": told["operation_id"],
        "operation_type": "CREATE_PROPOSAL",
        "status": "PENDING",
        "correlation_id": "desk-7",
        "created_at": "2026-02-20T12:00:00.123456+00:00",
        "status_url": f"/rebalance/proposals/operations/{told['operation_id']}",
    }
    assert list(office.service.jobs()) == [Job("bank-a", Family.PROPOSAL, told["operation_id"])]
    waiting = status(office, told["operation_id"])
    assert (waiting["status"], waiting["idempotency_key"], waiting["proposal_id"], waiting["result"]) == ("PENDING", "k", None, None)
    assert ok(office.get()).json["items"] == []


def test_what_was_accepted_is_made_and_told(office: Lives) -> None:
    name = accepted(office, X_Correlation_Id="desk-7")
    office.clock.forward(seconds=5)
    assert office.service.work(*office.service.jobs()) == [True]
    done = status(office, name)
    assert (done["status"], done["error"], done["created_by"]) == ("SUCCEEDED", None, "adviser-7")
    assert done["started_at"] == done["finished_at"] == "2026-02-20T12:00:05.123456+00:00"
    result = done["result"]
    assert (done["proposal_id"], result["version"]["version_no"]) == (result["proposal"]["proposal_id"], 1)
    assert result["latest_workflow_event"]["reason"] == {"correlation_id": "desk-7"}
    assert result["proposal"] | {"advisor_notes": None} == office.summary(done["proposal_id"])
    assert ok(office.create(key="k", headers={"X_Correlation_Id": "other"})).json == result  # the key is a creation's
    assert ok(office.get("/operations/by-correlation/desk-7")).json == done


def test_the_result_stays_what_it_was(office: Lives) -> None:
    name = accepted(office)
    office.service.work(*office.service.jobs())
    before = status(office, name)
    ok(office.move(before["proposal_id"], "SUBMITTED_FOR_RISK_REVIEW"))
    assert status(office, name) == before
    office.clock.forward(days=400)
    ok(office.add_version(before["proposal_id"]))
    assert status(office, name) == before  # and operations of proposals never expire


def test_a_known_key_is_answered_as_its_proposal_stood_then(desk: Lives) -> None:
    proposal_id = desk.opened(key="k")
    ok(desk.add_version(proposal_id))
    name = accepted(desk)
    desk.service.work(*desk.service.jobs())
    result = status(desk, name)["result"]
    assert (result["version"]["version_no"], result["proposal"]["current_version_no"]) == (1, 2)
    ok(desk.add_version(proposal_id))
    assert status(desk, name)["result"] == result


def test_a_known_key_succeeds_with_its_proposal_and_another_request_fails(office: Lives) -> None:
    first = ok(office.create(key="k")).json
    same, other = accepted(office), accepted(office, a_proposal(3))
    assert same != other
    assert office.service.work(*office.service.jobs()) == [True, True]
    assert status(office, same)["result"] == first
    failed = status(office, other)
    assert (failed["status"], failed["result"]) == ("FAILED", None)
    assert failed["error"] == {"code": "ProposalIdempotencyConflictError", "message": "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch"}
    assert len(ok(office.get()).json["items"]) == 1


def test_a_version_is_made_later_too(office: Lives) -> None:
    proposal_id = office.opened()
    name = accepted(office, a_proposal(3), key=None, path=f"/{proposal_id}/versions")
    assert status(office, name)["proposal_id"] == proposal_id
    office.service.work(*office.service.jobs())
    done = status(office, name)
    assert (done["operation_type"], done["status"], done["result"]["version"]["version_no"]) == ("CREATE_PROPOSAL_VERSION", "SUCCEEDED", 2)
    assert "similar_open_proposals" not in done["result"]


def test_a_version_under_a_key_is_made_once(desk: Lives) -> None:
    proposal_id = desk.opened()
    names = [accepted(desk, path=f"/{proposal_id}/versions") for _ in range(2)]
    desk.service.work(*desk.service.jobs())
    assert [status(desk, name)["result"]["version"]["version_no"] for name in names] == [2, 2]
    assert desk.summary(proposal_id)["current_version_no"] == 2


@pytest.mark.parametrize(
    ("fail", "code", "message"),
    [
        (lambda lives, _: "pp_unknown", "ProposalNotFoundError", "PROPOSAL_NOT_FOUND"),
        (
            lambda lives, own: ok(lives.move(own, "CANCELLED")).json["proposal_id"],
            "ProposalValidationError",
            "PROPOSAL_TERMINAL_STATE: cannot create version",
        ),
    ],
)
def test_what_cannot_be_made_fails_by_the_codes_of_the_contract(desk: Lives, fail: Any, code: str, message: str) -> None:
    named = fail(desk, desk.opened())
    name = accepted(desk, key=None, path=f"/{named}/versions")
    assert desk.service.work(*desk.service.jobs()) == [True]
    failed = status(desk, name)
    assert (failed["status"], failed["error"], failed["proposal_id"]) == ("FAILED", {"code": code, "message": message}, named)


def test_what_is_certain_to_fail_is_accepted_all_the_same(desk: Lives) -> None:
    name = accepted(desk, a_proposal() | {"options": {}})
    desk.service.work(*desk.service.jobs())
    assert status(desk, name)["error"] == {
        "code": "ProposalValidationError",
        "message": "PROPOSAL_SIMULATION_DISABLED: set options.enable_proposal_simulation=true",
    }
    other = a_proposal()
    other["portfolio_snapshot"]["portfolio_id"] = "pf_2"
    name = accepted(desk, other, key=None, path=f"/{desk.opened()}/versions")
    desk.service.work(*desk.service.jobs())
    assert status(desk, name)["error"]["message"] == "PORTFOLIO_CONTEXT_MISMATCH"


def test_a_request_that_breaks_the_contract_is_not_accepted(desk: Lives) -> None:
    assert violations(submit(desk, {})) != []
    assert violations(submit(desk, key=None)) == [(["header", "Idempotency-Key"], "missing")]
    assert refused(desk.post("/async", {"simulate_request": a_proposal(), "created_by": "x"}, Idempotency_Key="k")) == (
        403,
        "ACTOR_MISMATCH",
    )
    assert list(desk.service.jobs()) == []


def test_who_accepted_it_has_made_it(desk: Lives) -> None:
    name = accepted(desk, caller=MACHINE)
    desk.service.work(*desk.service.jobs())
    assert status(desk, name)["created_by"] == status(desk, name)["result"]["proposal"]["created_by"] == "robot-1"


def test_where_nothing_is_queued_it_is_made_at_once(clock: HandClock) -> None:
    inline = replace(ACCEPTING, operations=OperationSettings(execution_mode=ExecutionMode.INLINE))
    lives = Lives(Service(in_memory(MemoryTables(), clock), inline))
    reply = submit(lives)
    assert (reply.json["status"], status(lives, reply.json["operation_id"])["status"]) == ("PENDING", "SUCCEEDED")


def test_the_newest_operation_of_a_correlation_id_is_found(office: Lives) -> None:
    older = accepted(office, X_Correlation_Id="same")
    office.clock.forward(seconds=1)
    newer = accepted(office, key="k2", X_Correlation_Id="same")
    assert ok(office.get("/operations/by-correlation/same")).json["operation_id"] == newer
    assert status(office, older)["operation_id"] == older


def test_operations_are_their_tenants_and_their_familys(office: Lives) -> None:
    name = accepted(office, X_Correlation_Id="own")
    run = str(office.service.submit(authorizer=PARTNER, X_Correlation_Id="batch").json["operation_id"])
    for path in (run, "pop_unknown", "by-correlation/batch", "by-correlation/unknown"):
        assert refused(office.get(f"/operations/{path}")) == UNKNOWN
    assert refused(office.get(f"/operations/{name}", STRANGER)) == UNKNOWN
    assert refused(office.service.get(f"/rebalance/operations/{name}", PARTNER)) == (404, "DPM_ASYNC_OPERATION_NOT_FOUND")
    assert [row["operation_id"] for row in office.service.get("/rebalance/operations", PARTNER).json["items"]] == [run]


def test_a_message_that_comes_again_does_nothing(office: Lives) -> None:
    name = accepted(office)
    [job] = office.service.jobs()
    for _ in range(3):
        assert office.service.work(job) == [True]
    assert len(ok(office.get()).json["items"]) == 1
    assert status(office, name)["status"] == "SUCCEEDED"


def test_what_was_never_sent_the_sweeper_sends(office: Lives) -> None:
    name = accepted(office)
    list(office.service.jobs())  # lost
    office.clock.forward(hours=4)
    assert office.service.sweep()["proposal_operations_sent"] == 1
    assert office.service.work(*office.service.jobs()) == [True]
    assert status(office, name)["status"] == "SUCCEEDED"


def test_what_the_queue_gave_up_fails_visibly(office: Lives) -> None:
    name = accepted(office)
    [job] = office.service.jobs()
    letter = f'{{"tenant":"{job.tenant}","family":"PROPOSAL","operation_id":"{name}"}}'
    assert office.service.hand("dead_letters", [letter]) == [True]
    assert status(office, name)["error"]["code"] == "EXECUTION_RETRIES_EXHAUSTED"


@pytest.mark.parametrize("path", ["", "versions"])
def test_a_worker_that_dies_anywhere_has_done_everything_or_nothing(aws: Aws, clock: HandClock, path: str) -> None:
    """Killed after each of its calls in turn (before the next one the world looks the same); whoever takes over later finishes, once."""
    lives = Lives(Service(on_aws(aws, clock, queue=MemoryQueue()), ACCEPTING))
    line, died, at = Line(aws.dynamodb, aws.s3), True, 0
    while died:
        proposal_id = lives.opened() if path else ""
        name = accepted(lives, key=None if path else f"key-{at}", path=f"/{proposal_id}/versions" if path else "")
        [job] = lives.service.jobs()
        line.break_at(range(at, at + 1), crash_after)
        with suppress(Crash):
            lives.service.work(job)
        died = len(line.calls) == at + 1
        line.break_at(range(0), crash_after)
        clock.forward(hours=1)
        assert lives.service.work(job) == [True]
        done = status(lives, name)
        assert done["status"] == "SUCCEEDED", (at, done)
        expected = (2, 2) if path else (1, 1)
        assert (lives.summary(done["proposal_id"])["current_version_no"], len(lives.events(done["proposal_id"]))) == expected
        at += 1
    assert at > 6  # lease, document, key or head, the operation again, payload, transaction
    assert len(ok(lives.get(limit=100)).json["items"]) == at


def test_an_operation_knows_what_it_costs(desk: Lives) -> None:
    held = desk.service.adapters.proposal_operations.operation("bank-a", accepted(desk))
    assert held is not None
    assert held.rows == 3  # two positions and a trade


def test_a_blocked_proposal_is_made_like_any_other(desk: Lives) -> None:
    name = accepted(desk, oversold())
    desk.service.work(*desk.service.jobs())
    done = status(desk, name)["result"]
    assert (done["proposal"]["current_state"], done["version"]["status_at_creation"]) == (ProposalState.DRAFT, "BLOCKED")


class Overtaken:
    """Proposals whose first creation takes so long that another worker has the operation and ends it."""

    def __init__(self, proposals: Any, meanwhile: Callable[[], Any]) -> None:
        self.proposals, self.meanwhile = proposals, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.proposals, name)

    def create(self, *given: Any, **named: Any) -> bool:
        for step in self.meanwhile[:1]:
            self.meanwhile = []
            step()
        return bool(self.proposals.create(*given, **named))


def test_who_lost_the_lease_writes_nothing(office: Lives) -> None:
    name = accepted(office)
    [job] = office.service.jobs()

    def take_over() -> None:
        office.clock.forward(hours=1)
        assert office.service.work(job) == [True]

    slow = office.service.with_adapters(proposals=Overtaken(office.service.adapters.proposals, take_over))
    assert slow.work(job) in ([True], [False])  # its key stands for the proposal already, or the operation is not its own any more
    assert len(ok(office.get()).json["items"]) == 1
    assert status(office, name)["status"] == "SUCCEEDED"
    assert len(office.events(status(office, name)["proposal_id"])) == 1


def test_a_version_by_who_lost_the_lease_is_not_added(office: Lives) -> None:
    proposal_id = office.opened()
    name = accepted(office, key=None, path=f"/{proposal_id}/versions")
    [job] = office.service.jobs()

    class Late(Overtaken):
        def add_version(self, *given: Any, **named: Any) -> bool:
            for step in self.meanwhile[:1]:
                self.meanwhile = []
                step()
            return bool(self.proposals.add_version(*given, **named))

    def take_over() -> None:
        office.clock.forward(hours=1)
        assert office.service.work(job) == [True]

    slow = office.service.with_adapters(proposals=Late(office.service.adapters.proposals, take_over))
    assert slow.work(job) == [False]
    assert slow.lines[-1]["outcome"] == "HELD"  # by somebody else, as far as it knows
    assert office.summary(proposal_id)["current_version_no"] == 2
    assert status(office, name)["status"] == "SUCCEEDED"
