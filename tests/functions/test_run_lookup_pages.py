"""Lists: filters, both bounds of a period, cursors that follow each other, and every wrong parameter named."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine.records.reviews import Action, ReviewDecision
from infra.memory.runs import MemoryTables
from infra.settings.stores import Backend, StoreSettings
from tests.functions.reader import FOREIGNER, Reads, in_dynamodb, in_memory, violations
from tests.support.emulators import fresh
from tests.support.samples import START, TENANT, HandClock, run_id

LISTS = ["/rebalance/runs", "/rebalance/workflow/decisions", "/rebalance/lineage/corr-1"]
NOON = "2026-02-20T12:00:0{}.123456"


def decide(reads: Any, number: Any, run: Any, **changes: Any) -> None:
    reviews = reads.adapters.reviews
    given = {"action": Action.REQUEST_CHANGES, "reason_code": "MORE_CASH", "actor_id": "reviewer-1"} | changes
    decision = ReviewDecision(
        f"dwd_{number:032x}", run.run_id, comment=None, decided_at=START + timedelta(seconds=number), correlation_id="c_none", **given
    )
    assert reviews.append(TENANT, decision, reviews.state(TENANT, run.run_id))


def fill(reads: Any) -> Any:
    for number in range(5):
        run = reads.record(
            status="BLOCKED" if number == 3 else "READY", portfolio_id="pf_2" if number % 2 else "pf_1", request_hash=f"h{number % 2}"
        )
        decide(reads, number, run)
    return reads


@pytest.fixture(scope="module", params=["memory", "dynamodb"])
def filled(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Five runs a second apart, each with one decision at the moment of its recording; nobody changes them."""
    if request.param == "memory":
        yield fill(in_memory(MemoryTables(), HandClock()))
    else:
        with fresh() as aws:
            yield fill(in_dynamodb(aws, HandClock()))


def found(reads: Any, path: str = "/rebalance/runs", **query: Any) -> Any:
    """The numbers of the runs in the page, in its order."""
    reply = reads.get(path, **query)
    assert reply.status == 200
    rows = reply.json.get("items", reply.json.get("edges"))
    names = [row.get("rebalance_run_id") or row.get("run_id") or row["target_entity_id"] for row in rows]
    return [int(name.removeprefix("rr_"), 16) - 1 for name in names]


def test_a_row_of_the_list_of_runs(filled: Reads) -> None:
    page = filled.get("/rebalance/runs", limit=1).json
    assert page == {
        "items": [
            {
                "rebalance_run_id": run_id(5),
                "correlation_id": "corr-1",
                "request_hash": "h0",
                "idempotency_key": "key-1",
                "portfolio_id": "pf_1",
                "status": "READY",
                "created_at": "2026-02-20T12:00:04.123456+00:00",
            }
        ],
        "next_cursor": run_id(5),
    }


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"status": "BLOCKED"}, [3]),
        ({"status": "blocked"}, []),
        ({"status": ""}, []),
        ({"portfolio_id": "pf_2"}, [3, 1]),
        ({"request_hash": "h0"}, [4, 2, 0]),
        ({"request_hash": "h1", "portfolio_id": "pf_2", "status": "READY"}, [1]),
        ({"from_": NOON.format(3) + "Z"}, [4, 3]),
        ({"to": NOON.format(1) + "Z"}, [1, 0]),
        ({"from_": NOON.format(1), "to": NOON.format(1)}, [1]),
        ({"from_": "2026-02-20T20:00:03.123456+08:00"}, [4, 3]),
        ({"from_": "2026-02-20T04:00:03.123457-08:00"}, [4]),
        ({"from_": "1771588803.123456"}, [4, 3]),
        ({"to": "1771588801"}, [0]),
        ({"from_": "1771588803123"}, [4, 3]),
        ({"from_": "2026-02-20"}, [4, 3, 2, 1, 0]),
        ({"to": "2026-02-20"}, []),
        ({"from_": "2026-02-21", "to": "2026-02-20"}, []),
        ({"from_": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:59-14:00"}, [4, 3, 2, 1, 0]),
        ({"unknown": "x", "limit": ["2", "2"]}, [4, 3]),
    ],
)
def test_the_list_of_runs_narrows(filled: Reads, query: dict[str, Any], kept: list[Any]) -> None:
    assert found(filled, **query) == kept


