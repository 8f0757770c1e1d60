"""Seeded simulations of accepted operations on both stores, and proof that they find what is wrong.

A failing seed prints the end of its trace and the command that replays it.
"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports.runs import RunIdTaken
from engine.records.operations import OperationStatus
from engine.usecases.dispatch import EXHAUSTED
from engine.usecases.sweeps import duties_of
from tests.simulation.play import Broken, play
from tests.simulation.world import TENANTS

SEEDS, STEPS = 20, 250
AWS_SEEDS, AWS_STEPS = 3, 50


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_everything_accepted_ends_once_with_its_runs(seed):
    played = play(seed, STEPS)
    assert played.steps >= STEPS
    assert played.ends["SUCCEEDED"] > 0
    assert all(played.faults.values()), "a kind of fault never happened"


@pytest.mark.parametrize("seed", range(1, AWS_SEEDS + 1))
def test_everything_accepted_ends_once_with_its_runs_in_dynamodb(seed):
    assert play(seed, AWS_STEPS, "aws").ends["SUCCEEDED"] > 0


def never_again(actors):
    """A sweeper that sends nothing again."""
    stores = actors.world.stores
    actors.sweeping = replace(actors.sweeping, duties=duties_of(stores.retention, stores.operations))


def overrules(actors):
    """Somebody who fails operations without asking whether they ended."""
    tables = actors.world.stores.operations._target.tables

    def overrule():
        _, kept = actors.random.choice([*tables.kept.values(), (None, None)])
        if kept is not None:
            kept.now = replace(kept.now, status=OperationStatus.FAILED, failure=EXHAUSTED)
        return "overruled"

    actors.world.actors.append((5, "overrule", overrule))


def forgets_acceptances(actors):
    """A store that loses an operation now and then."""
    stored = actors.world.stores.operations._target

    def forget():
        for tenant in TENANTS:
            names = [name for name in stored.tables.kept if name[0] == tenant]
            if len(names) > 3:
                del stored.tables.kept[names[0]]
        return "forgotten"

    actors.world.actors.append((2, "forget", forget))


def replaces_runs(actors):
    """A run store where the last writer wins."""
    stored = actors.world.stores.runs._target._target
    record = stored.record

    def last_wins(head, documents, claim):
        try:
            return record(head, documents, claim)
        except RunIdTaken:
            stored.tables.runs[head.tenant, head.run_id] = head, replace(documents, result=b'{"status":"READY"}')
            return None

    stored.record = last_wins


def leases_to_everybody(actors):
    """Two at work on one operation, and the later one's end counts too."""
    stored = actors.world.stores.operations._target
    succeed = stored.succeed

    def whoever(tenant, operation_id, *, owner, result):
        family_and_kept = stored.tables.kept.get((tenant, operation_id))
        if family_and_kept is not None:
            kept = family_and_kept[1]
            kept.owner, kept.now = owner, replace(kept.now, status=OperationStatus.RUNNING)
        return succeed(tenant, operation_id, owner=owner, result=result)

    stored.succeed = whoever


SPOILERS = [
    (never_again, "never ended"),
    (overrules, "ended twice"),
    (forgets_acceptances, "is lost"),
    (replaces_runs, "is not the recorded run"),
    (leases_to_everybody, "ended twice"),
]


@pytest.mark.parametrize(("spoil", "found"), SPOILERS)
def test_what_is_wrong_is_found_out_and_replays(spoil, found):
    def told(seed):
        try:
            play(seed, STEPS, spoil=spoil)
        except Broken as broken:
            return str(broken)
        return None

    reports = [(seed, report) for seed in range(1, 9) if (report := told(seed))]
    assert reports, "no seed found it"
    assert any(found in report for _, report in reports), reports[0][1]
    seed, report = reports[0]
    assert told(seed) == report
    assert f"python -m tests.simulation {seed} --steps {STEPS} --world memory" in report


def test_a_seed_is_the_same_in_every_process():
    command = [sys.executable, "-m", "tests.simulation", "3", "--steps", "120"]

    def figures(hash_seed):
        environ = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ, cwd=Path(__file__).parents[2])  # noqa: S603  (our own command)
        return done.stdout.partition(";")[2]

    assert figures("1") == figures("2") != ""
