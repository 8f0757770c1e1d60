"""The one place where ports meet adapters: DynamoDB and S3, or memory for the local profile."""

from dataclasses import dataclass, field

from engine.ports.outside import Clock, Ids, WorkQueue
from engine.ports.packs import PackAdministration
from engine.ports.runs import RunStore
from engine.usecases.refusals import Code
from infra.settings.reading import Backend, PackBackend, Settings
from infra.system import SystemIds, utc_now


@dataclass(frozen=True, slots=True)
class Adapters:
    """What the use cases of a function are built with."""

    runs: RunStore
    packs: PackAdministration | None = None
    queue: WorkQueue | None = None
    clock: Clock = utc_now
    ids: Ids = field(default_factory=SystemIds)


def connect(settings: Settings) -> Adapters:
    """The adapters that the settings ask for, made once per container. Only DynamoDB loads boto3."""
    match settings.backend:
        case Backend.DYNAMODB:
            return Adapters(_dynamodb_runs(settings), _dynamodb_packs(settings), _sqs_queue(settings))
        case Backend.IN_MEMORY:
            return Adapters(_memory_runs(settings))


def _dynamodb_runs(settings: Settings) -> RunStore:
    from infra.aws.clients import client  # noqa: PLC0415  (boto3 costs 300 ms that a memory run need not pay)
    from infra.aws.payloads import INLINE_DEFAULT, INLINE_MOST, Payloads  # noqa: PLC0415
    from infra.aws.runs.store import DynamoRunStore  # noqa: PLC0415
    from infra.aws.table import Table  # noqa: PLC0415

    inline = INLINE_DEFAULT if settings.inline_payload_max_bytes is None else min(settings.inline_payload_max_bytes, INLINE_MOST)
    payloads = Payloads(client("s3"), settings.bucket, inline_max_bytes=inline)
    table = Table(client("dynamodb"), settings.table)
    return DynamoRunStore(table, payloads, clock=utc_now, retention_days=settings.retention_days)


def _dynamodb_packs(settings: Settings) -> PackAdministration | None:
    """The durable catalog, where the function is told of one."""
    packs = settings.packs
    if packs.backend is not PackBackend.DYNAMODB:
        return None
    from infra.aws.clients import client  # noqa: PLC0415
    from infra.aws.packs.store import DynamoPacks  # noqa: PLC0415
    from infra.aws.table import Table  # noqa: PLC0415

    return DynamoPacks(Table(client("dynamodb"), packs.table, unavailable=Code.DPM_POLICY_PACK_STORE_UNAVAILABLE), clock=utc_now)


def _sqs_queue(settings: Settings) -> WorkQueue | None:
    """The queue of operations, where the function is told of one."""
    if not settings.queue_url:
        return None
    from infra.aws.clients import client  # noqa: PLC0415
    from infra.aws.operations.queue import SqsQueue  # noqa: PLC0415

    return SqsQueue(client("sqs"), settings.queue_url)


def _memory_runs(settings: Settings) -> RunStore:
    from infra.memory.runs import MemoryRunStore, MemoryTables  # noqa: PLC0415  (not deployed work: loaded for the local profile only)

    return MemoryRunStore(MemoryTables(), clock=utc_now, retention_days=settings.retention_days)
