"""Who may call what: every route of the table, with every token that must not open it, through the authorizer as API Gateway asks it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.api import CALLS, Call
from infra.http.identity import Scope
from tests.access.front import FUNCTIONS, Front, path_of
from tests.support.emulators import everything, fresh
from tests.support.gateway import Reply, event
from tests.support.tokens import BANK_A, BANK_B, NOW, by_shared_secret, public_pem, unsigned

ASKED = [call for call in CALLS if not call.anybodys]
OPEN = [call for call in CALLS if call.anybodys]
EVERYWHERE = {call.id for call in ASKED}
ALL = " ".join(Scope)
LATE = NOW + 7 * 86_400
WORKING = BANK_A.token(scope=ALL, exp=LATE)


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    with fresh() as aws:
        yield Front(aws)


def kept(front: Front) -> int:
    """How much there is in all tables and the bucket."""
    tables = (front.aws.table, front.aws.proposals, front.aws.packs)
    objects: int = front.aws.s3.list_objects_v2(Bucket=front.aws.bucket)["KeyCount"]
    return sum(len(everything(front.aws, table)) for table in tables) + objects


def answers(front: Front, token: Callable[[Call], str | None], headers: dict[str, str] | None = None) -> dict[str, set[str]]:
    """What all routes say, by what they say."""
    said: dict[str, set[str]] = {}
    for call in ASKED:
        said.setdefault(front.said(call, token(call), headers), set()).add(call.id)
    return said


REFUSED: dict[str, str | None] = {
    "no token": None,
    "no bearer": "",
    "expired": BANK_A.token(scope=ALL, exp=NOW - 60),
    "not yet valid": BANK_A.token(scope=ALL, nbf=NOW + 61),
    "an issuer that nobody named": BANK_A.token(scope=ALL, iss="https://nobody.example/"),
    "an issuer's name under another's key": BANK_B.token(scope=ALL, iss=BANK_A.issuer.issuer, tenant="bank-a"),
    "an issuer's name under another's key, by its id": BANK_B.token(scope=ALL, iss=BANK_A.issuer.issuer, header={"kid": BANK_A.key}),
    "another tenant than its issuer's": BANK_B.token(scope=ALL, tenant="bank-a"),
    "another audience": BANK_A.token(scope=ALL, aud="another"),
    "nobody's signature": f"{unsigned(BANK_A.claims(scope=ALL), kid=BANK_A.key)}x",
    "no signature at all": unsigned(BANK_A.claims(scope=ALL), kid=BANK_A.key),
    "the public key as a secret": by_shared_secret(BANK_A.claims(scope=ALL), public_pem(BANK_A.key), kid=BANK_A.key),
    "the actor that is ours": BANK_A.token(scope=ALL, sub="system"),
}


@pytest.mark.parametrize("token", REFUSED)
def test_a_token_that_is_not_good_opens_nothing(front: Front, token: str) -> None:
    before = kept(front)
    assert answers(front, lambda _: REFUSED[token]) == {"401 UNAUTHORIZED": EVERYWHERE}
    assert kept(front) == before


def test_a_good_token_opens_every_route(front: Front) -> None:
    assert not {said for said in answers(front, lambda _: WORKING) if said.startswith(("401", "403", "5"))}


def test_other_methods_and_other_paths_ask_too(front: Front) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("DELETE", "/desk"),
        ("PATCH", "/rebalance/runs"),
        ("OPTIONS", "/rebalance/simulate"),
    ):
        if (method, path) not in {(call.method, call.path) for call in OPEN}:
            assert front.gateway.handle(method, path, [], b"").status == 401
            assert front.gateway.handle(method, path, [("Authorization", f"Bearer {WORKING}")], b"").status in {404, 405}


def test_what_holds_no_data_asks_nobody(front: Front) -> None:
    for token in (None, "x", REFUSED["expired"]):
        assert {call.id for call in OPEN if front.said(call, token)[:3] in {"401", "403"}} == set()


def test_a_policy_that_is_kept_outlives_no_token(front: Front) -> None:
    """The gateway asks no more; the functions look at the end themselves, a minute late as the authorizer does."""
    token, clock = BANK_A.token(scope=ALL, exp=NOW + 100), front.issuers.clock
    opened = clock.now
    assert front.said(ASKED[0], token) != "401 UNAUTHORIZED"
    try:
        front.issuers.later(seconds=159.8)
        assert "401 UNAUTHORIZED" not in answers(front, lambda _: token)
        front.issuers.later(seconds=0.2)
        before = kept(front)
        assert answers(front, lambda _: token) == {"401 UNAUTHORIZED": EVERYWHERE}
        assert kept(front) == before
        ended = json.loads(front.ask(ASKED[0], token).body)
        assert ended["detail"] == "UNAUTHORIZED: identity expired"
    finally:
        clock.now = opened


# What a good token allows


def others(call: Call) -> str:
    return " ".join(scope for scope in Scope if scope not in call.scopes)


def other_family(call: Call) -> str:
    family = next(iter(call.scopes)).partition(".")[0]
    return " ".join(scope for scope in Scope if not scope.startswith(f"{family}."))


@pytest.mark.parametrize("scopes", [lambda _: "", lambda _: "openid profile dpm advisory", others, other_family])
def test_a_scope_is_asked_for(front: Front, scopes: Callable[[Call], str]) -> None:
    tokens = {call.id: BANK_A.token(scope=scopes(call), exp=LATE) for call in ASKED}
    before = kept(front)
    assert answers(front, lambda call: tokens[call.id]) == {"403 SCOPE_REQUIRED": EVERYWHERE}
    assert kept(front) == before


@pytest.mark.parametrize("scope", Scope)
def test_one_scope_opens_the_routes_of_its_rows_and_no_other(front: Front, scope: Scope) -> None:
    token = BANK_A.token(scope=str(scope), exp=LATE)
    refused = answers(front, lambda _: token).get("403 SCOPE_REQUIRED", set())
    assert {call.id for call in ASKED} - refused == {call.id for call in ASKED if scope in call.scopes}


@pytest.mark.parametrize("header", ["X-Tenant-Id", "x-tenant-id", "X-TENANT-ID"])
def test_another_tenant_in_a_header(front: Front, header: str) -> None:
    before = kept(front)
    assert answers(front, lambda _: WORKING, {header: "bank-b"}) == {"403 TENANT_MISMATCH": EVERYWHERE}
    assert kept(front) == before


@pytest.mark.parametrize("header", ["X-Actor-Id", "X-Scopes", "X-Amzn-Authorizer-Tenant", "x-amz-security-token", "X-Forwarded-User"])
def test_headers_that_name_an_identity_name_nobody(front: Front, header: str) -> None:
    token = BANK_A.token(scope="", exp=LATE)
    assert answers(front, lambda _: token, {header: "bank-b"}) == {"403 SCOPE_REQUIRED": EVERYWHERE}


# Without an authorizer in front


def test_functions_serve_nobody_whom_no_authorizer_verified(front: Front) -> None:
    for call in CALLS:
        name = next(name for name, function in FUNCTIONS.items() if function["CodeUri"] == f"functions/{call.function}")
        handler = next(one for one in front.gateway.routes[call.path].values() if one.function.arn.endswith(f":{name}")).function
        for context in (None, {}, {"principalId": "bank-a|adviser-7"}, {"claims": {"sub": "adviser-7", "custom:tenant": "bank-a"}}):
            sent = event("{}", {"Idempotency-Key": "k"}, method=call.method, path=path_of(call), resource=call.path, authorizer=context)
            sent["pathParameters"] = {"asset": "desk.css"}
            said: Any = Reply.of(handler.invoke(sent))
            if call.anybodys:
                assert said.status not in {401, 403}
            else:
                assert (said.status, said.json["detail"]) == (401, "UNAUTHORIZED: identity required")


def test_every_route_is_in_the_matrix() -> None:
    assert len(ASKED) + len(OPEN) == len(CALLS)
    assert {call.path.split("/")[1] for call in OPEN} <= {"", "health", "docs", "desk", "openapi.json"}
