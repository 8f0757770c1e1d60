"""The uses of an idempotency key: its claim is the first of them, history items are the others. Read consistently."""

import heapq
from collections.abc import Iterator
from itertools import chain, islice

from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.runs.items import is_use, use_order
from infra.aws.table import Table

AT_MOST = 2
"""Items of a key that was never used without replay, in either version: its claim, and before version 2 the history item of the same use."""


def newest(table: Table, tenant: str, key: str) -> Item | None:
    """The last use, in one query; of a key that was used without replay more than once, its claim is read besides.

    A claim may be younger than the history: replay was switched on.
    """
    partition = keys.idempotency(tenant, key)
    rows = list(islice(table.rows(partition, ScanIndexForward=False, Limit=AT_MOST), AT_MOST))
    if len(rows) == AT_MOST and rows[-1]["sk"] != keys.CLAIM:
        rows += claims(table, tenant, key)
    return max(filter(is_use, rows), key=use_order, default=None)


def oldest_first(table: Table, tenant: str, key: str) -> Iterator[Item]:
    """All uses, ascending by time, then run id, in one query: the claim leads its partition."""
    rows = table.rows(keys.idempotency(tenant, key))
    leading = list(islice(rows, 1))
    claim = [row for row in leading if row["sk"] == keys.CLAIM]
    history = rows if claim else chain(leading, rows)
    return heapq.merge(filter(is_use, claim), history, key=use_order)


def claims(table: Table, tenant: str, key: str) -> list[Item]:
    """The claim where it tells a use: one or none."""
    claim = table.get(keys.idempotency(tenant, key), keys.CLAIM)
    return [claim] if claim is not None and is_use(claim) else []
