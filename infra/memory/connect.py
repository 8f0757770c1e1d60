"""The adapters of the local profile: everything in this process, gone with it."""

from engine.ports.outside import WorkQueue
from engine.ports.packs import PackAdministration, PackCatalog
from infra.adapters import Adapters
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperationStore
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now


def connect(settings: Settings) -> Adapters:
    """The adapters over empty stores."""
    runs = MemoryRunStore(MemoryTables(), clock=utc_now, retention_days=settings.store.retention_days)
    packs = EnvironmentPacks(settings.packs.catalog)
    return over(runs, operations_ttl_seconds=settings.operations.ttl_seconds, packs=packs)


def over(
    runs: MemoryRunStore,
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
        packs=packs,
        pack_changes=pack_changes,
        queue=queue,
        clock=runs.clock,
    )
