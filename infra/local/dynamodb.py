"""moto's DynamoDB for many threads and long-lived tables.

moto copies the whole table once for every item of a transaction and undoes a refused transaction by putting that copy back, which would lose
what other threads wrote meanwhile. Here a change is made on a copy of the items it names, then takes their place, one change at a time.
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table

Named = tuple[str, Mapping[str, Any]]
"""A table's name and attributes that contain an item's key."""


def _one_at_a_time(name: str) -> Any:
    """The method of moto, kept from running while an item is being replaced."""

    def method(self: "SerialDynamoDB", *args: Any, **kwargs: Any) -> Any:
        with self.turn:
            return getattr(super(SerialDynamoDB, self), name)(*args, **kwargs)

    return method


class SerialDynamoDB(DynamoDBBackend):
    """DynamoDB in memory. An item, once stored, is replaced and never changed, so readers may keep it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.turn = RLock()

    get_item = _one_at_a_time("get_item")
    query = _one_at_a_time("query")
    scan = _one_at_a_time("scan")
    put_item = _one_at_a_time("put_item")
    delete_item = _one_at_a_time("delete_item")

    @classmethod
    def install(cls, region: str, account: str) -> None:
        """Serve this account and region from here until moto is reset."""
        dynamodb_backends[account][region] = cls(region, account)

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        """Everything or nothing, at the cost of the items named."""
        named = [
            (write.get("TableName", ""), write.get("Item") or write.get("Key") or {}) for item in transact_items for write in item.values()
        ]
        with self._in_turn(named) as excerpt:
            excerpt.transact_write_items(transact_items)

    def update_item(self, table_name: str, key: dict[str, dict[str, Any]], *args: Any, **kwargs: Any) -> Any:
        """Change a copy of the item, then put it in the item's place."""
        with self._in_turn([(table_name, key)]) as excerpt:
            return excerpt.update_item(table_name, key, *args, **kwargs)

    @contextmanager
    def _in_turn(self, named: Iterable[Named]) -> Iterator[DynamoDBBackend]:
        """A backend that holds the named items only; what becomes of them there is taken over unless it raises."""
        with self.turn:
            excerpt = DynamoDBBackend(self.region_name, self.account_id)
            keys: list[tuple[str, Any, Any]] = []
            for name, attributes in named:
                if name in self.tables:
                    table = self.tables[name]
                    part = excerpt.tables.setdefault(name, _without_items(table))
                    first, second = self.get_keys_value(table, dict(attributes))
                    keys.append((name, first, second))
                    if (item := table.get_item(first, second)) is not None:
                        _place(part, first, second, copy.deepcopy(item))
            yield excerpt
            for name, first, second in keys:
                _place(self.tables[name], first, second, excerpt.tables[name].get_item(first, second))


def _without_items(table: Table) -> Table:
    part = copy.copy(table)
    part.items = defaultdict(dict)
    return part


def _place(table: Table, first: Any, second: Any, item: Any) -> None:
    """Put an item, or None for its absence, where its key says."""
    if second is None and not table.has_range_key:
        table.items.pop(first, None)
        if item is not None:
            table.items[first] = item
    elif item is not None:
        table.items[first][second] = item
    else:
        table.items.get(first, {}).pop(second, None)
