"""Find accepted operations: one by its id, the newest of a correlation id, a page of them (RFC-0018, dpm-service 6.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.ports.operations import OperationStore, RecordedOperation
from engine.records.operations import Operation, OperationFilter, OperationStatus
from engine.records.pages import ListCall, Page
from engine.usecases.refusals import Code, Refused

LINK_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class OperationCall:
    """An operation by what the path names. `fits` tells whether a result can reach the caller."""

    named: str
    fits: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class FoundOperation:
    """An operation and, once it succeeded, its result; where that would not reach the caller, the address to fetch it from."""

    operation: Operation
    result: bytes | None
    result_url: str | None = None


@dataclass(frozen=True, slots=True)
class FindOperation:
    """The operations of one family. Refuses what is unknown, foreign, expired or the other family's, all alike, by the family's code."""

    operations: OperationStore
    unknown: Code = Code.DPM_ASYNC_OPERATION_NOT_FOUND

    def by_id(self, tenant: str, call: OperationCall) -> FoundOperation:
        """The operation itself."""
        return shown(self.operations.find(tenant, call.named), call.fits, self.unknown)

    def by_correlation(self, tenant: str, call: OperationCall) -> FoundOperation:
        """The newest operation of a correlation id (dpm-service S33)."""
        return shown(self.operations.latest_by_correlation(tenant, call.named), call.fits, self.unknown)

    def page(self, tenant: str, call: ListCall[OperationFilter]) -> Page[Operation]:
        """Operations, newest first, without results and errors."""
        return self.operations.page(tenant, call.narrowed, limit=call.limit, cursor=call.cursor)


def shown(
    found: RecordedOperation | None, fits: Callable[[bytes], bool], unknown: Code = Code.DPM_ASYNC_OPERATION_NOT_FOUND
) -> FoundOperation:
    """The operation with its result, if there is one, or the way to it (dpm-service 17.10)."""
    if found is None:
        raise Refused(unknown)
    if found.operation.status is not OperationStatus.SUCCEEDED:
        return FoundOperation(found.operation, None)
    result = found.result()
    if result is None:  # taken out since the moment before
        raise Refused(unknown)
    if fits(result):
        return FoundOperation(found.operation, result)
    link = found.result_link(seconds=LINK_SECONDS)
    if link is None:
        raise Refused(Code.RESPONSE_TOO_LARGE)
    return FoundOperation(found.operation, None, link)
