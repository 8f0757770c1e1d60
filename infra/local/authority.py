"""The issuer of the local stack: a key made when it starts and gone when it ends, and tokens for who takes part in the work of a desk."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from infra.http.identity import LOCAL_TENANT, Scope
from infra.system import utc_now

ISSUER: Final = "https://issuer.local"
AUDIENCE: Final = "rebalance"
ALGORITHM: Final = "ES256"
LASTS: Final = timedelta(hours=12)


class Role(NamedTuple):
    """Somebody who calls, as tokens name them."""

    name: str
    actor: str
    scopes: tuple[Scope, ...]


ROLES: Final = (
    Role("ADVISER", "adviser-1", (Scope.ADVISE, Scope.ADVISORY_READ, Scope.RUN, Scope.READ)),
    Role("RISK", "risk-1", (Scope.APPROVE_RISK, Scope.ADVISORY_READ, Scope.REVIEW, Scope.READ)),
    Role("COMPLIANCE", "compliance-1", (Scope.APPROVE_COMPLIANCE, Scope.ADVISORY_READ, Scope.REVIEW, Scope.READ)),
    Role("OPERATOR", "operator-1", (Scope.RUN, Scope.READ, Scope.EXECUTE, Scope.REVIEW, Scope.ADVISORY_READ, Scope.ADVISORY_EXECUTE)),
    Role("ADMINISTRATOR", "administrator-1", tuple(Scope)),
)
"""Whom `make up` prints tokens for."""


class Authority:
    """Signs with a key that no file ever holds."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._kid = str(uuid4())

    @property
    def issuers(self) -> str:
        """What the authorizer is told (`TOKEN_ISSUERS_JSON`): this issuer with its public key."""
        public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        keys = [public | {"kid": self._kid, "use": "sig", "alg": ALGORITHM}]
        return json.dumps([{"issuer": ISSUER, "audience": AUDIENCE, "algorithms": [ALGORITHM], "key_set": {"keys": keys}}])

    def token(
        self,
        actor: str,
        scopes: Iterable[str],
        *,
        tenant: str = LOCAL_TENANT,
        person: bool = True,
        now: datetime | None = None,
        lasts: timedelta = LASTS,
    ) -> str:
        """A token of somebody, from now on."""
        begins = now or utc_now()
        claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": begins, "exp": begins + lasts, "jti": str(uuid4())}
        who = {"sub": actor, "tenant": tenant, "person": person, "scope": " ".join(scopes)}
        return jwt.encode(claims | who, self._key, ALGORITHM, headers={"kid": self._kid})
