"""An issuer's public keys, kept while they are good (RFC 7517). Every issuer has a set of its own: its keys verify nobody else's tokens."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

import jwt
import orjson

from engine.ports.outside import Clock
from infra.tokens.issuers import ALGORITHMS

REFRESH: Final = timedelta(hours=1)
"""How old keys become in the ordinary course."""

OUTAGE: Final = timedelta(hours=24)
"""How long keys serve while their issuer does not answer."""

PAUSE: Final = timedelta(minutes=1)
"""The least between two questions to an issuer, so that tokens with unknown key ids cannot make us flood it."""

COLD_PAUSE: Final = timedelta(seconds=5)
"""The same while there is no key at all, and nobody can be let in."""

MAX_KEYS: Final = 100
MAX_KID_LENGTH: Final = 200
MIN_RSA_BITS: Final = 2048

Keys = Mapping[tuple[str, str], Any]
"""A public key by key id and algorithm: a key verifies only algorithms of its own type."""

_CURVES: Final = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class KeysUnavailable(Exception):  # noqa: N818  (named for what the log is told)
    """Nobody can say whether a token is good: its issuer's keys cannot be had."""


class KeySet:
    """The keys of one issuer. `read` fetches the document that lists them; an OSError or a ValueError of it is an outage."""

    def __init__(self, read: Callable[[], bytes], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._keys: Keys = {}
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._silent = False

    def key(self, kid: str, algorithm: str) -> Any | None:
        """The key of this id for this algorithm; None where the issuer has none. Raises KeysUnavailable where that cannot be known."""
        with self._lock:
            now = self._clock()
            if self._read_at is None or now - self._read_at >= REFRESH:
                self._ask(now)
            if (kid, algorithm) not in self._keys:
                self._ask(now)
            if self._read_at is None or now - self._read_at > OUTAGE:
                raise KeysUnavailable
            found = self._keys.get((kid, algorithm))
            if found is None and self._silent:
                raise KeysUnavailable  # a new key, perhaps: the issuer was asked and said nothing
            return found

    def _ask(self, now: datetime) -> None:
        if self._asked_at is not None and now - self._asked_at < (PAUSE if self._keys else COLD_PAUSE):
            return
        self._asked_at = now
        try:
            self._keys, self._read_at, self._silent = keys_of(self._read()), now, False
        except (OSError, ValueError):
            self._silent = True


def keys_of(document: bytes) -> Keys:
    """The keys of a JSON Web Key Set that we verify by; what is for another purpose, or too weak, is left out. ValueError where none is left."""
    stated = orjson.loads(document)
    listed = stated.get("keys") if isinstance(stated, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")  # noqa: TRY004  (a document of the wrong shape, as one that is no JSON)
    keys: dict[tuple[str, str], Any] = {}
    for jwk in listed[:MAX_KEYS]:
        for algorithm in _algorithms_of(jwk):
            try:
                key = jwt.PyJWK(jwk, algorithm).key
            except (jwt.PyJWTError, ValueError, TypeError):
                continue
            if getattr(key, "key_size", 0) >= MIN_RSA_BITS or algorithm.startswith("ES"):
                keys.setdefault((jwk["kid"], algorithm), key)
    if not keys:
        raise ValueError("no key")
    return keys


def _algorithms_of(jwk: Any) -> Iterator[str]:
    """What a listed key may verify: public, with an id, for signatures, and of one of our types."""
    if not isinstance(jwk, dict) or "d" in jwk or jwk.get("use", "sig") != "sig":
        return
    kid, uses = jwk.get("kid"), jwk.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID_LENGTH or not isinstance(uses, list) or "verify" not in uses:
        return
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", _:
            fitting = tuple(name for name in ALGORITHMS if name[:2] in {"RS", "PS"})
        case "EC", str(curve) if curve in _CURVES:
            fitting = (_CURVES[curve],)
        case _:
            return
    yield from (name for name in fitting if jwk.get("alg", name) == name)
