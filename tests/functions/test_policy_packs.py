"""The catalog of policy packs and what packs do to decisions, through gateway events."""

import json
from dataclasses import replace
from typing import Any

import pytest

from infra.adapters import Adapters
from infra.http.switches import Switch
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.packs import EnvironmentPacks, PackSettings
from infra.system import utc_now
from tests.support.adapters import over
from tests.support.gateway import IDENTITY, Reply, event, load
from tests.support.packs import MemoryPacks
from tests.support.portfolios import a_request, text
from tests.support.service import PRODUCTION, deciding

CATALOG = "/rebalance/policies/catalog"
ONE = f"{CATALOG}/{{policy_pack_id}}"
ADMIN = {**IDENTITY, "scopes": "dpm.read dpm.run dpm.admin"}
OPEN = PRODUCTION.closed - {Switch.PACK_ADMIN}
CAUTIOUS = {"version": "1", "turnover_policy": {"max_turnover_pct": "0"}}


class Catalog:
    """The policy_packs function over a catalog in memory."""

    def __init__(self, adapters: Adapters, *, closed: Any = OPEN, packs: PackSettings | None = None) -> None:
        settings = replace(PRODUCTION, closed=closed, packs=packs or PackSettings(enabled=True))
        self.handler = load("policy_packs").build(settings, adapters, logger("packs"))

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, Any] | None = None, authorizer: Any = ADMIN) -> Reply:
        one = path.startswith(f"{CATALOG}/")
        proxy_event = event(
            None if body is None else text(body),
            {"Content-Type": "application/json", **(headers or {})},
            method=method,
            path=path,
            resource=ONE if one else path,
            authorizer=authorizer,
        )
        if one:
            proxy_event["pathParameters"] = {"policy_pack_id": path.removeprefix(f"{CATALOG}/")}
        return Reply.of(self.handler(proxy_event, None))


def administered(memory: MemoryTables, packs: MemoryPacks) -> Adapters:
    return over(MemoryRunStore(memory, clock=utc_now), packs=packs, pack_changes=packs)


@pytest.fixture
def adapters(memory: MemoryTables) -> Any:
    return administered(memory, MemoryPacks())


@pytest.fixture
def catalog(adapters: Any) -> Any:
    return Catalog(adapters)


def selecting(adapters: Any, **packs: Any) -> Any:
    return deciding(adapters, replace(PRODUCTION, packs=PackSettings(enabled=True, **packs)))


def test_a_pack_is_kept_shown_whole_and_replaced_whole(catalog: Any) -> None:
    made = catalog.call("PUT", f"{CATALOG}/core", {"version": "1", "tax_policy": {"enable_tax_awareness": True}})
    assert (made.status, made.headers["ETag"]) == (200, '"1"')
    assert made.json["item"]["tax_policy"] == {"enable_tax_awareness": True, "max_realized_capital_gains": None}
    again = catalog.call("PUT", f"{CATALOG}/core", {"version": "2"})
    assert again.headers["ETag"] == '"2"'
    shown = catalog.call("GET", f"{CATALOG}/core").json
    assert shown["version"] == "2"
    assert shown["tax_policy"] == {"enable_tax_awareness": None, "max_realized_capital_gains": None}


def test_a_pack_is_not_taken_compressed(catalog: Any) -> None:
    refusal = catalog.call("PUT", f"{CATALOG}/core", {"version": "1"}, {"Content-Encoding": "gzip"})
    assert (refusal.status, refusal.json["code"]) == (415, "UNSUPPORTED_CONTENT_ENCODING")
    assert refusal.headers["Accept-Encoding"] == "identity"


def test_the_catalog_lists_packs_by_id_and_marks_the_selected_one(catalog: Any) -> None:
    for name in ("b", "a"):
        catalog.call("PUT", f"{CATALOG}/{name}", {"version": "1"})
    listed = catalog.call("GET", CATALOG, headers={"X-Policy-Pack-Id": " b "}).json
    assert [item["policy_pack_id"] for item in listed["items"]] == ["a", "b"]
    assert (listed["total"], listed["selected_policy_pack_id"], listed["selected_policy_pack_present"]) == (2, "b", True)
    assert listed["selected_policy_pack_source"] == "REQUEST"


