"""What the use cases ask of the outside world. Every protocol has an adapter in `infra.aws` and one in `infra.memory`.

Adapters raise `StoreUnavailable` for an outage (nothing was written, or what was written is whole), `EvidenceCorrupt` when a
stored document does not match its digest, and `RunIdTaken` where a run's id is given twice. Nothing else escapes them.
A tenant that does not match `[A-Za-z0-9_.-]{1,64}` is a defect of the caller: ValueError.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from engine.records import Claim, RunDocuments, RunHead

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in UTC."""


class Ids(Protocol):
    """Draws new identifiers; time-ordered where the specification says so."""

    def run(self) -> str:
        """`rr_` and 32 hex digits of a UUIDv7."""

    def correlation(self) -> str:
        """`corr_` and 32 hex digits."""


class StoreUnavailable(Exception):  # noqa: N818  (named for what the caller is told)
    """The store cannot be used now; `code` is the stable reason code of the 503 answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EvidenceCorrupt(Exception):  # noqa: N818
    """A stored document is missing or differs from its digest; `key` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class RunIdTaken(Exception):  # noqa: N818
    """Another run has this id already; nothing was written.

    With a random id: draw a new one. With an id derived from an operation and a scenario: an earlier attempt recorded it,
    load that run and carry on.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class RunStore(Protocol):
    """Runs and what points at them. All reads are consistent; runs past retention are invisible."""

    def claimed(self, tenant: str, key: str) -> Claim | None:
        """The first use of an idempotency key while its run is kept, else None."""

    def record(self, head: RunHead, documents: RunDocuments, claim: Claim | None) -> Claim | None:
        """Keep the whole run or nothing; never replaces a run.

        With `claim` (for `head.idempotency_key`, naming `head.run_id`), only the first caller of the key wins: None means that this run
        is recorded (also when an earlier attempt of ours was acknowledged late); otherwise the winner's claim, and nothing of
        ours is visible. Recording the very same run again is a success without effect. A run with a key but without a claim
        (replay switched off) adds to the key's history and leaves its claim alone.
        Raises RunIdTaken for the id of another run; ValueError for a claim without a key.
        """

    def head(self, tenant: str, run_id: str) -> RunHead | None:
        """The run's head, or None for unknown, foreign and expired ids alike."""

    def result(self, tenant: str, run_id: str) -> bytes | None:
        """The answer of the run, byte for byte, verified against its digest."""

    def documents(self, tenant: str, run_id: str) -> RunDocuments | None:
        """All documents of the run, verified."""
