"""What calls to DynamoDB and S3 cost in the units that are billed, counted from the calls themselves and from what they left in the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from tests.support.emulators import TEMPLATE, Aws, everything

KILOBYTE: Final = 1024
READ: Final = 4 * KILOBYTE
TRANSACTIONAL: Final = 2
"""A write in a transaction costs two units for every kilobyte begun, a copy in an index one. A consistent read costs one for four kilobytes."""

Item = dict[str, Any]


def size(item: Item) -> int:
    """Bytes of an item as DynamoDB bills them: names and values, three for each list or map and one for each of its members."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Item) -> int:
    [(kind, told)] = value.items()
    match kind:
        case "S":
            return len(told.encode())
        case "N":
            return ceil(len(told.lstrip("-").strip("0")) / 2) + 1
        case "B":
            return len(told)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value(member) for name, member in told.items())
        case "L":
            return 3 + sum(1 + _value(member) for member in told)
        case _:
            return 1


@dataclass
class Bill:
    """Of one call: items and units written, copies in indexes, reads, objects stored and fetched with their bytes."""

    items: int = 0
    item_bytes: int = 0
    index_bytes: int = 0
    write_units: int = 0
    index_units: int = 0
    reads: int = 0
    read_units: int = 0
    puts: list[int] = field(default_factory=list)
    gets: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        written = f"{self.items} items of {self.item_bytes} bytes, {self.write_units} write units and {self.index_units} of indexes"
        stored = f"{len(self.puts)} objects of {sum(self.puts)} bytes"
        read = f"{self.reads} reads of {self.read_units} units, {len(self.gets)} objects of {sum(self.gets)} bytes fetched"
        return f"{written}; {stored}; {read}"


@contextmanager
def billed(aws: Aws) -> Iterator[Bill]:
    """The bill of what happens in the block. An update is billed by the item that it leaves; deletes are not looked for."""
    bill, calls = Bill(), list[tuple[str, Item]]()
    events, objects = aws.dynamodb.meta.events, aws.s3.meta.events
    hooks = [
        (events, "provide-client-params.dynamodb", lambda params, model, **_: calls.append((model.name, dict(params)))),
        (events, "after-call.dynamodb.Query", lambda parsed, **_: _queried(bill, parsed)),
        (objects, "provide-client-params.s3.PutObject", lambda params, **_: bill.puts.append(len(params["Body"]))),
        (objects, "after-call.s3.GetObject", lambda parsed, **_: bill.gets.append(parsed["ContentLength"])),
    ]
    for emitter, name, hook in hooks:
        emitter.register(name, hook)
    try:
        yield bill
    finally:
        for emitter, name, hook in hooks:
            emitter.unregister(name, hook)
    left = {table: {_key(item): item for item in everything(aws, table)} for table in (aws.table, aws.proposals)}
    for name, params in calls:
        _told(bill, name, params, left)


def _told(bill: Bill, name: str, params: Item, left: dict[str, dict[tuple[str, str], Item]]) -> None:
    if name == "GetItem":
        there = left.get(params["TableName"], {}).get(_key(params["Key"]), {})
        bill.reads, bill.read_units = bill.reads + 1, bill.read_units + max(1, ceil(size(there) / READ))
    writes = params.get("TransactItems", []) if name == "TransactWriteItems" else []
    for [(kind, write)] in (write.items() for write in writes):
        item = left[write["TableName"]][_key(write["Item" if kind == "Put" else "Key"])]
        bill.items, bill.item_bytes = bill.items + 1, bill.item_bytes + size(item)
        bill.write_units += TRANSACTIONAL * ceil(size(item) / KILOBYTE)
        for copy in _copies(write["TableName"], item) if kind == "Put" else ():
            bill.index_units, bill.index_bytes = bill.index_units + ceil(size(copy) / KILOBYTE), bill.index_bytes + size(copy)
    if name in {"PutItem", "UpdateItem"}:
        item = left[params["TableName"]][_key(params.get("Item", params.get("Key")))]
        bill.items, bill.item_bytes = bill.items + 1, bill.item_bytes + size(item)
        bill.write_units += ceil(size(item) / KILOBYTE)


def _queried(bill: Bill, answer: Item) -> None:
    bill.reads, bill.read_units = bill.reads + 1, bill.read_units + max(1, ceil(sum(map(size, answer["Items"])) / READ))


def _key(item: Any) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _copies(table: str, item: Item) -> Iterator[Item]:
    """What the indexes of the table copy of an item."""
    declared = TEMPLATE.properties("ProposalsTable" if table.endswith("-proposals") else "RunsTable")
    for index in declared["GlobalSecondaryIndexes"]:
        own = [part["AttributeName"] for part in index["KeySchema"]]
        if all(name in item for name in own):
            shown = {"pk", "sk", *own, *index["Projection"].get("NonKeyAttributes", ())}
            yield {name: value for name, value in item.items() if name in shown}