def test_a_pack_that_moved_on_is_not_overwritten(catalog: Any) -> None:
    catalog.call("PUT", f"{CATALOG}/core", {"version": "1"})
    catalog.call("PUT", f"{CATALOG}/core", {"version": "2"}, {"If-Match": '"1"'})
    late = catalog.call("PUT", f"{CATALOG}/core", {"version": "3"}, {"If-Match": '"1"'})
    assert (late.status, late.json["code"]) == (412, "DPM_POLICY_PACK_REVISION_MISMATCH")
    assert catalog.call("GET", f"{CATALOG}/core").json["version"] == "2"


def test_delete_takes_a_pack_out_once(catalog: Any) -> None:
    catalog.call("PUT", f"{CATALOG}/core", {"version": "1"})
    assert catalog.call("DELETE", f"{CATALOG}/core").status == 204
    gone = catalog.call("DELETE", f"{CATALOG}/core")
    assert (gone.status, gone.json["code"]) == (404, "DPM_POLICY_PACK_NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "place", "kind"),
    [
        ({"version": 1}, ["body", "version"], "string_type"),
        ({}, ["body", "version"], "missing"),
        ({"version": "1", "tax_policy": None}, ["body", "tax_policy"], "model_attributes_type"),
        (
            {"version": "1", "turnover_policy": {"max_turnover_pct": "5"}},
            ["body", "turnover_policy", "max_turnover_pct"],
            "less_than_equal",
        ),
        (
            {"version": "1", "constraint_policy": {"group_constraints": {"sector": {"max_weight": "0.1"}}}},
            ["body", "constraint_policy", "group_constraints"],
            "value_error",
        ),
    ],
)
def test_packs_obey_the_rules_of_the_options_that_they_override(catalog: Any, body: dict[str, Any], place: list[str], kind: str) -> None:
    reply = catalog.call("PUT", f"{CATALOG}/core", body)
    assert reply.status == 422
    assert [(error["loc"], error["type"]) for error in reply.json["errors"]] == [(place, kind)]


def test_an_id_that_no_selection_could_name_is_refused(catalog: Any) -> None:
    reply = catalog.call("PUT", f"{CATALOG}/a%20b", {"version": "1"})
    assert (reply.status, reply.json["errors"][0]["loc"]) == (422, ["path", "policy_pack_id"])


def test_changes_need_the_gate_and_the_scope(adapters: Any) -> None:
    shut = Catalog(adapters, closed=PRODUCTION.closed).call("PUT", f"{CATALOG}/core", {"version": "1"})
    assert (shut.status, shut.json["code"]) == (404, "DPM_POLICY_PACK_ADMIN_APIS_DISABLED")
    reader = Catalog(adapters).call("PUT", f"{CATALOG}/core", {"version": "1"}, authorizer=IDENTITY)
    assert (reader.status, reader.json["code"]) == (403, "SCOPE_REQUIRED")


def test_the_environments_catalog_is_read_only(memory: MemoryTables) -> None:
    text_of_packs = json.dumps(
        {"core": {"turnover_policy": {"max_turnover_pct": "0.1"}}, "bad": {"turnover_policy": {"max_turnover_pct": 9}}}
    )
    catalog = Catalog(over(MemoryRunStore(memory, clock=utc_now), packs=EnvironmentPacks(text_of_packs)), packs=PackSettings(enabled=True))
    assert [item["policy_pack_id"] for item in catalog.call("GET", CATALOG).json["items"]] == ["core"]
    reply = catalog.call("DELETE", f"{CATALOG}/core")
    assert (reply.status, reply.json["code"]) == (409, "DPM_POLICY_PACK_CATALOG_READ_ONLY")


