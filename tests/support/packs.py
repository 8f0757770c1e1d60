"""Policy packs in memory, under the same contract as their table."""

from dataclasses import dataclass, field
from threading import RLock

from engine.policy_packs import PolicyPack
from engine.ports.packs import Removal
from engine.records.runs import tenant_of


@dataclass
class MemoryPacks:
    """`engine.ports.packs.PackAdministration` in one process. `changes` keeps who changed what, oldest first."""

    kept: dict[tuple[str, str], PolicyPack] = field(default_factory=dict)
    changes: dict[tuple[str, str], list[tuple[str, PolicyPack | None]]] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack | None:
        with self.lock:
            return self.kept.get((tenant_of(tenant), policy_pack_id))

    def packs(self, tenant: str) -> tuple[PolicyPack, ...]:
        with self.lock:
            return tuple(pack for (owner, _), pack in sorted(self.kept.items()) if owner == tenant_of(tenant))

    def put(self, tenant: str, pack: PolicyPack, *, expected: int | None, actor: str) -> PolicyPack | None:
        with self.lock:
            name = tenant_of(tenant), pack.policy_pack_id
            if not self._as_expected(name, expected):
                return None
            made = PolicyPack(pack.policy_pack_id, pack.content, len(self.changes.get(name, ())) + 1)
            self.kept[name] = made
            self.changes.setdefault(name, []).append((actor, made))
            return made

    def remove(self, tenant: str, policy_pack_id: str, *, expected: int | None, actor: str) -> Removal:
        with self.lock:
            name = tenant_of(tenant), policy_pack_id
            if not self._as_expected(name, expected):
                return Removal.CHANGED_SINCE
            if self.kept.pop(name, None) is None:
                return Removal.NOTHING_THERE
            self.changes[name].append((actor, None))
            return Removal.REMOVED

    def _as_expected(self, name: tuple[str, str], expected: int | None) -> bool:
        there = self.kept.get(name)
        return expected is None or expected == (there.revision if there is not None else 0)
