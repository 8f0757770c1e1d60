"""Whether orders can be paid: the balances that they leave, and the FX deals that level them (desk 6.1).

An own-currency balance pays first, at par; only what is missing is bought, with the buffer on top; only what is left over is
worth anything to base.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from msgspec import Struct
from msgspec.structs import replace

from engine.guarded.exact import Parts
from engine.guarded.level import Breaks, Demands

BUYS_REDUCED: Final = "BUYS_REDUCED_TO_FUNDS"

Amount = Fraction | int
NOTHING_SHORT: Final[Amount] = 0
Effect = Callable[[str, Amount], Amount]
"""What leveling a foreign balance does to base."""


class Purse(Struct):
    """Foreign cash before the run's trades, above what must stay of it, and the smallest deal: all in parts of base.

    A deal costs `spread` of what it moves. Only a purse that `gives` lets base have what is left over. One that is `held` is an old overdraft,
    which is left as it is where nothing is bought in its currency (advisory-practice 4).
    """

    free: int
    smallest_deal: Amount = 0
    spread: Amount = 0
    gives: bool = True
    held: bool = False

    def left_alone(self, balance: Amount) -> bool:
        """Whether a balance below zero is the overdraft that was there."""
        return self.held and balance == self.free


class Funds(Struct):
    """The money that there is before the run's trades, in parts of base; `floor` of base must stay.

    `reserve` is what an FX deal buys of each unit that is missing: one, and the buffer.
    """

    base: str
    cash: int
    floor: int
    foreign: dict[str, Purse]
    reserve: Fraction

    def refined(self, factor: int) -> Self:
        """The same money in parts smaller by the factor."""
        foreign = {
            name: replace(purse, free=purse.free * factor, smallest_deal=purse.smallest_deal * factor)
            for name, purse in self.foreign.items()
        }
        return type(self)(self.base, self.cash * factor, self.floor * factor, foreign, self.reserve)

    def surplus(self, net: Mapping[str, Amount]) -> Amount:
        """What base holds above its floor once trades with these net proceeds per currency and their deals are done; funded if ≥ 0."""
        left, short = self._balances(net)
        return left + self.reserve * short if short else left

    def suffice(self, net: Mapping[str, Amount]) -> bool:
        """Whether there is no negative surplus."""
        left, short = self._balances(net)
        wanted, of = self.reserve.as_integer_ratio()
        return left * of + short * wanted >= 0

    def _balances(self, net: Mapping[str, Amount]) -> tuple[Amount, Amount]:
        """What base holds above its floor but for what is reserved, and what that is reserved for, at most zero."""
        left, short = self.cash - self.floor + net.get(self.base, 0), NOTHING_SHORT
        for name, purse in self.foreign.items():
            balance = purse.free + net.get(name, 0)
            if balance < 0 and not (purse.smallest_deal or purse.spread or purse.held):
                short += balance  # what is missing in all currencies is reserved for at once
            else:
                left += self.effect(name, balance)
        return left, short

    def effect(self, currency: str, balance: Amount) -> Amount:
        """What leveling a balance brings base: a deal below the smallest is lifted when it funds, and left when it sweeps."""
        purse = self.foreign[currency]
        smallest, spread = purse.smallest_deal, purse.spread
        if balance < 0:
            if purse.left_alone(balance):
                return 0
            moved: Amount = self.reserve * balance
            if smallest:
                moved = min(moved, -smallest)
            return moved * (1 + spread) if spread else moved
        if balance < smallest or not purse.gives:
            return 0
        return balance * (1 - spread) if spread else balance

    def turns(self, currency: str) -> tuple[Amount, ...]:
        """The balances at which a currency's deal changes its kind."""
        smallest = self.foreign[currency].smallest_deal
        return (-smallest / self.reserve, 0, smallest) if smallest else (0,)

    def turning_points(self, net: Callable[[Fraction], Mapping[str, Amount]]) -> Breaks:
        """The levels at which some currency's deal changes its kind, in a piece where all proceeds are linear in the level."""

        def points(low: Fraction, high: Fraction) -> Sequence[Amount]:
            middle = (low + high) / 2
            there, halfway = net(low), net(middle)
            found: list[Amount] = []
            for name, purse in self.foreign.items():
                start = purse.free + there.get(name, 0)
                slope = Fraction(halfway.get(name, 0) - there.get(name, 0)) / (middle - low)
                if slope:
                    found += [low + (turn - start) / slope for turn in self.turns(name)]
            return sorted(found)

        return points


