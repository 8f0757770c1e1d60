"""Proves answers of the solver, one question a seed. By hand: `python -m tests.engine.solver_proof FIRST LAST`."""

import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from engine.targets.certified import certify
from engine.targets.conflict import explain
from tests.engine.optimum_checker import Question, assert_contradiction, assert_optimal, assert_rounded, feasible
from tests.engine.solver_questions import question, stated

JUST_LESS = Fraction(1, 10**9)


def prove(seed: int, ask: Callable[[int], Question] = question) -> bool:
    """Whether weights exist; either answer is checked exactly."""
    asked = ask(seed)
    certified = certify(stated(asked))
    if certified is None:
        assert_explained(asked, explain(stated(asked)))
        return False
    assert certified.strategy()["certificate"] == "KKT_EXACT"
    assert_optimal(asked, certified)
    assert_rounded(asked, certified)
    return True


def assert_explained(asked: Question, explanation: Any) -> None:
    """The certificate adds up, the conflict is minimal, every relaxation suffices and a little less does not."""
    conflict = [row["constraint"] for row in explanation["conflict"]]
    order = ["cash_band.min", "cash_band.max", "single_position_max", *(f"group:{key}" for key in sorted(asked.groups))]
    order += ["locked_weight", "long_only"]
    assert conflict == [name for name in order if name in conflict]
    assert_contradiction(asked, explanation["certificate"], {*conflict, "locked_weight"})
    others = set(order) - set(conflict)
    assert not feasible(asked)
    assert not feasible(asked, others)
    for name in conflict:
        assert feasible(asked, others | {name}), f"the conflict holds without {name}"
    for row in explanation["conflict"]:
        _assert_relaxation(asked, row["constraint"], row["relaxation"])


def _assert_relaxation(asked: Question, name: str, stated_by: str | None) -> None:
    if name in {"locked_weight", "long_only"}:
        assert stated_by is None
        return
    furthest = {
        "cash_band.min": Fraction(asked.cash_band[0]),
        "cash_band.max": 1 - Fraction(asked.cash_band[1]),
        "single_position_max": 1 - Fraction(asked.position_max or 0),
    } | {f"group:{key}": 1 - Fraction(maximum) for key, (maximum, _) in asked.groups.items()}
    if stated_by is None:
        assert not feasible(asked, moved={name: furthest[name] // Fraction(1, 10**12) * Fraction(1, 10**12)})
        return
    by = Fraction(stated_by)
    assert by <= furthest[name]
    assert feasible(asked, moved={name: by})
    assert not feasible(asked, moved={name: max(by - JUST_LESS, Fraction(0))})


if __name__ == "__main__":
    verdicts = [prove(seed) for seed in range(int(sys.argv[1]), int(sys.argv[2]))]
    print(f"{sum(verdicts)} optima and {len(verdicts) - sum(verdicts)} contradictions proved")  # noqa: T201  (a command line prints)
