"""The catalog of policy packs as the use cases ask for it (RFC-0022)."""

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the packs' models are costly to build, and most functions know no packs
    from engine.policy_packs import PolicyPack


class Removal(Enum):
    """What came of the wish to remove a pack."""

    REMOVED = auto()
    NOTHING_THERE = auto()
    CHANGED_SINCE = auto()  # it is not at the revision that the caller saw


class PackCatalog(Protocol):
    """Policy packs by id. Reads are consistent."""

    def pack(self, tenant: str, policy_pack_id: str) -> "PolicyPack | None":
        """One pack as it stands now; nothing else of the catalog is read for it."""

    def packs(self, tenant: str) -> "tuple[PolicyPack, ...]":
        """The whole catalog by id ascending."""


class PackAdministration(PackCatalog, Protocol):
    """The catalog that may be changed; every change is kept with its actor and what stood before (dpm-service S15)."""

    def put(self, tenant: str, pack: "PolicyPack", *, expected: int | None, actor: str) -> "PolicyPack | None":
        """Write `pack.content` under its id as the next revision (the first is 1) and return it as kept.

        `expected` is the revision that the caller saw (0 for none); None takes whatever is there. None: another change
        came first, nothing was written. A deleted pack's revisions go on counting where they ended.
        """

    def remove(self, tenant: str, policy_pack_id: str, *, expected: int | None, actor: str) -> Removal:
        """Remove a pack; `expected` as in `put`. Nothing is written unless it is REMOVED."""
