"""Authorizers of an API as API Gateway runs them: what is no token never reaches the function, what it said is kept for a time."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any, Final

from infra.local.functions import Function, FunctionError

AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
MAX_KEPT: Final = 1_000

Kept = tuple[float, Mapping[str, Any]]


class Refused(Exception):  # noqa: N818  (named for what the gateway answers)
    """The gateway answers this call itself, by a kind of its responses."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass
class Authorizer:
    """One TOKEN authorizer: the header it reads, what may stand in it, and the function that is asked."""

    function: Function
    header: str
    expression: re.Pattern[str]
    ttl_seconds: float
    clock: Callable[[], float] = time.monotonic
    kept: dict[str, Kept] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def context(self, token: str | None, method_arn: str) -> dict[str, Any]:
        """What the function says of the caller, for the event. Refused: UNAUTHORIZED, ACCESS_DENIED or DEFAULT_5XX."""
        if not token or not self.expression.fullmatch(token):
            raise Refused("UNAUTHORIZED")
        answer = self._said(token, method_arn)
        statements = answer["policyDocument"]["Statement"]
        if not any(statement["Effect"] == "Allow" and fnmatchcase(method_arn, statement["Resource"]) for statement in statements):
            raise Refused("ACCESS_DENIED")
        told = {name: str(value) for name, value in answer.get("context", {}).items()}
        return {"principalId": answer["principalId"], **told, "integrationLatency": 0}

    def _said(self, token: str, method_arn: str) -> Mapping[str, Any]:
        with self.lock:
            until, kept = self.kept.get(token, (0.0, {}))
        if self.clock() < until:
            return kept
        try:
            said: dict[str, Any] = self.function.invoke({"type": "TOKEN", "authorizationToken": token, "methodArn": method_arn})
        except FunctionError as error:
            raise Refused("UNAUTHORIZED" if str(error) == "Unauthorized" else "DEFAULT_5XX") from None
        with self.lock:
            if len(self.kept) >= MAX_KEPT:
                self.kept.clear()
            self.kept[token] = (self.clock() + self.ttl_seconds, said)
        return said


def authorizers_of(definition: Mapping[str, Any], functions: Mapping[str, Function], arn_in: re.Pattern[str]) -> dict[str, Authorizer]:
    """The authorizers of an API's definition by the names of their security schemes."""
    return dict(_authorizers(definition.get("components", {}).get("securitySchemes", {}), functions, arn_in))


def _authorizers(
    schemes: Mapping[str, Any], functions: Mapping[str, Function], arn_in: re.Pattern[str]
) -> Iterator[tuple[str, Authorizer]]:
    for name, scheme in schemes.items():
        stated = scheme.get(AUTHORIZER)
        found = arn_in.search(stated["authorizerUri"]) if stated else None
        if found is not None:
            expression = re.compile(stated.get("identityValidationExpression", ".*"))
            yield name, Authorizer(functions[found[1]], scheme["name"].lower(), expression, float(stated["authorizerResultTtlInSeconds"]))
