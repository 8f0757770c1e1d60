"""The deployed handlers, called in this process the way Lambda calls them: JSON in, JSON out, the same size limits."""

import importlib.util
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Final
from uuid import uuid4

MAX_PAYLOAD: Final = 6 * 1024 * 1024 + 100  # bytes; what Lambda takes and gives in a synchronous call
_LOADED: Final = count(1)


class PayloadTooLarge(Exception):  # noqa: N818  (named for what the caller is told)
    """The event is larger than Lambda takes; the function was not called."""


class FunctionError(Exception):
    """The function failed as Lambda reports it: `kind` is the error type, the message its text."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def as_json(self) -> dict[str, str]:
        """The payload of a failed call."""
        return {"errorType": self.kind, "errorMessage": str(self)}


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler learns about its call; the members of Lambda's own context object."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    function_version: str = "$LATEST"
    log_group_name: str = "local"
    log_stream_name: str = "local"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the timeout, never negative."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass
class Function:
    """One function of the template. Its module is loaded at the first call, once, under a name of its own."""

    name: str
    arn: str
    folder: Path
    handler: str = "app.handler"
    timeout: float = 3
    memory: int = 128
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._loading = Lock()
        self._handle: Callable[[Any, Context], Any] | None = None

    def invoke(self, event: Any) -> Any:
        """The handler's answer. Raises PayloadTooLarge, and FunctionError for whatever goes wrong inside."""
        sent = json.dumps(event)
        if len(sent.encode()) > MAX_PAYLOAD:
            raise PayloadTooLarge(self.name)
        context = Context(self.name, self.arn, str(self.memory), time.monotonic() + self.timeout)
        try:
            answer = json.dumps(self._handler()(json.loads(sent), context), ensure_ascii=False)
        except Exception as error:
            traceback.print_exception(error)
            raise FunctionError(type(error).__name__, str(error)) from error
        if (size := len(answer.encode("utf-8", "surrogatepass"))) > MAX_PAYLOAD:
            raise FunctionError("Function.ResponseSizeTooLarge", f"Response payload size {size} exceeded {MAX_PAYLOAD} bytes")
        return json.loads(answer)

    def _handler(self) -> Callable[[Any, Context], Any]:
        with self._loading:
            if self._handle is None:
                module, _, attribute = self.handler.rpartition(".")
                self._handle = getattr(load(self.folder / f"{module}.py"), attribute)
            return self._handle


def load(path: Path) -> Any:
    """The module in a file, under a name that no other function and no other stack uses."""
    name = f"deployed_{path.parent.name}_{next(_LOADED)}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
