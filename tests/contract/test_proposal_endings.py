"""What every ProposalStore promises of commands that were accepted as operations: effect and SUCCEEDED are one."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.records.operations import OperationEnd, OperationStatus
from engine.records.proposals import KeyedCommand
from infra.adapters import Proposals
from tests.support.operations import BROKEN, operation, there
from tests.support.proposals import ARTIFACT, beginning, key_of, name, next_version
from tests.support.proposals import there as head_of
from tests.support.samples import TENANT
from tests.support.worlds import World

ONE = beginning()
ID = ONE.proposal.proposal_id
RESULT = json.dumps({"proposal": {"title": [f"line {n} {n * 7919 % 10007}" for n in range(200)]}}).encode()
NAME = name("pop", 1)
END = OperationEnd(NAME, "worker", RESULT)


@pytest.fixture
def proposals(world: World) -> Proposals:
    """With an operation that a worker holds."""
    made = world.proposals()
    made.operations.accept(operation(operation_id=NAME, operation_type="CREATE_PROPOSAL"), b'{"created_by":"ada"}')
    assert made.operations.lease(TENANT, NAME, owner="worker", seconds=60) is not None
    return made


def test_a_create_ends_its_operation(proposals: Proposals) -> None:
    assert ONE.kept_in(proposals.store, END)
    assert proposals.store.head(TENANT, ID) == ONE.proposal
    assert there(proposals.operations, NAME).status is OperationStatus.SUCCEEDED
    assert proposals.operations.result(TENANT, NAME) == RESULT
    assert ONE.kept_in(proposals.store, END)  # acknowledged late
    assert proposals.operations.due(TENANT, accepted_before=ONE.proposal.created_at, sent_before=ONE.proposal.created_at) == ()


def test_a_version_ends_its_operation(proposals: Proposals) -> None:
    assert ONE.kept_in(proposals.store)
    effect, version = next_version(ONE.proposal)
    claim = key_of(KeyedCommand.VERSION, effect.proposal, seq=2)
    for _ in range(2):
        assert proposals.store.add_version(effect, version, ARTIFACT, claim, finishing=END)
        assert proposals.store.head(TENANT, ID) == effect.proposal
        assert there(proposals.operations, NAME).status is OperationStatus.SUCCEEDED


def nothing_came_of_it(proposals: Proposals) -> None:
    assert proposals.store.head(TENANT, ID) is None
    assert proposals.store.claimed(TENANT, ONE.claim.key) is None


@pytest.mark.parametrize("end", [OperationEnd(NAME, "another", RESULT), OperationEnd(name("pop", 9), "worker", RESULT)])
def test_without_its_lease_nobody_has_an_effect(proposals: Proposals, end: OperationEnd) -> None:
    assert not ONE.kept_in(proposals.store, end)
    nothing_came_of_it(proposals)
    assert there(proposals.operations, NAME).status is OperationStatus.RUNNING


def test_who_was_overtaken_has_no_effect(world: World, proposals: Proposals) -> None:
    world.clock.forward(seconds=61)
    assert proposals.operations.lease(TENANT, NAME, owner="second", seconds=60) is not None
    assert not ONE.kept_in(proposals.store, END)
    nothing_came_of_it(proposals)
    assert ONE.kept_in(proposals.store, OperationEnd(NAME, "second", RESULT))
    assert there(proposals.operations, NAME).status is OperationStatus.SUCCEEDED


@pytest.mark.parametrize("succeeded", [True, False])
def test_an_operation_that_ended_before_has_no_further_effect(proposals: Proposals, succeeded: bool) -> None:
    if succeeded:
        assert proposals.operations.succeed(TENANT, NAME, owner="worker", result=b"{}")
    else:
        assert proposals.operations.fail(TENANT, NAME, owner="worker", failure=BROKEN)
    before = there(proposals.operations, NAME)
    assert not ONE.kept_in(proposals.store, END)
    nothing_came_of_it(proposals)
    assert there(proposals.operations, NAME) == before


def test_an_operation_whose_command_is_refused_goes_on(proposals: Proposals) -> None:
    assert beginning(2, key="key-1").kept_in(proposals.store)
    assert not ONE.kept_in(proposals.store, END)
    assert there(proposals.operations, NAME).status is OperationStatus.RUNNING
    assert proposals.operations.result(TENANT, NAME) is None
    assert proposals.operations.fail(TENANT, NAME, owner="worker", failure=BROKEN)


def test_of_many_workers_with_one_lease_one_has_an_effect(proposals: Proposals) -> None:
    assert ONE.kept_in(proposals.store)

    def add(number: int) -> bool:
        for _ in range(50):
            effect, version = next_version(head_of(proposals.store), number)
            if proposals.store.add_version(effect, version, ARTIFACT, finishing=END):
                return True
            if there(proposals.operations, NAME).terminal:
                return False
        raise AssertionError("never")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(16))).count(True) == 1
    assert [version.version_no for version in proposals.store.versions(TENANT, ID)] == [1, 2]


def test_operations_of_proposals_never_expire_and_are_their_familys_own(world: World, proposals: Proposals) -> None:
    assert ONE.kept_in(proposals.store, END)
    world.clock.forward(days=4000)
    assert proposals.operations.remove_expired(TENANT, most=10) == 0
    assert there(proposals.operations, NAME).status is OperationStatus.SUCCEEDED
    assert world.operations().operation(TENANT, NAME) is None
    assert world.operations().remove_expired(TENANT, most=10) == 0
