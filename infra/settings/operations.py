"""How accepted operations are kept and executed (RFC-0018)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from infra.settings.reading import Environ, at_least, enumeration, text

DAY: Final = 86_400


class ExecutionMode(StrEnum):
    """When an accepted operation is executed: before its caller is answered, or by a worker."""

    INLINE = "INLINE"
    ACCEPT_ONLY = "ACCEPT_ONLY"


@dataclass(frozen=True, slots=True)
class OperationSettings:
    """`ttl_seconds` counts from an operation's end."""

    ttl_seconds: int = DAY
    execution_mode: ExecutionMode = ExecutionMode.INLINE
    queue_url: str = ""

    @classmethod
    def from_environ(cls, environ: Environ) -> "OperationSettings":
        """Parse; executed at once unless told otherwise."""
        return cls(
            ttl_seconds=at_least(environ, "DPM_ASYNC_OPERATIONS_TTL_SECONDS", 1) or DAY,
            execution_mode=ExecutionMode.ACCEPT_ONLY if accepts_only(environ) else ExecutionMode.INLINE,
            queue_url=text(environ, "DPM_OPERATIONS_QUEUE_URL"),
        )


def accepts_only(environ: Environ) -> bool:
    """Whether operations are left to the workers."""
    return enumeration(environ, "DPM_ASYNC_EXECUTION_MODE") == ExecutionMode.ACCEPT_ONLY
