"""A command on a proposal is whole or absent, whatever breaks between us and AWS; what is appended is put once and never touched again."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.records.operations import OperationEnd, OperationStatus
from engine.records.proposal_lists import ProposalFilter
from engine.records.proposals import KeyedCommand
from infra.adapters import Proposals
from tests.support.adapters import proposals_on_aws
from tests.support.emulators import Aws
from tests.support.faults import Crash, Fault, Line, crash_after, crash_before, lost_acknowledgement, outage_after, outage_before, refused
from tests.support.operations import operation
from tests.support.proposals import LARGE, approved, beginning, key_of, looked_at, name, next_version, submitted
from tests.support.samples import TENANT, HandClock

BROKEN = (Crash, StoreUnavailable)
ENDS = [OperationEnd(name("pop", number), "worker", LARGE) for number in (1, 2)]


@dataclass(frozen=True)
class Step:
    """A command, how many calls it makes, and how many items it leaves in the table of proposals."""

    command: Callable[[Proposals], bool]
    calls: int
    items: int


class Life:
    """A proposal of a tenant with everything that is written of it."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.one = beginning(artifact=LARGE, tenant=tenant)
        self.sent = submitted(self.one.proposal)
        self.given = approved(self.sent.proposal, comment="fine")
        self.seen, self.check = looked_at(self.given.proposal, trades=({"note": LARGE.decode()},))
        self.added, self.second = next_version(self.seen)
        sending, giving = (
            key_of(command, self.seen, seq=seq) for command, seq in ((KeyedCommand.TRANSITION, 2), (KeyedCommand.APPROVAL, 3))
        )
        looking, adding = (
            key_of(KeyedCommand.CHECK, self.seen, check_id=self.check.check_id),
            key_of(KeyedCommand.VERSION, self.seen, seq=4),
        )
        self.steps = {  # calls: the artifact, the operation, its result, the transaction
            "create": Step(lambda stores: self.one.kept_in(stores.store, ENDS[0]), 4, 4),
            "submit": Step(lambda stores: stores.store.write(self.sent, sending), 1, 2),
            "approve": Step(lambda stores: stores.store.write(self.given, giving), 1, 3),
            "check": Step(lambda stores: stores.store.add_check(self.seen, self.check, looking), 2, 2),
            "version": Step(lambda stores: stores.store.add_version(self.added, self.second, LARGE, adding, finishing=ENDS[1]), 4, 3),
        }

    def accepted(self, stores: Proposals) -> None:
        """The operations that two of the steps end, each with a worker."""
        for number, end in enumerate(ENDS):
            stores.operations.accept(operation(number, operation_id=end.operation_id, tenant=self.tenant), b"{}")
            assert stores.operations.lease(self.tenant, end.operation_id, owner="worker", seconds=900) is not None

    def lived(self, stores: Proposals) -> None:
        """Everything that the steps write is there once, and comes back."""
        store, tenant, proposal_id = stores.store, self.tenant, self.one.proposal.proposal_id
        assert store.head(tenant, proposal_id) == self.added.proposal
        assert store.events(tenant, proposal_id) == (self.one.effect.event, self.sent.event, self.given.event, self.added.event)
        assert store.approvals(tenant, proposal_id) == (self.given.approval,)
        assert store.checks(tenant, proposal_id, 1) == (self.check,)
        assert store.versions(tenant, proposal_id) == (self.one.version, self.second)
        found = store.version(tenant, proposal_id, 2)
        assert found is not None
        assert found.artifact() == LARGE
        ended = [stores.operations.operation(tenant, end.operation_id) for end in ENDS]
        assert [seen.status for seen in ended if seen] == [OperationStatus.SUCCEEDED] * 2


OURS = Life(TENANT)
STEPS, ID = OURS.steps, OURS.one.proposal.proposal_id
FAULTS = {fault.__name__: fault for fault in (crash_before, crash_after, outage_before, outage_after, lost_acknowledgement)}
LIVES = {name: Life(name) for name in FAULTS}


@pytest.fixture
def stores(aws: Aws) -> Proposals:
    made = proposals_on_aws(aws, HandClock())
    OURS.accepted(made)
    return made


def items(aws: Aws, tenant: str) -> int:
    """How many the tenant has, for the test's own eyes: the adapters never scan."""
    ours = {":ours": {"S": f"T#{tenant}#"}}
    found = aws.dynamodb.scan(
        TableName=aws.proposals, Select="COUNT", FilterExpression="begins_with(pk, :ours)", ExpressionAttributeValues=ours
    )
    return int(found["Count"])


@pytest.mark.parametrize(("broken", "number"), [(name, number) for name, step in STEPS.items() for number in range(step.calls)])
def test_a_command_broken_off_anywhere_is_carried_out_once(aws: Aws, broken: str, number: int) -> None:
    stores, line = proposals_on_aws(aws, HandClock()), Line(aws.dynamodb, aws.s3)
    for tenant, fault in FAULTS.items():
        LIVES[tenant].accepted(stores)
        _breaks(aws, stores, LIVES[tenant], line, broken, number, fault)


