"""Seeded simulations of accepted operations on both stores, and proof that they find what is wrong.

A failing seed prints the end of its trace and the command that replays it.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.ports.runs import IdTaken
from engine.records.operations import OperationStatus
from engine.records.runs import KeyClaim, RunDocuments, RunHead
from engine.usecases.dispatch import EXHAUSTED
from engine.usecases.sweeps import tasks_of
from tests.simulation.operations import Operations
from tests.simulation.play import Broken, play
from tests.simulation.world import TENANTS

SEEDS, STEPS = 20, 250
AWS_SEEDS, AWS_STEPS = 3, 50


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_everything_accepted_ends_once_with_its_runs(seed: int) -> None:
    played = play(seed, STEPS)
    assert played.steps >= STEPS
    assert played.ends["SUCCEEDED"] > 0
    assert all(played.faults.values()), "a kind of fault never happened"


@pytest.mark.parametrize("seed", range(1, AWS_SEEDS + 1))
def test_everything_accepted_ends_once_with_its_runs_in_dynamodb(seed: int) -> None:
    assert play(seed, AWS_STEPS, "aws").ends["SUCCEEDED"] > 0


def behind(port: Any) -> Any:
    """The store that chaos stands before."""
    return port._target


def never_again(actors: Operations) -> None:
    """A sweeper that sends nothing again."""
    stores = actors.world.stores
    actors.machinery.sweeping = replace(actors.machinery.sweeping, tasks=tasks_of(stores.retention, stores.operations))


def overrules(actors: Operations) -> None:
    """Somebody who fails operations without asking whether they ended."""
    tables = behind(actors.world.stores.operations).tables

    def overrule() -> str:
        _, kept = actors.random.choice([*tables.kept.values(), (None, None)])
        if kept is not None:
            kept.current = replace(kept.current, status=OperationStatus.FAILED, failure=EXHAUSTED)
        return "overruled"

    actors.world.actors.append((5, "overrule", overrule))


def forgets_acceptances(actors: Operations) -> None:
    """A store that loses an operation now and then."""
    stored = behind(actors.world.stores.operations)

    def forget() -> str:
        for tenant in TENANTS:
            names = [name for name in stored.tables.kept if name[0] == tenant]
            if len(names) > 3:
                del stored.tables.kept[names[0]]
        return "forgotten"

    actors.world.actors.append((2, "forget", forget))


def replaces_runs(actors: Operations) -> None:
    """A run store where the last writer wins."""
    stored = behind(behind(actors.world.stores.runs))
    record = stored.record

    def last_wins(head: RunHead, documents: RunDocuments, claim: KeyClaim | None) -> KeyClaim | None:
        try:
            recorded: KeyClaim | None = record(head, documents, claim)
        except IdTaken:
            stored.tables.runs[head.tenant, head.run_id] = head, replace(documents, result=b'{"status":"READY"}')
            return None
        return recorded

    stored.record = last_wins


def leases_to_everybody(actors: Operations) -> None:
    """Two at work on one operation, and the later one's end counts too."""
    stored = behind(actors.world.stores.operations)
    succeed = stored.succeed

    def whoever(tenant: str, operation_id: str, *, owner: str, result: bytes) -> bool:
        family_and_kept = stored.tables.kept.get((tenant, operation_id))
        if family_and_kept is not None:
            kept = family_and_kept[1]
            kept.owner, kept.current = owner, replace(kept.current, status=OperationStatus.RUNNING)
        return bool(succeed(tenant, operation_id, owner=owner, result=result))

    stored.succeed = whoever


SPOILERS = [
    (never_again, "never ended"),
    (overrules, "ended twice"),
    (forgets_acceptances, "is lost"),
    (replaces_runs, "is not the recorded run"),
    (leases_to_everybody, "ended twice"),
]


@pytest.mark.parametrize(("spoil", "found"), SPOILERS)
def test_what_is_wrong_is_found_out_and_replays(spoil: Callable[[Operations], None], found: str) -> None:
    def told(seed: int) -> str | None:
        try:
            play(seed, STEPS, spoil=spoil)
        except Broken as broken:
            return str(broken)
        return None

    seed, report = next((seed, report) for seed in range(1, 9) if found in (report := told(seed) or ""))
    assert told(seed) == report
    assert f"python -m tests.simulation {seed} --steps {STEPS} --world memory --cast operations" in report


def test_a_seed_is_the_same_in_every_process() -> None:
    command = [sys.executable, "-m", "tests.simulation", "3", "--steps", "120"]

    def figures(hash_seed: str) -> str:
        environ = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ, cwd=Path(__file__).parents[2])  # noqa: S603  (our own command)
        return done.stdout.partition(";")[2]

    assert figures("1") == figures("2") != ""
