"""Groups that cross, as sectors and countries do: every ending is proved, whichever way leads to it, and every way ends (RFC-0012)."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from engine.targets import binding, certified
from engine.targets.algebra.least import Tableau
from engine.targets.certified import Certified, certify
from engine.targets.certified import _proved as proved
from engine.targets.conflict import _certificate_rows as certificate_rows
from engine.targets.feasibility import Feasibility, Term
from engine.targets.polytope import FREE, LOWER, ActiveSet
from engine.targets.problem import TargetProblem
from engine.targets.solver import clarabel_greatest, clarabel_guess
from tests.engine.crossing_questions import crossing
from tests.engine.optimum_checker import Question, assert_contradiction, assert_optimal
from tests.engine.solver_questions import question, stated

SEEDS = 120
LEAST = "LEAST_IN_ORDER"


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search by Bland's rule has no effort."""
    monkeypatch.setattr(binding, "EFFORT", 0)


def nonsense(problem: TargetProblem, seed: int = 0) -> ActiveSet:
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    rows = list(range(2 + len(problem.groups)))
    rng.shuffle(rows)
    return ActiveSet([rng.choice((FREE, LOWER)) for _ in problem.ids], rows)


def prices(answer: Certified | None) -> list[tuple[str, str]]:
    assert answer is not None
    return [(row["constraint"], row["shadow_price"]) for row in answer.strategy()["binding"]]


def twins() -> TargetProblem:
    """Two groups hold A and B at 0.5, where 0.7 is wanted: 0.2 is the price of both together."""
    groups = {f"s:{key}": (Decimal("0.5"), ["A", "B"]) for key in "ab"}
    return TargetProblem.of({"A": Decimal("0.3"), "B": Decimal("0.4")}, {}, (Decimal(0), Decimal(1)), None, groups)


def test_blands_rule_charges_the_first_of_two_equal_groups_and_without_effort_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    by_rule = certify(twins())
    assert prices(by_rule) == [("group:s:a", "0.200000000000"), ("group:s:b", "0.000000000000")]
    monkeypatch.setattr(binding, "EFFORT", 0)
    least = certify(twins())
    assert prices(least) == [("group:s:a", "0.000000000000"), ("group:s:b", "0.200000000000")]
    assert by_rule is not None
    assert least is not None
    assert "prices" not in by_rule.strategy()
    assert least.strategy()["prices"] == LEAST
    assert replace(least, binding=by_rule.binding, prices=None) == by_rule


@pytest.mark.usefixtures("no_search")
def test_where_groups_fill_up_what_must_be_invested_the_least_sum_is_charged_as_little_as_may_be() -> None:
    # A and B in p:0, C and D in p:1, A and C in q:0, B and D in q:1, each group at most 0.45, and 0.9 must be invested: every group is full, and
    # every weight 0.225. With a and b for p and q, and e for the least sum, 2 (m - w) = a[i] + b[j] - e is 0.35, 0.15, -0.05, -0.25. D has
    # a[1] + b[1] = e - 0.25 ≥ 0: the least e is 0.25, and then a[1] = b[1] = 0, a[0] = 0.4 and b[0] = 0.2.
    model = {"A": Decimal("0.4"), "B": Decimal("0.3"), "C": Decimal("0.2"), "D": Decimal("0.1")}
    members = {"p:0": "AB", "p:1": "CD", "q:0": "AC", "q:1": "BD"}
    groups = {key: (Decimal("0.45"), list(names)) for key, names in members.items()}
    found = certify(TargetProblem.of(model, {}, (Decimal(0), Decimal("0.1")), None, groups))
    assert prices(found) == [
        ("cash_band.max", "0.250000000000"),
        ("group:p:0", "0.400000000000"),
        ("group:p:1", "0.000000000000"),
        ("group:q:0", "0.200000000000"),
        ("group:q:1", "0.000000000000"),
    ]


@pytest.mark.usefixtures("no_search")
def test_where_both_bounds_of_a_weight_are_one_its_lower_one_is_free() -> None:
    # A cap of nothing: A wants 0.3, for which its cap pays 0.6; the zero pays nothing, nor does anything for B.
    found = certify(TargetProblem.of({"A": Decimal("0.3"), "B": Decimal(0)}, {}, (Decimal(0), Decimal(1)), Decimal(0), {}))
    assert [price for _, price in prices(found)] == ["0.000000000000"] * 3 + ["0.600000000000", "0.000000000000"]


