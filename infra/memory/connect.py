"""The adapters of the local profile: everything in this process, gone with it."""

from collections.abc import Callable
from typing import TypedDict

from engine.ports.book_runs import BookAddresses, BookMachine
from engine.ports.books import BookFiles
from engine.ports.outside import Clock, WorkQueue
from engine.ports.packs import PackAdministration, PackCatalog
from engine.records.operations import Family
from engine.usecases.packs import PackResolution
from infra.adapters import NO_BOOK_MACHINE, Adapters, Proposals, no_addresses, no_books
from infra.memory.books.addresses import MemoryBookAddresses
from infra.memory.books.files import MemoryBookFiles
from infra.memory.books.machine import NO_PACKS, MemoryBookMachine
from infra.memory.books.records import MemoryBookRecords
from infra.memory.lookups import MemoryLineage, MemoryRunLookup, MemoryStatistics
from infra.memory.operations import MemoryOperations, MemoryOperationStore
from infra.memory.proposals.claims import MemoryProposalKeys
from infra.memory.proposals.store import MemoryProposalStore
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.retention import MemoryRetention
from infra.memory.reviews import MemoryReviewStore
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks
from infra.system import utc_now


def connect(settings: Settings, proposals: Proposals) -> Adapters:
    """The adapters over empty stores, beside these of proposals."""
    runs = MemoryRunStore(MemoryTables(), clock=utc_now, retention_days=settings.store.retention_days)
    packs = EnvironmentPacks(settings.packs.catalog)
    applied = PackResolution(settings.packs.rules, packs, strict=settings.packs.strict)
    return over(runs, proposals, operations_ttl_seconds=settings.operations.ttl_seconds, packs=packs, **books(utc_now, applied))


def proposals(settings: Settings) -> Proposals:
    """The stores of proposals, empty."""
    return proposals_over(MemoryProposals(), MemoryOperations(), clock=utc_now, key_ttl_seconds=settings.proposals.key_ttl_seconds)


def proposals_over(tables: MemoryProposals, operations: MemoryOperations, *, clock: Clock, key_ttl_seconds: int) -> Proposals:
    """Everything that shares these proposals. Their operations never expire."""
    accepted = MemoryOperationStore(operations, clock=clock, family=Family.PROPOSAL, ttl_seconds=None)
    keys = MemoryProposalKeys(tables, clock=clock, ttl_seconds=key_ttl_seconds)
    return Proposals(keys, MemoryProposalStore(tables, accepted), accepted)


def over(
    runs: MemoryRunStore,
    proposals: Proposals,
    *,
    operations_ttl_seconds: int,
    packs: PackCatalog,
    pack_changes: PackAdministration | None = None,
    queue: WorkQueue | None = None,
    book_files: Callable[[str], BookFiles] = no_books,
    book_addresses: Callable[[str], BookAddresses] = no_addresses,
    book_machine: BookMachine = NO_BOOK_MACHINE,
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
        retention=MemoryRetention(runs, runs.tables.operations, *_accepted(proposals)),
        proposal_keys=proposals.keys,
        proposals=proposals.store,
        proposal_operations=proposals.operations,
        packs=packs,
        book_records=MemoryBookRecords(),
        book_files=book_files,
        book_addresses=book_addresses,
        book_machine=book_machine,
        pack_changes=pack_changes,
        queue=queue,
        clock=runs.clock,
    )


class MemoryBooks(TypedDict):
    """What `over` takes for books."""

    book_files: Callable[[str], BookFiles]
    book_addresses: Callable[[str], BookAddresses]
    book_machine: BookMachine


def books(clock: Clock, packs: PackResolution = NO_PACKS) -> MemoryBooks:
    """Files in memory, whose names begin with their tenant, and executions that are over when they are started."""
    files = MemoryBookFiles()
    return {
        "book_files": lambda _tenant: files,
        "book_addresses": lambda _tenant: MemoryBookAddresses(files),
        "book_machine": MemoryBookMachine(lambda _tenant: files, clock, packs=packs),
    }


def _accepted(proposals: Proposals) -> list[MemoryOperations]:
    """The tables of the proposals' operations, where they lie in memory too."""
    operations = proposals.operations
    return [operations.tables] if isinstance(operations, MemoryOperationStore) else []
