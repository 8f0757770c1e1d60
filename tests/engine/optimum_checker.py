"""Checks answers of the certified solver by hand rules and Fractions. Shares no code with the solver, on purpose.

A question is what was asked: model weights, locked weights, cash band, position cap, groups as (maximum, members).
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from engine.targets.certified import Certified

UNIT = Fraction(1, 10**12)


@dataclass(frozen=True)
class Question:
    model: Mapping[str, Decimal]
    locked: Mapping[str, Decimal]
    cash_band: tuple[Decimal, Decimal]
    position_max: Decimal | None
    groups: Mapping[str, tuple[Decimal, Iterable[str]]]

    def held(self, members: set[Any] | None = None) -> Fraction:
        return sum((Fraction(w) for i, w in self.locked.items() if members is None or i in members), Fraction(0))

    def least(self) -> Fraction:
        return math.ceil((1 - Fraction(self.cash_band[1]) - self.held()) / UNIT) * UNIT

    def most(self) -> Fraction:
        return math.floor((1 - Fraction(self.cash_band[0]) - self.held()) / UNIT) * UNIT

    def cap(self) -> Any:
        return None if self.position_max is None else math.floor(Fraction(self.position_max) / UNIT) * UNIT

    def rooms(self) -> dict[str, Any]:
        """Key → (room, tradeable members), for groups that say something."""
        stated = {}
        for key, (maximum, members) in sorted(self.groups.items()):
            held = self.held(set(members))
            inside = {i for i in members if i in self.model}
            if inside or held:
                stated[key] = (math.floor((Fraction(maximum) - held) / UNIT) * UNIT, inside)
        return stated

    def inequalities(self) -> dict[str, Any]:
        """Name → (coefficients, bound), Σ coefficient · weight ≤ bound, in the order in which binding limits are listed."""
        ids = sorted(self.model)
        stated = {
            "cash_band.max": (dict.fromkeys(ids, -1), -self.least()),
            "cash_band.min": (dict.fromkeys(ids, 1), self.most()),
        }
        stated |= {f"long_only:{i}": ({i: -1}, Fraction(0)) for i in ids}
        if self.position_max is not None:
            stated |= {f"single_position_max:{i}": ({i: 1}, self.cap()) for i in ids}
        stated |= {f"group:{key}": (dict.fromkeys(inside, 1), room) for key, (room, inside) in self.rooms().items()}
        return stated


def assert_optimal(question: Question, certified: Certified) -> None:
    """The Karush-Kuhn-Tucker conditions hold exactly, so that no other weights are nearer; the listed limits are the tight ones."""
    weights, prices = certified.exact, dict(certified.binding)
    pull = {i: 2 * (weights[i] - Fraction(m)) for i, m in question.model.items()}
    tight = []
    for name, (coefficients, bound) in question.inequalities().items():
        side = sum(a * weights[i] for i, a in coefficients.items())
        assert side <= bound, f"{name} is broken"
        if side == bound:
            tight.append(name)
            assert prices[name] >= 0, name
            for i, a in coefficients.items():
                pull[i] += prices[name] * a
    assert [name for name, _ in certified.binding] == tight
    assert not any(pull.values())
    assert certified.objective == sum((weights[i] - Fraction(m)) ** 2 for i, m in question.model.items())


def assert_rounded(question: Any, certified: Any) -> None:
    """12 decimals; floored, then raised a unit at a time, always the one farthest below the optimum, where all limits have room."""
    upper = [limit for name, limit in question.inequalities().items() if name != "cash_band.max"]
    expected = {i: w // UNIT * UNIT for i, w in certified.exact.items()}
    while sum(expected.values()) < question.least():
        open_ = (
            i
            for i in sorted(expected, key=lambda i: (expected[i] - certified.exact[i], i))
            if all(sum(a * expected[j] for j, a in limit.items()) + limit.get(i, 0) * UNIT <= bound for limit, bound in upper)
        )
        if (chosen := next(open_, None)) is None:
            break
        expected[chosen] += UNIT
    assert {i: Fraction(w) for i, w in certified.weights.items()} == expected
    assert all(w.as_tuple().exponent == -12 for w in certified.weights.values())
    assert Fraction(certified.shortfall) == max(question.least() - sum(expected.values()), 0)


def assert_contradiction(question: Any, certificate: Any, limits: Any) -> None:
    """The rows, which stem from `limits` only, add up to 0 ≥ gap > 0."""
    stated = question.inequalities()
    left, right = dict.fromkeys(question.model, Fraction(0)), Fraction(0)
    for row in certificate["rows"]:
        coefficients, bound = stated[row["constraint"]]
        sign = {">=": -1, "<=": 1}[row["sense"]]
        multiplier = Fraction(row["multiplier"])
        assert multiplier > 0
        assert sign * Fraction(row["bound"]) == bound
        assert row["constraint"] in limits or row["constraint"].partition(":")[0] in limits
        for i, a in coefficients.items():
            left[i] += multiplier * a
        right += multiplier * bound
    assert not any(left.values())
    assert right == -Fraction(certificate["gap"])
    assert right < 0


def feasible(question: Question, without: Collection[str] = (), moved: Mapping[str, Fraction] = MappingProxyType({})) -> bool:
    """Whether weights exist when the limits named in `without` are dropped and those in `moved` give way by that distance.

    Exact, by the simplex of linear arithmetic (Dutertre and de Moura): a start that breaks rows is repaired one row at a time.
    """
    sold = "locked_weight" in without
    cap = None
    if question.position_max is not None and "single_position_max" not in without:
        cap = question.cap() + moved.get("single_position_max", 0)
    low = None if "long_only" in without else Fraction(0)
    columns, bounds = [], []
    for i in question.model:
        columns.append((i, 1))
        bounds.append((low, cap))
    for i, weight in question.locked.items():
        if sold and weight:
            columns.append((i, -1))
            bounds.append((min(Fraction(0), Fraction(weight)), max(Fraction(0), Fraction(weight))))
    rows, limits = [], []
    least, most = question.least() - moved.get("cash_band.max", 0), question.most() + moved.get("cash_band.min", 0)
    rows.append([sign for _, sign in columns])
    limits.append((None if "cash_band.max" in without else least, None if "cash_band.min" in without else most))
    for key, (room, _) in question.rooms().items():
        if f"group:{key}" not in without:
            members = set(question.groups[key][1])
            rows.append([sign if i in members else 0 for i, sign in columns])
            limits.append((None, room + moved.get(f"group:{key}", 0)))
    columns_alike, sums = _merged(rows, bounds)
    return _satisfiable(columns_alike, sums, limits)


def _merged(rows: list[list[int]], bounds: list[Any]) -> tuple[list[list[int]], list[Any]]:
    """Columns that occur alike in every row become one, their bounds added."""
    merged: dict[Any, Any] = {}
    for column, pair in zip(zip(*rows, strict=True), bounds, strict=True):
        earlier = merged.get(column, (Fraction(0), Fraction(0)))
        merged[column] = tuple(None if None in ends else sum(ends) for ends in zip(earlier, pair, strict=True))
    return [list(row) for row in zip(*merged, strict=True)] or [[] for _ in rows], list(merged.values())


def _satisfiable(rows: list[list[int]], column_bounds: list[Any], row_bounds: list[Any]) -> bool:
    width = len(column_bounds)
    if any(None not in pair and pair[0] > pair[1] for pair in [*column_bounds, *row_bounds]):
        return False
    bounds = [*column_bounds, *row_bounds]
    value = [low if low is not None else high if high is not None else Fraction(0) for low, high in column_bounds]
    table = {width + r: dict(enumerate(map(Fraction, row))) for r, row in enumerate(rows)}
    value += [sum((a * value[j] for j, a in row.items()), Fraction(0)) for row in table.values()]

    def out(k: int) -> int:
        low, high = bounds[k]
        return -1 if low is not None and value[k] < low else 1 if high is not None and value[k] > high else 0

    def may_move(j: int, direction: int) -> bool:
        low, high = bounds[j]
        return bool((high is None or value[j] < high) if direction > 0 else (low is None or value[j] > low))

    while (basic := next((k for k in sorted(table) if out(k)), None)) is not None:
        need = -out(basic)
        target = bounds[basic][0] if need > 0 else bounds[basic][1]
        row = table.pop(basic)
        entering = next((j for j in sorted(row) if row[j] and may_move(j, need if row[j] > 0 else -need)), None)
        if entering is None:
            return False
        pivot = row.pop(entering)
        shift = (target - value[basic]) / pivot
        value[basic] = target
        value[entering] += shift
        solved = {j: -a / pivot for j, a in row.items()} | {basic: 1 / pivot}
        for k, other in table.items():
            factor = other.pop(entering)
            value[k] += factor * shift
            if factor:
                for j, a in solved.items():
                    other[j] = other.get(j, Fraction(0)) + factor * a
            else:
                other.setdefault(basic, Fraction(0))
        table[entering] = solved
    return True
