"""The adapters of the local profile: everything in this process, gone with it."""

from engine.ports.outside import WorkQueue
from engine.ports.packs import PackAdministration, PackCatalog
from engine.ports.proposals import ProposalKeys
from infra.adapters import Adapters
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperationStore
from infra.memory.proposals.claims import MemoryProposalKeys, MemoryProposals
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now


def connect(settings: Settings, proposals: ProposalKeys) -> Adapters:
    """The adapters over empty stores, beside these keys of proposals."""
    runs = MemoryRunStore(MemoryTables(), clock=utc_now, retention_days=settings.store.retention_days)
    packs = EnvironmentPacks(settings.packs.catalog)
    return over(runs, proposals, operations_ttl_seconds=settings.operations.ttl_seconds, packs=packs)


def proposal_keys(settings: Settings) -> MemoryProposalKeys:
    """The keys of proposals, none claimed."""
    return MemoryProposalKeys(MemoryProposals(), clock=utc_now, ttl_seconds=settings.proposals.key_ttl_seconds)


def over(
    runs: MemoryRunStore,
    proposals: ProposalKeys,
    *,
    operations_ttl_seconds: int,
    packs: PackCatalog,
    pack_changes: PackAdministration | None = None,
    queue: WorkQueue | None = None,
) -> Adapters:
    """Everything that shares a store of runs: its tables and its clock. Expired operations count for neither edges nor sums."""
    operations = MemoryOperationStore(runs.tables.operations, clock=runs.clock, ttl_seconds=operations_ttl_seconds)
    return Adapters(
        runs=runs,
        lookup=MemoryRunLookup(runs),
        lineage=MemoryLineage(runs, operations),
        statistics=MemoryStatistics(runs, operations),
        reviews=MemoryReviewStore(runs),
        operations=operations,
        retention=MemoryRetention(runs, runs.tables.operations),
        proposal_keys=proposals,
        packs=packs,
        pack_changes=pack_changes,
        queue=queue,
        clock=runs.clock,
    )
