"""The certified solver: every answer proved, whatever the start, the order of the input or the hash seed (RFC-0012)."""

import json
import os
import random
import subprocess
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from engine.targets.certified import certify
from engine.targets.conflict import explain
from engine.targets.polytope import FREE, LOWER, UPPER, ActiveSet
from engine.targets.solver import MANY_ROWS, clarabel_guess, numerical_guess
from tests.engine.optimum_checker import assert_optimal
from tests.engine.solver_proof import prove
from tests.engine.solver_questions import crowded, question, stated

cp: Any = import_module("cvxpy")  # its types cover a part of its names
CHUNKS = 10
SEEDS = 3300
SHAPES = 81
NUMERICAL_SEEDS = sorted(range(320), key=lambda seed: seed % SHAPES)
CLARABEL = {"tol_gap_abs": 1e-13, "tol_gap_rel": 1e-13}
OSQP = {"eps_abs": 1e-8, "eps_rel": 1e-8, "max_iter": 400_000, "polishing": True, "adaptive_rho_interval": 50}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_question_ends_with_a_proof(chunk: int) -> None:
    verdicts = [prove(seed) for seed in range(chunk, SEEDS, CHUNKS)]
    assert verdicts.count(True) >= 2000 / CHUNKS
    assert verdicts.count(False) >= 200 / CHUNKS


def test_many_groups_end_with_a_proof_too() -> None:
    verdicts = [prove(seed, crowded) for seed in range(12)]
    assert 3 < sum(verdicts) < 12


def test_a_guess_at_many_groups_changes_nothing() -> None:
    problems = [stated(crowded(seed)) for seed in range(60)]
    guesses = [clarabel_guess(problem) for problem in problems]
    assert [certify(one, guess) for one, guess in zip(problems, guesses, strict=True)] == [certify(one) for one in problems]
    assert max(len(guess.rows) for guess in guesses if guess) > MANY_ROWS


def test_the_numerical_solver_changes_nothing() -> None:
    guessed = 0
    for seed in NUMERICAL_SEEDS:
        problem = stated(question(seed))
        plain = certify(problem)
        guesses = [clarabel_guess(problem), numerical_guess(problem, "OSQP", max_iter=4000, adaptive_rho_interval=50)]
        guessed += sum(guess is not None for guess in guesses)
        assert all(certify(problem, guess) == plain for guess in guesses), seed
    assert guessed > len(NUMERICAL_SEEDS)


def test_nonsense_starts_change_nothing() -> None:
    for seed in range(0, 3000, 29):
        problem = stated(question(seed))
        rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
        sides = (FREE, LOWER) if problem.cap is None else (FREE, LOWER, UPPER)
        start = ActiveSet([rng.choice(sides) for _ in problem.ids], list(range(2 + len(problem.groups))))
        assert certify(problem, start) == certify(problem), seed


@pytest.mark.parametrize(("solver", "settings"), [("CLARABEL", CLARABEL), ("OSQP", OSQP)])
def test_a_numerical_solver_agrees_within_a_millionth(solver: str, settings: Any) -> None:
    compared = 0
    for seed in NUMERICAL_SEEDS[::3]:
        problem = stated(question(seed))
        certified = certify(problem)
        if certified is None:
            continue
        weights = cp.Variable(len(problem.ids))
        limits = [weights >= 0, cp.sum(weights) >= problem.least / 1e12, cp.sum(weights) <= problem.most / 1e12]
        if problem.cap is not None:
            limits.append(weights <= problem.cap / 1e12)
        limits += [cp.sum(weights[list(group.members)]) <= group.room / 1e12 for group in problem.groups if group.members]
        model = np.array([float(weight) for weight in problem.model])
        cp.Problem(cp.Minimize(cp.sum_squares(weights - model)), limits).solve(solver=solver, **settings)
        exact = [float(certified.exact[i]) for i in problem.ids]
        assert np.abs(weights.value - exact).max() < 1e-6, seed
        compared += 1
    assert compared > 50


def test_permuted_lists_change_nothing() -> None:
    for seed in range(0, 3000, 17):
        asked = question(seed)
        one, other = stated(asked), stated(asked, random.Random(seed))  # noqa: S311  (test data, repeatable)
        first, second = certify(one), certify(other)
        if first is None:
            assert second is None
            assert json.dumps(explain(one)) == json.dumps(explain(other)), seed
        else:
            assert second is not None
            assert first.exact == second.exact
            assert first.weights == second.weights
            assert json.dumps(first.strategy()) == json.dumps(second.strategy()), seed


ANSWERS = """
import json
from engine.targets.certified import certify
from engine.targets.conflict import explain
from tests.engine.solver_questions import question, stated
for seed in range(0, 3000, 37):
    problem = stated(question(seed))
    certified = certify(problem)
    if certified is None:
        print(json.dumps(explain(problem)))
    else:
        print(json.dumps([certified.strategy(), {name: str(weight) for name, weight in certified.weights.items()}]))
"""


def test_the_hash_seed_changes_nothing() -> None:
    answers = {
        subprocess.run(  # noqa: S603  (our own interpreter)
            [sys.executable, "-c", ANSWERS], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "4711")
    }
    assert len(answers) == 1
    assert answers.pop().count(b"\n") == len(range(0, 3000, 37))


def test_the_checker_notices_a_wrong_optimum() -> None:
    asked = question(100)
    certified = certify(stated(asked))
    assert certified is not None
    moved = next(i for i in certified.exact if asked.model[i])
    certified.exact[moved] += 1
    with pytest.raises(AssertionError):
        assert_optimal(asked, certified)
