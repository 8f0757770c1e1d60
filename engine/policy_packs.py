"""Policy packs: which one applies to a call, and what it changes (RFC-0022)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from engine.contracts import EngineOptions
from engine.conventions import with_changes
from engine.evidence.canonical import PACK, canonical, digest, document_of
from engine.records.runs import PackTrace

if TYPE_CHECKING:  # the models take 5 ms of every cold start to build: whoever meets a pack loads them
    from engine.contracts.packs import PackContent, PlausibilityPolicy
    from engine.contracts.plausibility import Plausibility


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
        return {"policy_pack_id": self.policy_pack_id} | document_of(self.content, within=(PACK,))

    def trace(self, source: PackSource) -> PackTrace:
        """What a run keeps of the pack that shaped it."""
        text = digest(canonical(self.definition()))
        return PackTrace(self.policy_pack_id, self.content.version, self.revision, text, source.value)

    def applied_to(self, options: EngineOptions) -> EngineOptions:
        """The options with the pack's values in place of the caller's; what the pack leaves open stays."""
        changes = {
            name: JOINED[name](value, getattr(options, name)) if name in JOINED else value for name, value in _overrides(self.content)
        }
        return with_changes(options, changes) if changes else options


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
    "trading_policy",
    "cash_policy",
)


def _overrides(content: "PackContent") -> Iterator[tuple[str, Any]]:
    """(option, value) for everything that the pack states; an empty group map states nothing."""
    for name in OPTION_POLICIES:
        policy = getattr(content, name)
        for member in fields(policy):
            stated = getattr(policy, member.name)
            if stated is not None and stated != {}:
                yield member.name, stated


def _larger(pack: Mapping[str, Decimal], request: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """By key, the larger of two values."""
    return {**request, **{name: max(value, request.get(name, value)) for name, value in pack.items()}}


def _tighter(pack: "PlausibilityPolicy", request: "Plausibility") -> "Plausibility":
    """Of each threshold the one that doubts more, and a pack that states one is not switched off; what was accepted stays accepted."""
    changes: dict[str, Any] = {"enabled": True} if pack.enabled else {}
    for name, tightest in TIGHTEST.items():
        if (stated := getattr(pack, name)) is not None:
            changes |= {name: tightest(stated, getattr(request, name)), "enabled": True}
    return replace(request, **changes) if changes else request


TIGHTEST: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "max_order_weight": min,
    "min_model_weight": max,
    "value_tolerance": min,
    "fx_tolerance": min,
    "max_market_data_age_days": min,
}
JOINED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"cash_reserve": _larger, "plausibility": _tighter}
"""Options in which a pack's value and the caller's are joined; elsewhere the pack's replaces the caller's."""
