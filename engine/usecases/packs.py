"""Which policy pack shapes a call (RFC-0022)."""

from dataclasses import dataclass

from engine.contracts import EngineOptions
from engine.policy_packs import PackRules, PolicyPack, Selection
from engine.ports import PackCatalog
from engine.records import PackTrace
from engine.usecases.refusals import Refused

PACK_NOT_FOUND = "DPM_POLICY_PACK_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a call's pack does to it; without a pack, nothing."""

    selection: Selection
    pack: PolicyPack | None = None

    @property
    def trace(self) -> PackTrace | None:
        """What a run keeps of its pack."""
        return self.pack.trace(self.selection.source) if self.pack else None

    @property
    def replay_enabled(self) -> bool | None:
        """The pack's word on replay; None leaves it to the deployment."""
        return self.pack.content.idempotency_policy.replay_enabled if self.pack else None

    def __call__(self, options: EngineOptions) -> EngineOptions:
        """The options with the pack's values."""
        return self.pack.applied_to(options) if self.pack else options


@dataclass(frozen=True, slots=True)
class PackResolution:
    """Selects a call's pack and reads it, and only it: with packs disabled or none selected no catalog is asked.

    A selected pack that does not exist changes nothing; with `strict` it is refused (S-8).
    """

    rules: PackRules
    catalog: PackCatalog
    strict: bool = False

    def __call__(self, tenant: str, requested: str) -> Shape:
        """The shape of a call."""
        selection = self.rules.select(requested, tenant)
        if selection.policy_pack_id is None:
            return Shape(selection)
        pack = self.catalog.pack(tenant, selection.policy_pack_id)
        if pack is None and self.strict:
            raise Refused(PACK_NOT_FOUND)
        return Shape(selection, pack)
