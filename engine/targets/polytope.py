"""The numbers of a projection and the points it visits: whole numbers over one scale, nothing rounded (RFC-0012)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple

from engine.targets.algebra.effort import Effort
from engine.targets.algebra.linear import GramEquations

FREE: Final = 0
LOWER: Final = -1
UPPER: Final = 1


class Row(NamedTuple):
    """sign · Σ of the members' weights ≤ bound; sign is 1 or -1."""

    sign: int
    members: tuple[int, ...]
    bound: int


class Bound(NamedTuple):
    """A limit of one weight: its LOWER (zero) or its UPPER one."""

    variable: int
    side: int


Constraint = int | Bound
"""A row by its number, or a bound."""


@dataclass(slots=True)
class Projection:
    """The numbers of one problem, on one common scale.

    `upper` is None where a weight has no upper limit; `floored` is False where it has no lower one. `effort` is what may be spent on
    it; `equations` are those solved last, by rows and free weights.
    """

    model: list[int]
    upper: list[int | None]
    floored: list[bool]
    rows: list[Row]
    effort: Effort = field(default_factory=Effort)
    equations: dict[tuple[tuple[int, ...], int], GramEquations] = field(default_factory=dict)
    masks: list[int] = field(init=False)
    pattern_of: list[int] = field(init=False)
    patterns: list[tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the rows: members as bit masks, weights by the set of rows that hold them."""
        held: list[list[int]] = [[] for _ in self.model]
        self.masks = []
        for number, row in enumerate(self.rows):
            mask = 0
            for i in row.members:
                held[i].append(number)
                mask |= 1 << i
            self.masks.append(mask)
        numbers: dict[tuple[int, ...], int] = {}
        self.pattern_of = [numbers.setdefault(tuple(rows), len(numbers)) for rows in held]
        self.patterns = list(numbers)

    def spread(self, multipliers: dict[int, int]) -> list[int]:
        """Per weight, Σ sign · multiplier over the rows that hold it."""
        signed = {number: self.rows[number].sign * value for number, value in multipliers.items()}
        sums = [sum(signed.get(number, 0) for number in rows) for rows in self.patterns]
        return [sums[pattern] for pattern in self.pattern_of]


@dataclass(slots=True)
class ActiveSet:
    """Which constraints are held tight: per weight FREE, LOWER or UPPER, and rows by number."""

    at: list[int]
    rows: list[int]

    def with_all(self, constraints: Iterable[Constraint]) -> "ActiveSet":
        """This set and more constraints."""
        at, rows = list(self.at), list(self.rows)
        for constraint in constraints:
            if isinstance(constraint, Bound):
                at[constraint.variable] = constraint.side
            else:
                rows.append(constraint)
        return ActiveSet(at, rows)

    def without(self, constraint: Constraint) -> "ActiveSet":
        """This set and one constraint less."""
        at, rows = list(self.at), list(self.rows)
        if isinstance(constraint, Bound):
            at[constraint.variable] = FREE
        else:
            rows.remove(constraint)
        return ActiveSet(at, rows)


@dataclass(slots=True)
class Point:
    """The optimum with the constraints of `active` held as equations.

    Weights and multipliers are numerators over `scale` > 0. `pull` is, per weight, where it would stand if it were free.
    """

    problem: Projection
    active: ActiveSet
    scale: int
    rows: dict[int, int]
    pull: list[int]
    weights: list[int]

    def multiplier(self, bound: Bound) -> int:
        """The numerator of a bound's multiplier; zero where the bound is not held."""
        i = bound.variable
        if self.active.at[i] != bound.side:
            return 0
        return (self.pull[i] - self.weights[i]) * bound.side

    def price(self, constraint: Constraint) -> int:
        """The numerator of the multiplier of a bound or a row; zero where it is not held."""
        return self.multiplier(constraint) if isinstance(constraint, Bound) else self.rows.get(constraint, 0)

    def excess(self, constraint: Constraint) -> int:
        """The numerator of what the constraint is exceeded by; negative within it."""
        if isinstance(constraint, Bound):
            upper = self.problem.upper[constraint.variable] if constraint.side == UPPER else 0
            return (self.weights[constraint.variable] - (upper or 0) * self.scale) * constraint.side
        row = self.problem.rows[constraint]
        return row.sign * sum([self.weights[i] for i in row.members]) - row.bound * self.scale

    def violated(self) -> dict[Constraint, int]:
        """Every constraint that the point breaks, with the numerator of its excess."""
        found: dict[Constraint, int] = {}
        for number in range(len(self.problem.rows)):
            if number not in self.rows and (excess := self.excess(number)) > 0:
                found[number] = excess
        for i, (weight, upper) in enumerate(zip(self.weights, self.problem.upper, strict=True)):
            if weight < 0:
                if self.problem.floored[i]:
                    found[Bound(i, LOWER)] = -weight
            elif upper is not None and weight > upper * self.scale:
                found[Bound(i, UPPER)] = weight - upper * self.scale
        return found

    def objective(self) -> Fraction:
        """Σ(w - m)², exactly."""
        gaps = (w - m * self.scale for w, m in zip(self.weights, self.problem.model, strict=True))
        return Fraction(sum([gap * gap for gap in gaps]), self.scale * self.scale)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Multipliers ≥ 0 under which the left sides cancel while the bounds sum to less than zero: no point exists."""

    multipliers: dict[Constraint, Fraction]
