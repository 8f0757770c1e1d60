"""Wide Gram equations: lifted from digits to the fractions that elimination finds, whatever depends on what (RFC-0012)."""

import random
from fractions import Fraction

import pytest

from engine.targets.algebra.effort import Effort, EffortSpent
from engine.targets.algebra.lifting import PRIME, Gram
from engine.targets.algebra.linear import WIDE, GramEquations, solve

SIZE = 30


def chain(size: int) -> list[list[int]]:
    """Rows that share one member with the next and have another for themselves, the last one too: 2 on the diagonal, 1 beside it."""
    return [[2 if i == j else int(abs(i - j) == 1) for j in range(size)] for i in range(size)]


def test_a_chain_has_the_solution_worked_out_by_hand() -> None:
    # x[k] = (-1)^k (n - k) / (n + 1) solves 2 x[0] + x[1] = 1 and x[k-1] + 2 x[k] + x[k+1] = 0, down to x[n-2] + 2 x[n-1] = 0.
    scale, found = Gram(chain(SIZE), range(SIZE)).solve([1] + [0] * (SIZE - 1)) or (0, {})
    assert {k: Fraction(value, scale) for k, value in found.items()} == {k: Fraction((-1) ** k * (SIZE - k), SIZE + 1) for k in range(SIZE)}


def test_of_columns_that_depend_the_first_in_order_stay() -> None:
    # Row 29 is rows 0 and 1 together: members 0 to 28 one each, the last holds 0 and 1. Whichever of the three comes last goes.
    members = [{k} for k in range(SIZE - 1)] + [{0, 1}]
    gram = [[len(one & other) for other in members] for one in members]
    right = [1] * (SIZE - 1) + [2]
    for last in (0, 1, SIZE - 1):
        order = [k for k in range(SIZE) if k != last] + [last]
        lifted = Gram(gram, order)
        assert lifted.rank() == SIZE - 1
        scale, found = lifted.solve(right) or (0, {})
        assert last not in found
        assert all(sum(gram[k][c] * value for c, value in found.items()) == right[k] * scale for k in range(SIZE))


def test_an_unlucky_prime_proves_nothing() -> None:
    # One member counted PRIME times is zero modulo the prime, though it is independent.
    gram = [[int(i == j) for j in range(SIZE)] for i in range(SIZE)]
    gram[3][3] = PRIME
    assert Gram(gram, range(SIZE)).solve([1] * SIZE) is None
    scale, found = GramEquations(gram, Effort()).solve([1] * SIZE)
    assert Fraction(found[3], scale) == Fraction(1, PRIME)


@pytest.mark.parametrize("seed", range(40))
def test_lifting_finds_what_elimination_finds(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    size, weights = rng.randint(WIDE, 40), rng.choice((20, 60, 200))
    rows = [{i for i in range(weights) if rng.random() < rng.choice((0.05, 0.3))} for _ in range(size)]
    if seed % 2:
        rows[-1], rows[0] = rows[0] | rows[1], rows[0] - rows[1]
    signs = [rng.choice((1, 1, -1)) for _ in rows]
    gram = [[s * t * len(a & b) for t, b in zip(signs, rows, strict=True)] for s, a in zip(signs, rows, strict=True)]
    right = [rng.randint(-(10**12), 10**12) for _ in rows]
    assert GramEquations(gram, Effort()).solve(right) == solve([[*row, value] for row, value in zip(gram, right, strict=True)])


def test_effort_is_counted_and_ends() -> None:
    effort = Effort(1_000_000)
    GramEquations(chain(SIZE), effort).solve([1] * SIZE)
    spent = 1_000_000 - (effort.left or 0)
    again = Effort(spent)
    GramEquations(chain(SIZE), again).solve([1] * SIZE)
    assert again.left == 0
    with pytest.raises(EffortSpent):
        GramEquations(chain(SIZE), Effort(spent - 1)).solve([1] * SIZE)
