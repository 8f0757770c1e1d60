"""What every ProposalStore promises of one proposal's life. Runs on memory, on moto, and (make contract-strict) on a stricter emulator."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from engine.ports.proposals import ProposalStore
from engine.ports.runs import IdTaken
from engine.records.proposal_history import ApprovalType, ClearCheck, CountedApproval, ProposalState, Verdict
from engine.records.proposals import KeyedCommand, ProposalKey
from tests.support.proposals import ARTIFACT, LARGE, approved, beginning, key_of, looked_at, name, next_version, submitted, there
from tests.support.samples import START, TENANT
from tests.support.worlds import World

ONE = beginning()
ID = ONE.proposal.proposal_id


@pytest.fixture
def store(world: World) -> ProposalStore:
    made = world.proposals().store
    assert ONE.kept_in(made)
    return made


def artifact(store: ProposalStore, version_no: int) -> bytes | None:
    found = store.version(TENANT, ID, version_no)
    return None if found is None else found.artifact()


def test_a_proposal_comes_back_whole(store: ProposalStore) -> None:
    assert store.head(TENANT, ID) == ONE.proposal
    assert store.versions(TENANT, ID) == (ONE.version,)
    found = store.version(TENANT, ID, 1)
    assert found is not None
    assert (found.version, found.artifact()) == (ONE.version, ARTIFACT)
    assert store.events(TENANT, ID) == (ONE.effect.event,)
    assert store.event(TENANT, ID, 1) == ONE.effect.event
    assert store.claimed(TENANT, ONE.claim.key) == ONE.claim
    assert (store.approvals(TENANT, ID), store.checks(TENANT, ID, 1)) == ((), ())


def test_everything_that_a_head_can_say_comes_back(world: World) -> None:
    counted = (CountedApproval(ApprovalType.RISK, "pap_1", "sha256:1"), CountedApproval(ApprovalType.CLIENT_CONSENT, "pap_2", "sha256:1"))
    told: dict[str, Any] = {
        "counted": counted,
        "execution_requested": True,
        "clear_check": ClearCheck("pck_1", START + timedelta(microseconds=1)),
        "state": ProposalState.EXECUTION_READY,
        "title": "",
        "advisor_notes": "ü " * 100,
        "jurisdiction": "CH",
        "mandate_id": "m/1#2",
        "portfolio_id": "pf #1/%",
        "created_by": "",
    }
    full = beginning(version={"valid_until": START + timedelta(days=9, microseconds=7), "trades_digest": None}, **told)
    bare = beginning(2, title=None, advisor_notes=None)
    store = world.proposals().store
    for made in (full, bare):
        assert made.kept_in(store)
        assert store.head(TENANT, made.proposal.proposal_id) == made.proposal
        assert store.versions(TENANT, made.proposal.proposal_id) == (made.version,)


def test_what_nobody_wrote_is_not_there(store: ProposalStore) -> None:
    for tenant, proposal_id in [("bank-b", ID), (TENANT, "pp_9"), (TENANT, ID + "#"), (TENANT, "p" * 3000)]:
        assert store.head(tenant, proposal_id) is None
        assert store.version(tenant, proposal_id, 1) is None
        assert (store.event(tenant, proposal_id, 1), store.approval(tenant, proposal_id, 1)) == (None, None)
        lists = (store.versions, store.events, store.approvals)
        assert [found(tenant, proposal_id) for found in lists] == [(), (), ()]
        assert store.checks(tenant, proposal_id, 1) == ()
    assert (store.version(TENANT, ID, 2), store.event(TENANT, ID, 2), store.approval(TENANT, ID, 1)) == (None, None, None)
    assert store.claimed("bank-b", ONE.claim.key) is None


def test_an_approval_is_written_with_its_event_and_its_head(store: ProposalStore) -> None:
    sent = submitted(ONE.proposal)
    assert store.write(sent)
    given = approved(sent.proposal, comment="größer als < 5 %", ratio=0.1, nested={"list": [1, None, True]})
    assert store.write(given)
    assert store.head(TENANT, ID) == given.proposal
    assert store.events(TENANT, ID) == (ONE.effect.event, sent.event, given.event)
    assert store.approvals(TENANT, ID) == (given.approval,)
    assert store.approval(TENANT, ID, 3) == given.approval
    assert store.approval(TENANT, ID, 2) is None


def test_versions_follow_each_other_with_their_artifacts(store: ProposalStore) -> None:
    effect, second = next_version(ONE.proposal)
    assert store.add_version(effect, second, LARGE)
    assert store.head(TENANT, ID) == effect.proposal
    assert store.versions(TENANT, ID) == (ONE.version, second)
    assert (artifact(store, 1), artifact(store, 2), artifact(store, 3)) == (ARTIFACT, LARGE, None)
    assert store.event(TENANT, ID, 2) == effect.event


def test_checks_are_kept_by_version_oldest_first(store: ProposalStore) -> None:
    clear, first = looked_at(ONE.proposal, trades=tuple({"instrument_id": f"i{n * 7919 % 10_007}", "n": n} for n in range(500)))
    again, second = looked_at(clear, 2, Verdict.RENEW)
    assert store.add_check(clear, first)
    assert store.add_check(again, second)
    effect, version = next_version(again)
    assert store.add_version(effect, version, ARTIFACT)
    last, third = looked_at(effect.proposal, 3)
    assert store.add_check(last, third)
    assert store.checks(TENANT, ID, 1) == (first, second)
    assert store.checks(TENANT, ID, 2) == (third,)
    assert store.head(TENANT, ID) == last
    assert len(store.events(TENANT, ID)) == 2  # it changes no state: only the beginning and the new version happened


def stale(store: ProposalStore) -> list[Callable[[], bool]]:
    """Commands that were judged before the proposal moved on."""
    effect, version = next_version(ONE.proposal, 9)
    return [
        lambda: store.write(submitted(ONE.proposal, 9)),
        lambda: store.add_version(effect, version, ARTIFACT),
        lambda: store.add_check(*looked_at(ONE.proposal)),
    ]


def test_a_command_that_was_judged_too_early_leaves_nothing(store: ProposalStore) -> None:
    sent = submitted(ONE.proposal)
    assert store.write(sent)
    assert [command() for command in stale(store)] == [False, False, False]
    assert store.head(TENANT, ID) == sent.proposal
    assert store.events(TENANT, ID) == (ONE.effect.event, sent.event)
    assert store.versions(TENANT, ID) == (ONE.version,)
    assert store.checks(TENANT, ID, 1) == ()


def test_nothing_is_added_to_a_proposal_that_is_not_there(world: World) -> None:
    assert [command() for command in stale(world.proposals().store)] == [False, False, False]
    assert world.proposals().store.head(TENANT, ID) is None


def test_a_command_acknowledged_late_is_no_conflict_even_when_others_followed(store: ProposalStore) -> None:
    sent = submitted(ONE.proposal)
    given = approved(sent.proposal)
    seen, check = looked_at(given.proposal)
    effect, version = next_version(seen)

    def everything() -> list[bool]:
        written = [ONE.kept_in(store), store.write(sent), store.write(given), store.add_check(seen, check)]
        return [*written, store.add_version(effect, version, LARGE)]

    assert everything() == everything() == [True] * 5
    assert store.head(TENANT, ID) == effect.proposal
    assert (len(store.events(TENANT, ID)), len(store.versions(TENANT, ID)), len(store.checks(TENANT, ID, 1))) == (4, 2, 1)


def test_the_id_of_another_proposal_is_taken(store: ProposalStore) -> None:
    other = beginning(2, proposal_id=ID)
    with pytest.raises(IdTaken):
        other.kept_in(store)
    assert store.head(TENANT, ID) == ONE.proposal
    assert store.claimed(TENANT, other.claim.key) is None
    foreign = beginning(2, proposal_id=ID, tenant="bank-b")
    assert foreign.kept_in(store)
    assert store.head(TENANT, ID) == ONE.proposal


def test_a_key_stands_for_the_first_command_for_ever(world: World, store: ProposalStore) -> None:
    assert not beginning(2, key="key-1").kept_in(store)
    world.clock.forward(days=4000)
    assert not beginning(3, key="key-1").kept_in(store)
    assert store.head(TENANT, name("pp", 2)) is store.head(TENANT, name("pp", 3)) is None
    assert store.claimed(TENANT, ONE.claim.key) == ONE.claim
    assert beginning(4, key="key-1", tenant="bank-b").kept_in(store)


def test_a_command_whose_key_is_taken_leaves_nothing(store: ProposalStore) -> None:
    sent = submitted(ONE.proposal)
    assert store.write(sent, key_of(KeyedCommand.TRANSITION, ONE.proposal, seq=2))
    given = approved(sent.proposal)
    assert not store.write(given, key_of(KeyedCommand.TRANSITION, ONE.proposal, seq=3))
    assert store.approvals(TENANT, ID) == ()
    effect, version = next_version(sent.proposal)
    assert not store.add_version(effect, version, ARTIFACT, key_of(KeyedCommand.TRANSITION, ONE.proposal))
    assert not store.add_check(*looked_at(sent.proposal), key_of(KeyedCommand.TRANSITION, ONE.proposal))
    assert store.head(TENANT, ID) == sent.proposal


def test_keys_of_commands_and_of_proposals_are_apart(store: ProposalStore) -> None:
    other = beginning(2)
    assert other.kept_in(store)
    assert store.claimed(TENANT, ProposalKey(KeyedCommand.TRANSITION, "key-1", ID)) is None
    sent = submitted(ONE.proposal)
    first = key_of(KeyedCommand.TRANSITION, ONE.proposal, seq=2)
    second = key_of(KeyedCommand.APPROVAL, ONE.proposal, seq=3)
    third = key_of(KeyedCommand.CHECK, ONE.proposal, check_id="pck_1")
    fourth = key_of(KeyedCommand.TRANSITION, other.proposal, seq=2)
    assert store.write(sent, first)
    assert store.write(approved(sent.proposal), second)
    seen, check = looked_at(there(store))
    assert store.add_check(seen, check, third)
    assert store.write(submitted(other.proposal), fourth)
    for claim in (ONE.claim, first, second, third, fourth):
        assert store.claimed(TENANT, claim.key) == claim


@pytest.mark.parametrize("tenant", ["", "a#b", "a/b", "ä", "a" * 65])
def test_a_tenant_that_could_break_out_is_refused(world: World, tenant: str) -> None:
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        beginning(tenant=tenant).kept_in(world.proposals().store)
    with pytest.raises(ValueError, match="TENANT_INVALID"):
        world.proposals().store.head(tenant, ID)


def test_of_twenty_equal_creates_one_wins(world: World) -> None:
    store = world.proposals().store
    made = [beginning(number, key="one") for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda one: one.kept_in(store), made))
    assert won.count(True) == 1
    winner = made[won.index(True)]
    assert store.claimed(TENANT, winner.claim.key) == winner.claim
    assert [store.head(TENANT, one.proposal.proposal_id) for one in made if one is not winner] == [None] * 19


def test_of_twenty_equal_transitions_one_wins(store: ProposalStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: store.write(submitted(ONE.proposal, number)), range(20)))
    assert won.count(True) == 1
    assert [event.event_id for event in store.events(TENANT, ID)] == [ONE.effect.event.event_id, f"pwe_2_{won.index(True)}"]


def test_twenty_versions_at_once_are_numbered_without_gaps(store: ProposalStore) -> None:
    def add(number: int) -> None:
        for _ in range(200):
            effect, version = next_version(there(store), number)
            if store.add_version(effect, version, ARTIFACT):
                return
        raise AssertionError("never")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(20)))
    assert [version.version_no for version in store.versions(TENANT, ID)] == list(range(1, 22))
    events = store.events(TENANT, ID)
    assert [(event.seq, event.version_no) for event in events] == [(number, number) for number in range(1, 22)]
    assert (there(store).current.version_no, there(store).event_seq, there(store).rev) == (21, 21, 21)


def test_what_was_read_before_does_not_change(store: ProposalStore) -> None:
    before, events = there(store), store.events(TENANT, ID)
    store.write(submitted(ONE.proposal))
    assert before == ONE.proposal
    assert events == (ONE.effect.event,)