@pytest.mark.usefixtures("no_search")
def test_least_prices_are_prices_whatever_the_start_and_below_those_of_blands_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    several = 0
    for ask, seeds in ((crossing, range(SEEDS)), (question, range(0, 900, 12))):
        for seed in seeds:
            asked = ask(seed)
            problem = stated(asked)
            found = certify(problem)
            if found is None or not found.prices:
                continue
            several += 1
            assert_optimal(asked, found)
            assert certify(problem, nonsense(problem, seed)) == found, seed
            with monkeypatch.context() as patched:
                patched.setattr(binding, "EFFORT", 10**9)
                by_rule = certify(problem)
            assert by_rule is not None
            assert [price for _, price in found.binding] <= [price for _, price in by_rule.binding], seed
            assert (by_rule.exact, by_rule.weights) == (found.exact, found.weights)
    assert several > 20


def test_the_least_in_order_are_found_by_pivots() -> None:
    # x = 1 + s - t, y = 2 - s, z = t with s and t free, all ≥ 0: x is least at s = t - 1; y = 3 - t is then least at t = 3, z = 3.
    # In the order z, y, x: z = 0, y ≤ 3 falls to 0 with s = 2, x = 3.
    def solved(order: str) -> dict[str, Fraction]:
        rows: dict[str, tuple[int, dict[int, Fraction]]] = {
            "x": (1, {-1: Fraction(1), -2: Fraction(-1)}),
            "y": (2, {-1: Fraction(-1)}),
            "z": (0, {-2: Fraction(1)}),
        }
        values = {place: Fraction(rows[name][0]) for place, name in enumerate(order)}
        found = Tableau(values, {place: dict(rows[name][1]) for place, name in enumerate(order)}, 2, ()).least()
        return {name: found[place] for place, name in enumerate(order)}

    assert solved("xyz") == {"x": 0, "y": 0, "z": 3}
    assert solved("zyx") == {"x": 3, "y": 0, "z": 0}


def assert_proof(asked: Question, problem: TargetProblem, proof: list[Term]) -> None:
    shown = {"rows": certificate_rows(problem, proof), "gap": sum(term.gap for term in proof) / 10**12}
    assert_contradiction(asked, shown, {term.limit for term in proof})


def test_a_guess_at_the_greatest_sum_proves_that_there_are_no_weights_and_never_that_there_are() -> None:
    proofs = 0
    for seed in range(0, SEEDS, 7):
        asked = crossing(seed)
        problem = stated(asked)
        optimum, proof = certify(problem), Feasibility(problem).refuted_at(clarabel_greatest)
        assert (optimum is None) == (proof is not None), seed
        if optimum:
            assert_optimal(asked, optimum)
            assert Feasibility(problem).refuted_at(nonsense) is None
        for found in (proof, Feasibility(problem).refuted_at(nonsense)):
            if found:
                assert_proof(asked, problem, found)
                proofs += 1
    assert proofs > 6


def test_pairs_in_a_ring_have_a_price_of_a_half() -> None:
    # Each of five in a pair with the next one, a pair holds 0.2: 0.5 in all, where 0.51 is asked for.
    names = list("ABCDE")
    groups = {f"p:{k}": (Decimal("0.2"), [names[k - 1], names[k]]) for k in range(5)}
    problem = TargetProblem.of(dict.fromkeys(names, Decimal("0.1")), {}, (Decimal(0), Decimal("0.49")), None, groups)
    proof = Feasibility(problem).refuted_at(lambda _: ActiveSet([FREE] * 5, [2, 3, 4, 5, 6])) or []
    assert {term.limit: term.multiplier for term in proof} == {"cash_band.max": 1} | {f"group:p:{k}": Fraction(1, 2) for k in range(5)}
    assert sum(term.gap for term in proof) == 10**10
    assert Feasibility(replace(problem, least=5 * 10**11)).refuted_at(lambda _: ActiveSet([FREE] * 5, [2, 3, 4, 5, 6])) is None


@pytest.mark.parametrize("many", [0, 1000])
def test_where_the_first_guess_leads_nowhere_another_way_leads_to_the_same_answer(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certified, "MANY_GROUPS", many)
    monkeypatch.setattr(certified, "TRIAL", 0)
    verdicts = []
    for seed in range(0, SEEDS, 9):
        problem = stated(crossing(seed))
        expected, asked = certify(problem), Feasibility(problem)
        assert proved(problem, asked, clarabel_guess, clarabel_greatest) == expected, seed
        assert (asked.refuted() is None) == (expected is not None)
        verdicts.append(expected is not None)
    assert 2 < sum(verdicts) < 12
