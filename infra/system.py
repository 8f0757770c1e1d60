"""The machine's clock and its randomness, as the ports ask for them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Final

_MILLISECONDS: Final = 1_000_000
_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62
_PAUSE_MS: Final = 5
_MAX_PAUSE_MS: Final = 200


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def uuid7_hex() -> str:
    """32 lower-case hex digits of a new UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    stamp = (time.time_ns() // _MILLISECONDS) << 80
    return f"{stamp | _VERSION_7 | secrets.randbits(12) << 64 | _VARIANT | secrets.randbits(62):032x}"


def new_id(prefix: str) -> str:
    """`engine.ports.outside.Ids`: drawn at the time of use, never at import, so that restored snapshots share none."""
    return f"{prefix}_{uuid7_hex()}"


def pause(round_no: int) -> None:
    """Wait before a race is run again: up to 5 ms at first, twice as long after each round, 200 ms at most; never as long as the next."""
    most = min(_MAX_PAUSE_MS, _PAUSE_MS << min(round_no, _MAX_PAUSE_MS.bit_length()))
    time.sleep(secrets.randbelow(most * 1000) / 1_000_000)