@pytest.mark.parametrize("path", LISTS)
def test_pages_follow_each_other_to_the_end(filled: Reads, path: Any) -> None:
    whole = found(filled, path)
    assert sorted(whole) == [0, 1, 2, 3, 4]
    rows: list[int] = []
    cursor, cursors = None, []
    while True:
        query: dict[str, Any] = {} if cursor is None else {"cursor": cursor}
        rows += found(filled, path, limit=2, **query)
        cursor = filled.get(path, limit=2, **query).json["next_cursor"]
        cursors.append(cursor)
        if cursor is None:
            break
    assert rows == whole
    assert len(cursors) == 3
    assert filled.get(path, limit=5).json["next_cursor"] is None


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["", "unknown", "~", "é|x", "2026-02-20T12:00:00+00:00|a|b|c", "x" * 3000])
def test_a_cursor_that_names_no_row_gives_an_empty_page(filled: Reads, path: Any, cursor: str) -> None:
    reply = filled.get(path, cursor=cursor)
    assert reply.status == 200
    assert (reply.json.get("items", reply.json.get("edges")), reply.json["next_cursor"]) == ([], None)


@pytest.mark.parametrize("path", LISTS)
def test_another_tenants_lists_are_empty(filled: Reads, path: Any) -> None:
    assert found(filled, path, authorizer=FOREIGNER) == []
    assert found(filled, path, authorizer=FOREIGNER, cursor=run_id(3)) == []


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "loc", "kind"),
    [
        ({"limit": "0"}, "limit", "greater_than_equal"),
        ({"limit": "-1"}, "limit", "greater_than_equal"),
        ({"limit": "201"}, "limit", "less_than_equal"),
        ({"limit": "ten"}, "limit", "int_parsing"),
        ({"limit": ""}, "limit", "int_parsing"),
        ({"limit": "1.5"}, "limit", "int_parsing"),
        ({"from_": "yesterday"}, "from", "datetime_from_date_parsing"),
        ({"from_": ""}, "from", "datetime_from_date_parsing"),
        ({"to": "2026-02-30T00:00:00Z"}, "to", "datetime_from_date_parsing"),
        ({"to": "2026-02-20T12:00:00 08:00"}, "to", "datetime_from_date_parsing"),  # a plus that was not encoded
        ({"to": "2026-02-20T25:00:00Z"}, "to", "datetime_from_date_parsing"),
        ({"limit": ["1", "2"]}, "limit", "multiple_values"),
    ],
)
def test_a_wrong_parameter_is_named(memory_reads: Reads, path: Any, query: dict[str, Any], loc: str, kind: str) -> None:
    assert violations(memory_reads.get(path, **query)) == [(["query", loc], kind)]


def test_all_wrong_parameters_are_named_without_a_word_of_theirs(memory_reads: Reads) -> None:
    reply = memory_reads.get("/rebalance/runs", limit="secret-1", from_="secret-2", to="secret-3")
    assert [loc for loc, _ in violations(reply)] == [["query", "from"], ["query", "to"], ["query", "limit"]]
    assert b"secret" not in reply.body


@pytest.mark.parametrize(("limit", "shown"), [({}, 50), ({"limit": 200}, 60), ({"limit": 60}, 60), ({"limit": 59}, 59)])
def test_a_page_holds_fifty_rows_unless_told(memory_reads: Reads, limit: dict[str, Any], shown: int) -> None:
    for _ in range(60):
        memory_reads.record()
    page = memory_reads.get("/rebalance/runs", **limit).json
    assert len(page["items"]) == shown
    assert (page["next_cursor"] is None) == (shown == 60)


