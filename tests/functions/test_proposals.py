"""One key, one proposal: what was answered is answered again, in either form, and nothing is kept but for a day."""

import hashlib
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier, Lock
from typing import Any

import pytest

from engine import ENGINE_VERSION
from engine.ports.proposals import ClaimedProposal, ProposalKeys
from engine.records.proposals import Form, ProposalClaim
from infra.memory.runs import MemoryTables
from tests.support.adapters import in_memory, on_aws
from tests.support.gateway import Reply
from tests.support.portfolios import a_proposal
from tests.support.samples import HandClock
from tests.support.service import ADVISER, Service

CONFLICT = "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch"
REPLAYED = "Idempotent-Replayed"
FORMS = ("simulate", "artifact")


@pytest.fixture(params=["memory", "dynamodb"])
def desk(request: pytest.FixtureRequest, clock: HandClock) -> Service:
    """An adviser's desk, under a clock that the test moves."""
    if request.param == "memory":
        return Service(in_memory(request.getfixturevalue("memory"), clock), caller=ADVISER)
    return Service(on_aws(request.getfixturevalue("aws"), clock), caller=ADVISER)


def claim_of(desk: Service, key: str = "key-1") -> ProposalClaim:
    known = desk.adapters.proposal_keys.find("bank-a", key)
    assert known is not None
    return known.claim


def result_in(artifact: Reply) -> Any:
    return artifact.json["evidence_bundle"]["engine_outputs"]["proposal_result"]


def test_a_call_is_answered_with_the_proposal_that_its_key_then_stands_for(desk: Service) -> None:
    reply = desk.propose(headers={"X-Correlation-Id": "adviser desk 7"})
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"] == "application/json"
    assert REPLAYED not in reply.headers
    claim = claim_of(desk)
    assert claim == ProposalClaim(reply.json["lineage"]["request_hash"], 1, "adviser desk 7", desk.clock.now, ENGINE_VERSION)
    assert reply.json["correlation_id"] == "adviser desk 7"
    assert reply.json["lineage"]["idempotency_key"] == "key-1"
    assert reply.json["proposal_run_id"] == "pr_" + hashlib.sha256(claim.request_hash.encode()).hexdigest()[:8]
    assert desk.adapters.lookup.mapping("bank-a", "key-1") is None  # it is no run


def test_an_artifact_is_made_of_the_time_of_its_call(desk: Service) -> None:
    reply = desk.propose(form="artifact")
    assert reply.status == 200, reply.body
    assert REPLAYED not in reply.headers
    assert reply.json["created_at"] == "2026-02-20T12:00:00.123456+00:00"  # the clock's start
    assert reply.json["artifact_id"] == reply.json["proposal_run_id"].replace("pr_", "pa_")


@pytest.mark.parametrize("form", FORMS)
def test_a_retry_gets_the_first_answer_byte_for_byte(desk: Service, form: str) -> None:
    first = desk.propose(headers={"X-Correlation-Id": "first"}, form=form)
    desk.clock.forward(hours=3)
    again = desk.propose(headers={"X-Correlation-Id": "second"}, form=form)
    assert (again.status, again.body) == (200, first.body)
    assert again.headers == {**first.headers, REPLAYED: "true", "X-Correlation-Id": "second"}


def test_an_artifact_asked_for_later_is_what_it_would_have_been_at_first(desk: Service) -> None:
    result = desk.propose(headers={"X-Correlation-Id": "first"})
    desk.clock.forward(hours=3)
    later = desk.propose(headers={"X-Correlation-Id": "second"}, form="artifact")
    assert later.status == 200, later.body
    assert REPLAYED not in later.headers
    assert later.json["created_at"] == "2026-02-20T12:00:00.123456+00:00"
    assert later.json["correlation_id"] == "first"
    assert result_in(later) == result.json
    desk.clock.forward(hours=3)
    assert desk.propose(form="artifact").body == later.body
    assert desk.propose().body == result.body


