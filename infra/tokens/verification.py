"""Is this token good, and who is it? Whatever it says of itself is believed only after its issuer's own key has verified it (RFC 8725)."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto
from hashlib import sha256
from typing import Any, Final

import jwt
import orjson

from engine.ports.outside import Clock
from engine.records.proposal_history import SYSTEM
from engine.usecases.refusals import Refused
from infra.http.identity import Identity, Scope
from infra.tokens.fetching import Fetch
from infra.tokens.issuers import ClaimNames, Issuer
from infra.tokens.key_sets import MAX_KID_LENGTH, KeySet

SKEW: Final = timedelta(seconds=60)
"""How far an issuer's clock may be from ours, either way."""

MAX_TOKEN_LENGTH: Final = 8192  # characters; all headers of a call are 10,240 at the gateway
USAGE_KEY_LENGTHS: Final = range(20, 129)  # what API Gateway takes for the value of a key

_LAST: Final = datetime.max.replace(microsecond=0, tzinfo=UTC) - SKEW
"""No clock of ours goes further: who is to have a token for ever says the last second of the year 9999."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_REQUIRED: Final = ("exp", "iss", "aud", "sub")
_KNOWN_SCOPES: Final = frozenset(Scope)


class Reason(StrEnum):
    """Why a token is refused, for the log: the caller hears `Unauthorized`."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return f"TOKEN_{name}"

    MISSING = auto()
    TOO_LONG = auto()
    MALFORMED = auto()
    HEADER_NOT_ALLOWED = auto()
    ALGORITHM_NOT_ALLOWED = auto()
    ISSUER_UNKNOWN = auto()
    KEY_UNKNOWN = auto()
    SIGNATURE_INVALID = auto()
    AUDIENCE_INVALID = auto()
    CLAIM_INVALID = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    TENANT_NOT_ALLOWED = auto()
    IDENTITY_INVALID = auto()


class TokenRefused(Exception):  # noqa: N818  (named for what the log is told)
    """A token that is not believed; with what may be told of it: a reason, a configured issuer, and the key id as a digest."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Verified:
    """Who a good token is. `usage_key` is the value of the key whose plan bounds this caller; `facts` what may be told of the token."""

    identity: Identity
    usage_key: str
    facts: Mapping[str, str]


class Verification:
    """Verifies tokens of these issuers. Clock and fetcher are given; keys are kept, one set for each issuer."""

    def __init__(self, issuers: Iterable[Issuer], fetch: Fetch, clock: Clock) -> None:
        self._clock = clock
        self._issuers = {issuer.issuer: (issuer, KeySet(_reading(issuer, fetch), clock)) for issuer in issuers}

    def __call__(self, token: str) -> Verified:
        """The caller. TokenRefused for a token that is not good, KeysUnavailable where nobody can say."""
        facts: dict[str, str] = {}
        try:
            return self._verified(token, facts)
        except TokenRefused as refused:
            refused.facts = facts
            raise

    def _verified(self, token: str, facts: dict[str, str]) -> Verified:
        header, said = _parts(token)
        kid, algorithm = _checked_header(header)
        facts["kid_sha256"] = sha256(kid.encode(errors="surrogatepass")).hexdigest()[:16]
        name = said.get("iss")
        issuer, keys = self._issuers.get(name, (None, None)) if isinstance(name, str) else (None, None)
        if issuer is None or keys is None:
            raise TokenRefused(Reason.ISSUER_UNKNOWN)
        facts["issuer"] = issuer.issuer
        if algorithm not in issuer.algorithms:
            raise TokenRefused(Reason.ALGORITHM_NOT_ALLOWED)
        key = keys.key(kid, algorithm)
        if key is None:
            raise TokenRefused(Reason.KEY_UNKNOWN)
        claims = _signed_claims(token, key, algorithm, issuer)
        identity = _identity(claims, issuer, self._ends(claims))
        return Verified(identity, usage_key(claims, issuer.claims, identity.tenant), facts)

    def _ends(self, claims: Mapping[str, Any]) -> datetime:
        """Until when the token counts here, our skew included; functions refuse an identity from then on."""
        now = self._clock()
        for name in ("nbf", "iat"):
            if name in claims and _moment(claims[name]) > now + SKEW:
                raise TokenRefused(Reason.NOT_YET_VALID)
        ends = _moment(claims["exp"])
        if ends <= now - SKEW:
            raise TokenRefused(Reason.EXPIRED)
        return min(ends, _LAST) + SKEW


def usage_key(claims: Mapping[str, Any], names: ClaimNames, tenant: str) -> str:
    """The value of the API key whose plan bounds this caller: what the issuer says where it is asked, else the SHA-256 of the tenant in hex.

    Everybody can compute another tenant's digest: whoever says one would spend what that partner may ask.
    """
    said, own = claims.get(names.usage_key) if names.usage_key else None, sha256(tenant.encode()).hexdigest()
    if said is None or said == own:
        return own
    if not isinstance(said, str) or len(said) not in USAGE_KEY_LENGTHS or _DIGEST.fullmatch(said):
        raise TokenRefused(Reason.CLAIM_INVALID)
    return said


def _reading(issuer: Issuer, fetch: Fetch) -> Callable[[], bytes]:
    key_set = issuer.key_set
    return (lambda: fetch(key_set)) if isinstance(key_set, str) else (lambda: orjson.dumps(key_set))


def _parts(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as they are written, believed by nobody yet."""
    if not token:
        raise TokenRefused(Reason.MISSING)
    if len(token) > MAX_TOKEN_LENGTH:
        raise TokenRefused(Reason.TOO_LONG)
    try:
        read = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise TokenRefused(Reason.MALFORMED) from None
    return read["header"], read["payload"]