@pytest.mark.parametrize(
    ("packs", "headers", "expected"),
    [
        (PackSettings(), {"X-Policy-Pack-Id": "a"}, (False, None, "DISABLED")),
        (PackSettings(enabled=True), {}, (True, None, "NONE")),
        (PackSettings(enabled=True, default_pack_id="d"), {}, (True, "d", "GLOBAL_DEFAULT")),
        (
            PackSettings(enabled=True, by_tenant=True, tenant_map='{"bank-a": " t "}', default_pack_id="d"),
            {},
            (True, "t", "TENANT_DEFAULT"),
        ),
        (PackSettings(enabled=True, tenant_map='{"bank-a": "t"}'), {}, (True, None, "NONE")),
        (
            PackSettings(enabled=True, by_tenant=True, tenant_map='{"bank-a": "t"}', default_pack_id="d"),
            {"X-Tenant-Policy-Pack-Id": ""},
            (True, "d", "GLOBAL_DEFAULT"),
        ),
        (PackSettings(enabled=True, default_pack_id="d"), {"X-Policy-Pack-Id": " r "}, (True, "r", "REQUEST")),
    ],
)
def test_request_wins_over_tenant_over_default(adapters: Any, packs: Any, headers: dict[str, Any], expected: tuple[Any, ...]) -> None:
    shown = Catalog(adapters, packs=packs).call("GET", "/rebalance/policies/effective", headers=headers).json
    assert (shown["enabled"], shown["selected_policy_pack_id"], shown["source"]) == expected


def test_a_pack_shapes_the_run_and_is_traced_on_it(catalog: Any, adapters: Any) -> None:
    # One unit of two instruments at 10 each and 1,000 cash want half each: 1,020 / 2 = 510, so 50 more of each.
    catalog.call("PUT", f"{CATALOG}/still", CAUTIOUS)
    api = selecting(adapters)
    free = api.post(headers={"Idempotency-Key": "free"}).json
    still = api.post(headers={"Idempotency-Key": "still", "X-Policy-Pack-Id": "still"}).json
    assert [intent["quantity"] for intent in free["intents"]] == ["50", "50"]
    assert still["intents"] == []
    assert still["lineage"]["request_hash"] == free["lineage"]["request_hash"]
    trace = adapters.runs.head("bank-a", still["rebalance_run_id"]).pack
    assert (trace.policy_pack_id, trace.revision, trace.source) == ("still", 1, "REQUEST")
    options = json.loads(adapters.runs.documents("bank-a", still["rebalance_run_id"]).options)
    assert options["max_turnover_pct"] == "0"
    asked = json.loads(adapters.runs.documents("bank-a", still["rebalance_run_id"]).request)
    assert asked["options"]["max_turnover_pct"] is None


def test_the_same_key_under_another_pack_is_a_conflict(catalog: Any, adapters: Any) -> None:
    catalog.call("PUT", f"{CATALOG}/still", CAUTIOUS)
    api = selecting(adapters)
    api.post()
    reply = api.post(headers={"X-Policy-Pack-Id": "still"})
    assert (reply.status, reply.json["detail"]) == (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")


def test_a_pack_may_switch_replay_off(catalog: Any, adapters: Any) -> None:
    catalog.call("PUT", f"{CATALOG}/fresh", {"version": "1", "idempotency_policy": {"replay_enabled": False}})
    api = selecting(adapters)
    runs = {api.post(headers={"X-Policy-Pack-Id": "fresh"}).json["rebalance_run_id"] for _ in range(2)}
    assert len(runs) == 2


def test_an_unknown_pack_changes_nothing_unless_the_deployment_is_strict(adapters: Any) -> None:
    unknown = {"X-Policy-Pack-Id": "nobody"}
    assert selecting(adapters).post(headers=unknown).json["intents"]
    strict = selecting(adapters, strict=True).post(headers={**unknown, "Idempotency-Key": "key-2"})
    assert (strict.status, strict.json["errors"][0]["type"]) == (422, "DPM_POLICY_PACK_NOT_FOUND")


def test_the_catalog_is_not_asked_while_packs_are_off() -> None:
    class Broken(MemoryPacks):
        def pack(self, tenant: Any, policy_pack_id: Any) -> None:
            raise AssertionError(tenant, policy_pack_id)

    adapters = administered(MemoryTables(), Broken())
    assert deciding(adapters).post(a_request(), headers={"X-Policy-Pack-Id": "any"}).status == 200
