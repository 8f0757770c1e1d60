"""Where proposals are kept, and how long the keys of simulated ones (RFC-0014, advisory-engine S28)."""

from dataclasses import dataclass

from infra.settings.guardrails import Profile, profile_of
from infra.settings.operations import DAY
from infra.settings.reading import Environ, at_least, durable, text
from infra.settings.stores import Backend


@dataclass(frozen=True, slots=True)
class ProposalSettings:
    """The store of proposals. `key_ttl_seconds` counts from the first call under a key."""

    backend: Backend = Backend.IN_MEMORY
    table: str = ""
    key_ttl_seconds: int = DAY

    @classmethod
    def from_environ(cls, environ: Environ) -> "ProposalSettings":
        """Parse; PRODUCTION knows no store but DynamoDB."""
        production = profile_of(environ) is Profile.PRODUCTION
        return cls(
            backend=Backend.DYNAMODB if production or durable(environ, "PROPOSAL_STORE_BACKEND") else Backend.IN_MEMORY,
            table=text(environ, "PROPOSAL_TABLE_NAME"),
            key_ttl_seconds=at_least(environ, "PROPOSAL_SIMULATE_IDEMPOTENCY_TTL_SECONDS", 1) or DAY,
        )
