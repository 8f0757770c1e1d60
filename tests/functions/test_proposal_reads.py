"""What is asked about proposals: one, a version, lists, histories, proofs, pages, how the deployment is configured (advisory-lifecycle 2, 4)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.evidence.verification import verify_file
from infra.http.door import entry
from infra.http.switches import Switch
from infra.settings.guardrails import Need
from tests.support.adapters import on_aws
from tests.support.emulators import Aws
from tests.support.gateway import IDENTITY, Reply, event, load, refused, violations
from tests.support.lives import ADVISER, BOTH, EXECUTOR, STRANGER, Lives, for_compliance, for_risk, ok
from tests.support.portfolios import a_proposal
from tests.support.samples import HandClock
from tests.support.service import Service

HTML = {"Accept": "text/html"}
FOUND = ["", "/versions/1", "/workflow-events", "/approvals", "/lineage", "/versions/1/checks", "/versions/1/verification"]


def ids(reply: Reply) -> list[str]:
    return [item["proposal_id"] for item in ok(reply).json["items"]]


def test_a_list_goes_from_the_newest_on(lives: Lives) -> None:
    made = []
    for _ in range(3):
        made.append(lives.opened())
        lives.clock.forward(seconds=1)
    newest_first = made[::-1]
    assert ids(lives.get()) == newest_first
    first = ok(lives.get(limit=1)).json
    assert ([row["proposal_id"] for row in first["items"]], first["next_cursor"]) == (newest_first[:1], newest_first[0])
    second = ok(lives.get(limit=2, cursor=first["next_cursor"])).json
    assert ([row["proposal_id"] for row in second["items"]], second["next_cursor"]) == (newest_first[1:], None)
    assert ok(lives.get(cursor="pp_unknown")).json == {"items": [], "next_cursor": None}
    assert "version" not in json.dumps(first["items"]).replace("current_version_no", "")


def test_a_list_is_narrowed(lives: Lives) -> None:
    other = a_proposal()
    other["portfolio_snapshot"]["portfolio_id"] = "pf_2"
    first = lives.opened()
    lives.clock.forward(seconds=10)
    second = lives.opened(other)
    third = lives.opened(caller=ADVISER | {"actor": "adviser-8"})
    ok(lives.move(third, "SUBMITTED_FOR_RISK_REVIEW"))
    assert ids(lives.get(portfolio_id="pf_2")) == [second]
    assert ids(lives.get(created_by="adviser-8")) == [third]
    assert ids(lives.get(state="RISK_REVIEW")) == [third]
    assert ids(lives.get(state="DRAFT", portfolio_id="pf_1")) == [first]
    assert ids(lives.get(created_to="2026-02-20T12:00:00.123456Z")) == [first]
    assert set(ids(lives.get(created_from="2026-02-20T12:00:10.123456"))) == {second, third}  # without an offset it is UTC
    assert ids(lives.get(created_from="2026-02-20T13:00:10.123457+01:00")) == []
    assert ok(lives.get(state="WRONG")).json == {"items": [], "next_cursor": None}
    assert ids(lives.get(caller=STRANGER)) == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"created_from": "yesterday"}])
def test_a_list_has_its_bounds(memory_lives: Lives, query: Any) -> None:
    assert [place for place, _ in violations(memory_lives.get(**query))] == [["query", *query]]


def test_unknown_and_foreign_ids_are_the_same(lives: Lives) -> None:
    proposal_id = lives.opened()
    for path in FOUND:
        ok(lives.get(f"/{proposal_id}{path}"))
        code = "PROPOSAL_VERSION_NOT_FOUND" if "versions" in path else "PROPOSAL_NOT_FOUND"
        assert refused(lives.get(f"/pp_unknown{path}")) == (404, code)
        assert refused(lives.get(f"/{proposal_id}{path}", STRANGER)) == (404, code)
    assert refused(lives.get(f"/{proposal_id}/versions/2")) == (404, "PROPOSAL_VERSION_NOT_FOUND")


@pytest.mark.parametrize(
    ("number", "kind"), [("0", "greater_than_equal"), ("-1", "int_parsing"), ("x", "int_parsing"), ("1" * 10, "int_parsing")]
)
def test_versions_are_numbered_from_one(memory_lives: Lives, number: str, kind: str) -> None:
    assert violations(memory_lives.get(f"/pp_1/versions/{number}")) == [(["path", "version_no"], kind)]


def test_reads_need_their_scope(memory_lives: Lives) -> None:
    proposal_id, adviser = memory_lives.opened(), IDENTITY | {"scopes": "advisory.run advisory.approve advisory.execute"}
    for path in ("", *(f"/{proposal_id}{below}" for below in FOUND), "/idempotency/k", "/operations/x", "/supportability/config"):
        assert refused(memory_lives.get(path, adviser)) == (403, "SCOPE_REQUIRED: advisory.read")


def test_evidence_is_left_out_where_it_is_not_wanted(lives: Lives) -> None:
    proposal_id = lives.opened()
    for path, place in ((f"/{proposal_id}", "current_version"), (f"/{proposal_id}/versions/1", None)):
        for reply in (lives.get(path, include_evidence="false"), lives.under(evidence=False).get(path)):
            version = ok(reply).json if place is None else ok(reply).json[place]
            assert version["evidence_bundle"] == {}
            assert version["artifact"]["evidence_bundle"]["inputs"] != {}
            assert "X-Evidence-Omitted" not in reply.headers
    assert ok(lives.under(evidence=False).create()).json["version"]["evidence_bundle"] == {}


def test_a_large_answer_leaves_the_evidence_out_and_says_so(memory_lives: Lives) -> None:
    """1,000 positions: a version is some 6.6 MB with its own evidence, 4.6 MB without it."""
    request = a_proposal(1_000)
    made = ok(memory_lives.create(request, key="k"))
    assert (made.json["version"]["evidence_bundle"], made.headers["X-Evidence-Omitted"]) == ({}, "true")
    assert made.json["version"]["artifact"]["evidence_bundle"]["inputs"] != {}
    again = ok(memory_lives.create(request, key="k"))
    assert (again.body, again.headers["X-Evidence-Omitted"]) == (made.body, "true")


def test_an_answer_that_cannot_reach_its_caller_is_refused_and_nothing_is_kept(memory_lives: Lives) -> None:
    request = a_proposal(1_500)
    assert refused(memory_lives.create(request, key="k")) == (413, "RESPONSE_TOO_LARGE")
    assert ids(memory_lives.get()) == []
    zipped = ok(memory_lives.create(request, key="k", headers={"Accept_Encoding": "gzip"}))
    assert zipped.headers["Content-Encoding"] == "gzip"


def test_what_is_decided_too_late_is_not_recorded(memory_lives: Lives) -> None:
    ticking = iter(range(0, 1000, 20))

    def late() -> Any:
        memory_lives.clock.forward(seconds=next(ticking))
        return memory_lives.clock.now

    slow = replace(memory_lives, service=memory_lives.service.with_adapters(clock=late))
    assert refused(slow.create()) == (504, "EXECUTION_TIME_EXCEEDED")
    assert ids(memory_lives.get()) == []


def test_a_version_is_proved_over_the_api_and_without_it(lives: Lives) -> None:
    proposal_id = lives.opened(for_risk(), metadata={"title": "t"}, valid_until="2026-03-01T00:00:00Z")
    ok(lives.add_version(proposal_id, for_compliance()))
    for number in (1, 2):
        proof = ok(lives.get(f"/{proposal_id}/versions/{number}/verification")).json
        assert (proof["verdict"], proof["difference"], proof["proposal_id"], proof["version_no"]) == ("VERIFIED", None, proposal_id, number)
        version = ok(lives.get(f"/{proposal_id}/versions/{number}", include_evidence="false")).body
        assert verify_file(version).verdict == "VERIFIED"
        for name in ("request_hash", "simulation_hash", "artifact_hash"):
            forged = json.loads(version)
            forged[name] = "sha256:" + "0" * 64
            assert verify_file(json.dumps(forged).encode()).difference.path == f"/{name}"  # type: ignore[union-attr]


def test_what_was_forged_in_the_store_is_told_and_rings(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    proposals: Any = memory_lives.service.adapters.proposals
    [kept] = proposals.tables.lives["bank-a", proposal_id].versions
    object.__setattr__(kept, "document", kept.document.replace(b'"READY"', b'"REEDY"'))
    proof = ok(memory_lives.get(f"/{proposal_id}/versions/1/verification")).json
    assert proof["verdict"] == "DIFFERS"
    assert any(line.get("evidence_broken") == 1 for line in memory_lives.service.lines)


def test_a_document_that_is_gone_is_a_defect_that_rings(aws: Aws, clock: HandClock) -> None:
    lives = Lives(Service(on_aws(aws, clock)))
    proposal_id = lives.opened()
    for row in aws.s3.list_objects_v2(Bucket=aws.bucket)["Contents"]:
        aws.s3.delete_object(Bucket=aws.bucket, Key=row["Key"])
    assert refused(lives.get(f"/{proposal_id}/versions/1")) == (500, "EVIDENCE_CORRUPT")
    assert ok(lives.get(f"/{proposal_id}/versions/1/verification")).json["verdict"] == "EVIDENCE_CORRUPT"
    assert any(line.get("evidence_broken") == 1 for line in lives.service.lines)


def test_a_version_has_a_page_with_all_that_happened(lives: Lives) -> None:
    proposal_id = lives.opened(for_compliance(), metadata={"title": "<b>Autumn</b>"})
    ok(lives.move(proposal_id, "SUBMITTED_FOR_COMPLIANCE_REVIEW", reason={"text": "please look"}))
    ok(lives.vote(proposal_id, "COMPLIANCE", BOTH))
    reply = ok(lives.get(f"/{proposal_id}/versions/1", headers=HTML))
    assert (reply.headers["Content-Type"], reply.headers["Vary"]) == ("text/html; charset=utf-8", "Accept")
    page = reply.body.decode()
    assert "&lt;b&gt;Autumn&lt;/b&gt;" in page
    for told in ("What happened", "please look", "officer-1", "Approvals", proposal_id):
        assert told in page
    assert "compliance review required" in page  # the gate that counts, in the headline; the artifact's is the client's consent
    assert "The request would have made its own gate milder" in page
    assert page.index("For the client") < page.index("Where it stands") < page.index("What happened")
    assert ok(lives.get(f"/{proposal_id}/versions/1")).headers["Content-Type"] == "application/json"


SWITCHED = {
    ("POST", "", Switch.PROPOSALS),
    ("GET", "", Switch.PROPOSALS),
    ("GET", "/pp_1", Switch.PROPOSALS),
    ("GET", "/pp_1/versions/1", Switch.PROPOSALS),
    ("POST", "/pp_1/versions", Switch.PROPOSALS),
    ("POST", "/pp_1/transitions", Switch.PROPOSALS),
    ("POST", "/pp_1/approvals", Switch.PROPOSALS),
    ("POST", "/pp_1/versions/1/checks", Switch.PROPOSALS),
    ("GET", "/pp_1/versions/1/checks", Switch.PROPOSAL_SUPPORT),
    ("GET", "/pp_1/versions/1/verification", Switch.PROPOSAL_SUPPORT),
    ("GET", "/pp_1/workflow-events", Switch.PROPOSAL_SUPPORT),
    ("GET", "/pp_1/approvals", Switch.PROPOSAL_SUPPORT),
    ("GET", "/pp_1/lineage", Switch.PROPOSAL_SUPPORT),
    ("GET", "/idempotency/k", Switch.PROPOSAL_SUPPORT),
    ("POST", "/async", Switch.PROPOSAL_OPERATIONS),
    ("POST", "/pp_1/versions/async", Switch.PROPOSAL_OPERATIONS),
    ("GET", "/operations/pop_1", Switch.PROPOSAL_OPERATIONS),
    ("GET", "/operations/by-correlation/c", Switch.PROPOSAL_OPERATIONS),
}


@pytest.mark.parametrize(("method", "path", "switch"), sorted(SWITCHED))
def test_a_closed_group_says_so_before_anything_is_read(memory_lives: Lives, method: str, path: str, switch: Switch) -> None:
    everything = IDENTITY | {"scopes": "advisory.run advisory.read"}

    def ask(*closed: Switch) -> Reply:
        shut = replace(memory_lives, service=memory_lives.service.but(closed=frozenset(closed)))
        return shut.get(path, everything) if method == "GET" else shut.post(path, "no JSON", everything)

    assert refused(ask(Switch.PROPOSALS)) == (404, "PROPOSAL_WORKFLOW_LIFECYCLE_DISABLED")
    assert refused(ask(Switch.PROPOSALS, switch)) == (404, "PROPOSAL_WORKFLOW_LIFECYCLE_DISABLED")
    assert refused(ask(switch)) == (404, f"{switch}_DISABLED")
    others = {Switch.PROPOSAL_SUPPORT, Switch.PROPOSAL_OPERATIONS} - {switch}
    open_now = ask(*others)
    assert open_now.status == 200 or not refused(open_now)[1].endswith("_DISABLED")


def test_the_configuration_is_read_whatever_is_closed(memory_lives: Lives) -> None:
    told = ok(memory_lives.get("/supportability/config")).json
    assert (told["store_backend"], told["backend_ready"], told["backend_init_error"]) == ("IN_MEMORY", True, None)
    assert told["lifecycle_enabled"] is told["support_apis_enabled"] is told["async_operations_enabled"] is True
    shut = replace(memory_lives, service=memory_lives.service.but(closed=frozenset(Switch)))
    strict = shut.under(four_eyes=True, approvals_name_hash=True, execution_check_minutes=60, validity_hours=672, evidence=False)
    told = ok(strict.get("/supportability/config")).json
    names = ("lifecycle_enabled", "support_apis_enabled", "async_operations_enabled", "store_evidence_bundle")
    assert [told[name] for name in names] == [False] * 4
    assert (told["four_eyes"], told["approvals_name_hash"], told["execution_check_minutes"], told["validity_hours"]) == (
        True,
        True,
        60,
        672,
    )


def test_the_configuration_tells_of_an_outage_and_is_none(aws: Aws, clock: HandClock) -> None:
    lives = Lives(Service(on_aws(aws, clock)))
    aws.dynamodb.delete_table(TableName=aws.proposals)
    assert refused(lives.get()) == (503, "STORE_PROPOSAL_UNAVAILABLE")
    told = ok(lives.get("/supportability/config")).json
    assert (told["backend_ready"], told["backend_init_error"]) == (False, "STORE_PROPOSAL_UNAVAILABLE")


@pytest.mark.parametrize(
    ("environ", "code", "told"),
    [
        ({"PROPOSAL_STORE_BACKEND": "DYNAMODB"}, "PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE", True),
        ({"PROPOSAL_SUITABILITY_THRESHOLDS": "none", "APP_PERSISTENCE_PROFILE": "LOCAL"}, "PROPOSAL_SUITABILITY_THRESHOLDS_INVALID", True),
        ({"APP_PERSISTENCE_PROFILE": "LOCAL", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}, "PERSISTENCE_PROFILE_LOCAL_ON_LAMBDA", False),
    ],
)
def test_an_environment_without_the_store_tells_its_configuration_and_nothing_else(environ: Any, code: str, told: bool) -> None:
    module = load("proposal_workflow")
    handler = entry("proposal-workflow", module.build, environ, needs=(Need.PROPOSALS,), unready=module.unready)

    def ask(path: str) -> tuple[int, Any]:
        answer = handler(event(None, {}, method="GET", path=f"/rebalance/proposals{path}", authorizer=ADVISER), None)
        return answer["statusCode"], json.loads(answer["body"])

    status, found = ask("/supportability/config")
    assert (status, found.get("backend_ready"), found.get("backend_init_error")) == ((200, False, code) if told else (503, None, None))
    status, problem = ask("")
    assert (status, problem["code"]) == (503, code)


def test_what_has_ended_expires_by_itself(lives: Lives) -> None:
    ending = lives.opened(valid_until="2026-02-21T12:00:00Z")
    renewed = lives.opened(valid_until="2026-02-21T12:00:00Z")
    under_way = lives.ready(lives.opened(valid_until="2026-02-21T12:00:00Z"))
    endless = lives.opened()
    ok(lives.add_version(renewed))
    ok(lives.move(under_way, "EXECUTION_REQUESTED", caller=EXECUTOR))
    assert lives.service.sweep()["proposals_expired"] == 0
    lives.clock.forward(days=1)
    assert lives.service.sweep()["proposals_expired"] == 1
    assert lives.service.sweep()["proposals_expired"] == 0
    states = [lives.state(proposal_id) for proposal_id in (ending, renewed, under_way, endless)]
    assert states == ["EXPIRED", "DRAFT", "EXECUTION_READY", "DRAFT"]
    last = lives.events(ending)[-1]
    assert (last["event_type"], last["actor_id"], last["from_state"], last["version_no"]) == ("EXPIRED", "system", "DRAFT", 1)


def test_paths_that_begin_like_proposals_are_their_own(memory_lives: Lives) -> None:
    for path in ("async", "operations", "idempotency", "supportability", "simulate", "artifact"):
        assert refused(memory_lives.get(f"/{path}"))[0] in {404, 405}
