"""Seeded simulations of proposals on both stores, races that hypothesis draws, and proof that they find what is wrong.

A failing seed prints the end of its trace and the command that replays it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.records.operations import OperationEnd
from engine.records.proposal_history import SYSTEM, Effect, EventType, ProposalState, ProposalVersion
from engine.records.proposals import ProposalKey, ProposalKeyClaim
from engine.usecases.sweeps import Chore
from engine.workflow.proposal_effects import happened
from engine.workflow.proposal_states import TERMINAL
from tests.simulation.ledger import Name
from tests.simulation.play import Broken, play
from tests.simulation.proposals import Proposals
from tests.support.effort import examples

SEEDS, STEPS = 6, 250
AWS_SEEDS, AWS_STEPS = 2, 40
DRAWN_STEPS = 60


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_every_accepted_command_has_its_one_record_and_no_refused_one_any(seed: int) -> None:
    played = play(seed, STEPS, cast="proposals")
    assert played.steps >= STEPS
    assert all(played.ends[what] > 0 for what in ("CREATED", "SUCCEEDED", "approvals", "accepted", "refused", "unheard"))
    assert all(played.faults.values()), "a kind of fault never happened"


@pytest.mark.parametrize("seed", range(1, AWS_SEEDS + 1))
def test_every_accepted_command_has_its_one_record_in_dynamodb(seed: int) -> None:
    played = play(seed, AWS_STEPS, "aws", cast="proposals")
    assert all(played.ends[what] > 0 for what in ("CREATED", "SUCCEEDED", "accepted", "refused"))


def test_every_event_happens_somewhere() -> None:
    seen: Counter[str] = Counter()
    for seed in range(11, 21):
        seen += play(seed, STEPS, cast="proposals").ends
    assert set(EventType) <= set(seen)
    assert seen["expired by nobody"] > 0


@pytest.mark.soak
@examples(15)
@given(st.randoms(use_true_random=False))
def test_no_order_of_calls_and_faults_breaks_a_life(random: Random) -> None:
    play(0, DRAWN_STEPS, cast="proposals", drawn=random)


def stored(actors: Proposals) -> Any:
    """The store that chaos stands before."""
    behind: Any = actors.store
    return behind._target._target


def last_writer_wins(actors: Proposals) -> None:
    """A store that does not ask whether the proposal moved on."""
    store, follow = stored(actors), stored(actors)._follow

    def over_anything(effect: Effect, *rest: Any) -> bool:
        life = store.tables.lives[effect.proposal.tenant, effect.proposal.proposal_id]
        life.head = replace(life.head, rev=effect.proposal.rev - 1)
        return bool(follow(effect, *rest))

    store._follow = over_anything


def forgets_keys(actors: Proposals) -> None:
    """A store where a key is always free."""

    def free(_tenant: str, _claim: ProposalKeyClaim | None) -> bool:
        return True

    stored(actors)._free = free


def answers_for_another(actors: Proposals) -> None:
    """A store that mixes up what keys of a proposal stand for."""
    store, claimed = stored(actors), stored(actors).claimed

    def another(tenant: str, key: ProposalKey) -> ProposalKeyClaim | None:
        claim: ProposalKeyClaim | None = claimed(tenant, key)
        return claim if claim is None or claim.version_no < 2 else replace(claim, version_no=claim.version_no - 1)

    store.claimed = another


def leaves_operations_open(actors: Proposals) -> None:
    """A store that keeps the effect of an operation and forgets to end it."""

    def ended(_tenant: str, _finishing: OperationEnd | None) -> bool:
        return True

    stored(actors)._finished = ended


def rewrites_versions(actors: Proposals) -> None:
    """A store where the first version follows the newest."""
    store, add_version = stored(actors), stored(actors).add_version

    def rewritten(effect: Effect, version: ProposalVersion, artifact: bytes, *rest: Any, **more: Any) -> bool:
        written = add_version(effect, version, artifact, *rest, **more)
        versions = store.tables.lives[effect.proposal.tenant, effect.proposal.proposal_id].versions
        versions[0] = replace(versions[0], document=artifact)
        return bool(written)

    store.add_version = rewritten


def forgets_approvals(actors: Proposals) -> None:
    """A store that keeps what an approval did and not who gave it."""
    store, write = stored(actors), stored(actors).write
    store.write = lambda effect, claim=None: write(replace(effect, approval=None), claim)


def denies_its_writes(actors: Proposals) -> None:
    """A store that does not know its own write again, now and then."""
    store, write = stored(actors), stored(actors).write
    store.write = lambda effect, claim=None: write(effect, claim) and actors.random.random() < 0.9


def expires_at_random(actors: Proposals) -> None:
    """Somebody who ends proposals without a word."""

    def end() -> str:
        lives = list(stored(actors).tables.lives.values())
        if lives:
            life = actors.random.choice(lives)
            life.head = replace(life.head, state=ProposalState.EXPIRED, rev=life.head.rev + 1)
        return "ended"

    actors.world.actors.append((1, "end", end))


def never_expires(actors: Proposals) -> None:
    """A sweeper that leaves proposals alone."""
    actors.machinery.sweeping = replace(actors.machinery.sweeping, chores=())


def trusts_its_list(actors: Proposals) -> None:
    """A sweeper that lets expire what its list named the last time, wherever that stands by now."""
    world, named = actors.world, list[Name]()

    def expire(most: int) -> int:
        for name in named:
            head = actors.store.head(*name)
            if head is not None and head.state not in TERMINAL:
                told: dict[str, Any] = {"event_id": world.ids("pwe"), "actor": SYSTEM, "at": world.clock.now, "reason": {}}
                actors.store.write(happened(head, EventType.EXPIRED, ProposalState.EXPIRED, **told))
        named[:] = actors.store.ended(world.clock.now, most=most)
        return 0

    actors.machinery.sweeping = replace(actors.machinery.sweeping, chores=(Chore("proposals_expired", 100, expire),))


SPOILERS = [
    (last_writer_wins, "a gap between events"),
    (forgets_keys, "was answered differently"),
    (answers_for_another, "was answered differently"),
    (leaves_operations_open, "its operation did not end"),
    (rewrites_versions, "its artifacts changed"),
    (forgets_approvals, "an approval without a record"),
    (expires_at_random, "is not what its history led to"),
    (never_expires, "should have expired"),
    (trusts_its_list, "too early"),
    (denies_its_writes, "was refused, and is there"),
]


@pytest.mark.parametrize(("spoil", "found"), SPOILERS)
def test_what_is_wrong_with_a_life_is_found_out_and_replays(spoil: Callable[[Proposals], None], found: str) -> None:
    def told(seed: int) -> str:
        try:
            play(seed, STEPS, cast="proposals", spoil=spoil)
        except Broken as broken:
            return str(broken)
        return ""

    seed, report = next((seed, report) for seed in range(1, 17) if found in (report := told(seed)))
    assert told(seed) == report
    assert f"python -m tests.simulation {seed} --steps {STEPS} --world memory --cast proposals" in report
