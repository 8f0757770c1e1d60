"""Policy packs as this deployment selects and keeps them. Loaded by the functions that decide, not by those that look up."""

from typing import Final

from engine.policy_packs import PackRules, PolicyPack, catalog_of, tenant_packs_of
from engine.ports.packs import PackCatalog
from engine.usecases.packs import PackResolution
from infra.settings.reading import PackSettings

HEADER: Final = "X-Policy-Pack-Id"


class EnvironmentPacks:
    """`engine.ports.PackCatalog` over `DPM_POLICY_PACK_CATALOG_JSON`: read-only, the same for every tenant (dpm-service 12.4)."""

    def __init__(self, text: str) -> None:
        self._packs = catalog_of(text)

    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack | None:  # noqa: ARG002  (one catalog for all)
        """One pack, or None."""
        return self._packs.get(policy_pack_id)

    def packs(self, tenant: str) -> tuple[PolicyPack, ...]:  # noqa: ARG002  (one catalog for all)
        """All packs by id."""
        return tuple(self._packs[name] for name in sorted(self._packs))


def pack_rules(settings: PackSettings) -> PackRules:
    """How a call's pack is selected; the tenant map counts only where tenant resolution is on."""
    tenants = tenant_packs_of(settings.tenant_map) if settings.by_tenant else {}
    return PackRules(settings.enabled, tenants, settings.default_pack_id)


def pack_resolution(settings: PackSettings, catalog: PackCatalog | None) -> PackResolution:
    """The use case that gives a call its pack; without a durable catalog the environment's serves."""
    return PackResolution(pack_rules(settings), catalog or EnvironmentPacks(settings.catalog), strict=settings.strict)
