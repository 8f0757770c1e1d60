"""Taking out what is past its time (dpm-service 10, 17.7). Stopped anywhere, it goes on at the next call."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Final

from engine.records.runs import RunHead
from infra.aws import keys
from infra.aws.counters import counter_slot, decisions_counted
from infra.aws.expressions import Item, Write, delete, encoded, key, put
from infra.aws.formats import VERSIONS, Format
from infra.aws.runs import items as run_items
from infra.aws.runs.documents import KIND
from infra.aws.runs.reviews import DECISION_PREFIX, HEAD
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import ConditionFailed

ORPHAN_AGE: Final = timedelta(days=7)
"""An upload younger than this may still get its record."""

DECISIONS_AT_ONCE: Final = 40
"""Deletions and the counts they change stay below the 100 writes of a transaction."""

EXPIRED_AT_ONCE: Final = 25
"""Rows read ahead: whether the oldest of a shard is past its time needs no page of 1 MB."""

PAYLOADS: Final = "PAYLOADS"
VERSION: Final = VERSIONS[Format.SWEEPER]
"""Of the item that says how far the sweeper came."""

RACES: Final = 3

Owned = Callable[[str, str], bool]
"""Whether the record of a tenant and an owner id exists, read consistently."""


class DynamoRetention:
    """`engine.ports.runs.Retention` on the runs table and the payload bucket.

    `owners` says, for each kind of documents besides runs, whether an owner exists; documents of an unknown kind are never touched.
    """

    def __init__(self, runs: DynamoRunStore, *, owners: Mapping[str, Owned] | None = None) -> None:
        self.runs = runs
        self.table = runs.table
        self.payloads = runs.payloads
        self.owners: dict[str, Owned] = {KIND: self._run_exists, **(owners or {})}

    def tenants(self) -> tuple[str, ...]:
        return tuple(sorted({row["gsi2sk"] for row in self.table.indexed("GSI2", keys.tenants())}))

    def remove_runs(self, tenant: str, *, most: int) -> int:
        removed = 0
        for run_id in islice(self._expired(tenant), most):
            removed += self._remove(tenant, run_id)
        return removed

    def remove_orphans(self, *, most: int) -> int:
        came_to = self.table.get(keys.sweeper(), PAYLOADS) or {}
        listed, following = self.payloads.listed(after=came_to.get("after", ""), most=most)
        old = self.runs.clock() - ORPHAN_AGE
        ownerless = self._ownerless([name for name, modified in listed if modified < old])
        self.payloads.remove(ownerless)
        self.table.transact(lambda _: [put({"pk": keys.sweeper(), "sk": PAYLOADS, "v": VERSION, "after": following})])
        return len(ownerless)

    def _ownerless(self, names: list[str]) -> list[str]:
        """Documents of a known kind whose owner's record does not exist."""
        known: dict[tuple[str, str, str], bool] = {}
        found = []
        for name in names:
            owner = keys.payload_owner(name)
            if owner is None or owner[1] not in self.owners:
                continue
            if owner not in known:
                tenant, kind, owner_id = owner
                known[owner] = self.owners[kind](tenant, owner_id)
            if not known[owner]:
                found.append(name)
        return found

    def _expired(self, tenant: str) -> Iterator[str]:
        """Runs that an earlier call began to take apart, then those past retention, oldest first in each shard."""
        yield from [row["run_id"] for row in self.table.indexed("GSI1", keys.deleting(tenant))]
        cutoff = self.runs.oldest_visible()
        for number in range(keys.SHARDS):
            for row in self.table.indexed("GSI1", keys.runs_by_time(tenant, number), Limit=EXPIRED_AT_ONCE):
                if row["created_at"] >= cutoff:
                    break
                yield row["run_id"]

    def _remove(self, tenant: str, run_id: str) -> bool:
        """Hide the run, then take it apart, META last."""
        item = self.table.get(keys.run(tenant, run_id), keys.META)
        if item is None:
            return False
        head = run_items.head_of(tenant, item)
        if "deleting" not in item and not self._hide(head):
            return False
        self._remove_decisions(head)
        self.payloads.remove(self.runs.kept(tenant, run_id, item).objects())
        partition = keys.run(tenant, run_id)
        self.table.transact(lambda _: [delete(partition, HEAD), delete(partition, keys.META)])
        return True

    def _hide(self, head: RunHead) -> bool:
        """Everything that leads to the run, and its count, go in one transaction; what is left is META, marked."""
        for _ in range(RACES):
            cutoff = self.runs.oldest_visible()
            try:
                self.table.transact(partial(self._hiding, head, cutoff, self._claims(head)))
            except ConditionFailed as refusal:
                if 0 in refusal.failed:  # not expired after all, or another sweeper was first
                    return False
            else:
                return True
        return False

    def _claims(self, head: RunHead) -> bool:
        """Whether the claim of the run's key still names this run."""
        claim = None if head.idempotency_key is None else self.table.get(keys.idempotency(head.tenant, head.idempotency_key), keys.CLAIM)
        return claim is not None and claim["run_id"] == head.run_id

    @staticmethod
    def _hiding(head: RunHead, cutoff: str, claims: bool, attempt: int) -> list[Write]:  # noqa: FBT001  (bound by partial)
        names = {":yes": True, ":deleting": keys.deleting(head.tenant), ":cutoff": cutoff}
        writes: list[Write] = [
            {
                "Update": {
                    "Key": key(keys.run(head.tenant, head.run_id), keys.META),
                    "UpdateExpression": "SET deleting = :yes, gsi1pk = :deleting REMOVE gsi2pk, gsi2sk",
                    "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(deleting) AND created_at < :cutoff",
                    "ExpressionAttributeValues": encoded(names),
                }
            },
            *(delete(*where) for where in run_items.pointer_keys(head)),
            run_items.statistics(head, attempt, sign=-1),
        ]
        if claims and head.idempotency_key is not None:
            where = keys.idempotency(head.tenant, head.idempotency_key)
            writes.append(delete(where, keys.CLAIM, "run_id = :run", {":run": head.run_id}))
        return writes

    def _remove_decisions(self, head: RunHead) -> None:
        """Decisions go with their counts, some at a time."""
        partition = keys.run(head.tenant, head.run_id)
        while batch := list(islice(self.table.rows(partition, DECISION_PREFIX, Limit=DECISIONS_AT_ONCE), DECISIONS_AT_ONCE)):
            with suppress(ConditionFailed):  # another sweeper removed some of them: read again
                self.table.transact(partial(_without_decisions, head.tenant, batch))

    def _run_exists(self, tenant: str, run_id: str) -> bool:
        return self.table.has(keys.run(tenant, run_id), keys.META)


def _without_decisions(tenant: str, batch: list[Item], attempt: int) -> list[Write]:
    told = [(item["action"], item["reason_code"]) for item in batch]
    return [
        *(delete(item["pk"], item["sk"], "attribute_exists(pk)") for item in batch),
        *decisions_counted(tenant, counter_slot(batch[0]["decision_id"], attempt), told, sign=-1),
    ]
