"""What crossing groups admit together: their prices where as much is invested as they admit (RFC-0012).

At such prices no weight is worth more than it costs, and the rooms cost as much as all weights come to (linear duality). Prices whose
cost is less than what must be invested prove that there are no weights, whoever guessed what binds.
"""

from fractions import Fraction
from typing import Final

from engine.targets.algebra.effort import Effort
from engine.targets.algebra.linear import GramEquations
from engine.targets.binding import FIRST_GROUP_ROW
from engine.targets.polytope import FREE, LOWER, ActiveSet
from engine.targets.problem import TargetProblem

ROUNDS: Final = 8


def group_prices(problem: TargetProblem, binding: ActiveSet, effort: Effort) -> dict[int, Fraction]:
    """Prices > 0 of groups, by number, such that each weight between its bounds costs one, as nearly as may be, and none at zero less."""
    at_zero = [i for i, side in enumerate(binding.at) if side == LOWER]
    free = sum(1 << i for i, side in enumerate(binding.at) if side == FREE)
    bits = {row - FIRST_GROUP_ROW: 0 for row in binding.rows if row >= FIRST_GROUP_ROW}
    for n in bits:
        bits[n] = sum(1 << i for i in problem.groups[n].members)
    prices: dict[int, Fraction] = {}
    for _ in range(ROUNDS):
        prices = _solved([(n, mask & free) for n, mask in bits.items() if mask & free], effort)
        dear = {n: price for n, price in prices.items() if price > 0}
        cost = dict.fromkeys(at_zero, Fraction(0))
        for n, price in dear.items():
            for i in problem.groups[n].members:
                if i in cost:
                    cost[i] += price
        cheap = sum(1 << i for i, value in cost.items() if value < 1) & ~free
        if len(dear) == len(prices) and not cheap:
            break
        free |= cheap
        bits = {n: bits[n] for n in bits if prices.get(n, 0) >= 0}
        prices = dear
    return prices


def _solved(masks: list[tuple[int, int]], effort: Effort) -> dict[int, Fraction]:
    effort.spend(len(masks) * len(masks))
    gram = [[(one & other).bit_count() for _, other in masks] for _, one in masks]
    scale, found = GramEquations(gram, effort).solve([one.bit_count() for _, one in masks])
    return {masks[column][0]: Fraction(value, scale) for column, value in found.items() if value}
