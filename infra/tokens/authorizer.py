"""How API Gateway asks who calls (a TOKEN authorizer), and what it is told: a policy for all routes of the stage, and the identity.

The gateway keeps the answer for its token, so the policy may not be about the one route that was asked for first: scopes and expiry are
the functions' own to check.
"""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, Final

from aws_lambda_powertools import Logger

from infra.observability import log_defect, log_token
from infra.tokens.key_sets import KeysUnavailable
from infra.tokens.verification import Reason, TokenRefused, Verified
from infra.triggers.once import FunctionFailed

Answer = dict[str, Any]
Handler = Callable[[Mapping[str, Any], Any], Answer]

BEARER: Final = "bearer"


class Unauthorized(FunctionFailed):  # the very text that API Gateway takes for 401
    """The token is refused."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Undecided(FunctionFailed):
    """Nobody can say whether the token is good: 500."""


def authorizer(verify: Callable[[str], Verified], log: Logger) -> Handler:
    """A handler of authorizer events. Raises Unauthorized for 401, Undecided for 500; neither carries anything of the token."""

    def handler(event: Mapping[str, Any], _context: Any) -> Answer:
        started = perf_counter()

        def told(outcome: str, facts: Mapping[str, str], *, failed: bool = False) -> None:
            log_token(log, outcome=outcome, accepted=outcome == "ACCEPTED", failed=failed, seconds=perf_counter() - started, facts=facts)

        try:
            verified = verify(_bearer(event))
        except TokenRefused as refused:
            told(refused.reason, refused.facts)
            raise Unauthorized from None
        except KeysUnavailable:
            told("KEYS_UNAVAILABLE", {}, failed=True)
            raise Undecided("KEYS_UNAVAILABLE") from None
        except Exception as defect:  # noqa: BLE001  (the outermost door: Lambda would log the text of what is raised)
            log_defect(log, defect)
            told("DEFECT", {}, failed=True)
            raise Undecided("DEFECT") from None
        told("ACCEPTED", verified.facts)
        return answer(str(event["methodArn"]), verified)

    return handler


def answer(method_arn: str, verified: Verified) -> Answer:
    """Every route of the stage that `arn:…:execute-api:region:account:api/stage/METHOD/path` belongs to, for this caller."""
    api, stage, *_ = method_arn.split("/")
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*"}
    identity = verified.identity
    return {
        "principalId": f"{identity.tenant}|{identity.actor}",
        "policyDocument": {"Version": "2012-10-17", "Statement": [allowed]},
        "context": identity.as_context(),
        "usageIdentifierKey": verified.usage_key,
    }


def _bearer(event: Mapping[str, Any]) -> str:
    """The token of `Authorization: Bearer …` (RFC 6750, 2.1), the only place where one is looked for."""
    scheme, _, token = str(event.get("authorizationToken") or "").strip().partition(" ")
    if scheme.lower() != BEARER:
        raise TokenRefused(Reason.MISSING)
    return token.strip()
