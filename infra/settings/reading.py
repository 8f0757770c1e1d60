"""What the environment decides, read once per container (RFC-0024, RFC-0025)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.usecases.artifacts import ArtifactMode
from engine.usecases.refusals import Code
from infra.http.switches import CLOSED_UNLESS_OPENED, Switch

Environ = Mapping[str, str]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})


class Misconfigured(Exception):  # noqa: N818  (named for what the caller is told)
    """The environment cannot serve; every call is answered 503 with `code` until it is deployed anew."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class Profile(StrEnum):
    """How strict the start is. Anything but `LOCAL`, a misspelling included, is PRODUCTION."""

    PRODUCTION = "PRODUCTION"
    LOCAL = "LOCAL"


class Backend(StrEnum):
    """Where a family of records lives."""

    DYNAMODB = "DYNAMODB"
    IN_MEMORY = "IN_MEMORY"


class PackBackend(StrEnum):
    """Where the policy pack catalog lives."""

    DYNAMODB = "DYNAMODB"
    ENV_JSON = "ENV_JSON"


class ExecutionMode(StrEnum):
    """When an accepted operation is executed: before its caller is answered, or by a worker."""

    INLINE = "INLINE"
    ACCEPT_ONLY = "ACCEPT_ONLY"


@dataclass(frozen=True, slots=True)
class PackSettings:
    """How policy packs are selected and kept (RFC-0022)."""

    enabled: bool = False
    strict: bool = False
    by_tenant: bool = False
    tenant_map: str = ""
    default_pack_id: str = ""
    backend: PackBackend = PackBackend.ENV_JSON
    catalog: str = ""
    table: str = ""

    @classmethod
    def from_environ(cls, environ: Environ) -> "PackSettings":
        """Parse; what is unset is off."""
        durable = _durable(environ, "DPM_POLICY_PACK_CATALOG_BACKEND")
        return cls(
            enabled=flag(environ, "DPM_POLICY_PACKS_ENABLED", default=False),
            strict=flag(environ, "DPM_POLICY_PACK_STRICT_ENABLED", default=False),
            by_tenant=flag(environ, "DPM_TENANT_POLICY_PACK_RESOLUTION_ENABLED", default=False),
            tenant_map=text(environ, "DPM_TENANT_POLICY_PACK_MAP_JSON"),
            default_pack_id=text(environ, "DPM_DEFAULT_POLICY_PACK_ID"),
            backend=PackBackend.DYNAMODB if durable else PackBackend.ENV_JSON,
            catalog=text(environ, "DPM_POLICY_PACK_CATALOG_JSON"),
            table=text(environ, "DPM_POLICY_PACK_TABLE_NAME"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one container. `warnings` are codes to log at the start."""

    profile: Profile = Profile.LOCAL
    backend: Backend = Backend.IN_MEMORY
    table: str = ""
    bucket: str = ""
    inline_payload_max_bytes: int | None = None  # None: what the store takes for best
    retention_days: int = 0
    replay_enabled: bool = True
    artifacts: ArtifactMode = ArtifactMode.DERIVED
    operations_ttl_seconds: int = 86_400
    execution_mode: ExecutionMode = ExecutionMode.INLINE
    queue_url: str = ""
    closed: frozenset[Switch] = CLOSED_UNLESS_OPENED
    reviewed: frozenset[str] = frozenset({"PENDING_REVIEW"})  # run statuses that ask for a review
    review_four_eyes: bool = False  # nobody approves a run of their own
    packs: PackSettings = PackSettings()
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_environ(cls, environ: Environ) -> "Settings":
        """Parse and check; raises `Misconfigured` with the first violated guardrail."""
        profile = Profile.LOCAL if enumeration(environ, "APP_PERSISTENCE_PROFILE") == Profile.LOCAL else Profile.PRODUCTION
        for code, violated in GUARDRAILS[profile]:
            if violated(environ):
                raise Misconfigured(code)
        return cls(
            profile=profile,
            backend=Backend.DYNAMODB if _durable(environ, "DPM_SUPPORTABILITY_STORE_BACKEND") else Backend.IN_MEMORY,
            table=text(environ, "DPM_TABLE_NAME"),
            bucket=text(environ, "DPM_PAYLOAD_BUCKET"),
            inline_payload_max_bytes=at_least(0, environ, "DPM_INLINE_PAYLOAD_MAX_BYTES"),
            retention_days=at_least(0, environ, "DPM_SUPPORTABILITY_RETENTION_DAYS") or 0,
            replay_enabled=flag(environ, "DPM_IDEMPOTENCY_REPLAY_ENABLED", default=True),
            artifacts=_artifact_mode(environ, profile),
            operations_ttl_seconds=at_least(1, environ, "DPM_ASYNC_OPERATIONS_TTL_SECONDS") or 86_400,
            execution_mode=ExecutionMode.ACCEPT_ONLY if _accepts_only(environ) else ExecutionMode.INLINE,
            queue_url=text(environ, "DPM_OPERATIONS_QUEUE_URL"),
            closed=frozenset(switch for switch in Switch if not flag(environ, switch.variable, default=switch not in CLOSED_UNLESS_OPENED)),
            reviewed=members(environ, "DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES") or frozenset({"PENDING_REVIEW"}),
            review_four_eyes=flag(environ, "DPM_WORKFLOW_FOUR_EYES", default=False),
            packs=PackSettings.from_environ(environ),
            warnings=tuple(_warnings(environ)),
        )

    @property
    def local(self) -> bool:
        """Whether the local stack's liberties hold: memory stores, callers without an authorizer."""
        return self.profile is Profile.LOCAL


def text(environ: Environ, name: str) -> str:
    """A name, trimmed; empty when unset."""
    return environ.get(name, "").strip()


def enumeration(environ: Environ, name: str) -> str:
    """An enumerated value, trimmed, in upper case; empty when unset."""
    return text(environ, name).upper()


def flag(environ: Environ, name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on in any case; any other set value, the empty one included, is false."""
    value = environ.get(name)
    return default if value is None else value.strip().lower() in _TRUE


def members(environ: Environ, name: str) -> frozenset[str]:
    """A set, parted by commas; blanks around members and empty ones do not count."""
    return frozenset(filter(None, map(str.strip, environ.get(name, "").split(","))))


def at_least(least: int, environ: Environ, name: str) -> int | None:
    """A whole number from `least` up; None where it is absent, no number or smaller."""
    try:
        number = int(environ.get(name, ""))
    except ValueError:
        return None
    return number if number >= least else None


def _durable(environ: Environ, name: str) -> bool:
    return enumeration(environ, name) == Backend.DYNAMODB


def _accepts_only(environ: Environ) -> bool:
    return enumeration(environ, "DPM_ASYNC_EXECUTION_MODE") == ExecutionMode.ACCEPT_ONLY


def _artifact_mode(environ: Environ, profile: Profile) -> ArtifactMode:
    """DERIVED unless told otherwise; in PRODUCTION artifacts are kept unless told otherwise (dpm-service S38)."""
    stated = enumeration(environ, "DPM_ARTIFACT_STORE_MODE")
    if stated in set(ArtifactMode):
        return ArtifactMode(stated)
    return ArtifactMode.DERIVED if profile is Profile.LOCAL else ArtifactMode.PERSISTED


def _packs_in_use(environ: Environ) -> bool:
    names = ("DPM_POLICY_PACKS_ENABLED", "DPM_POLICY_PACK_ADMIN_APIS_ENABLED")
    return any(flag(environ, name, default=False) for name in names)


def _real_lambda(environ: Environ) -> bool:
    emulated = "AWS_SAM_LOCAL" in environ or any(name.startswith("AWS_ENDPOINT_URL") and value for name, value in environ.items())
    return "AWS_EXECUTION_ENV" in environ and not emulated


def _warnings(environ: Environ) -> Iterator[str]:
    for name in ("DPM_IDEMPOTENCY_REPLAY_ENABLED", *(switch.variable for switch in Switch if switch not in CLOSED_UNLESS_OPENED)):
        if name in environ and not text(environ, name):
            yield f"FLAG_EMPTY: {name}"  # reads as false, which is rarely meant
    backend = enumeration(environ, "DPM_SUPPORTABILITY_STORE_BACKEND")
    if backend and backend not in set(Backend):
        yield "BACKEND_UNKNOWN: DPM_SUPPORTABILITY_STORE_BACKEND"
    mode = enumeration(environ, "DPM_ARTIFACT_STORE_MODE")
    if mode and mode not in set(ArtifactMode):
        yield "ARTIFACT_STORE_MODE_UNKNOWN: DPM_ARTIFACT_STORE_MODE"


Guardrail = tuple[Code, Callable[[Environ], bool]]

# Per profile, in order: a code and what violates it. The first violation is the answer.
GUARDRAILS: Final[Mapping[Profile, tuple[Guardrail, ...]]] = {
    Profile.PRODUCTION: (
        (Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE, lambda env: not _durable(env, "DPM_SUPPORTABILITY_STORE_BACKEND")),
        (Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE, lambda env: not text(env, "DPM_TABLE_NAME")),
        (Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE, lambda env: not _durable(env, "PROPOSAL_STORE_BACKEND")),
        (Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE, lambda env: not text(env, "PROPOSAL_TABLE_NAME")),
        (
            Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE,
            lambda env: _packs_in_use(env) and not _durable(env, "DPM_POLICY_PACK_CATALOG_BACKEND"),
        ),
        (
            Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE_TABLE,
            lambda env: _packs_in_use(env) and not text(env, "DPM_POLICY_PACK_TABLE_NAME"),
        ),
        (Code.PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET, lambda env: not text(env, "DPM_PAYLOAD_BUCKET")),
        (
            Code.PERSISTENCE_PROFILE_REQUIRES_DPM_QUEUE,
            lambda env: _accepts_only(env) and not text(env, "DPM_OPERATIONS_QUEUE_URL"),
        ),
    ),
    Profile.LOCAL: (
        (Code.PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA, _real_lambda),
        (
            Code.DPM_SUPPORTABILITY_TABLE_REQUIRED,
            lambda env: _durable(env, "DPM_SUPPORTABILITY_STORE_BACKEND") and not text(env, "DPM_TABLE_NAME"),
        ),
        (
            Code.DPM_POLICY_PACK_TABLE_REQUIRED,
            lambda env: _durable(env, "DPM_POLICY_PACK_CATALOG_BACKEND") and not text(env, "DPM_POLICY_PACK_TABLE_NAME"),
        ),
    ),
}
