"""What API Gateway is told of a token, and what the log is told: never a part of it."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest

from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.tokens import TokenSettings
from infra.tokens.authorizer import Unauthorized, Undecided, authorizer
from tests.support.gateway import load
from tests.support.tokens import BANK_A, DESK, World, unsigned

ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/prod/GET/rebalance/runs/rr_1"


class Asked:
    """An authorizer with the log that it writes."""

    def __init__(self, world: World, number: int = 0) -> None:
        self.log = io.StringIO()
        self.world = world
        self.handler = authorizer(world.verify, logger(f"authorizer-{uuid4()}", self.log))

    def __call__(self, token: str, arn: str = ARN, scheme: str = "Bearer") -> Any:
        return self.handler({"type": "TOKEN", "authorizationToken": f"{scheme} {token}", "methodArn": arn}, None)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def asked() -> Asked:
    return Asked(World())


def test_the_policy_is_for_every_route_of_the_stage(asked: Asked) -> None:
    answer = asked(BANK_A.token())
    assert answer["policyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3/prod/*"}
    ]
    others = (ARN, ARN.replace("GET/rebalance/runs/rr_1", "POST/rebalance/simulate"), ARN.replace("GET/rebalance/runs/rr_1", "GET/"))
    assert [asked(BANK_A.token(), arn) for arn in others] == [answer] * 3  # whoever is asked first, the same is kept
    assert set(answer) == {"principalId", "policyDocument", "context", "usageIdentifierKey"}


def test_the_context_is_the_identity(asked: Asked) -> None:
    answer = asked(BANK_A.token())
    assert answer["context"] == {
        "tenant": "bank-a",
        "actor": "adviser-7",
        "person": "true",
        "scopes": "dpm.read dpm.run",
        "expires_at": "1771589460",  # 2026-02-20 12:00:00 UTC is 1771588800; ten minutes, and one for clocks that differ
    }
    assert answer["principalId"] == "bank-a|adviser-7"
    assert answer["usageIdentifierKey"] == asked.world.verify(BANK_A.token()).usage_key


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_scheme_in_any_case(asked: Asked, scheme: str) -> None:
    assert asked(BANK_A.token(), scheme=scheme)


@pytest.mark.parametrize("event", [{}, {"authorizationToken": None}, {"authorizationToken": ""}, {"headers": {"Authorization": "x"}}])
def test_without_a_token(asked: Asked, event: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        asked.handler({"methodArn": ARN, "queryStringParameters": {"access_token": BANK_A.token()}} | event, None)
    assert asked.lines[0]["outcome"] == "TOKEN_MISSING"


def test_another_scheme(asked: Asked) -> None:
    with pytest.raises(Unauthorized):
        asked(BANK_A.token(), scheme="Basic")


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        (unsigned(BANK_A.claims(note="canary-claim"), kid="canary-kid"), "TOKEN_ALGORITHM_NOT_ALLOWED"),
        (BANK_A.token(iss="https://canary-issuer.example/", sub="canary-sub"), "TOKEN_ISSUER_UNKNOWN"),
        (BANK_A.token(key="RSA-m", sub="canary-sub"), "TOKEN_SIGNATURE_INVALID"),
        (BANK_A.token(tenant="canary-tenant"), "TOKEN_TENANT_NOT_ALLOWED"),
        (BANK_A.token(aud="canary-audience"), "TOKEN_AUDIENCE_INVALID"),
        (BANK_A.token(header={"kid": "canary-kid"}), "TOKEN_KEY_UNKNOWN"),
        ("canary.canary.canary", "TOKEN_MALFORMED"),
    ],
)
def test_the_caller_hears_one_word_and_the_log_a_reason(asked: Asked, token: str, outcome: str) -> None:
    with pytest.raises(Unauthorized, match=r"^Unauthorized$") as refused:
        asked(token)
    assert refused.value.__suppress_context__
    [line] = asked.lines
    assert (line["outcome"], line["tokens_refused"], line["failed"]) == (outcome, 1, 0)
    said = asked.log.getvalue()
    assert "canary" not in said
    assert not any(part in said for part in token.split(".") if len(part) > 6)


def test_of_a_good_token_the_log_knows_issuer_and_key(asked: Asked) -> None:
    token = DESK.token(org="canary-tenant", uid="canary-actor")
    asked(token)
    [line] = asked.lines
    assert (line["outcome"], line["issuer"], line["tokens_refused"]) == ("ACCEPTED", "https://desk.example/", 0)
    assert len(line["kid_sha256"]) == 16
    assert "canary" not in asked.log.getvalue()
    assert not any(part in asked.log.getvalue() for part in token.split("."))


def test_what_nobody_can_say_is_no_refusal(asked: Asked) -> None:
    asked.world.shelf.down = True
    with pytest.raises(Undecided, match="KEYS_UNAVAILABLE"):
        asked(BANK_A.token())
    assert (asked.lines[0]["outcome"], asked.lines[0]["failed"], asked.lines[0]["tokens_refused"]) == ("KEYS_UNAVAILABLE", 1, 0)


def test_a_defect_lets_nobody_in_and_tells_nothing() -> None:
    def defect(token: str) -> Any:
        raise RuntimeError(token)

    log = io.StringIO()
    handler = authorizer(defect, logger("authorizer-defect", log))
    with pytest.raises(Undecided, match="DEFECT"):
        handler({"authorizationToken": "Bearer canary.canary.canary", "methodArn": ARN}, None)
    assert "canary" not in log.getvalue()
    assert json.loads(log.getvalue().splitlines()[0])["error_type"] == "RuntimeError"


def test_a_deployment_without_issuers_lets_nobody_in() -> None:
    log = io.StringIO()
    handler = load("authorizer").build(Settings(tokens=TokenSettings("", local=False)), World(), logger("authorizer-none", log))
    with pytest.raises(Unauthorized):
        handler({"authorizationToken": f"Bearer {BANK_A.token()}", "methodArn": ARN}, None)
    assert json.loads(log.getvalue())["outcome"] == "TOKEN_ISSUER_UNKNOWN"
