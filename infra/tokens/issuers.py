"""Whose tokens are believed, and what their claims are called. Read strictly: a misspelt member is never half believed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import orjson

from infra.settings.guardrails import loopback

USUAL_ALGORITHMS: Final = ("RS256", "ES256", "PS256")
ALGORITHMS: Final = tuple(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512))
"""The algorithms that an issuer may sign by: each with a private key that stays with it (RFC 7518, 3.3 to 3.5)."""

EVERY_TENANT: Final = "*"

_PRINTED: Final = re.compile(r"[!-~]+")


class IssuersUnreadable(ValueError):  # noqa: N818  (named for what the log is told)
    """The stated issuers are none; the text says where, in our own words."""


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """What an issuer calls its claims. `person_is` are the values of `person` that mean a human being; a JSON true reads as `true`.

    Without a `usage_key` the key of a caller's plan is made of the tenant.
    """

    tenant: str = "tenant"
    actor: str = "sub"
    person: str = "person"
    person_is: tuple[str, ...] = ("true",)
    scopes: str = "scope"
    usage_key: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who signs tokens: `iss` and `aud` as they stand in them, where its public keys lie, and for which tenants it may speak.

    `key_set` is an https address, or in the local profile the key set itself.
    """

    issuer: str
    audience: str
    key_set: str | Mapping[str, Any]
    algorithms: tuple[str, ...] = USUAL_ALGORITHMS
    tenants: frozenset[str] = frozenset({EVERY_TENANT})
    claims: ClaimNames = ClaimNames()

    def speaks_for(self, tenant: str) -> bool:
        """Whether its word about this tenant counts."""
        return EVERY_TENANT in self.tenants or tenant in self.tenants


def issuers_of(text: str, *, local: bool) -> tuple[Issuer, ...]:
    """The issuers of a JSON list, none for an empty text. IssuersUnreadable where one is not whole, or two could be taken for each other.

    Where there are several, each names its tenants: one partner's issuer cannot speak for another's.
    """
    if not text.strip():
        return ()
    try:
        stated = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise IssuersUnreadable("not JSON") from None
    if not isinstance(stated, list):
        raise IssuersUnreadable("not a list")
    issuers = tuple(_issuer(one, f"[{position}]", alone=len(stated) == 1, local=local) for position, one in enumerate(stated))
    for told, member in (("one name", "issuer"), ("one key set", "key_set")):
        values = [getattr(issuer, member) for issuer in issuers]
        if any(value in values[:position] for position, value in enumerate(values)):
            raise IssuersUnreadable(f"two issuers with {told}")
    return issuers


def _issuer(stated: Any, place: str, *, alone: bool, local: bool) -> Issuer:
    given = _members(stated, place, {"issuer", "audience", "key_set", "algorithms", "tenants", "claims"})
    tenants = frozenset(_texts(given, "tenants", place, (EVERY_TENANT,) if alone else ()))
    algorithms = _texts(given, "algorithms", place, USUAL_ALGORITHMS)
    if unknown := sorted(set(algorithms) - set(ALGORITHMS)):
        raise IssuersUnreadable(f"{place}.algorithms: {', '.join(unknown)} is not one of {', '.join(ALGORITHMS)}")
    if not tenants:
        raise IssuersUnreadable(f"{place}.tenants: missing, where there are several issuers")
    return Issuer(
        issuer=_text(given, "issuer", place),
        audience=_text(given, "audience", place),
        key_set=_key_set(given.get("key_set"), f"{place}.key_set", local=local),
        algorithms=algorithms,
        tenants=tenants,
        claims=_claims(given.get("claims", {}), f"{place}.claims"),
    )


def _key_set(stated: Any, place: str, *, local: bool) -> str | Mapping[str, Any]:
    """An https address; plain http to this machine, and the keys themselves, in the local profile alone.

    Scheme and host are the same in any case (RFC 3986, 6.2.2.1), so that no two issuers name one set by spelling it differently.
    """
    if isinstance(stated, dict) and local:
        return stated
    if not isinstance(stated, str) or not _PRINTED.fullmatch(stated) or (address := _address(stated)) is None:
        raise IssuersUnreadable(f"{place}: not an address")
    if address.scheme != "https" and not (local and address.scheme == "http" and loopback(stated)):
        raise IssuersUnreadable(f"{place}: not https")
    return address._replace(netloc=address.netloc.lower()).geturl()


def _address(stated: str) -> SplitResult | None:
    """Its parts; None where somebody's name or a fragment is one, no host, or no port that can be."""
    try:
        address = urlsplit(stated)
        whole = address.hostname and address.port != 0 and address.username is None and not address.fragment
    except ValueError:
        return None
    return address if whole else None


def _claims(stated: Any, place: str) -> ClaimNames:
    usual = ClaimNames()
    given = _members(stated, place, set(ClaimNames.__dataclass_fields__))
    names = {name: _text(given, name, place) for name in given if name != "person_is"}
    return ClaimNames(**names, person_is=_texts(given, "person_is", place, usual.person_is))


def _members(stated: Any, place: str, known: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(stated, dict):
        raise IssuersUnreadable(f"{place}: not an object")
    if unknown := sorted(stated.keys() - set(known)):
        raise IssuersUnreadable(f"{place}: {', '.join(unknown)} is not known")
    return stated


def _text(given: Mapping[str, Any], name: str, place: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise IssuersUnreadable(f"{place}.{name}: not a text")
    return value


def _texts(given: Mapping[str, Any], name: str, place: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    values = given.get(name, list(usual))
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise IssuersUnreadable(f"{place}.{name}: not a list of texts")
    return tuple(values)
