"""What idempotency keys of proposals stand for: of one that was simulated, for a day (advisory-engine S20, S28); of a command, for ever (RFC-0014)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """In which form a proposal is answered. Each has a call of its own; both share their keys."""

    RESULT = "result"
    ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True)
class ProposalClaim:
    """What an idempotency key stands for: the first request under it, and all that its answers are made from again besides the request.

    `hash_recipe` says how the request was hashed; `created_at`, aware and UTC, is when the first call came, whichever it was.
    """

    request_hash: str
    hash_recipe: int
    correlation_id: str
    created_at: datetime
    engine_version: str


class KeyedCommand(StrEnum):
    """What a caller may name by a key of its own."""

    CREATE = "CREATE"
    VERSION = "VERSION"
    TRANSITION = "TRANSITION"
    APPROVAL = "APPROVAL"
    CHECK = "CHECK"


@dataclass(frozen=True, slots=True)
class ProposalKey:
    """An idempotency key where it counts: of CREATE in the tenant, of any other command in one proposal (advisory-lifecycle L7)."""

    command: KeyedCommand
    text: str
    proposal_id: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalKeyClaim:
    """The first request under a key, and what that made: its version's number, its event's, or the check's id.

    `hash_recipe` says how the request was hashed; `created_at`, aware and UTC, is the command's time.
    """

    key: ProposalKey
    request_hash: str
    hash_recipe: int
    proposal_id: str
    created_at: datetime
    version_no: int
    seq: int | None = None
    check_id: str | None = None
