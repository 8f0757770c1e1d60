"""Positions in a list, shared by the table and the memory: how a cursor names one, and how many rows one call may look at."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")
Narrowed = TypeVar("Narrowed")


@dataclass(frozen=True, slots=True)
class Period:
    """Two instants, aware, both inclusive; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies within."""
        return (self.start is None or moment >= self.start) and (self.end is None or moment <= self.end)


EVER: Final = Period()
"""Both ends open."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next page starts; None at the end of the list."""

    rows: tuple[Row, ...] = ()
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ListCall(Generic[Narrowed]):
    """One page of a list: what it is narrowed to, at most how many rows, after which cursor."""

    narrowed: Narrowed
    limit: int
    cursor: str | None


MAX_EVALUATED: Final = 5_000
"""Rows that one call of a list looks at; a longer search goes on in the next call."""

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
DAY_SECONDS: Final = 86_400

FIRST: Final = "0001-01-01T00:00:00.000000Z"
LAST: Final = "9999-12-31T23:59:59.999999Z"

POSITION_MARK: Final = "~"
"""Starts a cursor that names a position in the list instead of a row: `~{time}~{id}`, time as in keys."""

_POSITION: Final = re.compile(r"~(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)~([!-~]{1,400})", re.ASCII)


def instant(moment: datetime) -> str:
    """UTC with six decimals and `Z`, always 27 characters: sorts as time does. Needs an aware time; beyond the calendar is its end."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year == 1 else LAST
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")


def oldest_visible(now: datetime, seconds: int | None) -> datetime:
    """The oldest time of a record that is kept for `seconds`: it is expired when strictly older. None keeps for ever."""
    try:
        return BEGINNING if seconds is None else now - timedelta(seconds=seconds)
    except OverflowError:
        return BEGINNING


def position_cursor(key: str) -> str:
    """The cursor of the position at a sort key `{time}#{id}`; it survives the removal of the row that stood there."""
    return POSITION_MARK + key.replace("#", POSITION_MARK, 1)


def position_of(cursor: str) -> str | None:
    """The sort key that a position's cursor stands for; None for what is no such cursor."""
    found = _POSITION.fullmatch(cursor)
    return f"{found[1]}#{found[2]}" if found else None


def page_from(
    rows: Iterable[tuple[str, Row]],
    passes: Callable[[Row], bool],
    identifier: Callable[[Row], str],
    limit: int,
    cursor: str | None,
    max_evaluated: int = MAX_EVALUATED,
) -> Page[Row]:
    """The page of a list that is at hand: rows with their sort keys, newest first."""
    rows = list(rows)
    if cursor is None:
        before = None
    elif cursor.startswith(POSITION_MARK):
        before = position_of(cursor)
    else:
        before = next((key for key, row in rows if identifier(row) == cursor and passes(row)), None)
    if cursor is not None and before is None:
        return Page()
    further = [(key, row) for key, row in rows if before is None or key < before]
    looked_at = further[:max_evaluated]
    found = [row for _, row in looked_at if passes(row)]
    if len(found) > limit:
        return Page(tuple(found[:limit]), identifier(found[limit - 1]))
    return Page(tuple(found), position_cursor(looked_at[-1][0]) if len(further) > len(looked_at) else None)
