"""Whose tokens open the door (`TOKEN_ISSUERS_JSON`); only the authorizer reads them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.settings.guardrails import Profile, profile_of
from infra.settings.reading import Environ, text

if TYPE_CHECKING:  # nobody but the authorizer needs to know what an issuer is
    from infra.tokens.issuers import Issuer


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """What is stated of issuers; `local` where the local profile's liberties hold."""

    stated: str = ""
    local: bool = True

    @classmethod
    def from_environ(cls, environ: Environ) -> "TokenSettings":
        """As it stands: `issuers` reads it."""
        return cls(text(environ, "TOKEN_ISSUERS_JSON"), profile_of(environ) is Profile.LOCAL)

    @property
    def issuers(self) -> "tuple[Issuer, ...]":
        """The issuers; none where none are stated, and then every token is refused. IssuersUnreadable for what is no list of them."""
        from infra.tokens.issuers import issuers_of  # noqa: PLC0415  (see above)

        return issuers_of(self.stated, local=self.local)
