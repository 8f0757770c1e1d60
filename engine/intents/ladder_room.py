"""Room in the settlement ladder: how far each currency's cash may fall on which day, so that a lot more does not block the run (RFC-0011)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, Self

from engine.notes import LadderStep
from engine.numbers import ZERO


class Move(NamedTuple):
    """Cash of a currency that moves on a day, on top of what the ladder knows."""

    currency: str
    day: int
    amount: Fraction


@dataclass(slots=True)
class LadderRoom:
    """By currency and day, the projected balance above what may be overdrawn; behind the last day all stays as it is."""

    rooms: dict[str, list[Fraction]]
    overdrafts: Mapping[str, Decimal]

    @classmethod
    def of(cls, steps: Sequence[LadderStep], overdrafts: Mapping[str, Decimal]) -> Self:
        """The room that a walked ladder leaves."""
        rooms: dict[str, list[Fraction]] = {}
        for step in steps:
            rooms.setdefault(step.currency, []).append(Fraction(step.balance + overdrafts.get(step.currency, ZERO)))
        return cls(rooms, overdrafts)

    def allows(self, moves: Iterable[Move]) -> bool:
        """Whether no day on which there is less than before ends below its floor."""
        after = self._after(moves)
        return all(
            new >= min(old, Fraction(0))
            for name, days in after.items()
            for old, new in zip(self._until(name, len(days)), days, strict=True)
        )

    def take(self, moves: Iterable[Move]) -> None:
        """Let the moves be part of the ladder."""
        self.rooms |= self._after(moves)

    def _after(self, moves: Iterable[Move]) -> dict[str, list[Fraction]]:
        found: dict[str, list[Fraction]] = {}
        for currency, first, amount in moves:
            days = found.get(currency) or self._until(currency, first + 1)
            days += days[-1:] * (first + 1 - len(days))
            found[currency] = [room + amount if day >= first else room for day, room in enumerate(days)]
        return found

    def _until(self, currency: str, days: int) -> list[Fraction]:
        known = self.rooms.get(currency) or [Fraction(self.overdrafts.get(currency, ZERO))]
        return known + known[-1:] * (days - len(known))
