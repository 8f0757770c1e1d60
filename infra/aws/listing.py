"""Lists over indexes: the newest rows of several partitions merged, filtered by the table, a bounded number evaluated per call."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.records.pages import LAST, MAX_EVALUATED, Page, Period, Row, instant, position_cursor
from infra.aws.expressions import Item, decoded, encoded
from infra.aws.formats import readable
from infra.aws.table import MAX_PARTITION_BYTES, Table

MIN_CHUNK: Final = 10
MAX_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Range:
    """Sort keys `{time}#{id}` from `low` up to `high`, both inclusive. Keys are ASCII: see `keys.escaped`."""

    low: str
    high: str

    @classmethod
    def of(cls, period: Period, cutoff: str, before: str | None = None) -> "Range":
        """The instants of a period, none older than the cutoff, strictly below `before` where a page goes on."""
        low = cutoff if period.start is None else max(cutoff, instant(period.start))
        high = (LAST if period.end is None else instant(period.end)) + "$"  # `$` follows `#`: every id of the last instant is in
        return cls(low, high if before is None else min(high, _just_below(before)))

    @property
    def empty(self) -> bool:
        """Whether no key can lie within; DynamoDB refuses such a range."""
        return self.low > self.high

    def holds(self, moment: datetime) -> bool:
        """Whether a time lies within."""
        return self.low <= instant(moment) <= self.high


def _just_below(key: str) -> str:
    """Follows every ASCII key that precedes this one, and precedes it itself."""
    return key[:-1] + chr(ord(key[-1]) - 1) + "\x7f"


@dataclass(frozen=True, slots=True)
class Walk:
    """Which partitions to merge, and what the table shall leave out: `equal` and, in the table's words, `also`.

    `index` None = the base table, read consistently.
    """

    index: str | None
    partitions: Sequence[str]
    within: Range
    equal: Mapping[str, str] = field(default_factory=dict)
    also: str = ""
    also_names: Mapping[str, str] = field(default_factory=dict)
    also_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def sort(self) -> str:
        """The attribute that the rows are sorted by."""
        return f"{self.index.lower()}sk" if self.index else "sk"

    def request(self, partition: str, chunk: int) -> dict[str, Any]:
        """The Query for the newest rows of one partition."""
        names = {"#pk": f"{self.index.lower()}pk" if self.index else "pk", "#sk": self.sort} | dict(self.also_names)
        values: Item = {":pk": partition, ":low": self.within.low, ":high": self.within.high} | dict(self.also_values)
        conditions = [self.also] if self.also else []
        for n, (name, value) in enumerate(self.equal.items()):
            names[f"#f{n}"], values[f":f{n}"] = name, value
            conditions.append(f"#f{n} = :f{n}")
        request = {
            "KeyConditionExpression": "#pk = :pk AND #sk BETWEEN :low AND :high",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": encoded(values),
            "ScanIndexForward": False,
            "Limit": chunk,
        }
        if conditions:
            request["FilterExpression"] = " AND ".join(conditions)
        return request | ({"IndexName": self.index} if self.index else {"ConsistentRead": True})


@dataclass(slots=True)
class Shard:
    """How far one partition has been read: everything above `frontier` is known, what passed the filter waits in `rows`."""

    partition: str
    frontier: str
    rows: deque[Item] = field(default_factory=deque)
    following: dict[str, Any] = field(default_factory=dict)
    read: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The newest rows in order; `position` is the sort key down to which everything was looked at, None = to the end."""

    rows: list[Item]
    position: str | None


def newest(table: Table, walk: Walk, wanted: int, max_evaluated: int = MAX_EVALUATED) -> Found:
    """Up to `wanted` rows, newest first. Evaluates at most `max_evaluated` rows, which allow one for every partition at least."""
    possible = [partition for partition in walk.partitions if len(partition) <= MAX_PARTITION_BYTES and not walk.within.empty]
    shards = [Shard(partition, walk.within.high) for partition in possible]
    found: list[Item] = []
    chunk, left = max(MIN_CHUNK, 2 * wanted // max(1, len(shards))), max_evaluated
    while len(found) < wanted:
        best = max((shard for shard in shards if shard.rows), key=lambda shard: str(shard.rows[0][walk.sort]), default=None)
        behind = max((shard for shard in shards if not shard.rows and not shard.done), key=lambda shard: shard.frontier, default=None)
        if best is not None and (behind is None or best.rows[0][walk.sort] > behind.frontier):
            found.append(best.rows.popleft())
        elif behind is None:
            return Found(found, None)
        elif left <= 0:
            return Found(found, behind.frontier)
        else:
            unread = sum(not shard.read for shard in shards)
            left -= _read_on(table, walk, behind, min(chunk, left // max(1, unread)))
            chunk = min(MAX_CHUNK, chunk * 2) if not unread else chunk
    return Found(found, str(found[-1][walk.sort]))


def _read_on(table: Table, walk: Walk, shard: Shard, chunk: int) -> int:
    """Read the next chunk of a partition; answers how many rows the table evaluated."""
    page = table.query(walk.request(shard.partition, chunk) | shard.following)
    shard.rows.extend(readable(decoded(item)) for item in page["Items"])
    shard.read = True
    last = page.get("LastEvaluatedKey")
    shard.done = not last
    if last:
        shard.frontier = last[walk.sort]["S"]
        shard.following = {"ExclusiveStartKey": last}
    return int(page["ScannedCount"])


def page_of(found: Found, limit: int, row_of: Callable[[Item], Row], identifier: str) -> Page[Row]:
    """A page out of `limit` + 1 wanted rows. Its cursor is the last row's id, or a position where looking ended early."""
    rows = tuple(row_of(item) for item in found.rows[:limit])
    if len(found.rows) > limit:
        return Page(rows, str(found.rows[limit - 1][identifier]))
    return Page(rows, None if found.position is None else position_cursor(found.position))