def test_lineage_of_each_kind_of_entity(reads: Reads) -> None:
    run = reads.record()
    edges = [
        {
            "source_entity_id": source,
            "edge_type": kind,
            "target_entity_id": run.run_id,
            "created_at": "2026-02-20T12:00:00.123456+00:00",
            "metadata": {"request_hash": run.request_hash},
        }
        for source, kind in (("corr-1", "CORRELATION_TO_RUN"), ("key-1", "IDEMPOTENCY_TO_RUN"))
    ]
    assert reads.get(f"/rebalance/lineage/{run.run_id}").json == {"entity_id": run.run_id, "edges": edges, "next_cursor": None}
    assert reads.get("/rebalance/lineage/corr-1").json["edges"] == edges[:1]
    assert reads.get("/rebalance/lineage/key-1").json["edges"] == edges[1:]
    assert reads.get(f"/rebalance/lineage/{run.run_id}", edge_type="IDEMPOTENCY_TO_RUN").json["edges"] == edges[1:]
    assert reads.get(f"/rebalance/lineage/{run.run_id}", edge_type="CAUSED_BY").json["edges"] == []
    assert reads.get(f"/rebalance/lineage/{run.run_id}", to="2026-02-20T12:00:00.123455Z").json["edges"] == []
    first = reads.get(f"/rebalance/lineage/{run.run_id}", limit=1).json
    assert (first["edges"], first["next_cursor"]) == (
        edges[:1],
        f"2026-02-20T12:00:00.123456+00:00|corr-1|CORRELATION_TO_RUN|{run.run_id}",
    )
    assert reads.get(f"/rebalance/lineage/{run.run_id}", limit=1, cursor=first["next_cursor"]).json["edges"] == edges[1:]
    assert reads.get("/rebalance/lineage/nobody").json == {"entity_id": "nobody", "edges": [], "next_cursor": None}


EMPTY = {
    "store_backend": "IN_MEMORY",
    "retention_days": 0,
    "run_count": 0,
    "operation_count": 0,
    "run_status_counts": {},
    "operation_status_counts": {},
    "workflow_decision_count": 0,
    "workflow_action_counts": {},
    "workflow_reason_code_counts": {},
    "lineage_edge_count": 0,
    "oldest_run_created_at": None,
    "newest_run_created_at": None,
    "oldest_operation_created_at": None,
    "newest_operation_created_at": None,
}


def test_the_summary_counts_the_tenants_store(filled: Reads) -> None:
    assert filled.get("/rebalance/supportability/summary").json == EMPTY | {
        "run_count": 5,
        "run_status_counts": {"BLOCKED": 1, "READY": 4},
        "workflow_decision_count": 5,
        "workflow_action_counts": {"REQUEST_CHANGES": 5},
        "workflow_reason_code_counts": {"MORE_CASH": 5},
        "lineage_edge_count": 10,
        "oldest_run_created_at": "2026-02-20T12:00:00.123456+00:00",
        "newest_run_created_at": "2026-02-20T12:00:04.123456+00:00",
    }
    assert filled.get("/rebalance/supportability/summary", FOREIGNER).json == EMPTY


def test_the_summary_tells_how_the_store_is_kept(memory_reads: Reads) -> None:
    told = memory_reads.but(store=StoreSettings(Backend.DYNAMODB, retention_days=30)).get("/rebalance/supportability/summary").json
    assert told == EMPTY | {"store_backend": "DYNAMODB", "retention_days": 30}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"rebalance_run_id": run_id(3)}, [2]),
        ({"rebalance_run_id": "nobody"}, []),
        ({"action": "REQUEST_CHANGES"}, [4, 3, 2, 1, 0]),
        ({"action": "APPROVE"}, []),
        ({"actor_id": "reviewer-2"}, []),
        ({"reason_code": "MORE_CASH", "from_": NOON.format(3)}, [4, 3]),
        ({"to": NOON.format(0)}, [0]),
    ],
)
def test_the_list_of_decisions_narrows(filled: Reads, query: dict[str, Any], kept: list[Any]) -> None:
    assert found(filled, "/rebalance/workflow/decisions", **query) == kept


@pytest.mark.parametrize("action", ["approve", "ESCALATE", ""])
def test_an_action_that_does_not_exist_is_named(memory_reads: Reads, action: str) -> None:
    assert violations(memory_reads.get("/rebalance/workflow/decisions", action=action)) == [(["query", "action"], "literal_error")]
