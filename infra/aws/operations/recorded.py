"""An accepted operation as its record was read, its documents on demand."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.ports.outside import EvidenceCorrupt
from engine.records.operations import Operation
from infra.aws.expressions import Item
from infra.aws.payloads import Payloads


@dataclass(frozen=True, slots=True)
class DynamoOperation:
    """`engine.ports.operations.RecordedOperation`: META as it was read."""

    operation: Operation
    kept: Item
    payloads: Payloads
    is_gone: Callable[[], bool]

    def request(self) -> bytes | None:
        return self._document("request")

    def result(self) -> bytes | None:
        return self._document("result")

    def result_link(self, *, seconds: int) -> str | None:
        return self.payloads.link(self.kept["result"], seconds) if "result" in self.kept else None

    def _document(self, kind: str) -> bytes | None:
        """One document; None where there is none, or where it is missing because the operation was taken out since."""
        if kind not in self.kept:
            return None
        try:
            return self.payloads.read(self.kept[kind])
        except EvidenceCorrupt:
            if self.is_gone():
                return None
            raise
