"""What the use cases of every function are built with, and the one choice of a backend."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final

from engine.ports.book_runs import BookAddresses, BookMachine, BookRecords
from engine.ports.books import BookFiles
from engine.ports.operations import OperationStore
from engine.ports.outside import Clock, Ids, StoreUnavailable, WorkQueue
from engine.ports.packs import PackAdministration, PackCatalog
from engine.ports.proposals import ProposalKeys, ProposalStore
from engine.ports.runs import LineageLookup, Retention, ReviewStore, RunLookup, RunStore, StatisticsLookup
from engine.ports.watch import Watch
from engine.records.book_runs import Execution
from engine.usecases.refusals import Code
from infra.settings.container import Settings
from infra.settings.guardrails import EVERYTHING, Need
from infra.settings.stores import Backend
from infra.system import new_id, utc_now
from infra.watching.tally import TALLYING


@dataclass(frozen=True, slots=True)
class Proposals:
    """The stores of proposals, of one backend; `operations` are their own family's."""

    keys: ProposalKeys
    store: ProposalStore
    operations: OperationStore


def no_books(_tenant: str) -> BookFiles:
    """Stands where no bucket of books is configured."""
    raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)


def no_addresses(_tenant: str) -> BookAddresses:
    """The same."""
    raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)


class NoBookMachine:
    """Stands where no state machine of books is configured."""

    def start(self, execution: str, document: Mapping[str, Any]) -> None:
        """Books cannot be started."""
        raise self._unconfigured(execution, document)

    def state(self, execution: str) -> Execution | None:
        """Nor followed."""
        raise self._unconfigured(execution)

    def stop(self, execution: str) -> None:
        """Nor stopped."""
        raise self._unconfigured(execution)

    def _unconfigured(self, *_asked: Any) -> StoreUnavailable:
        return StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE)


NO_BOOK_MACHINE: Final[BookMachine] = NoBookMachine()


@dataclass(frozen=True, slots=True)
class Adapters:
    """Every port with its adapter; the stores of runs share one table, one clock and one retention.

    `packs` is the catalog that calls are shaped by. `pack_changes` is None where that catalog is read-only, `queue` where nobody waits
    for operations. `book_files` are the files of a tenant's books, `book_addresses` what is beside them.
    """

    runs: RunStore
    lookup: RunLookup
    lineage: LineageLookup
    statistics: StatisticsLookup
    reviews: ReviewStore
    operations: OperationStore
    retention: Retention
    proposal_keys: ProposalKeys
    proposals: ProposalStore
    proposal_operations: OperationStore
    packs: PackCatalog
    book_records: BookRecords
    pack_changes: PackAdministration | None = None
    queue: WorkQueue | None = None
    book_files: Callable[[str], BookFiles] = no_books
    book_addresses: Callable[[str], BookAddresses] = no_addresses
    book_machine: BookMachine = NO_BOOK_MACHINE
    clock: Clock = utc_now
    ids: Ids = new_id
    watch: Watch = TALLYING


class Unneeded:
    """Stands for every port of a function that needs none: whoever uses it has stated its needs wrongly."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


def connect(settings: Settings, needs: Collection[Need] = EVERYTHING) -> Adapters:
    """The adapters that the settings ask for, made once per container. Only what they ask for is loaded; without needs, nothing."""
    if not needs:
        none: dict[str, Any] = {field.name: Unneeded() for field in fields(Adapters) if field.default is MISSING}
        return Adapters(**none)
    match settings.store.backend:
        case Backend.DYNAMODB:
            from infra.aws import connect as aws  # noqa: PLC0415  (boto3 costs 300 ms that a run in memory need not pay)

            return aws.connect(settings, _proposals(settings))
        case Backend.IN_MEMORY:
            from infra.memory import connect as memory  # noqa: PLC0415  (not in production)

            return memory.connect(settings, _proposals(settings))


def _proposals(settings: Settings) -> Proposals:
    match settings.proposals.backend:
        case Backend.DYNAMODB:
            from infra.aws import connect as aws  # noqa: PLC0415  (see above)

            return aws.proposals(settings)
        case Backend.IN_MEMORY:
            from infra.memory import connect as memory  # noqa: PLC0415  (see above)

            return memory.proposals(settings)