def _checked_header(header: Mapping[str, Any]) -> tuple[str, str]:
    """Key id and algorithm. Keys and addresses that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at."""
    if "crit" in header or str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise TokenRefused(Reason.HEADER_NOT_ALLOWED)
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_LENGTH:
        raise TokenRefused(Reason.KEY_UNKNOWN)
    return kid, str(algorithm)


def _signed_claims(token: str, key: Any, algorithm: str, issuer: Issuer) -> dict[str, Any]:
    """The claims, by the key and the one algorithm that it is for. Times are ours to judge, by our own clock."""
    asked: Any = {"require": list(_REQUIRED), "verify_exp": False, "verify_nbf": False, "verify_iat": False}
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=[algorithm], audience=issuer.audience, issuer=issuer.issuer, options=asked
        )
    except jwt.InvalidSignatureError:
        raise TokenRefused(Reason.SIGNATURE_INVALID) from None
    except jwt.InvalidAudienceError:
        raise TokenRefused(Reason.AUDIENCE_INVALID) from None
    except (jwt.PyJWTError, ValueError):
        raise TokenRefused(Reason.CLAIM_INVALID) from None
    return claims


def _moment(stated: Any) -> datetime:
    """A NumericDate (RFC 7519, 2), to the second below."""
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise TokenRefused(Reason.CLAIM_INVALID)
    try:
        return datetime.fromtimestamp(int(stated), UTC)
    except (ValueError, OverflowError, OSError):  # no number at all, or no time that we count
        raise TokenRefused(Reason.CLAIM_INVALID) from None


def _identity(claims: Mapping[str, Any], issuer: Issuer, ends: datetime) -> Identity:
    """The caller in our words; scopes that we do not know are nobody's business here."""
    names = issuer.claims
    tenant, actor, subject = (claims.get(name) for name in (names.tenant, names.actor, "sub"))
    if not (isinstance(tenant, str) and isinstance(actor, str) and isinstance(subject, str) and subject) or actor.casefold() == SYSTEM:
        raise TokenRefused(Reason.IDENTITY_INVALID)
    if not issuer.speaks_for(tenant):
        raise TokenRefused(Reason.TENANT_NOT_ALLOWED)
    verified = Identity(tenant, actor, _is_person(claims, names), _scopes(claims.get(names.scopes, "")), ends)
    try:
        return Identity.of_context(verified.as_context())
    except Refused:
        raise TokenRefused(Reason.IDENTITY_INVALID) from None


def _is_person(claims: Mapping[str, Any], names: ClaimNames) -> bool:
    said = claims.get(names.person)
    return (str(said).lower() if isinstance(said, bool) else said) in names.person_is


def _scopes(said: Any) -> frozenset[str]:
    """Scopes as one text with blanks, and with no other space (RFC 8693, 4.2), or as a list of texts."""
    given = said.split(" ") if isinstance(said, str) else said
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise TokenRefused(Reason.CLAIM_INVALID)
    return _KNOWN_SCOPES & set(given)
