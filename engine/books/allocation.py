"""Sharing what a block was filled with among its portfolios: by largest remainder, ties by portfolio id, nothing lost.

Everything is rational and exact. A fill is shared in whole lots first; where lots do not come out even (an odd lot sold in full, or a
fill that is no multiple) the rest is shared in the smallest unit in which orders and fill are written.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple


class Part(NamedTuple):
    """What one portfolio ordered of a block, in units of the instrument."""

    portfolio_id: str
    rebalance_run_id: str
    intent_id: str
    quantity: Decimal


def allocate(parts: Sequence[Part], filled: Decimal, lot: Decimal = Decimal(1)) -> list[Decimal]:
    """What each part gets of a fill: together exactly the fill, none more than its order; in the order of the parts.

    A part's fair share is fill × order ÷ block. It gets the whole lots of that; lots that are left go one by one to the largest
    remainders, of equal ones to the smallest portfolio id, then run, then order. ValueError for a fill below zero or above the block.
    """
    orders = [Fraction(part.quantity) for part in parts]
    whole, fill = sum(orders, Fraction(0)), Fraction(filled)
    if not 0 <= fill <= whole:
        raise ValueError("BLOCK_FILL_OUT_OF_RANGE")
    if not fill:
        return [Decimal(0) for _ in parts]
    shares = [fill * order / whole for order in orders]
    given = [Fraction(0) for _ in parts]
    for unit in (Fraction(lot), smallest_unit([*(part.quantity for part in parts), filled])):
        _share(parts, orders, shares, given, fill - sum(given), unit)
    return [exactly(amount) for amount in given]


def _share(
    parts: Sequence[Part], orders: Sequence[Fraction], shares: Sequence[Fraction], given: list[Fraction], rest: Fraction, unit: Fraction
) -> None:
    """Give the rest in whole units, by what each part lacks of its share; what would take a part over its order stays."""
    lacks = [max(Fraction(0), share - amount) for share, amount in zip(shares, given, strict=True)]
    together = sum(lacks)
    if not together:
        return
    quotas = [rest * lack / together / unit for lack in lacks]
    units = [int(quota) for quota in quotas]
    left = int(rest / unit) - sum(units)
    for index in sorted(range(len(parts)), key=lambda index: (units[index] - quotas[index], parts[index])):
        if left > 0 and given[index] + (units[index] + 1) * unit <= orders[index]:
            units[index] += 1
            left -= 1
    for index, count in enumerate(units):
        given[index] += count * unit


def smallest_unit(quantities: Sequence[Decimal]) -> Fraction:
    """The unit of the last place in which any of the quantities is written; 1 at most."""
    places = [int(quantity.normalize().as_tuple().exponent) for quantity in quantities]
    return Fraction(1, 10 ** max(0, -min(places, default=0)))


def exactly(amount: Fraction) -> Decimal:
    """A rational whose denominator is made of twos and fives, as a decimal with all its digits and no more."""
    places = 0
    while amount * 10**places % 1:
        places += 1
    return Decimal(f"{int(amount * 10**places)}E-{places}") if places else Decimal(int(amount))
