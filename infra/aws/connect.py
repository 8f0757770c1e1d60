"""The adapters of a deployment: DynamoDB, S3 and SQS."""

from collections.abc import Callable
from functools import partial

from engine.ports.book_runs import BookAddresses, BookMachine
from engine.ports.books import BookFiles
from engine.ports.outside import Clock, WorkQueue
from engine.ports.packs import PackAdministration, PackCatalog
from engine.records.operations import Family
from engine.usecases.refusals import Code
from infra.adapters import NO_BOOK_MACHINE, Adapters, Proposals, no_addresses, no_books
from infra.aws.books.addresses import S3BookAddresses
from infra.aws.books.files import S3BookFiles
from infra.aws.books.machine import StepFunctions
from infra.aws.books.records import DynamoBookRecords
from infra.aws.clients import client
from infra.aws.operations.queue import SqsQueue
from infra.aws.operations.store import KIND as OPERATION_DOCUMENTS
from infra.aws.operations.store import DynamoOperationStore
from infra.aws.payloads import INLINE_DEFAULT, MAX_INLINE_BYTES, Payloads
from infra.aws.proposals.claims import KIND as ANSWERS_OF_KEYS
from infra.aws.proposals.claims import DynamoProposalKeys
from infra.aws.proposals.store import KIND as PROPOSAL_DOCUMENTS
from infra.aws.proposals.store import DynamoProposalStore
from infra.aws.runs.edges import DynamoLineage
from infra.aws.runs.lookups import DynamoRunLookup
from infra.aws.runs.retention import DynamoRetention, Owned
from infra.aws.runs.reviews import DynamoReviewStore
from infra.aws.runs.statistics import DynamoStatistics
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.settings.container import Settings
from infra.settings.packs import EnvironmentPacks, PackBackend
from infra.system import utc_now


def connect(settings: Settings, proposals: Proposals) -> Adapters:
    """The adapters over the table, the bucket and the queue that the settings name, beside these of proposals."""
    table = Table(client("dynamodb"), settings.store.table)
    payloads = _payloads(settings, Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE)
    runs = DynamoRunStore(table, payloads, clock=utc_now, retention_days=settings.store.retention_days)
    administered = _packs(settings)
    return over(
        runs,
        proposals,
        operations_ttl_seconds=settings.operations.ttl_seconds,
        packs=administered or EnvironmentPacks(settings.packs.catalog),
        book_files=partial(S3BookFiles, client("s3"), settings.books.bucket),
        book_addresses=partial(S3BookAddresses, client("s3"), settings.books.bucket),
        book_machine=StepFunctions(client("stepfunctions"), settings.books.machine) if settings.books.machine else NO_BOOK_MACHINE,
        pack_changes=administered,
        queue=SqsQueue(client("sqs"), settings.operations.queue_url) if settings.operations.queue_url else None,
    )


def proposals(settings: Settings) -> Proposals:
    """The stores of proposals over the tables and the bucket that the settings name."""
    down = Code.STORE_PROPOSAL_UNAVAILABLE
    runs, table = (Table(client("dynamodb"), name, unavailable=down) for name in (settings.store.table, settings.proposals.table))
    return proposals_over(table, runs, _payloads(settings, down), clock=utc_now, key_ttl_seconds=settings.proposals.key_ttl_seconds)


def proposals_over(table: Table, runs: Table, payloads: Payloads, *, clock: Clock, key_ttl_seconds: int) -> Proposals:
    """Everything that shares a table of proposals. Their operations lie in the table of runs, and never expire."""
    operations = DynamoOperationStore(runs, payloads, clock=clock, family=Family.PROPOSAL, ttl_seconds=None)
    keys = DynamoProposalKeys(table, payloads, clock=clock, ttl_seconds=key_ttl_seconds)
    return Proposals(keys, DynamoProposalStore(table, payloads, operations), operations)


def over(
    runs: DynamoRunStore,
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
    """Everything that shares a store of runs: its table, its documents, its clock. Expired operations count for neither edges nor sums."""
    operations = DynamoOperationStore(runs.table, runs.payloads, clock=runs.clock, ttl_seconds=operations_ttl_seconds)
    owners: dict[str, Owned] = {OPERATION_DOCUMENTS: operations.exists}
    if isinstance(proposals.keys, DynamoProposalKeys):
        owners[ANSWERS_OF_KEYS] = proposals.keys.owns
    if isinstance(proposals.store, DynamoProposalStore):
        owners[PROPOSAL_DOCUMENTS] = proposals.store.owns
    return Adapters(
        runs=runs,
        lookup=DynamoRunLookup(runs),
        lineage=DynamoLineage(runs, operations),
        statistics=DynamoStatistics(runs, operations),
        reviews=DynamoReviewStore(runs),
        operations=operations,
        retention=DynamoRetention(runs, owners=owners),
        proposal_keys=proposals.keys,
        proposals=proposals.store,
        proposal_operations=proposals.operations,
        packs=packs,
        book_records=DynamoBookRecords(runs.table),
        book_files=book_files,
        book_addresses=book_addresses,
        book_machine=book_machine,
        pack_changes=pack_changes,
        queue=queue,
        clock=runs.clock,
    )


def _payloads(settings: Settings, unavailable: Code) -> Payloads:
    stated = settings.store.inline_payload_max_bytes
    inline = INLINE_DEFAULT if stated is None else min(stated, MAX_INLINE_BYTES)
    return Payloads(client("s3"), settings.store.bucket, inline_max_bytes=inline, unavailable=unavailable)


def _packs(settings: Settings) -> PackAdministration | None:
    """The durable catalog, where the settings name one."""
    if settings.packs.backend is not PackBackend.DYNAMODB:
        return None
    from infra.aws.packs.store import DynamoPacks  # noqa: PLC0415  (the packs' models cost 5 ms that most functions need not pay)

    return DynamoPacks(Table(client("dynamodb"), settings.packs.table, unavailable=Code.DPM_POLICY_PACK_STORE_UNAVAILABLE), clock=utc_now)
