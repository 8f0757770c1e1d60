"""What a release answers of records that a newer one left in a format of its own: one code, whatever they tell of, and nothing is touched."""

from typing import Any

import pytest

from engine.ports.outside import StoreUnavailable
from engine.records.operations import Family, Job
from engine.usecases.refusals import Code
from infra.aws.formats import FIRST, KEPT, VERSIONS, Format, format_of, readable
from tests.support.adapters import on_aws
from tests.support.book_service import start, uploaded
from tests.support.emulators import Aws, everything
from tests.support.gateway import IDENTITY, refused
from tests.support.portfolios import a_proposal
from tests.support.samples import HandClock
from tests.support.service import ACCEPTING, OPEN, Service

EVERYBODY = IDENTITY | {"scopes": "dpm.run dpm.read dpm.review dpm.execute advisory.run advisory.read"}
JSON = {"Content-Type": "application/json"}


def made_newer(aws: Aws, table: str) -> list[dict[str, Any]]:
    """Every item of a table in the version after the one that is known, but for the counts: as a newer release would have left it."""
    for item in everything(aws, table):
        kind = format_of(item["pk"]["S"], item["sk"]["S"])
        assert int(item["v"]["N"]) == VERSIONS[kind]
        if kind is not Format.COUNTERS:
            aws.dynamodb.put_item(TableName=table, Item=item | {"v": {"N": str(VERSIONS[kind] + 1)}})
    return everything(aws, table)


def test_runs_operations_proposals_and_books_of_a_newer_release_are_refused_by_name(aws: Aws, clock: HandClock) -> None:
    service = uploaded(Service(on_aws(aws, clock), OPEN, EVERYBODY))
    run_id = service.run_id(**{"X-Correlation-Id": "desk-1", "Idempotency-Key": "run-1"})
    operation_id = service.but(operations=ACCEPTING.operations).accepted(X_Correlation_Id="desk-2", Idempotency_Key="operation-1")
    proposals = "/rebalance/proposals"
    created = service.call("POST", proposals, {"simulate_request": a_proposal()}, JSON | {"Idempotency-Key": "create-1"}, EVERYBODY)
    proposal_id = created.json["proposal"]["proposal_id"]
    assert service.propose(authorizer=EVERYBODY).status == 200
    book_id = start(service).json["book_id"]
    before = {table: made_newer(aws, table) for table in (aws.table, aws.proposals)}

    reads = (
        f"/rebalance/runs/{run_id}",
        f"/rebalance/runs/{run_id}/artifact",
        f"/rebalance/runs/{run_id}/workflow",
        "/rebalance/runs/by-correlation/desk-1",
        "/rebalance/runs/idempotency/run-1",
        "/rebalance/idempotency/run-1/history",
        f"/rebalance/lineage/{run_id}",
        f"/rebalance/operations/{operation_id}",
        "/rebalance/operations/by-correlation/desk-2",
        f"{proposals}/{proposal_id}",
        f"{proposals}/{proposal_id}/versions/1",
        f"{proposals}/{proposal_id}/lineage",
        f"{proposals}/{proposal_id}/workflow-events",
        f"{proposals}/idempotency/create-1",
        f"/rebalance/books/{book_id}",
    )
    for path in reads:
        assert refused(service.get(path)) == (503, "RECORDED_BY_NEWER_RELEASE"), path
    assert refused(service.post(None, {"Idempotency-Key": "run-1"})) == (503, "RECORDED_BY_NEWER_RELEASE")
    assert refused(service.propose(authorizer=EVERYBODY)) == (503, "RECORDED_BY_NEWER_RELEASE")
    assert refused(start(service)) == (503, "RECORDED_BY_NEWER_RELEASE")
    moved = {"event_type": "CANCELLED", "expected_state": "DRAFT"}
    assert refused(service.call("POST", f"{proposals}/{proposal_id}/transitions", moved, JSON, EVERYBODY)) == (
        503,
        "RECORDED_BY_NEWER_RELEASE",
    )
    assert service.work(Job("bank-a", Family.DPM, operation_id)) == [False]
    assert {table: everything(aws, table) for table in before} == before


def test_kinds_are_told_apart_where_they_share_a_partition() -> None:
    keys = {"T#a#RUN#r META", "T#a#RUN#r WF", "T#a#OP#o META", "T#a#OP#o RUN#base", "T#a#IK#SIM#d CLAIM", "T#a#IK#CREATE#d CLAIM"}
    assert {key: format_of(*key.split(" ")) for key in keys} == {
        "T#a#RUN#r META": Format.RUNS,
        "T#a#RUN#r WF": Format.REVIEWS,
        "T#a#OP#o META": Format.OPERATIONS,
        "T#a#OP#o RUN#base": Format.RUNS,
        "T#a#IK#SIM#d CLAIM": Format.PROPOSAL_KEYS,
        "T#a#IK#CREATE#d CLAIM": Format.PROPOSALS,
    }
    assert {kept for rows in KEPT.values() for _, kept in rows} == set(Format) == set(VERSIONS)


@pytest.mark.parametrize("version", [None, FIRST, VERSIONS[Format.RUNS]])
def test_what_is_known_is_read_as_it_lies(version: int | None) -> None:
    item = {"pk": "T#a#RUN#r", "sk": "META"} | ({} if version is None else {"v": version})
    assert readable(dict(item)) == item


def test_one_kind_knows_nothing_of_anothers_version() -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        readable({"pk": "T#a#RUN#r", "sk": "WF", "v": VERSIONS[Format.RUNS]})
    assert refusal.value.code == Code.RECORDED_BY_NEWER_RELEASE
