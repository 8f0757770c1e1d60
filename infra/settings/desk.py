"""How readers of the review desk sign in at their issuer: an authorization code with PKCE (RFC 6749, RFC 7636). None of it is secret."""

import re
from dataclasses import dataclass
from typing import Final

import orjson

from infra.settings.guardrails import Profile, loopback, profile_of
from infra.settings.reading import Environ, text

UNREADABLE: Final = "DESK_SIGN_IN_UNREADABLE"
"""What the log is told where something is stated and it is not all, or no address."""

NAMES: Final = ("DESK_AUTHORIZE_ENDPOINT", "DESK_TOKEN_ENDPOINT", "DESK_CLIENT_ID", "DESK_SCOPES")
OPENID: Final = "openid"

_ADDRESS: Final = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)/[!-~]*")
_CLIENT: Final = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class SignIn:
    """The issuer's two endpoints, the name that the desk has there, and what it asks for; always a token that says who it is about."""

    authorize: str
    token: str
    client_id: str
    scopes: str

    @classmethod
    def from_environ(cls, environ: Environ) -> "SignIn | None":
        """As it is stated; None without all of it: readers then paste their tokens."""
        authorize, token, client_id, scopes = (text(environ, name) for name in NAMES)
        local = profile_of(environ) is Profile.LOCAL
        if not (_is_address(authorize, local=local) and _is_address(token, local=local) and _CLIENT.fullmatch(client_id)):
            return None
        return cls(authorize, token, client_id, " ".join(dict.fromkeys([OPENID, *scopes.split()])))

    @property
    def origin(self) -> str:
        """Where the page fetches its token, as a policy names it."""
        found = _ADDRESS.fullmatch(self.token)
        return found[1] if found else ""

    def document(self) -> bytes:
        """What the page is told."""
        return orjson.dumps(self)


def unreadable(environ: Environ) -> bool:
    """Whether somebody wanted it and it cannot be had."""
    return SignIn.from_environ(environ) is None and any(text(environ, name) for name in NAMES[:3])


def _is_address(stated: str, *, local: bool) -> bool:
    found = _ADDRESS.fullmatch(stated)
    return found is not None and (stated.startswith("https://") or (local and loopback(stated)))
