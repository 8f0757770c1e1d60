"""Limits that contradict each other: which, by how much, and the proof, all derivable by hand (RFC-0012)."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from engine.targets.algebra.effort import Effort
from engine.targets.conflict import EFFORT, explain, smallest_conflict
from engine.targets.feasibility import LOOK, Feasibility, limits
from engine.targets.problem import TargetProblem


def reasons(
    model: dict[str, Any],
    band: tuple[str, str] = ("0", "1"),
    cap: str | None = None,
    groups: dict[str, Any] | None = None,
    locked: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return explain(problem(model, band, cap, groups, locked))


def problem(
    model: dict[str, Any],
    band: tuple[str, str] = ("0", "1"),
    cap: str | None = None,
    groups: dict[str, Any] | None = None,
    locked: dict[str, Any] | None = None,
) -> TargetProblem:
    weights = {i: Decimal(w) for i, w in model.items()}
    kept = {i: Decimal(w) for i, w in (locked or {}).items()}
    limits = {key: (Decimal(maximum), members) for key, (maximum, members) in (groups or {}).items()}
    return TargetProblem.of(weights, kept, (Decimal(band[0]), Decimal(band[1])), None if cap is None else Decimal(cap), limits)


def conflict(explanation: dict[str, Any]) -> list[Any]:
    return [(row["constraint"], row["relaxation"]) for row in explanation["conflict"]]


def test_a_cash_band_upside_down() -> None:
    # At least 0.3 and at most 0.1 in cash: the sum would be ≥ 0.9 and ≤ 0.7. Either end can give way by 0.2.
    found = reasons({"A": "0.5", "B": "0.5"}, band=("0.3", "0.1"))
    assert conflict(found) == [("cash_band.min", "0.200000000000"), ("cash_band.max", "0.200000000000")]
    assert found["certificate"] == {
        "gap": "1/5",
        "rows": [
            {"constraint": "cash_band.max", "sense": ">=", "bound": "0.900000000000", "multiplier": "1"},
            {"constraint": "cash_band.min", "sense": "<=", "bound": "0.700000000000", "multiplier": "1"},
        ],
    }


def test_too_few_positions_under_their_cap() -> None:
    # 0.95 - 0.3 locked = 0.65 must be invested, three positions hold 0.2 each: 0.05 too little. Cash may rise by 0.05, or the cap
    # by a third of it, rounded up.
    found = reasons(dict.fromkeys("ABC", "0.3"), band=("0", "0.05"), cap="0.2", locked={"L": "0.3"})
    assert conflict(found) == [("cash_band.max", "0.050000000000"), ("single_position_max", "0.016666666667")]
    assert found["minimal"] is True
    assert found["certificate"]["gap"] == "1/20"
    assert [row["constraint"] for row in found["certificate"]["rows"]] == [
        "cash_band.max",
        "single_position_max:A",
        "single_position_max:B",
        "single_position_max:C",
    ]


def test_a_locked_weight_above_its_group() -> None:
    # 0.4 locked in a group of at most 0.25; with a tradeable member the excess 0.15 could only be offset by a short position.
    alone = reasons({"A": "0.5"}, groups={"s:x": ("0.25", ["L"])}, locked={"L": "0.4"})
    assert conflict(alone) == [("group:s:x", "0.150000000000"), ("locked_weight", None)]
    assert alone["certificate"] == {
        "gap": "3/20",
        "rows": [{"constraint": "group:s:x", "sense": "<=", "bound": "-0.150000000000", "multiplier": "1"}],
    }
    beside = reasons({"A": "0.5"}, groups={"s:x": ("0.25", ["L", "A"])}, locked={"L": "0.4"})
    assert conflict(beside) == [("group:s:x", "0.150000000000"), ("locked_weight", None), ("long_only", None)]


def test_locked_weight_over_everything() -> None:
    # 1.1 is locked: at most -0.1 remains to invest. Cash of at least -0.1 would help, which no band allows.
    found = reasons({"A": "0.5"}, locked={"L": "1.1"})
    assert conflict(found) == [("cash_band.min", None), ("locked_weight", None), ("long_only", None)]


def test_a_relaxation_beyond_one_is_none() -> None:
    # Two positions and a cap of 0.1, both in groups of 0.1: no single limit can make room for full investment.
    groups = {"s:x": ("0.1", ["A"]), "s:y": ("0.1", ["B"])}
    found = reasons({"A": "0.5", "B": "0.5"}, band=("0", "0.1"), cap="0.3", groups=groups)
    assert conflict(found) == [("cash_band.max", "0.700000000000"), ("group:s:x", None), ("group:s:y", None)]


def test_two_independent_conflicts_name_one_and_relax_neither() -> None:
    # Two locked groups are over their caps: no single limit repairs both, the filter keeps the later key.
    groups = {"s:x": ("0.1", ["L"]), "s:y": ("0.1", ["M"])}
    found = reasons({"A": "0.5"}, groups=groups, locked={"L": "0.2", "M": "0.3"})
    assert conflict(found) == [("group:s:y", None), ("locked_weight", None)]


def test_overlapping_groups_need_several_multipliers() -> None:
    # Pairs AB, BC, AC hold 0.3 each: added up twice the sum is ≤ 0.9, so 0.45 at most, but 0.6 is asked for.
    groups = {"p:ab": ("0.3", ["A", "B"]), "p:ac": ("0.3", ["A", "C"]), "p:bc": ("0.3", ["B", "C"])}
    found = reasons(dict.fromkeys("ABC", "0.2"), band=("0", "0.4"), groups=groups)
    # One pair alone would have to hold 0.6, with nothing in the third position.
    pairs = [(f"group:{key}", "0.300000000000") for key in groups]
    assert conflict(found) == [("cash_band.max", "0.150000000000"), *pairs]
    multipliers = [Fraction(row["multiplier"]) for row in found["certificate"]["rows"]]
    assert [multiplier / multipliers[0] for multiplier in multipliers] == [1, Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)]
    assert Fraction(found["certificate"]["gap"]) == Fraction(3, 20) * multipliers[0]


SIDE = 65


def crossed() -> TargetProblem:
    """130 groups: 650 instruments by `a` and by `b`, ten in each group; 65 groups of at most 0.0138 hold 0.897 where 0.95 is asked for."""
    model = {f"I{k:03}": "0.001" for k in range(10 * SIDE)}
    names = list(model)
    groups = {f"a:{g:02}": ("0.0138", names[g::SIDE]) for g in range(SIDE)}
    groups |= {f"b:{g:02}": ("0.0138", names[10 * g : 10 * g + 10]) for g in range(SIDE)}
    return problem(model, ("0", "0.05"), None, groups)


def test_many_groups_keep_their_minimal_conflict_within_the_effort() -> None:
    # Without any of the groups a the groups b conflict all the same, so that those of a go. Cash alone can give way: 0.053 lack.
    found = explain(crossed())
    assert found["minimal"] is True
    assert conflict(found) == [("cash_band.max", "0.053000000000"), *((f"group:b:{g:02}", None) for g in range(SIDE))]


def nested() -> TargetProblem:
    """20 sectors of 20 instruments, of which 18 are in nine industries. An industry holds 0.002, a position 0.003, an even sector 0.009, an odd one 0.05."""
    groups: dict[str, Any] = {}
    for s in range(20):
        names = [f"I{s:02}.{k:02}" for k in range(20)]
        groups |= {f"industry:{s:02}.{i}": ("0.002", names[2 * i : 2 * i + 2]) for i in range(9)}
        groups[f"sector:{s:02}"] = "0.05" if s % 2 else "0.009", names
    model = {i: "0.001" for _, names in groups.values() for i in names}
    return problem(model, ("0", "0.668"), "0.003", groups)


def test_groups_in_groups_are_added_up() -> None:
    # An even sector holds its 0.009, an odd one 9 * 0.002 in industries and 2 * 0.003 beside them: 10 * (0.009 + 0.024) = 0.33, where 0.332 must
    # be invested. An odd sector's industries give way by what lacks, 0.002, as do even sectors; 20 positions are limited by their cap.
    found = explain(nested())
    industries = [(f"group:industry:{s:02}.{i}", "0.002000000000") for s in range(1, 20, 2) for i in range(9)]
    sectors = [(f"group:sector:{s:02}", "0.002000000000") for s in range(0, 20, 2)]
    assert found["minimal"] is True
    assert conflict(found) == [("cash_band.max", "0.002000000000"), ("single_position_max", "0.000100000000"), *industries, *sectors]
    assert {row["multiplier"] for row in found["certificate"]["rows"]} == {"1"}
    assert found["certificate"]["gap"] == "1/500"
    assert len(found["certificate"]["rows"]) == 1 + 20 + len(industries) + len(sectors)


def test_whether_groups_in_groups_leave_room_needs_no_pivot() -> None:
    # 200 groups and all there is are looked at once each, whether the answer is no or, with 0.002 more in one sector, yes.
    asked = Feasibility(nested(), Effort(2 * LOOK * 201))
    assert sum(term.gap for term in asked.refuted() or []) == 2 * 10**9
    assert asked.contradiction(limits(nested()), {"group:sector:00": Fraction(2 * 10**9)}) is None
    assert asked.effort.left == 0


def ring() -> TargetProblem:
    """Each of 65 instruments in a pair with the next, the last one with the first; a pair holds 0.02, all of them 65 / 2 as much: 0.65, where 0.655 is asked for."""
    names = [f"I{k:03}" for k in range(SIDE)]
    return problem(
        dict.fromkeys(names, "0.01"), ("0", "0.345"), None, {f"p:{k:02}": ("0.02", [names[k - 1], names[k]]) for k in range(SIDE)}
    )


def test_groups_that_cross_each_other_are_projected_within_the_effort() -> None:
    # Without one pair every second instrument, from one end to the other, holds 0.02: 33 * 0.02 = 0.66 is enough. Twice the sum stands in all pairs.
    asked = Feasibility(ring(), Effort(EFFORT))
    found = smallest_conflict(asked, Feasibility(ring()).refuted() or [])
    assert found.minimal
    assert found.names == ["cash_band.max", *(f"group:p:{k:02}" for k in range(SIDE))]
    assert EFFORT - 1_000_000 < (asked.effort.left or 0) < EFFORT - 300_000


@pytest.mark.parametrize("effort", [300_000, 100_000, 10_000, 0])
def test_what_the_effort_does_not_reach_stays_in_the_conflict(effort: int) -> None:
    proof = Feasibility(ring()).refuted() or []
    asked = Feasibility(ring(), Effort(effort))
    found = smallest_conflict(asked, proof)
    assert not found.minimal
    assert {term.limit for term in found.proof} <= {*found.names, "locked_weight"}
    assert sum(term.gap for term in found.proof) > 0
    assert Feasibility(ring()).contradiction(found.names)
    again = smallest_conflict(Feasibility(ring(), Effort(effort)), proof)
    assert (again.names, again.proof) == (found.names, found.proof)
