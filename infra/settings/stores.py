"""Where runs and their documents are kept, and for how long (RFC-0016, RFC-0025)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.usecases.artifacts import ArtifactMode
from infra.settings.guardrails import Profile, profile_of
from infra.settings.reading import Environ, at_least, durable, enumeration, text


class Backend(StrEnum):
    """Where a family of records lives."""

    DYNAMODB = "DYNAMODB"
    IN_MEMORY = "IN_MEMORY"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The store of runs. `retention_days` 0 keeps for ever."""

    backend: Backend = Backend.IN_MEMORY
    table: str = ""
    bucket: str = ""
    inline_payload_max_bytes: int | None = None  # None: the store's default
    retention_days: int = 0
    artifacts: ArtifactMode = ArtifactMode.DERIVED

    @classmethod
    def from_environ(cls, environ: Environ) -> "StoreSettings":
        """Parse; PRODUCTION knows no store but DynamoDB, and keeps artifacts unless told otherwise (dpm-service S38)."""
        production = profile_of(environ) is Profile.PRODUCTION
        stated = enumeration(environ, "DPM_ARTIFACT_STORE_MODE")
        usual = ArtifactMode.PERSISTED if production else ArtifactMode.DERIVED
        return cls(
            backend=Backend.DYNAMODB if production or durable(environ, "DPM_SUPPORTABILITY_STORE_BACKEND") else Backend.IN_MEMORY,
            table=text(environ, "DPM_TABLE_NAME"),
            bucket=text(environ, "DPM_PAYLOAD_BUCKET"),
            inline_payload_max_bytes=at_least(environ, "DPM_INLINE_PAYLOAD_MAX_BYTES", 0),
            retention_days=at_least(environ, "DPM_SUPPORTABILITY_RETENTION_DAYS", 0) or 0,
            artifacts=ArtifactMode(stated) if stated in set(ArtifactMode) else usual,
        )


def store_warnings(environ: Environ) -> Iterator[str]:
    """Codes of values that nobody knows."""
    for name in ("DPM_SUPPORTABILITY_STORE_BACKEND", "PROPOSAL_STORE_BACKEND"):
        backend = enumeration(environ, name)
        if backend and backend not in set(Backend):
            yield f"BACKEND_UNKNOWN: {name}"
    mode = enumeration(environ, "DPM_ARTIFACT_STORE_MODE")
    if mode and mode not in set(ArtifactMode):
        yield "ARTIFACT_STORE_MODE_UNKNOWN: DPM_ARTIFACT_STORE_MODE"