class MinorUnits:
    """What deals bring base when both their legs are rounded to minor units, always against the client (desk 7.3).

    A minor unit of every currency is a whole number of parts: they were made so.
    """

    def __init__(self, funds: Funds, parts: Parts, digits: Mapping[str, int]) -> None:
        self._cent: int = parts.per_base // 10 ** digits[funds.base]
        self._units: dict[str, int] = {currency: worth // 10 ** digits[currency] for currency, worth in parts.worth.items()}
        self._purses, self._reserve = funds.foreign, funds.reserve.as_integer_ratio()

    def effect(self, currency: str, balance: Amount) -> Amount:
        """What leveling a balance brings base; a deal with nothing on one leg is not made."""
        unit, cent, purse = self._units[currency], self._cent, self._purses[currency]
        smallest, spread = purse.smallest_deal, purse.spread
        if balance < 0:
            if purse.left_alone(balance):
                return 0
            wanted, of = self._reserve
            bought = -(wanted * balance.numerator // (of * balance.denominator * unit))
            if smallest:
                bought = max(bought, _up(smallest, unit))
            paid = bought * unit
            return -cent * _up(paid * (1 + spread) if spread else paid, cent)
        if balance < smallest or not purse.gives:
            return 0
        sold = balance // unit * unit
        return cent * int((sold * (1 - spread) if spread else sold) // cent)


def _up(amount: Amount, unit: int) -> int:
    """The least number of units that are worth no less than an amount."""
    return -(-amount.numerator // (amount.denominator * unit))


class Ledger:
    """The balances while lots are added or given back one by one: each question costs one deal."""

    __slots__ = ("_effect", "_effects", "_funds", "balances", "surplus")

    def __init__(self, funds: Funds, net: Mapping[str, int], effect: Effect) -> None:
        self._funds, self._effect = funds, effect
        self.balances = {name: purse.free + net.get(name, 0) for name, purse in funds.foreign.items()}
        self._effects = {name: effect(name, balance) for name, balance in self.balances.items()}
        self.surplus: Amount = funds.cash - funds.floor + net.get(funds.base, 0) + sum(self._effects.values())

    def after(self, currency: str, proceeds: int) -> Amount:
        """The surplus after further proceeds in a currency, negative for a purchase."""
        if currency == self._funds.base:
            return self.surplus + proceeds
        return self.surplus - self._effects[currency] + self._effect(currency, self.balances[currency] + proceeds)

    def settle(self, currency: str, proceeds: int) -> None:
        """Let the proceeds be part of the balances."""
        if currency == self._funds.base:
            self.surplus += proceeds
            return
        self.balances[currency] += proceeds
        before, self._effects[currency] = self._effects[currency], self._effect(currency, self.balances[currency])
        self.surplus += self._effects[currency] - before

    def bears(self, spent: Mapping[str, int]) -> bool:
        """Whether all is funded after further purchases, by currency."""
        left = self.surplus
        for currency, amount in spent.items():
            left += self.after(currency, -amount) - self.surplus
        return left >= 0


@dataclass(slots=True)
class Orders:
    """Demands by currency, as a level cuts them."""

    by_currency: dict[str, Demands]
    together: Demands

    @classmethod
    def of(cls, amounts: Iterable[tuple[str, int]]) -> Self:
        """Sort amounts by currency."""
        lists: dict[str, list[int]] = {}
        everything = []
        for currency, amount in amounts:
            lists.setdefault(currency, []).append(amount)
            everything.append(amount)
        return cls({name: Demands(rows) for name, rows in lists.items()}, Demands(everything))

    def left(self, at: Fraction) -> dict[str, Fraction]:
        """What a level leaves, by currency."""
        return {name: demands.left(at) for name, demands in self.by_currency.items()}
