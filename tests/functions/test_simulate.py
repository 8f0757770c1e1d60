"""One call, one run: what is answered is recorded, and what is recorded is answered again."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier

from engine import ENGINE_VERSION
from engine.evidence.canonical import digest
from engine.records.runs import KeyClaim, Source
from infra.memory.runs import MemoryTables
from infra.system import new_id
from tests.support.portfolios import a_request
from tests.support.service import Service, deciding
from tests.support.stored import documents_of, head_of

CONFLICT = "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch"


def test_a_call_is_answered_with_the_run_that_it_records(any_api: Service) -> None:
    reply = any_api.post(headers={"X-Correlation-Id": "trade desk 7"})
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in reply.headers
    run_id = reply.json["rebalance_run_id"]
    assert re.fullmatch(r"rr_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", run_id)
    assert reply.json["correlation_id"] == "trade desk 7"

    head = head_of(any_api.adapters.runs, run_id)
    assert (head.tenant, head.actor, head.source) == ("bank-a", "adviser-7", Source.API)
    assert (head.correlation_id, head.idempotency_key, head.portfolio_id) == ("trade desk 7", "key-1", "pf_1")
    assert (head.engine_version, head.status) == (ENGINE_VERSION, reply.json["status"])

    documents = documents_of(any_api.adapters.runs, run_id)
    assert documents.result == reply.body
    assert digest(documents.request) == head.request_hash == reply.json["lineage"]["request_hash"]
    kept = json.loads(documents.request)
    assert kept["portfolio_snapshot"]["positions"][0]["instrument_id"] == "I00000"
    assert json.loads(documents.options) == kept["options"]
    assert any_api.adapters.runs.claimed("bank-a", "key-1") == KeyClaim(head.request_hash, "", run_id, head.created_at)


def test_a_retry_gets_the_first_answer_byte_for_byte(any_api: Service) -> None:
    first = any_api.post(headers={"X-Correlation-Id": "first"})
    again = any_api.post(headers={"X-Correlation-Id": "second"})
    assert again.body == first.body
    assert again.status == 200
    assert again.headers == {**first.headers, "Idempotent-Replayed": "true", "X-Correlation-Id": "second"}  # the header is of this call


def test_members_that_say_nothing_do_not_make_another_request(api: Service) -> None:
    spelled = a_request() | {"comment": "not part of the contract"}
    spelled["options"] = {"max_turnover_pct": None, "target_method": "HEURISTIC"}
    first = api.post()
    again = api.post(spelled)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body


def test_a_key_stands_for_one_request(any_api: Service) -> None:
    any_api.post()
    reply = any_api.post(a_request(3))
    assert (reply.status, reply.json["detail"], reply.json["code"]) == (409, CONFLICT, "IDEMPOTENCY_KEY_CONFLICT")


def test_a_key_is_its_tenants_own(any_api: Service) -> None:
    first = any_api.post()
    other = any_api.post(authorizer={"tenant": "bank-b", "actor": "x", "scopes": "dpm.run", "expires_at": "4102444800"})
    assert other.status == 200
    assert other.json["rebalance_run_id"] != first.json["rebalance_run_id"]
    assert any_api.adapters.runs.head("bank-b", first.json["rebalance_run_id"]) is None


def test_a_run_that_another_policy_pack_shaped_is_not_replayed(api: Service, memory: MemoryTables) -> None:
    run_id = api.post().json["rebalance_run_id"]
    memory.claims["bank-a", "key-1"] = replace(memory.claims["bank-a", "key-1"], pack_digest="sha256:pack")
    reply = api.post()
    assert (reply.status, reply.json["detail"]) == (409, CONFLICT)
    assert [name for _, name in memory.runs] == [run_id]


def test_without_replay_every_call_makes_a_run_and_no_claim(any_api: Service) -> None:
    careless = any_api.but(replay_enabled=False)
    replies = [careless.post(), careless.post(), careless.post(a_request(3))]
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert len({reply.json["rebalance_run_id"] for reply in replies}) == 3
    assert any_api.adapters.runs.claimed("bank-a", "key-1") is None
    head = head_of(any_api.adapters.runs, replies[0].json["rebalance_run_id"])
    assert head.idempotency_key == "key-1"


def test_runs_made_without_replay_leave_an_earlier_claim_alone(any_api: Service) -> None:
    first = any_api.post()
    assert any_api.but(replay_enabled=False).post(a_request(3)).status == 200
    assert any_api.post().body == first.body


@dataclass
class Together:
    """Holds every caller at its draw until all are there, so that none has recorded when the others find the key free."""

    callers: Barrier
    drawn: list[str] = field(default_factory=list)

    def __call__(self, prefix: str) -> str:
        drawn = new_id(prefix)
        self.drawn.append(drawn)
        self.callers.wait(timeout=30)
        return drawn


def test_of_many_equal_calls_at_once_one_makes_the_run(any_api: Service) -> None:
    ids = Together(Barrier(32))
    api = deciding(replace(any_api.adapters, ids=ids))
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda _: api.post(), range(32)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert sum("Idempotent-Replayed" not in reply.headers for reply in replies) == 1
    recorded = [run for run in ids.drawn if api.adapters.runs.head("bank-a", run)]
    assert recorded == [replies[0].json["rebalance_run_id"]]


def test_of_two_different_calls_at_once_one_gets_the_key(any_api: Service) -> None:
    ids = Together(Barrier(16))
    api = deciding(replace(any_api.adapters, ids=ids))
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda number: api.post(a_request(2 + number % 2)), range(16)))
    assert sorted(reply.status for reply in replies) == [200] * 8 + [409] * 8
    assert len({reply.body for reply in replies if reply.status == 200}) == 1
    assert sum(api.adapters.runs.head("bank-a", run) is not None for run in ids.drawn) == 1


@dataclass
class Drawn:
    """Ids in an order that the test decides."""

    ids: Iterator[str]

    def __call__(self, prefix: str) -> str:
        assert prefix == "rr"
        return next(self.ids)


def test_a_run_id_drawn_twice_is_drawn_again(any_api: Service) -> None:
    taken, free = "rr_" + "0" * 32, "rr_" + "1" * 32
    api = deciding(replace(any_api.adapters, ids=Drawn(iter([taken, taken, free]))))
    first, second = api.post(), api.post(headers={"Idempotency-Key": "key-2"})
    assert first.json["rebalance_run_id"] == taken
    assert second.json["rebalance_run_id"] == free
    assert api.post().body == first.body
