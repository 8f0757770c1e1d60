"""Proposals are opened once per key, for ever, and get versions without gaps (advisory-lifecycle 5, 6, 15)."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from engine.evidence.canonical import canonical
from engine.evidence.verification import verify_file
from tests.support.gateway import refused, violations
from tests.support.lives import ADVISER, COMPLIANCE, MACHINE, STRANGER, Lives, at_once, for_compliance, for_risk, ok, oversold
from tests.support.portfolios import a_proposal

CONFLICT = (409, "IDEMPOTENCY_KEY_CONFLICT: request hash mismatch")
DISABLED = (422, "PROPOSAL_SIMULATION_DISABLED: set options.enable_proposal_simulation=true")
START = "2026-02-20T12:00:00.123456+00:00"  # the clock's


def without_flag() -> dict[str, Any]:
    return a_proposal() | {"options": {}}


def test_a_proposal_begins_as_a_draft_with_one_version_and_one_event(lives: Lives) -> None:
    metadata = {"title": "Autumn", "advisor_notes": "call first", "jurisdiction": "CH", "mandate_id": "m-1"}
    reply = ok(lives.create(metadata=metadata, headers={"X_Correlation_Id": "desk 7"}))
    proposal, version, event = (reply.json[name] for name in ("proposal", "version", "latest_workflow_event"))
    assert re.fullmatch("pp_[0-9a-f]{32}", proposal["proposal_id"])
    told = {name: proposal[name] for name in ("portfolio_id", "title", "jurisdiction", "mandate_id", "created_by")}
    assert told == {"portfolio_id": "pf_1", "title": "Autumn", "jurisdiction": "CH", "mandate_id": "m-1", "created_by": "adviser-7"}
    assert (proposal["current_state"], proposal["current_version_no"]) == ("DRAFT", 1)
    assert "advisor_notes" not in proposal
    times = {
        proposal["created_at"],
        proposal["last_event_at"],
        version["created_at"],
        event["occurred_at"],
        version["artifact"]["created_at"],
    }
    assert times == {START}
    assert (version["version_no"], version["status_at_creation"]) == (1, "READY")
    assert (event["event_type"], event["from_state"], event["to_state"]) == ("CREATED", None, "DRAFT")
    assert (event["reason"], event["related_version_no"]) == ({"correlation_id": "desk 7"}, 1)
    assert event["artifact_hash"] == version["artifact_hash"] == version["artifact"]["evidence_bundle"]["hashes"]["artifact_hash"]
    assert reply.json["similar_open_proposals"] == []
    detail = ok(lives.get(f"/{proposal['proposal_id']}")).json
    assert detail["proposal"] == proposal | {"advisor_notes": "call first"}
    assert (detail["current_version"], detail["last_gate_decision"]) == (version, version["gate_decision"])
    assert ok(lives.get(f"/{proposal['proposal_id']}/versions/1")).json == version


def test_without_a_header_the_event_names_no_correlation_id(memory_lives: Lives) -> None:
    reply = ok(memory_lives.create())
    assert reply.json["latest_workflow_event"]["reason"] == {}
    assert re.fullmatch("corr_[0-9a-f]{32}", reply.json["version"]["proposal_result"]["correlation_id"])


def test_a_version_is_told_by_hashes_that_anybody_can_compute(memory_lives: Lives) -> None:
    version = ok(memory_lives.create(metadata={"title": "é"}, valid_until="2026-03-01T12:00:00+02:00")).json["version"]
    inputs = version["evidence_bundle"]["inputs"]
    metadata = {"title": "é", "advisor_notes": None, "jurisdiction": None, "mandate_id": None}
    sent = {
        "created_by": "adviser-7",
        "metadata": metadata,
        "simulate_request": inputs,
        "valid_until": "2026-03-01T10:00:00.000000Z",  # in UTC
    }
    text = json.dumps(sent, sort_keys=True, separators=(",", ":")).encode()
    assert version["request_hash"] == "sha256:" + hashlib.sha256(text).hexdigest()
    assert version["simulation_hash"] == "sha256:" + hashlib.sha256(canonical(version["proposal_result"])).hexdigest()
    assert version["proposal_result"]["lineage"]["request_hash"] == version["request_hash"]
    assert version["proposal_result"] == version["evidence_bundle"]["engine_outputs"]["proposal_result"]
    assert version["evidence_bundle"] == version["artifact"]["evidence_bundle"]
    assert verify_file(json.dumps(version).encode()).verdict == "VERIFIED"
    version["submission"]["created_by"] = "somebody else"
    assert verify_file(json.dumps(version).encode()).verdict == "DIFFERS"


def test_a_known_key_gives_the_same_proposal(lives: Lives) -> None:
    first = ok(lives.create(key="k", headers={"X_Correlation_Id": "one"}))
    lives.clock.forward(days=400)
    again = ok(lives.create(key="k", headers={"X_Correlation_Id": "two"}))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert first.json["version"]["proposal_result"]["lineage"]["idempotency_key"] == "k"
    assert len(ok(lives.get()).json["items"]) == 1


def test_a_replay_shows_todays_data(lives: Lives) -> None:
    proposal_id = ok(lives.create(key="k")).json["proposal"]["proposal_id"]
    ok(lives.move(proposal_id, "SUBMITTED_FOR_RISK_REVIEW"))
    again = ok(lives.create(key="k")).json
    assert again["proposal"]["current_state"] == "RISK_REVIEW"
    assert again["latest_workflow_event"]["event_type"] == "SUBMITTED_FOR_RISK_REVIEW"
    assert again["version"]["version_no"] == 1


@pytest.mark.parametrize("changed", [{"request": a_proposal(3)}, {"metadata": {"title": "typo"}}, {"valid_until": "2026-03-01T00:00:00Z"}])
def test_a_key_stands_for_the_whole_request(lives: Lives, changed: Any) -> None:
    ok(lives.create(key="k"))
    assert refused(lives.create(key="k", **changed)) == CONFLICT


def test_a_key_is_compared_before_anything_else_of_the_request(memory_lives: Lives) -> None:
    ok(memory_lives.create(key="k"))
    assert refused(memory_lives.create(without_flag(), key="k")) == CONFLICT


def test_a_refused_creation_leaves_its_key_free(lives: Lives) -> None:
    assert refused(lives.create(without_flag(), key="k")) == DISABLED
    assert ok(lives.get()).json["items"] == []
    ok(lives.create(key="k"))


def test_a_deployment_may_do_without_the_flag(memory_lives: Lives) -> None:
    ok(memory_lives.under(require_simulation_flag=False).create(without_flag()))


def test_a_key_is_its_tenants_own(lives: Lives) -> None:
    ok(lives.create(key="k"))
    ok(lives.create(a_proposal(3), STRANGER, key="k"))
    assert len(ok(lives.get(caller=STRANGER)).json["items"]) == 1


def test_what_a_key_stands_for_can_be_looked_up(lives: Lives) -> None:
    made = ok(lives.create(key="a/b".replace("/", "|"))).json
    found = ok(lives.get("/idempotency/a%7Cb")).json
    assert found == {
        "idempotency_key": "a|b",
        "request_hash": made["version"]["request_hash"],
        "proposal_id": made["proposal"]["proposal_id"],
        "proposal_version_no": 1,
        "created_at": START,
    }
    assert refused(lives.get("/idempotency/unknown")) == (404, "PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND")
    assert refused(lives.get("/idempotency/a%7Cb", STRANGER)) == (404, "PROPOSAL_IDEMPOTENCY_KEY_NOT_FOUND")


def test_of_many_equal_creations_at_once_one_opens_the_proposal(lives: Lives) -> None:
    replies = at_once(12, lambda _: lives.create(key="k"))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert sum("Idempotent-Replayed" not in reply.headers for reply in replies) == 1
    assert len(ok(lives.get()).json["items"]) == 1


def test_of_different_creations_at_once_one_gets_the_key(lives: Lives) -> None:
    replies = at_once(8, lambda number: lives.create(a_proposal(2 + number % 2), key="k"))
    assert sorted(reply.status for reply in replies) == [200] * 4 + [409] * 4


def test_a_proposal_names_open_ones_like_it(lives: Lives) -> None:
    made = []
    for _ in range(7):
        made.append(lives.opened())
        lives.clock.forward(seconds=1)
    ok(lives.move(made[-1], "CANCELLED"))
    like = ok(lives.create(key="k"))
    assert like.json["similar_open_proposals"] == [made[n] for n in (5, 4, 3, 2, 1)]  # five at most, newest first, and none at its end
    assert ok(lives.create(key="k")).json["similar_open_proposals"] == [made[n] for n in (5, 4, 3, 2, 1)]
    assert ok(lives.create(for_risk())).json["similar_open_proposals"] == []


@pytest.mark.parametrize(
    ("request_of", "gate"),
    [
        (a_proposal, "CLIENT_CONSENT_REQUIRED"),
        (lambda: a_proposal(client_consent_already_obtained=True), "CLIENT_CONSENT_REQUIRED"),
        (lambda: a_proposal(enable_workflow_gates=False), "CLIENT_CONSENT_REQUIRED"),
        (for_risk, "RISK_REVIEW_REQUIRED"),
        (for_compliance, "COMPLIANCE_REVIEW_REQUIRED"),
        (lambda: a_proposal(suitability_thresholds={"issuer_max_weight": "0.21"}), "COMPLIANCE_REVIEW_REQUIRED"),
        (oversold, "BLOCKED"),
    ],
)
def test_the_gate_of_a_version_is_never_the_requesters(memory_lives: Lives, request_of: Any, gate: str) -> None:
    made = ok(memory_lives.create(request_of())).json
    assert made["version"]["gate_decision"]["gate"] == made["proposal"]["gate"] == gate
    assert made["proposal"]["current_state"] == "DRAFT"


def test_what_is_held_without_a_price_blocks_whatever_the_options_say(memory_lives: Lives) -> None:
    request = a_proposal(block_on_missing_prices=False)
    request["market_data_snapshot"]["prices"] = [
        row for row in request["market_data_snapshot"]["prices"] if row["instrument_id"] == "I00000"
    ]
    made = ok(memory_lives.create(request)).json
    assert (made["version"]["status_at_creation"] != "BLOCKED", made["proposal"]["gate"]) == (True, "BLOCKED")


def test_a_deployments_limits_decide_what_is_milder(memory_lives: Lives) -> None:
    request = a_proposal(suitability_thresholds={"issuer_max_weight": "0.21"})
    own = memory_lives.under(thresholds='{"issuer_max_weight":"0.25"}')
    assert ok(own.create(request)).json["proposal"]["gate"] == "CLIENT_CONSENT_REQUIRED"


@pytest.mark.parametrize(
    ("members", "loc"),
    [
        ({"simulate_request": None}, ["body", "simulate_request"]),
        ({"created_by": ""}, ["body", "created_by"]),
        ({"created_by": "x" * 129}, ["body", "created_by"]),
        ({"metadata": None}, ["body", "metadata"]),
        ({"metadata": {"title": 7}}, ["body", "metadata", "title"]),
        ({"valid_until": "tomorrow"}, ["body", "valid_until"]),
    ],
)
def test_a_request_that_breaks_the_contract_says_where(memory_lives: Lives, members: Any, loc: Any) -> None:
    assert [place for place, _ in violations(memory_lives.create(**members))] == [loc]


def test_violations_of_the_deciding_request_are_placed_within_it(memory_lives: Lives) -> None:
    request = a_proposal()
    request["shelf_entries"] *= 2
    found = violations(memory_lives.create(request))
    assert found[0] == (["body", "simulate_request", "shelf_entries", 0, "instrument_id"], "duplicate")


def test_a_creation_needs_a_key(memory_lives: Lives) -> None:
    assert violations(memory_lives.create(key=None)) == [(["header", "Idempotency-Key"], "missing")]


def test_words_have_their_bound(memory_lives: Lives) -> None:
    empty = len(json.dumps({"title": "", "advisor_notes": None, "jurisdiction": None, "mandate_id": None}, separators=(",", ":")))
    fits = "x" * (32_768 - empty)
    ok(memory_lives.create(metadata={"title": fits}))
    assert refused(memory_lives.create(metadata={"title": fits + "x"})) == (422, "PROPOSAL_METADATA_TOO_LARGE")


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        ("2026-02-20T12:00:00.123456Z", 422),  # now
        ("2026-02-20T12:00:00.123457Z", 200),
        ("2026-05-21T12:00:00.123456Z", 200),  # 8 + 31 + 30 + 21 = 90 days
        ("2026-05-21T12:00:00.123457Z", 422),
        ("2026-03-01T00:00:00", 422),  # no offset
    ],
)
def test_an_end_is_still_to_come_and_not_too_far_away(memory_lives: Lives, end: str, answer: int) -> None:
    reply = memory_lives.create(valid_until=end)
    assert reply.status == answer
    if answer == 200:
        assert datetime.fromisoformat(reply.json["version"]["valid_until"]) == datetime.fromisoformat(end)
    else:
        assert refused(reply) == (422, "VALID_UNTIL_BOUNDS")


def test_the_earlier_end_holds(memory_lives: Lives) -> None:
    day = memory_lives.under(validity_hours=24)
    assert ok(day.create()).json["version"]["valid_until"] == "2026-02-21T12:00:00.123456+00:00"
    assert ok(day.create(valid_until="2026-03-01T00:00:00Z")).json["version"]["valid_until"] == "2026-02-21T12:00:00.123456+00:00"
    assert ok(day.create(valid_until="2026-02-21T00:00:00Z")).json["version"]["valid_until"] == "2026-02-21T00:00:00+00:00"


def test_nobody_creates_for_somebody_else(memory_lives: Lives) -> None:
    assert refused(memory_lives.create(created_by="somebody")) == (403, "ACTOR_MISMATCH")
    assert refused(memory_lives.create(headers={"X_Tenant_Id": "bank-b"})) == (403, "TENANT_MISMATCH")
    assert refused(memory_lives.create(caller=COMPLIANCE)) == (403, "SCOPE_REQUIRED: advisory.run")
    assert ok(memory_lives.get()).json["items"] == []
    same = ok(memory_lives.create(created_by="adviser-7", key="k")), ok(memory_lives.create(key="k"))
    assert same[0].body == same[1].body  # the hash is of the filled value
    ok(memory_lives.create(caller=MACHINE))  # opening takes no person


def test_a_further_version_follows(lives: Lives) -> None:
    proposal_id = lives.opened(metadata={"title": "kept"})
    lives.clock.forward(hours=1)
    made = ok(lives.add_version(proposal_id, a_proposal(3), ADVISER | {"actor": "adviser-8"})).json
    assert (made["proposal"]["current_version_no"], made["proposal"]["created_by"], made["proposal"]["title"]) == (2, "adviser-7", "kept")
    assert "similar_open_proposals" not in made
    assert made["version"]["proposal_result"]["lineage"]["idempotency_key"] is None
    event = made["latest_workflow_event"]
    assert (event["event_type"], event["actor_id"], event["version_no"]) == ("NEW_VERSION_CREATED", "adviser-8", 2)
    rows = ok(lives.get(f"/{proposal_id}/lineage")).json["versions"]
    assert [row["version_no"] for row in rows] == [1, 2]
    assert rows[1]["artifact_hash"] == made["version"]["artifact_hash"]
    assert ok(lives.get(f"/{proposal_id}/versions/1")).json["version_no"] == 1
    assert verify_file(json.dumps(made["version"]).encode()).verdict == "VERIFIED"


def test_without_a_key_the_same_body_makes_two_versions_with_one_it_does_not(lives: Lives) -> None:
    proposal_id = lives.opened()
    for _ in range(2):
        ok(lives.add_version(proposal_id))
    first = ok(lives.add_version(proposal_id, headers={"Idempotency_Key": "k"}))
    again = ok(lives.add_version(proposal_id, headers={"Idempotency_Key": "k"}))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert lives.summary(proposal_id)["current_version_no"] == 4
    assert refused(lives.add_version(proposal_id, a_proposal(3), headers={"Idempotency_Key": "k"})) == CONFLICT
    other = lives.opened()
    assert ok(lives.add_version(other, headers={"Idempotency_Key": "k"})).json["version"]["version_no"] == 2  # a key of its own


def test_versions_that_race_are_numbered_without_gaps(lives: Lives) -> None:
    proposal_id = lives.opened()
    replies = at_once(20, lambda _: lives.add_version(proposal_id))
    assert sorted(ok(reply).json["version"]["version_no"] for reply in replies) == list(range(2, 22))
    events = lives.events(proposal_id)
    assert [event["version_no"] for event in events] == list(range(1, 22))
    assert [row["version_no"] for row in ok(lives.get(f"/{proposal_id}/lineage")).json["versions"]] == list(range(1, 22))


def test_versions_and_a_cancellation_that_race_come_in_some_order(lives: Lives) -> None:
    proposal_id = lives.opened()
    with ThreadPoolExecutor(6) as pool:
        added = [pool.submit(lives.add_version, proposal_id) for _ in range(5)]
        cancelled = pool.submit(lives.move, proposal_id, "CANCELLED", "DRAFT")
    assert ok(cancelled.result()).json["current_state"] == "CANCELLED"
    replies = [done.result() for done in added]
    assert {reply.status for reply in replies} <= {200, 422}
    made = [reply for reply in replies if reply.status == 200]
    assert all(refused(reply) == (422, "PROPOSAL_TERMINAL_STATE: cannot create version") for reply in replies if reply.status == 422)
    assert lives.summary(proposal_id)["current_version_no"] == 1 + len(made)
    assert lives.events(proposal_id)[-1]["event_type"] == "CANCELLED"


def test_another_portfolio_is_another_proposal(memory_lives: Lives) -> None:
    proposal_id, other = memory_lives.opened(), a_proposal()
    other["portfolio_snapshot"]["portfolio_id"] = "pf_2"
    assert refused(memory_lives.add_version(proposal_id, other)) == (422, "PORTFOLIO_CONTEXT_MISMATCH")
    made = ok(memory_lives.under(portfolio_may_change=True).add_version(proposal_id, other)).json
    assert made["proposal"]["portfolio_id"] == "pf_1"


def test_a_version_is_refused_for_what_a_creation_is(memory_lives: Lives) -> None:
    proposal_id = memory_lives.opened()
    assert refused(memory_lives.add_version(proposal_id, without_flag())) == DISABLED
    assert refused(memory_lives.add_version(proposal_id, valid_until="2026-02-20T00:00:00Z")) == (422, "VALID_UNTIL_BOUNDS")
    assert refused(memory_lives.add_version(proposal_id, created_by="somebody")) == (403, "ACTOR_MISMATCH")
    assert refused(memory_lives.add_version("pp_unknown")) == (404, "PROPOSAL_NOT_FOUND")
    assert refused(memory_lives.add_version(proposal_id, caller=STRANGER)) == (404, "PROPOSAL_NOT_FOUND")
    assert len(memory_lives.events(proposal_id)) == 1
