"""Tenant and actor come from the authorizer; its scopes and expiry are checked here; only the local profile does without."""

from datetime import UTC, datetime
from typing import Any

import pytest

from infra.http.identity import LOCAL_IDENTITY, Identity, Scope
from infra.memory.runs import MemoryTables
from infra.settings.guardrails import Profile
from tests.functions.gateway import IDENTITY
from tests.functions.partner import Api


@pytest.fixture
def local(api: Api) -> Any:
    return api.but(profile=Profile.LOCAL)


def refused(reply: Any) -> Any:
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json["status"] == reply.status
    return reply.status, reply.json["detail"]


@pytest.mark.parametrize("authorizer", [None, {}])
def test_production_refuses_a_call_without_identity(api: Api, memory: MemoryTables, authorizer: dict[str, Any] | None) -> None:
    reply = api.post(authorizer=authorizer)
    assert refused(reply) == (401, "UNAUTHORIZED: identity required")
    assert reply.json["code"] == "UNAUTHORIZED"
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert memory.runs == {}


@pytest.mark.parametrize(
    "broken",
    [
        {"tenant": ""},
        {"tenant": "bank a"},
        {"tenant": "bank#a"},
        {"tenant": "."},
        {"tenant": ".."},
        {"tenant": "_system"},
        {"tenant": "_system-of-ours"},
        {"tenant": "b" * 65},
        {"actor": ""},
        {"actor": "a\nb"},
        {"actor": "a" * 129},
        {"expires_at": "soon"},
        {"expires_at": ""},
        {"expires_at": "9" * 30},
    ],
)
@pytest.mark.parametrize("missing", [False, True])
def test_half_an_identity_is_none(api: Api, local: Any, broken: dict[str, Any], missing: bool) -> None:
    context = {name: value for name, value in IDENTITY.items() if name not in broken} if missing else IDENTITY | broken
    assert refused(api.post(authorizer=context)) == (401, "UNAUTHORIZED: identity required")
    assert refused(local.post(authorizer=context)) == (401, "UNAUTHORIZED: identity required")


def test_an_expired_identity(api: Api) -> None:
    assert refused(api.post(authorizer=IDENTITY | {"expires_at": "1700000000"})) == (401, "UNAUTHORIZED: identity expired")


@pytest.mark.parametrize("scopes", ["", "dpm.read", "dpm.running", "DPM.RUN"])
def test_another_scope(api: Api, scopes: str) -> None:
    assert refused(api.post(authorizer=IDENTITY | {"scopes": scopes})) == (403, "SCOPE_REQUIRED: dpm.run")


def test_identity_is_asked_for_before_anything_else_is_read(api: Api) -> None:
    reply = api.post("{", {"Idempotency-Key": None, "Content-Type": "text/plain"}, authorizer=None)
    assert reply.status == 401


@pytest.mark.parametrize("named", ["bank-b", "BANK-A", "local"])
def test_another_tenant_named(api: Api, memory: MemoryTables, named: str) -> None:
    reply = api.post(headers={"X-Tenant-Id": named})
    assert refused(reply) == (403, "TENANT_MISMATCH")
    assert memory.runs == {}


@pytest.mark.parametrize("named", ["bank-a", " bank-a ", "", " "])
def test_the_own_tenant_named_or_none(api: Api, named: str) -> None:
    assert api.post(headers={"X-Tenant-Id": named}).status == 200


def test_the_local_stack_has_an_identity_of_its_own(local: Any, memory: MemoryTables) -> None:
    assert local.post(authorizer=None).status == 200
    [((tenant, _), (head, _))] = memory.runs.items()
    assert (tenant, head.tenant, head.actor) == ("local", "local", "local-user")
    assert refused(local.post(authorizer=None, headers={"X-Tenant-Id": "bank-a"})) == (403, "TENANT_MISMATCH")


def test_an_authorizer_in_front_of_the_local_stack_counts(local: Any, memory: MemoryTables) -> None:
    assert local.post().status == 200
    assert [tenant for tenant, _ in memory.runs] == ["bank-a"]


@pytest.mark.parametrize("person", [True, False])
def test_what_an_authorizer_hands_on_is_the_identity_that_it_verified(*, person: bool) -> None:
    verified = Identity("bank-a", "adviser 7", person, frozenset({Scope.RUN, Scope.READ}), datetime(2100, 1, 1, tzinfo=UTC))
    handed_on = verified.as_context()
    assert handed_on["scopes"] == "dpm.read dpm.run"
    assert handed_on["expires_at"] == "4102444800"  # 2100-01-01
    assert Identity.of_context(handed_on) == verified


def test_an_identity_without_bounds_is_never_handed_on() -> None:
    with pytest.raises(ValueError, match="verified"):
        LOCAL_IDENTITY.as_context()