def test_both_orders_of_the_two_calls_come_to_the_same_bytes(clock: HandClock) -> None:
    answers = []
    for first, second in (FORMS, FORMS[::-1]):
        clock.now = HandClock().now
        desk = Service(in_memory(MemoryTables(), clock), caller=ADVISER)
        asked = {"X-Correlation-Id": "corr-1"}
        one = desk.propose(headers=asked, form=first)
        clock.forward(minutes=5)
        answers.append({first: one.body, second: desk.propose(headers=asked, form=second).body})
    assert answers[0] == answers[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_key_stands_for_one_request_in_either_form(desk: Service, form: str) -> None:
    desk.propose()
    reply = desk.propose(a_proposal(3), form=form)
    assert (reply.status, reply.json["detail"], reply.json["code"]) == (409, CONFLICT, "IDEMPOTENCY_KEY_CONFLICT")
    assert claim_of(desk).correlation_id == desk.propose().json["correlation_id"]


def test_members_that_say_nothing_do_not_make_another_request(desk: Service) -> None:
    first = desk.propose()
    spelled = desk.propose(a_proposal(conventions="CLASSIC") | {"comment": "not part of the contract", "reference_model": None})
    assert (spelled.body, spelled.headers[REPLAYED]) == (first.body, "true")


def test_a_key_is_its_tenants_own(desk: Service) -> None:
    first = desk.propose()
    other = desk.propose(a_proposal(3), authorizer=ADVISER | {"tenant": "bank-b"})
    assert other.status == 200
    assert desk.propose().body == first.body


def test_the_keys_of_runs_are_others(desk: Service) -> None:
    desk.propose()
    run = desk.but().post(authorizer=ADVISER | {"scopes": "dpm.run"})
    assert (run.status, REPLAYED in run.headers) == (200, False)
    assert desk.propose().headers[REPLAYED] == "true"


@pytest.mark.parametrize("given", [None, "", "c_none"])
def test_a_call_without_a_correlation_id_gets_one_that_its_replays_keep(desk: Service, given: str | None) -> None:
    first = desk.propose(headers={"X-Correlation-Id": given})
    assert re.fullmatch(r"corr_[0-9a-f]{32}", first.json["correlation_id"])
    assert desk.propose(form="artifact").json["correlation_id"] == first.json["correlation_id"]


def test_a_blocked_proposal_is_remembered_too(desk: Service) -> None:
    oversold = a_proposal()
    oversold["proposed_trades"] = [{"side": "SELL", "instrument_id": "I00000", "quantity": "5"}]
    first = desk.propose(oversold)
    assert (first.status, first.json["status"]) == (200, "BLOCKED")
    assert desk.propose(oversold).body == first.body


def test_a_key_is_kept_for_a_day(desk: Service) -> None:
    first = desk.propose()
    desk.clock.forward(days=1)
    assert desk.propose().body == first.body
    desk.clock.forward(microseconds=1)
    fresh = desk.propose(a_proposal(3))
    assert (fresh.status, REPLAYED in fresh.headers) == (200, False)
    assert claim_of(desk).created_at == desk.clock.now


def under_another_engine(desk: Service, form: Form, answer: bytes) -> None:
    """Key-2 as another version of the engine answered the same request."""
    desk.propose()
    older = replace(claim_of(desk), engine_version="0.9.0")
    assert desk.adapters.proposal_keys.claim("bank-a", "key-2", older, form, answer)


@pytest.mark.parametrize(("kept", "stored", "other"), [(Form.RESULT, "simulate", "artifact"), (Form.ARTIFACT, "artifact", "simulate")])
def test_another_version_of_the_engine_answers_only_what_is_stored(desk: Service, kept: Form, stored: str, other: str) -> None:
    under_another_engine(desk, kept, b'{"as":"it was"}')
    replay = desk.propose(headers={"Idempotency-Key": "key-2"}, form=stored)
    assert (replay.status, replay.body, replay.headers[REPLAYED]) == (200, b'{"as":"it was"}', "true")
    refused = desk.propose(headers={"Idempotency-Key": "key-2"}, form=other)
    assert (refused.status, refused.json["detail"]) == (409, "PROPOSAL_ENGINE_VERSION_CHANGED")
    conflict = desk.propose(a_proposal(3), headers={"Idempotency-Key": "key-2"}, form=other)
    assert (conflict.status, conflict.json["detail"]) == (409, CONFLICT)


@pytest.mark.parametrize("form", FORMS)
def test_a_hash_by_a_recipe_of_a_later_release_cannot_be_compared(desk: Service, form: str) -> None:
    desk.propose()
    later = replace(claim_of(desk), hash_recipe=2)
    desk.adapters.proposal_keys.claim("bank-a", "key-2", later, Form.RESULT, b"{}")
    refused = desk.propose(headers={"Idempotency-Key": "key-2"}, form=form)
    assert (refused.status, refused.json["detail"]) == (409, "PROPOSAL_ENGINE_VERSION_CHANGED")


@dataclass
class Together:
    """Keys that hold their first readers until all have read, so that none has written when the others decide."""

    keys: ProposalKeys
    readers: int
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.all_there = Barrier(self.readers)

    def find(self, tenant: str, key: str) -> ClaimedProposal | None:
        found = self.keys.find(tenant, key)
        with self.lock:
            self.readers -= 1
            waits = self.readers >= 0
        if waits:
            self.all_there.wait(timeout=30)
        return found

    def claim(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        return self.keys.claim(tenant, key, claim, form, answer)

    def keep(self, tenant: str, key: str, claim: ProposalClaim, form: Form, answer: bytes) -> bool:
        return self.keys.keep(tenant, key, claim, form, answer)


def at_once(desk: Service, ask: Callable[[Service, int], Reply], calls: int = 32) -> list[Reply]:
    waiting = desk.with_adapters(proposal_keys=Together(desk.adapters.proposal_keys, calls))
    with ThreadPoolExecutor(calls) as pool:
        return list(pool.map(lambda number: ask(waiting, number), range(calls)))


@pytest.mark.parametrize("form", FORMS)
def test_of_many_equal_calls_at_once_one_makes_the_answer(desk: Service, form: str) -> None:
    replies = at_once(desk, lambda service, _: service.propose(form=form))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert sum(REPLAYED not in reply.headers for reply in replies) == 1
    assert claim_of(desk).correlation_id == replies[0].json["correlation_id"]


def test_of_many_artifacts_of_a_known_key_at_once_one_is_kept(desk: Service) -> None:
    result = desk.propose()
    replies = at_once(desk, lambda service, _: service.propose(form="artifact"))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert sum(REPLAYED not in reply.headers for reply in replies) == 1
    assert result_in(replies[0]) == result.json


def test_both_forms_at_once_are_of_one_proposal(desk: Service) -> None:
    replies = at_once(desk, lambda service, number: service.propose(form=FORMS[number % 2]))
    assert {reply.status for reply in replies} == {200}
    results, artifacts = replies[::2], replies[1::2]
    assert len({reply.body for reply in results}) == len({reply.body for reply in artifacts}) == 1
    assert result_in(artifacts[0]) == results[0].json
    assert sum(REPLAYED not in reply.headers for reply in replies) == 2


def test_of_two_different_calls_at_once_one_gets_the_key(desk: Service) -> None:
    replies = at_once(desk, lambda service, number: service.propose(a_proposal(2 + number % 2)), calls=16)
    assert sorted(reply.status for reply in replies) == [200] * 8 + [409] * 8
    assert len({reply.body for reply in replies if reply.status == 200}) == 1
