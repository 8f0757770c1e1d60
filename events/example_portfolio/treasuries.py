"""Prices of two Treasury notes from the yields that the U.S. Treasury publishes, by the street convention; used by build.py only.

A note's price is that of its tenor's published par yield: coupons twice a year, discounted with whole periods and the share of the
running one, less the accrued interest. Rounded half-even: prices as they are quoted, to three decimals of one hundred; accrued interest to six.
"""  # noqa: INP001 - read by a script that is run by hand, no package

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

PAR: Final = Decimal(100)
HALF_YEAR: Final = 6
PRICE: Final = Decimal("0.001")
ACCRUED: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was auctioned; `tenor` is the column of its yield."""

    coupon: Decimal
    issued: date
    months: int
    tenor: str

    def coupon_dates(self) -> Iterator[date]:
        """The dates on which half a coupon is paid, from the issue to the maturity."""
        for months in range(0, self.months + 1, HALF_YEAR):
            years, month = divmod(self.issued.month - 1 + months, 12)
            yield day_in(self.issued.year + years, month + 1, self.issued.day)

    def accrued(self, on: date) -> Decimal:
        """Interest since the last coupon, for one hundred of nominal."""
        return self._unrounded_accrued(on).quantize(ACCRUED)

    def price(self, on: date, par_yield: Decimal) -> Decimal:
        """The clean price of one hundred of nominal at a yield."""
        start, to_come = self._period(on)
        left = Decimal((to_come[0] - on).days) / Decimal((to_come[0] - start).days)
        step = 1 + par_yield / 2
        paid = sum((self.coupon / 2 / step ** (left + number) for number in range(len(to_come))), Decimal())
        whole = paid + PAR / step ** (left + len(to_come) - 1)
        return (whole - self._unrounded_accrued(on)).quantize(PRICE)

    def _unrounded_accrued(self, on: date) -> Decimal:
        start, to_come = self._period(on)
        return self.coupon / 2 * Decimal((on - start).days) / Decimal((to_come[0] - start).days)

    def _period(self, on: date) -> tuple[date, list[date]]:
        """The last coupon date, or the issue, and the coupon dates to come."""
        dates = list(self.coupon_dates())
        return max(day for day in dates if day <= on), [day for day in dates if day > on]


def day_in(year: int, month: int, day: int) -> date:
    """A day of a month, or its last: a note that pays on the 31st pays on the 28th of February."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


NOTES: Final = {
    "UST-2017": Note(Decimal("0.625"), date(2012, 8, 31), 60, "5year"),
    "UST-2022": Note(Decimal("1.625"), date(2012, 8, 15), 120, "10year"),
}
