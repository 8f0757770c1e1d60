"""Policy packs as the environment states them (RFC-0022, dpm-service 12.4)."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from infra.settings.reading import Environ, durable, flag, text

if TYPE_CHECKING:  # the packs' models take 5 ms of every cold start to build: whoever meets a pack loads them
    from engine.policy_packs import PackRules, PolicyPack


class PackBackend(StrEnum):
    """Where the policy pack catalog lives."""

    DYNAMODB = "DYNAMODB"
    ENV_JSON = "ENV_JSON"


@dataclass(frozen=True, slots=True)
class PackSettings:
    """How policy packs are selected and kept."""

    enabled: bool = False
    strict: bool = False
    by_tenant: bool = False
    tenant_map: str = ""
    default_pack_id: str = ""
    backend: PackBackend = PackBackend.ENV_JSON
    catalog: str = ""
    table: str = ""

    @classmethod
    def from_environ(cls, environ: Environ) -> "PackSettings":
        """Parse; what is unset is off."""
        return cls(
            enabled=flag(environ, "DPM_POLICY_PACKS_ENABLED", default=False),
            strict=flag(environ, "DPM_POLICY_PACK_STRICT_ENABLED", default=False),
            by_tenant=flag(environ, "DPM_TENANT_POLICY_PACK_RESOLUTION_ENABLED", default=False),
            tenant_map=text(environ, "DPM_TENANT_POLICY_PACK_MAP_JSON"),
            default_pack_id=text(environ, "DPM_DEFAULT_POLICY_PACK_ID"),
            backend=PackBackend.DYNAMODB if durable(environ, "DPM_POLICY_PACK_CATALOG_BACKEND") else PackBackend.ENV_JSON,
            catalog=text(environ, "DPM_POLICY_PACK_CATALOG_JSON"),
            table=text(environ, "DPM_POLICY_PACK_TABLE_NAME"),
        )

    @property
    def rules(self) -> "PackRules":
        """How a call's pack is selected; the tenant map counts only where tenant resolution is on."""
        from engine.policy_packs import PackRules  # noqa: PLC0415  (see above)

        return PackRules(self.enabled, tenant_packs_of(self.tenant_map) if self.by_tenant else {}, self.default_pack_id)


class EnvironmentPacks:
    """`engine.ports.packs.PackCatalog` over `DPM_POLICY_PACK_CATALOG_JSON`: read-only, the same for every tenant, read when it is asked."""

    def __init__(self, text: str) -> None:
        self._text = text

    def pack(self, tenant: str, policy_pack_id: str) -> "PolicyPack | None":  # noqa: ARG002  (one catalog for all)
        """One pack, or None."""
        return self._packs.get(policy_pack_id)

    def packs(self, tenant: str) -> "tuple[PolicyPack, ...]":  # noqa: ARG002  (one catalog for all)
        """All packs by id."""
        return tuple(self._packs[name] for name in sorted(self._packs))

    @cached_property
    def _packs(self) -> "dict[str, PolicyPack]":
        return catalog_of(self._text) if self._text else {}


def catalog_of(text: str) -> "dict[str, PolicyPack]":
    """Packs from an environment text: id → content. What is malformed is left out."""
    from engine.contracts import InvalidRequest  # noqa: PLC0415  (see above)
    from engine.contracts.packs import parse_pack, parse_pack_id  # noqa: PLC0415
    from engine.policy_packs import PolicyPack  # noqa: PLC0415

    packs = {}
    for pack_id, content in sorted(_objects(text).items()):
        if not isinstance(content, dict):
            continue
        version = content.get("version", "1")
        stated = {name: value for name, value in content.items() if value}
        stated["version"] = version if isinstance(version, str) else str(version)
        try:
            known = parse_pack_id(pack_id)
            packs[known] = PolicyPack(known, parse_pack(orjson.dumps(stated)), revision=0)
        except InvalidRequest:
            continue
    return packs


def tenant_packs_of(text: str) -> dict[str, str]:
    """Tenant → pack id from an environment text, both trimmed; rows with blanks are left out."""
    rows = {tenant.strip(): pack.strip() for tenant, pack in _objects(text).items() if isinstance(pack, str)}
    return {tenant: pack for tenant, pack in rows.items() if tenant and pack}


def _objects(text: str) -> dict[str, Any]:
    try:
        parsed = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
