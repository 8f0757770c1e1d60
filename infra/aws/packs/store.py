"""Policy packs in their own DynamoDB table (RFC-0022, dpm-service 17.9): the catalog is one partition, every change leaves a trace.

pack   T#…#PACKS          {pack}
audit  T#…#PACKAUD#{pack}  {revision:010d}  what stood before and after, who changed it; written once, never deleted
"""

import json
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Final

import orjson

from engine.contracts.packs import PACK_CONTENT
from engine.contracts.recorded import recorded
from engine.contracts.violations import InvalidRequest
from engine.policy_packs import PolicyPack
from engine.ports.outside import Clock, EvidenceCorrupt, StoreUnavailable
from engine.ports.packs import Removal
from engine.records.pages import instant
from infra.aws import keys
from infra.aws.expressions import Item, Write, delete, put_if, put_once
from infra.aws.formats import VERSIONS, Format
from infra.aws.table import Table

VERSION: Final = VERSIONS[Format.POLICY_PACKS]
RACES: Final = 5
"""How often others may change a pack while we change it without having said which revision we saw."""


class DynamoPacks:
    """`engine.ports.packs.PackAdministration` on the table of the policy packs."""

    def __init__(self, table: Table, *, clock: Clock) -> None:
        self.table = table
        self.clock = clock

    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack | None:
        item = self._item(tenant, policy_pack_id)
        return pack_of(item) if item is not None else None

    def packs(self, tenant: str) -> tuple[PolicyPack, ...]:
        return tuple(sorted(map(pack_of, self.table.rows(keys.packs(tenant))), key=lambda pack: pack.policy_pack_id))

    def put(self, tenant: str, pack: PolicyPack, *, expected: int | None, actor: str) -> PolicyPack | None:
        definition = PACK_CONTENT.dump_json(pack.content).decode()
        made = self._change(tenant, pack.policy_pack_id, definition, expected, actor)
        return None if isinstance(made, Removal) else PolicyPack(pack.policy_pack_id, pack.content, made)

    def remove(self, tenant: str, policy_pack_id: str, *, expected: int | None, actor: str) -> Removal:
        made = self._change(tenant, policy_pack_id, None, expected, actor)
        return made if isinstance(made, Removal) else Removal.REMOVED

    def _change(self, tenant: str, policy_pack_id: str, definition: str | None, expected: int | None, actor: str) -> int | Removal:
        """Make a change and answer its revision, or why none was made."""
        now = instant(self.clock())
        for _ in range(RACES):
            before = self._item(tenant, policy_pack_id)
            seen = 0 if before is None else int(before["revision"])
            if expected is not None and expected != seen:
                return Removal.CHANGED_SINCE
            if before is None and definition is None:
                return Removal.NOTHING_THERE
            change = Change(tenant, policy_pack_id, before, definition, actor, now, 1 + (seen or self._last(tenant, policy_pack_id)))
            if self.table.once(change.writes, partial(self._is_ours, change)):
                return change.revision
        raise StoreUnavailable(self.table.unavailable)

    def _item(self, tenant: str, policy_pack_id: str) -> Item | None:
        return self.table.get(keys.packs(tenant), keys.escaped(policy_pack_id))

    def _is_ours(self, change: "Change", _: frozenset[int]) -> bool:
        there = self.table.get(keys.pack_audit(change.tenant, change.policy_pack_id), numbered(change.revision))
        return there is not None and there["record"] == change.record

    def _last(self, tenant: str, policy_pack_id: str) -> int:
        """The last revision of a pack that is not there (any more); 0 when it never was."""
        for row in self.table.rows(keys.pack_audit(tenant, policy_pack_id), ScanIndexForward=False, Limit=1):
            return int(row["revision"])
        return 0


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a pack from the state that was seen; `definition` None removes it."""

    tenant: str
    policy_pack_id: str
    before: Item | None
    definition: str | None
    actor: str
    changed_at: str
    revision: int

    @property
    def record(self) -> str:
        """The owner token: tells this change, acknowledged late, from another of the same revision."""
        return sha256(json.dumps([self.definition, self.actor, self.changed_at, self.revision]).encode()).hexdigest()

    def writes(self, _: int = 0) -> list[Write]:
        """The pack, if nobody changed it since, and the trace of the change; the same at every attempt."""
        where, name = keys.packs(self.tenant), keys.escaped(self.policy_pack_id)
        seen = None if self.before is None else {":seen": self.before["revision"]}
        item = {
            "pk": where,
            "sk": name,
            "v": VERSION,
            "policy_pack_id": self.policy_pack_id,
            "definition": self.definition,
            "revision": self.revision,
            "created_at": self.changed_at if self.before is None else self.before["created_at"],
            "updated_at": self.changed_at,
            "actor": self.actor,
        }
        if seen is None:
            change = put_once(item)
        elif self.definition is None:
            change = delete(where, name, "revision = :seen", seen)
        else:
            change = put_if(item, "revision = :seen", seen)
        return [change, put_once(self._trace())]

    def _trace(self) -> Item:
        return {
            "pk": keys.pack_audit(self.tenant, self.policy_pack_id),
            "sk": numbered(self.revision),
            "v": VERSION,
            "revision": self.revision,
            "before": None if self.before is None else self.before["definition"],
            "after": self.definition,
            "actor": self.actor,
            "changed_at": self.changed_at,
            "record": self.record,
        }


def numbered(revision: int) -> str:
    """The sort key of a change."""
    return f"{revision:010d}"


def pack_of(item: Item) -> PolicyPack:
    """The pack that an item holds. EvidenceCorrupt when its definition is none."""
    try:
        return PolicyPack(item["policy_pack_id"], recorded(PACK_CONTENT, orjson.loads(item["definition"])), int(item["revision"]))
    except (orjson.JSONDecodeError, InvalidRequest) as error:
        unnamed = keys.digest_of(item["policy_pack_id"])  # what a pack is called is not for the log
        raise EvidenceCorrupt(f"{item['pk']} {unnamed}") from error
