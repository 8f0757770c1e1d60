"""`engine.ports.book_runs.BookMachine` on Step Functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import BookStatus, Execution
from engine.usecases.books.refused import BookFault, BookRefused
from engine.usecases.refusals import Code
from infra.aws.table import code_of

STATUSES: Final[Mapping[str, BookStatus]] = {
    "SUCCEEDED": BookStatus.SUCCEEDED,
    "FAILED": BookStatus.FAILED,
    "TIMED_OUT": BookStatus.FAILED,
    "ABORTED": BookStatus.CANCELLED,
}
"""What has ended; everything else runs."""
REFUSED: Final = BookRefused.__name__
STOPPED: Final = "BookStopped"


@dataclass(frozen=True, slots=True)
class StepFunctions:
    """One state machine."""

    client: Any
    machine: str

    def start(self, execution: str, document: Mapping[str, Any]) -> None:
        self._asked("start_execution", stateMachineArn=self.machine, name=execution, input=orjson.dumps(dict(document)).decode())

    def state(self, execution: str) -> Execution | None:
        told = self._asked("describe_execution", executionArn=self._arn(execution))
        if told is None:
            return None
        return Execution(
            status=STATUSES.get(told["status"], BookStatus.RUNNING),
            started_at=told["startDate"].astimezone(UTC),
            finished_at=told["stopDate"].astimezone(UTC) if "stopDate" in told else None,
            fault=_fault(told),
        )

    def stop(self, execution: str) -> None:
        self._asked("stop_execution", executionArn=self._arn(execution))

    def _arn(self, execution: str) -> str:
        return f"{self.machine.replace(':stateMachine:', ':execution:', 1)}:{execution}"

    def _asked(self, call: str, **named: Any) -> dict[str, Any] | None:
        """The answer; None where there is no such execution, or there is one already."""
        try:
            told: dict[str, Any] = getattr(self.client, call)(**named)
        except ClientError as error:
            if code_of(error) in {"ExecutionAlreadyExists", "ExecutionDoesNotExist"}:
                return None
            raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE) from error
        except (BotoCoreError, OSError) as error:
            raise StoreUnavailable(Code.BOOK_MACHINE_UNAVAILABLE) from error
        return told


def _fault(told: Mapping[str, Any]) -> str | None:
    """What an execution failed of, as a code: of a book that was refused or stopped by something else than lost chunks, why it was."""
    if told["status"] == "TIMED_OUT":
        return BookFault.TIMED_OUT.value
    error: str | None = told.get("error")
    if error == STOPPED:
        return f"{error}: {str(told.get('cause', '')).partition(':')[0]}"
    if error != REFUSED:
        return error
    try:
        return str(orjson.loads(told["cause"])["errorMessage"])
    except (LookupError, TypeError, orjson.JSONDecodeError):  # a key that is not ours hides the cause
        return error
