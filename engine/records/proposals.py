"""What is kept of a proposal that was simulated: its idempotency key for a day, and no record of a run (RFC-0014, advisory-engine S20, S28)."""

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
