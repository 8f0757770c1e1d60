"""Exact amounts: rationals as whole numbers of one small part of base currency (desk 1.4).

A guarded run compares and adds amounts by the thousand, and a rounding in the twenty-eighth digit may not decide where money
goes. Quantities, prices and rates have finitely many digits, or are the inverse of such a rate; so all amounts of a run are
whole multiples of one part, which Python's integers hold exactly.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, localcontext
from fractions import Fraction
from math import gcd, lcm
from typing import Final, Self

from engine.contracts.market_data import Price
from engine.numbers import ZERO, all_digits

PLACES: Final = 12
TWELVE_PLACES: Final = 10**PLACES
TWICE_TWELVE_PLACES: Final = 2 * TWELVE_PLACES
NOTHING: Final = "0.000000000000"
NEGATIVE_ZERO: Final = "-0.000000000000"
OF_28_DIGITS: Final = 10**28
"""Every whole number from 0 to below it is held as it is."""
MINOR_DIGITS: Final = 3
"""No currency has more decimals."""

_EXACTLY: Final = Context(prec=400, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[Inexact])


def places(values: Iterable[Decimal]) -> int:
    """The most decimals that any of the values has."""
    [found] = places_of(list(values))
    return found


def places_of(*rows: Collection[Decimal]) -> list[int]:
    """As `places`, of each of the rows."""
    found: list[int] = []
    with localcontext(_EXACTLY):
        for values in rows:
            try:  # an exact sum has as many decimals as the term that has the most: to add costs a fifth of taking each apart
                exponents = [sum(values, ZERO).as_tuple().exponent]
            except Inexact:
                exponents = [value.as_tuple().exponent for value in values]
            found.append(max([-exponent for exponent in exponents if isinstance(exponent, int)] + [0]))
    return found


def power_of_ten(digits: int) -> Decimal:
    """What makes a value with at most so many decimals whole; a factor of one digit, so that no product is rounded."""
    return Decimal((0, (1,), digits))


@dataclass(slots=True)
class Parts:
    """How one unit of base currency is cut into parts, and what one unit of each currency is worth in them.

    One step is the smallest quantity that the run can name: a unit has `steps_per_unit`. A share of one has `whole_share` last decimals.
    """

    per_base: int
    step_digits: int
    unit_digits: int
    share_digits: int
    worth: dict[str, int]
    steps_per_unit: int = field(init=False)
    whole_share: int = field(init=False)
    _to_steps: Decimal = field(init=False)
    _to_points: Decimal = field(init=False)
    _to_shares: Decimal = field(init=False)
    _per_point: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what is asked for by the thousand: a point is the last decimal of a unit value, for one step."""
        self.steps_per_unit, self.whole_share = 10**self.step_digits, 10**self.share_digits
        self._to_steps, self._to_points = power_of_ten(self.step_digits), power_of_ten(self.unit_digits)
        self._to_shares = power_of_ten(self.share_digits)
        cut = 10 ** (self.unit_digits + self.step_digits)
        self._per_point = {currency: worth // cut for currency, worth in self.worth.items()}

    @classmethod
    def of(cls, rates: Mapping[str, Fraction], *, steps: int, units: int, money: int, shares: int) -> Self:
        """Parts for exact rates to base and the decimals of quantities, unit values, amounts of money and shares of the total."""
        digits = max(steps + units, money, MINOR_DIGITS) + shares
        per_base: int = 10**digits * lcm(*(rate.denominator for rate in rates.values()))
        worth = {currency: per_base * rate.numerator // rate.denominator for currency, rate in rates.items()}
        return cls(per_base, steps, units, shares, worth)

    def step_value(self, unit_value: Decimal, currency: str) -> int:
        """Parts that one step of an instrument is worth."""
        return int(unit_value * self._to_points) * self._per_point[currency]

    def step_values(self, names: Iterable[str], unit_values: Mapping[str, Decimal], prices: Mapping[str, Price]) -> dict[str, int]:
        """As `step_value`, of the instruments whose prices have a rate."""
        to_points, per_point = self._to_points, self._per_point
        return {
            name: int(unit_values[name] * to_points) * per_point[currency]
            for name in names
            if (currency := prices[name].currency) in per_point
        }

    def steps(self, quantity: Decimal) -> int:
        """A quantity in steps."""
        return int(quantity * self._to_steps)

    def all_steps(self, quantities: Mapping[str, Decimal]) -> dict[str, int]:
        """Quantities in steps, by instrument."""
        if not self.step_digits:
            return {name: int(quantity) for name, quantity in quantities.items()}
        to_steps = self._to_steps
        return {name: int(quantity * to_steps) for name, quantity in quantities.items()}

    def quantity(self, steps: int) -> Decimal:
        """Steps as a quantity without trailing zeros after the point; raises where that takes more than 28 digits."""
        if not self.step_digits:
            return Decimal(steps) if 0 <= steps < OF_28_DIGITS else all_digits(Decimal(steps))
        whole, rest = divmod(steps, self.steps_per_unit)
        return all_digits(Decimal(whole)) if not rest else all_digits(Decimal(steps)).scaleb(-self.step_digits).normalize()

    def money(self, amount: Decimal, currency: str) -> int:
        """Parts that an amount of a currency is worth."""
        numerator, denominator = amount.as_integer_ratio()
        return numerator * self.worth[currency] // denominator

    def whole(self, amount: Decimal) -> int:
        """An amount of base in whole parts, rounded down."""
        numerator, denominator = amount.as_integer_ratio()
        return numerator * self.per_base // denominator

    def share(self, share: Decimal, worth: int) -> int:
        """A share of a worth, both of them in the digits that the parts were made for."""
        return int(share * self._to_shares) * worth // self.whole_share

    def in_last_decimals(self, shares: Mapping[str, Decimal]) -> dict[str, int]:
        """Shares as whole numbers of their last decimal."""
        to_shares = self._to_shares
        return {name: int(share * to_shares) for name, share in shares.items()}

    def last_decimal(self, worth: int) -> int:
        """What the last decimal of a share is worth: a whole number of parts, of any worth."""
        return worth // self.whole_share

    def in_base(self, parts: Fraction | int) -> Fraction:
        """An amount in units of base currency."""
        return Fraction(parts.numerator, parts.denominator * self.per_base)

    def refined(self, factor: int) -> Self:
        """Parts smaller by the factor."""
        worth = {currency: worth * factor for currency, worth in self.worth.items()}
        return type(self)(self.per_base * factor, self.step_digits, self.unit_digits, self.share_digits, worth)

    def shown(self, parts: Fraction | int) -> str:
        """An amount as results show it: base currency with 12 decimals, half-even."""
        return ratio(parts.numerator, parts.denominator * self.per_base)


def shown(value: Fraction) -> str:
    """A rational with 12 decimals, half-even, never a negative zero."""
    return ratio(value.numerator, value.denominator)


def ratio(numerator: int, denominator: int) -> str:
    """As `shown`, of a fraction that need not be reduced; the denominator is above zero."""
    return with_point(twelfth_places(numerator, denominator))


def twelfth_places(numerator: int, denominator: int) -> int:
    """A fraction in its twelfth decimal, half-even."""
    places, rest = divmod(TWICE_TWELVE_PLACES * numerator + denominator, 2 * denominator)
    return places - 1 if not rest and places & 1 else places  # of half a one to the even neighbour


def ratios(numerators: Iterable[int], denominator: int) -> list[str]:
    """As `ratio`, of many numerators over one denominator."""
    if not TWELVE_PLACES % denominator:  # nothing is left to round
        factor = TWELVE_PLACES // denominator
        whole = [numerator * factor for numerator in numerators]
        return ["0." + str(places).zfill(PLACES) if 0 <= places < TWELVE_PLACES else with_point(places) for places in whole]
    common = gcd(TWICE_TWELVE_PLACES, denominator)
    factor, half = TWICE_TWELVE_PLACES // common, denominator // common
    twice = 2 * half
    texts: list[str] = []
    for numerator in numerators:
        places, rest = divmod(numerator * factor + half, twice)
        if not rest and places & 1:
            places -= 1
        if 0 <= places < TWELVE_PLACES:  # as `with_point` writes it: a call for each would cost as much as its figure
            texts.append("0." + str(places).zfill(PLACES))
        elif -TWELVE_PLACES < places < 0:
            texts.append("-0." + str(-places).zfill(PLACES))
        else:
            digits = str(places)
            texts.append(f"{digits[:-PLACES]}.{digits[-PLACES:]}")
    return texts


def with_point(places: int) -> str:
    """So many of the twelfth decimal; one digit at least stands before the point."""
    if 0 <= places < TWELVE_PLACES:
        return "0." + str(places).zfill(PLACES)
    digits = str(places).zfill(PLACES + 1 if places >= 0 else PLACES + 2)
    return f"{digits[:-PLACES]}.{digits[-PLACES:]}"


def twelve_places(value: Decimal) -> str:
    """A decimal with 12 decimals, half-even, never a negative zero."""
    text = f"{value:.12f}"
    return text if text != NEGATIVE_ZERO else NOTHING


def all_twelve_places(values: Iterable[Decimal]) -> list[str]:
    """As `twelve_places`, of many."""
    texts = [f"{value:.12f}" for value in values]
    return [text if text != NEGATIVE_ZERO else NOTHING for text in texts] if NEGATIVE_ZERO in texts else texts
