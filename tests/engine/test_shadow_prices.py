"""What each binding limit costs, also where several sets of prices would do (RFC-0012)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.targets.certified import Certified, certify
from engine.targets.problem import TargetProblem
from tests.engine.solver_questions import question, stated

WIDE = (Decimal(0), Decimal(1))


def problem(
    model: dict[str, Any],
    band: tuple[Decimal, Decimal] = WIDE,
    cap: str | None = None,
    groups: dict[str, Any] | None = None,
    locked: dict[str, str] | None = None,
) -> TargetProblem:
    weights = {i: Decimal(w) for i, w in model.items()}
    kept = {i: Decimal(w) for i, w in (locked or {}).items()}
    limits = {key: (Decimal(maximum), members) for key, (maximum, members) in (groups or {}).items()}
    return TargetProblem.of(weights, kept, band, None if cap is None else Decimal(cap), limits)


def optimum(problem: TargetProblem) -> Certified:
    """The certified answer to what has one."""
    found = certify(problem)
    assert found is not None
    return found


def prices(stated_problem: TargetProblem) -> list[tuple[str, str]]:
    return [(row["constraint"], row["shadow_price"]) for row in optimum(stated_problem).strategy()["binding"]]


def test_a_binding_band_costs_the_slope_of_the_squared_distance() -> None:
    # Model 0.6 + 0.6, at most 1 invested: each gives 0.1, objective 2 · 0.1² = 0.02. With room 1 + t each gives (0.2 - t) / 2,
    # the objective is (0.2 - t)² / 2, which falls at t = 0 by 0.2 per unit.
    certified = optimum(problem({"A": "0.6", "B": "0.6"}))
    assert certified.strategy() == {
        "method": "SOLVER",
        "certificate": "KKT_EXACT",
        "objective": "0.020000000000",
        "binding": [{"constraint": "cash_band.min", "shadow_price": "0.200000000000"}],
    }
    assert certified.weights == {"A": Decimal("0.500000000000"), "B": Decimal("0.500000000000")}


def test_tight_limits_without_influence_are_listed_at_zero() -> None:
    # The model itself is feasible: nothing is paid for, but full investment, the zero of B and the group at its cap are tight.
    found = prices(problem({"A": "0.7", "B": "0", "C": "0.3"}, groups={"s:x": ("0.3", ["B", "C"])}))
    assert found == [("cash_band.min", "0.000000000000"), ("long_only:B", "0.000000000000"), ("group:s:x", "0.000000000000")]


def test_order_is_bands_then_ids_then_keys() -> None:
    # At least 0.6 must be invested, each 0.2 at most, D nothing (s:z): A, B and C all stand at their cap, and s:a at 0.4.
    found = optimum(
        problem(
            {"C": "0.5", "A": "0.4", "B": "0.1", "D": "0.3"},
            band=(Decimal("0.1"), Decimal("0.4")),
            cap="0.2",
            groups={"s:z": ("0", ["D"]), "s:a": ("0.4", ["A", "C"])},
        )
    )
    assert [name for name, _ in found.binding] == [
        "cash_band.max",
        "long_only:D",
        "single_position_max:A",
        "single_position_max:B",
        "single_position_max:C",
        "group:s:a",
        "group:s:z",
    ]


def test_a_cash_band_of_one_point_charges_one_side() -> None:
    band = (Decimal("0.1"), Decimal("0.1"))
    # Too much wanted: 0.5 + 0.5 into 0.9, each gives 0.05, price 2 · 0.05. Too little wanted: 0.4 + 0.4, each takes 0.05.
    assert prices(problem({"A": "0.5", "B": "0.5"}, band)) == [("cash_band.max", "0.000000000000"), ("cash_band.min", "0.100000000000")]
    assert prices(problem({"A": "0.4", "B": "0.4"}, band)) == [("cash_band.max", "0.100000000000"), ("cash_band.min", "0.000000000000")]


def test_of_two_equal_groups_blands_rule_charges_the_first() -> None:
    # s:b and s:a both hold A and B at 0.5 of wanted 0.7: price 2 · 0.1, on the first in the list of binding limits.
    found = prices(problem({"A": "0.3", "B": "0.4"}, groups={"s:b": ("0.5", ["A", "B"]), "s:a": ("0.5", ["B", "A"])}))
    assert found == [("group:s:a", "0.200000000000"), ("group:s:b", "0.000000000000")]


def test_a_cap_of_zero_charges_the_cap_of_what_is_wanted_and_nothing_of_what_is_not() -> None:
    # Nothing is invested, which a cash band up to 1 asks for at least: that limit is tight too.
    assert prices(problem({"A": "0.3", "B": "0"}, cap="0")) == [
        ("cash_band.max", "0.000000000000"),
        ("long_only:A", "0.000000000000"),
        ("long_only:B", "0.000000000000"),
        ("single_position_max:A", "0.600000000000"),
        ("single_position_max:B", "0.000000000000"),
    ]


def test_prices_are_those_of_a_textbook_tableau() -> None:
    ambiguous = 0
    for seed in range(0, 3000, 3):
        asked = question(seed)
        if len(asked.model) > 21 or (certified := certify(stated(asked))) is None:
            continue
        ids = sorted(asked.model)
        inequalities = asked.inequalities()
        columns = [[inequalities[name][0].get(i, 0) for i in ids] for name, _ in certified.binding]
        right = [2 * (Fraction(asked.model[i]) - certified.exact[i]) for i in ids]
        assert textbook_phase_one(columns, right) == [price for _, price in certified.binding], seed
        ambiguous += dependent(columns)
    assert ambiguous > 100


def textbook_phase_one(columns: Any, right: Any) -> Any:
    """Dense phase one with Bland's rule: columns in order, then one artificial column a row."""
    rows = len(right)
    signs = [-1 if b < 0 else 1 for b in right]
    table = [
        [Fraction(signs[r] * column[r]) for column in columns] + [Fraction(int(r == k)) for k in range(rows)] + [signs[r] * right[r]]
        for r in range(rows)
    ]
    basis = [len(columns) + r for r in range(rows)]
    cost = [-sum((row[j] for row in table), Fraction(0)) for j in range(len(columns))]
    cost += [Fraction(0)] * rows + [-sum((row[-1] for row in table), Fraction(0))]
    while (entering := next((j for j, c in enumerate(cost[:-1]) if c < 0), None)) is not None:
        candidates = [r for r in range(rows) if table[r][entering] > 0]
        leaving = min(candidates, key=lambda r: (table[r][-1] / table[r][entering], basis[r]))
        pivot = table[leaving][entering]
        table[leaving] = [value / pivot for value in table[leaving]]
        for r in range(rows):
            if r != leaving and table[r][entering]:
                factor = table[r][entering]
                table[r] = [a - factor * b for a, b in zip(table[r], table[leaving], strict=True)]
        factor = cost[entering]
        cost = [a - factor * b for a, b in zip(cost, table[leaving], strict=True)]
        basis[leaving] = entering
    values = {b: table[r][-1] for r, b in enumerate(basis)}
    assert all(not value for b, value in values.items() if b >= len(columns))
    return [values.get(j, Fraction(0)) for j in range(len(columns))]


def dependent(columns: Any) -> bool:
    """Whether some column is a combination of earlier ones."""
    kept: list[tuple[int, list[Fraction]]] = []
    for column in columns:
        rest = [Fraction(a) for a in column]
        for place, base in kept:
            factor = rest[place] / base[place]
            rest = [a - factor * b for a, b in zip(rest, base, strict=True)]
        first = next((k for k, a in enumerate(rest) if a), None)
        if first is None:
            return True
        kept.append((first, rest))
    return False
