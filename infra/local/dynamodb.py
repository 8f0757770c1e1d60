"""moto's DynamoDB for many threads and long-lived tables.

moto copies the whole table once for every item of a transaction and undoes a refused transaction by putting that copy back, which would lose
what other threads wrote meanwhile. Here a change is made on a copy of the items it names, then takes their place, one change at a time.
A query, for which moto sorts the whole table, sees the one partition that it names, and of an index what the index carries.
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import SecondaryIndex, Table

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
    scan = _one_at_a_time("scan")
    put_item = _one_at_a_time("put_item")
    delete_item = _one_at_a_time("delete_item")

    @classmethod
    def install(cls, region: str, account: str) -> None:
        """Serve this account and region from here until moto is reset."""
        dynamodb_backends[account][region] = cls(region, account)

    def query(self, table_name: str, hash_key_dict: dict[str, Any] | None, *args: Any, **kwargs: Any) -> Any:
        """What moto finds in the partition that is named."""
        with self.turn:
            excerpt = DynamoDBBackend(self.region_name, self.account_id)
            if table := self.tables.get(table_name):
                index = next((index for index in table.all_indexes() if index.name == kwargs.get("index_name")), None)
                excerpt.tables[table_name] = (
                    _partition(table, DynamoType(hash_key_dict or {}))
                    if index is None
                    else _indexed(table, index, kwargs["hash_key_conditions"])
                )
            return excerpt.query(table_name, hash_key_dict, *args, **kwargs)

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


def _partition(table: Table, key: DynamoType) -> Table:
    part = _without_items(table)
    if key in table.items:
        part.items[key] = table.items[key]
    return part


def _indexed(table: Table, index: SecondaryIndex, conditions: Iterable[tuple[str, Any]]) -> Table:
    """The items under an index's key, with the attributes that the index carries: nothing is left for moto to project."""
    part, wanted = _without_items(table), [(name, DynamoType(value)) for name, value in conditions]
    part.global_indexes, part.indexes = [_of_all(one) for one in table.global_indexes], [_of_all(one) for one in table.indexes]
    for item in _items(table):
        if all(name in item.attrs and _same(item.attrs[name], value) for name, value in wanted):
            _place(part, item.hash_key, item.range_key, _carried(item, index))
    return part


def _items(table: Table) -> Iterator[Any]:
    for row in table.items.values():
        yield from row.values() if table.has_range_key else (row,)


def _same(one: DynamoType, other: DynamoType) -> bool:
    return bool(one == other) if one.is_number() else (one.type, one.value) == (other.type, other.value)


def _of_all(index: Any) -> Any:
    whole = copy.copy(index)
    whole.projection = {"ProjectionType": "ALL"}
    return whole


def _carried(item: Item, index: SecondaryIndex) -> Item:
    if index.projection["ProjectionType"] == "ALL":
        return item
    names = {*index.table_key_attrs, *index.schema_key_attrs, *index.projection.get("NonKeyAttributes", ())}
    part = copy.copy(item)
    part.attrs = LimitedSizeDict()
    part.attrs.update({name: value for name, value in item.attrs.items() if name in names})  # as a dict, which measures nothing
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
