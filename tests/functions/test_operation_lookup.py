"""Reading operations: their list by page rules and filters, their switches, and results that are too large for an answer."""

import gzip
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests

from engine.scenarios import scenario_run_id
from infra.http.switches import Switch
from infra.memory.runs import MemoryTables
from tests.functions.office import FOREIGNER, PARTNER, Office, batch, in_memory
from tests.functions.partner import on_aws
from tests.functions.reader import refused, violations
from tests.support.emulators import Aws
from tests.support.queues import MemoryQueue
from tests.support.samples import START, HandClock

READS = ["/rebalance/operations", "/rebalance/operations/dop_1", "/rebalance/operations/by-correlation/c"]


@dataclass
class Stocked(Office):
    names: list[str] = field(default_factory=list)


@pytest.fixture(params=["memory", "dynamodb"])
def office(request: pytest.FixtureRequest, clock: HandClock) -> Stocked:
    """Four operations a second apart, the first executed; nothing of another tenant."""
    if request.param == "memory":
        made = Stocked(in_memory(MemoryTables(), clock).adapters, clock)
    else:
        made = Stocked(replace(on_aws(request.getfixturevalue("aws"), clock), queue=MemoryQueue()), clock)
    for number in range(4):
        made.names.append(made.accepted(X_Correlation_Id="odd" if number % 2 else "even"))
        clock.forward(seconds=1)
    first, *_ = made.jobs()
    made.work(first)
    return made


def found(office: Stocked, **query: Any) -> Any:
    reply = office.get("/rebalance/operations", **query)
    assert reply.status == 200
    return [office.names.index(row["operation_id"]) for row in reply.json["items"]]


def test_a_row_is_the_status_without_result_and_error(office: Stocked) -> None:
    page = office.get("/rebalance/operations", status="SUCCEEDED").json
    whole = office.status(office.names[0])
    assert page == {
        "items": [{name: value for name, value in whole.items() if name not in {"result", "result_url", "error"}}],
        "next_cursor": None,
    }


NOON = "2026-02-20T12:00:0{}.123456Z"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, [3, 2, 1, 0]),
        ({"status": "PENDING"}, [3, 2, 1]),
        ({"status": "pending"}, []),
        ({"correlation_id": "even"}, [2, 0]),
        ({"correlation_id": "even", "status": "PENDING"}, [2]),
        ({"operation_type": "ANALYZE_SCENARIOS"}, [3, 2, 1, 0]),
        ({"operation_type": "OTHER"}, []),
        ({"from_": NOON.format(1), "to": NOON.format(2)}, [2, 1]),
        ({"cursor": "dop_unknown"}, []),
        ({"cursor": ""}, []),
    ],
)
def test_the_list_is_narrowed(office: Stocked, query: dict[str, Any], kept: list[Any]) -> None:
    assert found(office, **query) == kept


def test_pages_follow_each_other(office: Stocked) -> None:
    page = office.get("/rebalance/operations", limit=3).json
    assert page["next_cursor"] == office.names[1]
    assert found(office, limit=3, cursor=page["next_cursor"]) == [0]


def test_the_newest_answers_for_a_correlation_id_whatever_was_done_to_an_older_one(office: Stocked) -> None:
    assert office.execute(office.names[1]).status == 200
    assert office.get("/rebalance/operations/by-correlation/odd").json["operation_id"] == office.names[3]


def test_nothing_of_it_is_visible_to_others(office: Stocked) -> None:
    assert office.get("/rebalance/operations", FOREIGNER).json == {"items": [], "next_cursor": None}
    assert refused(office.get("/rebalance/operations/by-correlation/odd", FOREIGNER)) == (404, "DPM_ASYNC_OPERATION_NOT_FOUND")


def test_an_operation_is_gone_when_its_time_is_over_counted_from_its_end(office: Stocked) -> None:
    office.clock.now = START
    office.clock.forward(days=1, seconds=2)  # the second is two days old but a second younger than its limit; the first ended at 4 s
    assert found(office) == [3, 2, 0]
    office.clock.forward(seconds=3)
    assert found(office) == []
    assert office.get(f"/rebalance/runs/{scenario_run_id(office.names[0], 'base')}").status == 200


@pytest.mark.parametrize("path", READS)
def test_reads_have_two_switches(clock: HandClock, path: Any) -> None:
    desk = in_memory(MemoryTables(), clock)
    closed = desk.but(closed=frozenset(Switch))
    assert refused(closed.get(path)) == (404, "DPM_SUPPORT_APIS_DISABLED")
    for switch in (Switch.SUPPORT_APIS, Switch.ASYNC_OPERATIONS):
        assert refused(desk.but(closed=frozenset({switch})).get(path)) == (404, switch.disabled)
    open_enough = desk.but(closed=frozenset(Switch) - {Switch.SUPPORT_APIS, Switch.ASYNC_OPERATIONS})
    assert open_enough.get(path).status == (200 if path == "/rebalance/operations" else 404)
    assert refused(desk.get(path, PARTNER | {"scopes": "dpm.run"})) == (403, "SCOPE_REQUIRED: dpm.read")


@pytest.mark.parametrize(
    ("query", "location", "kind"), [({"limit": 0}, "limit", "greater_than_equal"), ({"from_": "x"}, "from", "datetime_from_date_parsing")]
)
def test_a_wrong_parameter_is_named(clock: HandClock, query: dict[str, Any], location: str, kind: str) -> None:
    assert violations(in_memory(MemoryTables(), clock).get("/rebalance/operations", **query)) == [(["query", location], kind)]


# ---------------------------------------------------------------- large results


def ended(office: Office, result: Any) -> Any:
    name = office.accepted(batch(a={}))
    office.operations.lease("bank-a", name, owner="me", seconds=60)
    assert office.operations.succeed("bank-a", name, owner="me", result=result)
    return name


LARGE = json.dumps({"padding": "".join(f"{n * 7919 % 1_000_003:x}" for n in range(1_400_000))}).encode()


def test_a_result_that_no_answer_carries_has_an_address(aws: Aws, clock: HandClock) -> None:
    office = Office(replace(on_aws(aws, clock), queue=MemoryQueue()), clock)
    name = ended(office, LARGE)
    told = office.status(name)
    assert (told["status"], told["result"]) == ("SUCCEEDED", None)
    assert "X-Amz-Expires=900" in told["result_url"]
    fetched = requests.get(told["result_url"], timeout=5)
    assert fetched.status_code == 200
    content = fetched.content
    assert (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content) == LARGE
    assert office.get("/rebalance/operations/by-correlation/" + told["correlation_id"]).json["result"] is None


def test_without_an_address_to_give_it_is_too_large(clock: HandClock) -> None:
    office = in_memory(MemoryTables(), clock)
    assert refused(office.get(f"/rebalance/operations/{ended(office, LARGE)}")) == (413, "RESPONSE_TOO_LARGE")
