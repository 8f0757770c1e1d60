"""Who calls: tenant, actor and scopes as the authorizer verified them, never as the request claims them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from engine.records.runs import TENANT
from engine.usecases.refusals import Code, Refused
from infra.http.messages import Event

LOCAL_TENANT: Final = "local"
LOCAL_ACTOR: Final = "local-user"

_ACTOR: Final = re.compile(r"[!-~]([ -~]{0,126}[!-~])?")


class Scope(StrEnum):
    """What an identity may do, as the authorizer grants it. Every call of the API asks for one, or for one of several."""

    RUN = "dpm.run"
    READ = "dpm.read"
    REVIEW = "dpm.review"
    EXECUTE = "dpm.execute"
    ADMIN = "dpm.admin"
    ADVISE = "advisory.run"
    ADVISORY_READ = "advisory.read"
    APPROVE_RISK = "advisory.approve.risk"
    APPROVE_COMPLIANCE = "advisory.approve.compliance"
    APPROVE = "advisory.approve"
    ADVISORY_EXECUTE = "advisory.execute"


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller. `scopes` None means all of them (the local stack); `person` is False for a machine."""

    tenant: str
    actor: str
    person: bool
    scopes: frozenset[str] | None
    expires_at: datetime | None

    def require(self, scopes: Sequence[Scope], now: datetime) -> None:
        """Refuse an expired identity and one without any of the scopes."""
        if self.expires_at is not None and self.expires_at <= now:
            raise Refused(Code.UNAUTHORIZED, "identity expired")
        if self.scopes is not None and self.scopes.isdisjoint(scopes):
            raise Refused(Code.SCOPE_REQUIRED, " or ".join(scopes))

    def require_tenant(self, named: str | None) -> None:
        """Refuse a request that names another tenant than the caller's; a blank name is no name."""
        if named and named.strip() and named.strip() != self.tenant:
            raise Refused(Code.TENANT_MISMATCH)

    def acting_as(self, named: str | None) -> str:
        """The actor; a body that names another one is refused. Without an authorizer the local stack believes what the body says."""
        if named is None or named == self.actor:
            return self.actor
        if self.scopes is not None:
            raise Refused(Code.ACTOR_MISMATCH)
        return named

    def as_context(self) -> dict[str, str]:
        """The identity as an authorizer hands it on; `identity_of` reads it back. ValueError for one that never ends or may do anything."""
        if self.scopes is None or self.expires_at is None:
            raise ValueError("only a verified identity can be handed on")
        return {
            "tenant": self.tenant,
            "actor": self.actor,
            "person": "true" if self.person else "false",
            "scopes": " ".join(sorted(self.scopes)),
            "expires_at": str(int(self.expires_at.timestamp())),
        }

    @classmethod
    def of_context(cls, context: Mapping[str, Any]) -> "Identity":
        """The identity that an authorizer handed on as text; refused where the context is not one."""
        tenant, actor = str(context.get("tenant", "")), str(context.get("actor", ""))
        try:
            expires_at = datetime.fromtimestamp(int(context.get("expires_at", "")), UTC)
        except (ValueError, TypeError, OverflowError, OSError):
            raise Refused(Code.UNAUTHORIZED, "identity required") from None
        if not _is_tenant(tenant) or not _ACTOR.fullmatch(actor):
            raise Refused(Code.UNAUTHORIZED, "identity required")
        return cls(
            tenant,
            actor,
            person=str(context.get("person", "")).lower() == "true",
            scopes=frozenset(str(context.get("scopes", "")).split()),
            expires_at=expires_at,
        )


LOCAL_IDENTITY: Final = Identity(LOCAL_TENANT, LOCAL_ACTOR, person=True, scopes=None, expires_at=None)
NOBODY: Final = Identity("", "", person=False, scopes=frozenset(), expires_at=None)
"""Who calls what anybody may: of no tenant, and with no scope."""


def identity_of(event: Event, *, local: bool) -> Identity:
    """The caller behind an event. Without an authorizer only the local profile has one; half a context is no identity."""
    context = (event.get("requestContext") or {}).get("authorizer")
    if context:
        return Identity.of_context(context)
    if local:
        return LOCAL_IDENTITY
    raise Refused(Code.UNAUTHORIZED, "identity required")


def _is_tenant(text: str) -> bool:
    """Whether a partner can be called so: the names that paths and our own records use are nobody's."""
    return bool(TENANT.fullmatch(text)) and text not in {".", ".."} and not text.startswith("_system")
