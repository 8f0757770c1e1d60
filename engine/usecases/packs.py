"""Which policy pack shapes a call (RFC-0022)."""

from dataclasses import dataclass

from engine.contracts import EngineOptions, InvalidRequest, Violation
from engine.policy_packs import PackRules, PolicyPack, Selection
from engine.ports.packs import PackAdministration, PackCatalog, Removal
from engine.records.runs import PackTrace
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class AppliedPack:
    """What a call's pack does to it; without a pack, nothing. `trace` is what a run keeps of its pack."""

    selection: Selection
    pack: PolicyPack | None
    trace: PackTrace | None

    @classmethod
    def of(cls, selection: Selection, pack: PolicyPack | None = None) -> "AppliedPack":
        """With the pack's trace, which costs a digest, taken once."""
        return cls(selection, pack, pack.trace(selection.source) if pack else None)

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

    A selected pack that does not exist changes nothing; with `strict` it is refused (dpm-service S8).
    """

    rules: PackRules
    catalog: PackCatalog
    strict: bool = False

    def __call__(self, tenant: str, requested: str) -> AppliedPack:
        """The pack that a call is decided under, which may be none."""
        selection = self.rules.select(requested, tenant)
        if selection.policy_pack_id is None:
            return AppliedPack.of(selection)
        pack = self.catalog.pack(tenant, selection.policy_pack_id)
        if pack is None and self.strict:
            raise InvalidRequest(
                [Violation(("header", "X-Policy-Pack-Id"), Code.DPM_POLICY_PACK_NOT_FOUND, "The selected policy pack does not exist")]
            )
        return AppliedPack.of(selection, pack)


@dataclass(frozen=True, slots=True)
class PackWish:
    """What a caller's headers say of packs: the pack of the call, and the tenant's where they name one."""

    requested: str
    of_tenant: str | None


@dataclass(frozen=True, slots=True)
class ShownCatalog:
    """All packs of a tenant, and the one that a call would get."""

    packs: tuple[PolicyPack, ...]
    selection: Selection


@dataclass(frozen=True, slots=True)
class PackPut:
    """A pack's whole new content by a verified actor, who saw the `expected` revision; None = any."""

    pack: PolicyPack
    expected: int | None
    actor: str


@dataclass(frozen=True, slots=True)
class PackRemoval:
    """The end of a pack by a verified actor, who saw the `expected` revision; None = any."""

    policy_pack_id: str
    expected: int | None
    actor: str


@dataclass(frozen=True, slots=True)
class PackDesk:
    """The catalog as a caller reads and changes it; a catalog without `administration` is read-only (dpm-service S15).

    Raises Refused: DPM_POLICY_PACK_NOT_FOUND, DPM_POLICY_PACK_CATALOG_READ_ONLY, and DPM_POLICY_PACK_REVISION_MISMATCH when
    the pack is not at the revision that the caller saw.
    """

    rules: PackRules
    catalog: PackCatalog
    administration: PackAdministration | None = None

    def effective(self, tenant: str, wish: PackWish) -> Selection:
        """Which pack a call would get; the catalog is not asked."""
        return self.rules.select(wish.requested, tenant, wish.of_tenant)

    def packs(self, tenant: str, wish: PackWish) -> ShownCatalog:
        """All packs, ids ascending, also while packs are switched off."""
        return ShownCatalog(self.catalog.packs(tenant), self.effective(tenant, wish))

    def pack(self, tenant: str, policy_pack_id: str) -> PolicyPack:
        """One pack."""
        found = self.catalog.pack(tenant, policy_pack_id)
        if found is None:
            raise Refused(Code.DPM_POLICY_PACK_NOT_FOUND)
        return found

    def put(self, tenant: str, put: PackPut) -> PolicyPack:
        """Replace the pack's whole content, or create it."""
        kept = self._administration().put(tenant, put.pack, expected=put.expected, actor=put.actor)
        if kept is None:
            raise Refused(Code.DPM_POLICY_PACK_REVISION_MISMATCH)
        return kept

    def remove(self, tenant: str, removal: PackRemoval) -> None:
        """Take the pack out of the catalog; its audit trail stays."""
        match self._administration().remove(tenant, removal.policy_pack_id, expected=removal.expected, actor=removal.actor):
            case Removal.CHANGED_SINCE:
                raise Refused(Code.DPM_POLICY_PACK_REVISION_MISMATCH)
            case Removal.NOTHING_THERE:
                raise Refused(Code.DPM_POLICY_PACK_NOT_FOUND)

    def _administration(self) -> PackAdministration:
        if self.administration is None:
            raise Refused(Code.DPM_POLICY_PACK_CATALOG_READ_ONLY)
        return self.administration
