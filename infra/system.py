"""The machine's clock and its randomness, as the ports ask for them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Final

_MILLISECONDS: Final = 1_000_000
_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def uuid7_hex() -> str:
    """32 lower-case hex digits of a new UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    stamp = (time.time_ns() // _MILLISECONDS) << 80
    return f"{stamp | _VERSION_7 | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62):032x}"


class SystemIds:
    """`engine.ports.Ids`: drawn at the time of use, never at import, so that restored snapshots share none."""

    def run(self) -> str:
        """A run's id, time-ordered."""
        return "rr_" + uuid7_hex()

    def correlation(self) -> str:
        """A correlation id for a call that brought none."""
        return "corr_" + uuid7_hex()

    def decision(self) -> str:
        """A review decision's id."""
        return "dwd_" + uuid7_hex()

    def batch(self) -> str:
        """A what-if batch's id."""
        return "batch_" + uuid7_hex()

    def operation(self) -> str:
        """An asynchronous operation's id."""
        return "dop_" + uuid7_hex()

    def lease(self) -> str:
        """The token of one claim of an operation."""
        return "lse_" + uuid7_hex()