def _breaks(aws: Aws, stores: Proposals, life: Life, line: Line, broken: str, number: int, fault: Fault) -> None:
    count = 0
    for called, step in life.steps.items():
        if called == broken:
            lasting = fault in {outage_before, outage_after}
            line.break_at(range(number, 100 if lasting else number + 1), fault)
            try:
                assert step.command(stores)
            except BROKEN:
                assert fault is not lost_acknowledgement
            assert len(line.calls) > number
            line.break_at(range(0), fault)
            whole = fault is lost_acknowledgement or (number == step.calls - 1 and fault in {crash_after, outage_after})
            assert items(aws, life.tenant) == count + (step.items if whole else 0)
        assert step.command(stores)
        count += step.items
    assert items(aws, life.tenant) == count
    life.lived(stores)


def test_a_command_makes_no_more_calls_than_were_broken(aws: Aws, stores: Proposals) -> None:
    line = Line(aws.dynamodb, aws.s3)
    for step in STEPS.values():
        line.break_at(range(0), crash_before)
        assert step.command(stores)
        assert len(line.calls) == step.calls
        assert line.calls[-1] == "TransactWriteItems"


def test_what_is_appended_is_put_under_the_condition_that_it_is_not_there_and_nothing_is_deleted(aws: Aws, stores: Proposals) -> None:
    line = Line(aws.dynamodb, aws.s3)
    for step in STEPS.values():
        assert step.command(stores)
    for step in STEPS.values():
        assert step.command(stores)  # acknowledged late
    OURS.lived(stores)
    stores.store.page(TENANT, ProposalFilter(), limit=5)
    assert set(line.calls) == {"PutObject", "GetObject", "GetItem", "Query", "TransactWriteItems"}

    puts: dict[str, set[str | None]] = {}
    for call, body in zip(line.calls, line.bodies, strict=True):
        for write in json.loads(body)["TransactItems"] if call == "TransactWriteItems" else ():
            [(kind, told)] = write.items()
            if told["TableName"] == aws.proposals:
                assert kind == "Put"
                puts.setdefault(told["Item"]["sk"]["S"].partition("#")[0], set()).add(told.get("ConditionExpression"))
            else:
                assert (told["TableName"], kind) == (aws.table, "Update")  # the operation and its count
    assert puts == {
        "HEAD": {"attribute_not_exists(pk)", "rev = :rev"},
        **{sort: {"attribute_not_exists(pk)"} for sort in ("V", "E", "A", "C", "CLAIM")},
    }


INFRA = Path(__file__).parents[2] / "infra"
LIFE = re.compile(r"keys\.(proposal|version|event|approval|check)\(")


def test_one_module_writes_the_life_of_a_proposal_and_can_neither_update_nor_delete() -> None:
    named = {str(path.relative_to(INFRA)) for path in INFRA.rglob("*.py") if LIFE.search(path.read_text())}
    assert named == {"aws/proposals/items.py", "aws/proposals/store.py"}  # the one builds, the other writes
    tree = ast.parse((INFRA / "aws" / "proposals" / "store.py").read_text())
    taken = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "infra.aws.expressions"
        for alias in node.names
    }
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self.table"}
    assert taken == {"Item", "Write", "put_if", "put_once"}
    assert asked == {"get", "rows", "once"}


def test_documents_are_put_where_nothing_is(aws: Aws, stores: Proposals) -> None:
    asked: list[str | None] = []
    aws.s3.meta.events.register("before-call.s3.PutObject", lambda params, **_: asked.append(params["headers"].get("If-None-Match")))
    for step in STEPS.values():
        assert step.command(stores)
    assert asked == ["*"] * 5
    owners = {stored["Key"].rsplit("/", 1)[0] for stored in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]}
    of_operations = {f"{TENANT}/operations/{end.operation_id}" for end in ENDS}
    ours = {OURS.one.version.version_id, OURS.second.version_id, OURS.check.check_id}
    assert owners == of_operations | {f"{TENANT}/proposals/{ID}@{record}" for record in ours}


def test_a_document_that_was_exchanged_is_found_out(aws: Aws, stores: Proposals) -> None:
    STEPS["create"].command(stores)
    [key] = [stored["Key"] for stored in aws.s3.list_objects_v2(Bucket=aws.bucket, Prefix=f"{TENANT}/proposals/")["Contents"]]
    aws.s3.put_object(Bucket=aws.bucket, Key=key, Body=b"other")
    found = stores.store.version(TENANT, ID, 1)
    assert found is not None
    with pytest.raises(EvidenceCorrupt):
        found.artifact()


@pytest.mark.parametrize("fault", [refused("AccessDeniedException"), refused("TransactionCanceledException", "ValidationError")])
def test_a_refusal_that_will_not_pass_is_an_outage_of_proposals(aws: Aws, stores: Proposals, fault: Callable[..., Any]) -> None:
    line = Line(aws.dynamodb)
    line.break_at(range(100), fault)
    with pytest.raises(StoreUnavailable) as outage:
        stores.store.write(OURS.sent)
    assert outage.value.code == "STORE_PROPOSAL_UNAVAILABLE"
    assert len(line.calls) == 1


def test_a_transaction_that_meets_another_is_sent_again(aws: Aws, stores: Proposals) -> None:
    line = Line(aws.dynamodb, aws.s3)
    line.break_at(range(3, 5), refused("TransactionCanceledException", "TransactionConflict", "None"))
    assert STEPS["create"].command(stores)
    assert line.calls.count("TransactWriteItems") == 3
