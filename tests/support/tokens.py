"""Issuers with keys of their own, the addresses where their key sets lie, and tokens, good and forged."""

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.tokens.issuers import ClaimNames, Issuer
from infra.tokens.verification import Verification
from tests.support.samples import START, HandClock

AUDIENCE = "rebalance"
NOW = int(START.timestamp())  # START is 123,456 microseconds later


@cache
def private_key(name: str) -> Any:
    """A key of its own for every name; what stands before the hyphen is its type."""
    kind = name.partition("-")[0]
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("RSA") or 2048))
    curves: dict[str, Any] = {"P256": ec.SECP256R1, "P384": ec.SECP384R1, "K256": ec.SECP256K1}
    return ec.generate_private_key(curves[kind]())


def public_jwk(name: str, **members: Any) -> dict[str, Any]:
    """The public half as an issuer lists it."""
    algorithm: Any = jwt.algorithms.RSAAlgorithm if name.startswith("RSA") else jwt.algorithms.ECAlgorithm
    told: dict[str, Any] = algorithm.to_jwk(private_key(name).public_key(), as_dict=True)
    return told | {"kid": name, "use": "sig"} | members


def private_jwk(name: str) -> dict[str, Any]:
    """What no issuer should ever list."""
    told: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(private_key(name), as_dict=True)
    return told | {"kid": name, "use": "sig"}


def key_set(*keys: str | dict[str, Any]) -> bytes:
    return json.dumps({"keys": [public_jwk(key) if isinstance(key, str) else key for key in keys]}).encode()


def public_pem(name: str) -> bytes:
    """What everybody can read, as somebody would use it for a shared secret."""
    pem: bytes = private_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


@dataclass
class Shelf:
    """What lies at the addresses of the world; who asks is written down."""

    documents: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def __call__(self, address: str) -> bytes:
        self.asked.append(address)
        if self.down or address not in self.documents:
            raise OSError(address)
        return self.documents[address]


@dataclass(frozen=True)
class Partner:
    """An issuer: its configuration, and how it signs."""

    issuer: Issuer
    key: str
    tenant: str

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; a change of ... leaves a claim out."""
        said = {"iss": self.issuer.issuer, "aud": AUDIENCE, "sub": "adviser-7", "exp": NOW + 600, "iat": NOW, "nbf": NOW}
        said |= {"tenant": self.tenant, "person": True, "scope": "dpm.run dpm.read"} | changes
        return {name: value for name, value in said.items() if value is not ...}

    def token(self, *, key: Any = "", algorithm: Any = "", header: Any = None, **changes: Any) -> str:
        """A good token, but for the changes."""
        used = key or self.key
        names = {"kid": self.key, **(header or {})}
        usual = {"P256": "ES256", "P384": "ES384"}.get(used.partition("-")[0], "RS256")
        name = algorithm or usual
        whole = {"alg": name, "typ": "JWT"} | {member: value for member, value in names.items() if value is not ...}
        said = f"{encoded(whole)}.{encoded(self.claims(**changes))}"
        return f"{said}.{encoded(jwt.get_algorithm_by_name(name).sign(said.encode(), private_key(used)))}"


def partner(name: str, key: str, **members: Any) -> Partner:
    address = f"https://{name}.example"
    tenants = frozenset(members.pop("tenants", {name}))
    return Partner(Issuer(f"{address}/", AUDIENCE, f"{address}/keys", tenants=tenants, **members), key, name)


BANK_A = partner("bank-a", "RSA-a")
BANK_B = partner("bank-b", "RSA-b")
DESK = partner("desk", "P256-desk", tenants={"*"}, claims=ClaimNames("org", "uid", "idtyp", ("user",), "scp", "plan"))


@dataclass
class World:
    """Three issuers, where their keys lie, and who verifies their tokens."""

    clock: HandClock = field(default_factory=HandClock)
    shelf: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        partners = (BANK_A, BANK_B, DESK)
        self.shelf.documents |= {str(one.issuer.key_set): key_set(one.key) for one in partners}
        self.verify = Verification([one.issuer for one in partners], self.shelf, self.clock)

    def publish(self, one: Partner, *keys: str | dict[str, Any]) -> None:
        self.shelf.documents[str(one.issuer.key_set)] = key_set(*keys)

    def later(self, **amount: float) -> None:
        self.clock.now += timedelta(**amount)


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """A token that says of itself that nobody signed it."""
    return f"{encoded({'alg': 'none', 'typ': 'JWT'} | header)}.{encoded(claims)}."


def by_shared_secret(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """A token by HMAC, made by hand: no library lends itself to it with a public key."""
    said = f"{encoded({'alg': 'HS256', 'typ': 'JWT'} | header)}.{encoded(claims)}"
    return f"{said}.{encoded(hmac.digest(secret, said.encode(), 'sha256'))}"
