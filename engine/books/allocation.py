"""Sharing what a block was filled with among its portfolios: by largest remainder, ties by portfolio id, nothing lost.

Everything is exact, in whole units of the last place in which orders, fill and lot are written. A fill is shared in whole lots first; where
lots do not come out even (an odd lot sold in full, or a fill that is no multiple) the rest is shared in those smallest units.
"""

from collections.abc import Iterable, Sequence
from decimal import MAX_PREC, Decimal, localcontext
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
    places = decimal_places([*(part.quantity for part in parts), filled, lot])
    orders = [_units(part.quantity, places) for part in parts]
    block, fill = sum(orders), _units(filled, places)
    if not 0 <= fill <= block:
        raise ValueError("BLOCK_FILL_OUT_OF_RANGE")
    given = [0] * len(parts)
    for step in (_units(lot, places), 1):
        if rest := fill - sum(given):
            lacks = [max(0, fill * order - amount * block) for order, amount in zip(orders, given, strict=True)]
            _share(parts, orders, lacks, given, rest, step)
    return [_amount(units, places) for units in given]


def _share(parts: Sequence[Part], orders: Sequence[int], lacks: Sequence[int], given: list[int], rest: int, step: int) -> None:
    """Give the rest in whole steps, by what each part lacks of its share; what would take a part over its order stays."""
    whole = sum(lacks) * step
    shares = [divmod(rest * lack, whole) for lack in lacks]
    left = rest // step - sum(count for count, _ in shares)
    for index, (count, _) in enumerate(shares):
        given[index] += count * step
    for index in sorted(range(len(parts)), key=lambda index: (-shares[index][1], parts[index])):
        if left > 0 and given[index] + step <= orders[index]:
            given[index] += step
            left -= 1


def decimal_places(quantities: Iterable[Decimal]) -> int:
    """The places after the point that the longest of the quantities needs."""
    with localcontext(prec=MAX_PREC):
        return max((max(0, -int(quantity.normalize().as_tuple().exponent)) for quantity in quantities), default=0)


def _units(quantity: Decimal, places: int) -> int:
    """A quantity in units of the last of so many places, of which it needs no more."""
    numerator, denominator = quantity.as_integer_ratio()
    return numerator * int(10**places) // denominator


def _amount(units: int, places: int) -> Decimal:
    """The same back, with all its digits and no more."""
    while places and not units % 10:
        units, places = units // 10, places - 1
    return Decimal(f"{units}E-{places}") if places else Decimal(units)
