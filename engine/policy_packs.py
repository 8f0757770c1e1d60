"""Policy packs: which one applies to a call, and what it changes (RFC-0022)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from engine.contracts import EngineOptions
from engine.evidence.canonical import PACK, canonical, digest, document_of
from engine.records.runs import PackTrace

if TYPE_CHECKING:  # the models take 5 ms of every cold start to build: whoever meets a pack loads them
    from engine.contracts.packs import PackContent


class PackSource(StrEnum):
    """Who named the pack; the first that does wins, in this order."""

    REQUEST = "REQUEST"
    TENANT_DEFAULT = "TENANT_DEFAULT"
    GLOBAL_DEFAULT = "GLOBAL_DEFAULT"
    NONE = "NONE"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class Selection:
    """The pack that a call asks for; it need not exist."""

    policy_pack_id: str | None
    source: PackSource

    @property
    def enabled(self) -> bool:
        """Whether packs are in use at all."""
        return self.source is not PackSource.DISABLED


@dataclass(frozen=True, slots=True)
class PolicyPack:
    """A pack as the catalog holds it. `revision` counts its changes from 1; packs from the environment have 0."""

    policy_pack_id: str
    content: "PackContent"
    revision: int

    def definition(self) -> dict[str, Any]:
        """The pack as it goes over the wire, every policy present but for those that joined after 1.0 and are not stated."""
        from engine.contracts.packs import PACK_CONTENT  # noqa: PLC0415  (see above)

        return {"policy_pack_id": self.policy_pack_id} | document_of(PACK_CONTENT, self.content, within=(PACK,))

    def trace(self, source: PackSource) -> PackTrace:
        """What a run keeps of the pack that shaped it."""
        text = digest(canonical(self.definition()))
        return PackTrace(self.policy_pack_id, self.content.version, self.revision, text, source.value)

    def applied_to(self, options: EngineOptions) -> EngineOptions:
        """The options with the pack's values in place of the caller's; what the pack leaves open stays."""
        changes = dict(_overrides(self.content))
        return replace(options, **changes) if changes else options


@dataclass(frozen=True, slots=True)
class PackRules:
    """How packs are selected in this deployment."""

    enabled: bool = False
    tenant_packs: Mapping[str, str] | None = None
    default_pack_id: str = ""

    def select(self, requested: str, tenant: str, tenant_default: str | None = None) -> Selection:
        """Request, then tenant, then default. A given tenant default, even blank, takes the tenant map's place."""
        if not self.enabled:
            return Selection(None, PackSource.DISABLED)
        if tenant_default is None:
            tenant_default = (self.tenant_packs or {}).get(tenant, "")
        for pack_id, source in (
            (requested, PackSource.REQUEST),
            (tenant_default, PackSource.TENANT_DEFAULT),
            (self.default_pack_id, PackSource.GLOBAL_DEFAULT),
        ):
            if pack_id.strip():
                return Selection(pack_id.strip(), source)
        return Selection(None, PackSource.NONE)


OPTION_POLICIES: Final = (
    "turnover_policy",
    "tax_policy",
    "settlement_policy",
    "constraint_policy",
    "workflow_policy",
)


def _overrides(content: "PackContent") -> Iterator[tuple[str, Any]]:
    """(option, value) for everything that the pack states; an empty group map states nothing."""
    for name in OPTION_POLICIES:
        policy = getattr(content, name)
        for member in fields(policy):
            stated = getattr(policy, member.name)
            if stated is not None and stated != {}:
                yield member.name, stated
