"""What an environment must have before a function may serve: per profile a list of rules, each for those that need it (RFC-0024)."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from engine.usecases.refusals import Code
from infra.settings.operations import accepts_only
from infra.settings.reading import Environ, durable, enumeration, flag, text


class Misconfigured(Exception):  # noqa: N818  (named for what the caller is told)
    """The environment cannot serve; every call is answered 503 with `code` until it is deployed anew."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class Profile(StrEnum):
    """How strict the start is. Anything but `LOCAL`, a misspelling included, is PRODUCTION."""

    PRODUCTION = "PRODUCTION"
    LOCAL = "LOCAL"


class Need(StrEnum):
    """What a function cannot do without; it is refused for nothing else."""

    RUNS = "RUNS"  # runs and operations, with their documents
    PROPOSALS = "PROPOSALS"  # with their documents
    PACKS = "PACKS"
    QUEUE = "QUEUE"
    BOOKS = "BOOKS"  # their bucket
    BOOK_RUNS = "BOOK_RUNS"  # their state machine


EVERYTHING: Final = frozenset(Need)


class Guardrail(NamedTuple):
    """A code and what violates it; `need` None = whatever the function needs."""

    need: Need | None
    code: Code
    violated: Callable[[Environ], bool]


def profile_of(environ: Environ) -> Profile:
    """The profile that the environment names."""
    return Profile.LOCAL if enumeration(environ, "APP_PERSISTENCE_PROFILE") == Profile.LOCAL else Profile.PRODUCTION


def refuse(environ: Environ, needs: Collection[Need]) -> None:
    """Raise Misconfigured with the first guardrail that the environment violates for one of these needs."""
    for rule in GUARDRAILS[profile_of(environ)]:
        if (rule.need is None or rule.need in needs) and rule.violated(environ):
            raise Misconfigured(rule.code)


def _packs_in_use(environ: Environ) -> bool:
    names = ("DPM_POLICY_PACKS_ENABLED", "DPM_POLICY_PACK_ADMIN_APIS_ENABLED")
    return any(flag(environ, name, default=False) for name in names)


def _real_lambda(environ: Environ) -> bool:
    """Whether this is Lambda itself. An endpoint variable says emulator only where all of them lead to this machine."""
    endpoints = [value for name, value in environ.items() if name.startswith("AWS_ENDPOINT_URL") and value]
    emulated = "AWS_SAM_LOCAL" in environ or (bool(endpoints) and all(map(loopback, endpoints)))
    return "AWS_EXECUTION_ENV" in environ and not emulated


def loopback(url: str) -> bool:
    """Whether an address is this machine's own; a platform's endpoint in a private network is not."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _thresholds_unreadable(environ: Environ) -> bool:
    """Whether the bank's limits of suitability are stated and are none: a misspelt limit is never dropped."""
    stated = text(environ, "PROPOSAL_SUITABILITY_THRESHOLDS")
    if not stated:
        return False
    from engine.contracts.options.proposals import parse_thresholds  # noqa: PLC0415  (models, for the few who have limits)

    try:
        parse_thresholds(stated)
    except ValueError:
        return True
    return False


_THRESHOLDS: Final = Guardrail(Need.PROPOSALS, Code.PROPOSAL_SUITABILITY_THRESHOLDS_INVALID, _thresholds_unreadable)

GUARDRAILS: Final[Mapping[Profile, tuple[Guardrail, ...]]] = {
    Profile.PRODUCTION: (
        Guardrail(Need.RUNS, Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE, lambda env: not durable(env, "DPM_SUPPORTABILITY_STORE_BACKEND")),
        Guardrail(Need.RUNS, Code.PERSISTENCE_PROFILE_REQUIRES_DPM_STORE_TABLE, lambda env: not text(env, "DPM_TABLE_NAME")),
        Guardrail(Need.PROPOSALS, Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE, lambda env: not durable(env, "PROPOSAL_STORE_BACKEND")),
        Guardrail(Need.PROPOSALS, Code.PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE, lambda env: not text(env, "PROPOSAL_TABLE_NAME")),
        Guardrail(
            Need.PACKS,
            Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE,
            lambda env: _packs_in_use(env) and not durable(env, "DPM_POLICY_PACK_CATALOG_BACKEND"),
        ),
        Guardrail(
            Need.PACKS,
            Code.PERSISTENCE_PROFILE_REQUIRES_POLICY_PACK_STORE_TABLE,
            lambda env: _packs_in_use(env) and not text(env, "DPM_POLICY_PACK_TABLE_NAME"),
        ),
        *(
            Guardrail(need, Code.PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET, lambda env: not text(env, "DPM_PAYLOAD_BUCKET"))
            for need in (Need.RUNS, Need.PROPOSALS)
        ),
        Guardrail(
            Need.QUEUE,
            Code.PERSISTENCE_PROFILE_REQUIRES_DPM_QUEUE,
            lambda env: accepts_only(env) and not text(env, "DPM_OPERATIONS_QUEUE_URL"),
        ),
        Guardrail(Need.BOOKS, Code.PERSISTENCE_PROFILE_REQUIRES_BOOKS_BUCKET, lambda env: not text(env, "BOOKS_BUCKET")),
        Guardrail(Need.BOOK_RUNS, Code.PERSISTENCE_PROFILE_REQUIRES_BOOK_MACHINE, lambda env: not text(env, "BOOK_MACHINE_ARN")),
        _THRESHOLDS,
    ),
    Profile.LOCAL: (
        Guardrail(None, Code.PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA, _real_lambda),
        Guardrail(
            Need.RUNS,
            Code.DPM_SUPPORTABILITY_TABLE_REQUIRED,
            lambda env: durable(env, "DPM_SUPPORTABILITY_STORE_BACKEND") and not text(env, "DPM_TABLE_NAME"),
        ),
        Guardrail(
            Need.PROPOSALS,
            Code.STORE_PROPOSAL_TABLE_REQUIRED,
            lambda env: durable(env, "PROPOSAL_STORE_BACKEND") and not text(env, "PROPOSAL_TABLE_NAME"),
        ),
        Guardrail(
            Need.PACKS,
            Code.DPM_POLICY_PACK_TABLE_REQUIRED,
            lambda env: durable(env, "DPM_POLICY_PACK_CATALOG_BACKEND") and not text(env, "DPM_POLICY_PACK_TABLE_NAME"),
        ),
        _THRESHOLDS,
    ),
}
"""In order: the first violation is the answer."""
