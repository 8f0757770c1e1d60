"""One bank's things are to another as if they were not: the same answer, the same work, no key of theirs ever touched."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.records.operations import Family, Job
from engine.usecases.refusals import Code
from infra.api import CALLS, Call
from infra.aws import keys
from tests.access.belongings import (
    ACTION,
    FOREIGNER,
    LISTING,
    NAMING,
    OWNER,
    UNKNOWN,
    UNKNOWN_ADVICE,
    Belongings,
    belongings,
    tenants_in,
    without,
)
from tests.support.emulators import fresh
from tests.support.gateway import Reply, refused
from tests.support.portfolios import a_proposal

SIBLINGS = ("bank",)
HOSTILE = ("..", "bank-a/runs/{run}", "T#bank-a#RUN#{run}", "x#../T#bank-a", "%2e%2e%2fbank-a%2f{run}", "{run}#META")


@pytest.fixture(scope="module")
def theirs() -> Iterator[Belongings]:
    with fresh() as aws:
        kept = belongings(aws)
        with kept.heard.at(aws.dynamodb, aws.s3):
            yield kept


def told(reply: Reply, names: dict[str, str]) -> tuple[int, dict[str, str], str]:
    return reply.status, {name: without(value, names) for name, value in reply.headers.items()}, without(reply.body.decode(), names)


def asked(theirs: Belongings, call: Call, names: dict[str, str], caller: Any) -> tuple[Any, list[Any]]:
    """What is answered, and what was asked of AWS for it, but for the names."""
    theirs.heard.taken()
    reply = theirs.ask(call, names, caller)
    calls = theirs.heard.taken()
    assert tenants_in(calls) <= {"bank-b"}
    parts = [(service, operation, without(parameters, names)) for service, operation, parameters in calls]
    return told(reply, names), parts if call.method == "GET" else [part[:2] for part in parts]


@pytest.mark.parametrize("call", NAMING, ids=lambda call: call.id)
def test_what_is_anothers_is_answered_and_looked_for_as_what_is_nobodys(theirs: Belongings, call: Call) -> None:
    unknown = UNKNOWN | (UNKNOWN_ADVICE if call.path.startswith("/rebalance/proposals") else {})
    there = {name: value for name, value in theirs.named(call).items() if f"{{{name}}}" in call.path}
    assert asked(theirs, call, there, FOREIGNER) == asked(theirs, call, {name: unknown[name] for name in there}, FOREIGNER)


@pytest.mark.parametrize("call", [call for call in NAMING if call.method == "GET"], ids=lambda call: call.id)
def test_it_is_its_owners_and_the_tag_that_they_were_given_opens_nothing(theirs: Belongings, call: Call) -> None:
    given = theirs.ask(call, theirs.named(call), OWNER)
    assert given.status == 200
    tag = {"If-None-Match": given.headers.get("ETag", "*")}
    assert theirs.ask(call, theirs.named(call), FOREIGNER, headers=tag).status == (200 if call.id == "lineage" else 404)


@pytest.mark.parametrize("tenant", ["bank-b", *SIBLINGS])
def test_no_list_shows_what_is_anothers(theirs: Belongings, tenant: str) -> None:
    stranger, found = FOREIGNER | {"tenant": tenant}, theirs.all_ids()
    for call in LISTING:
        for query in ({}, {"portfolio_id": "pf_1"}) if tenant == "bank-b" else ({},):
            reply = theirs.service.get(call.path, stranger, None, **query)
            assert not [name for name in found if name in reply.body.decode()]
    summary = theirs.service.get("/rebalance/supportability/summary", stranger).json
    assert (summary["run_count"], summary["operation_count"]) == (0, 0)
    assert theirs.service.get("/rebalance/runs", OWNER).json["items"]


def test_a_cursor_of_anothers_list_leads_nowhere_of_theirs(theirs: Belongings) -> None:
    for path in ("/rebalance/runs", "/rebalance/operations", "/rebalance/proposals", "/rebalance/workflow/decisions"):
        theirs.heard.taken()
        for cursor in (*theirs.all_ids(), f"~T#bank-a#RUNS#0#{theirs.ids['rebalance_run_id']}"):
            reply = theirs.service.get(path, FOREIGNER, cursor=cursor)
            assert reply.status == 422 or reply.json["items"] == []
        assert tenants_in(theirs.heard.taken()) <= {"bank-b"}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_an_id_with_separators_reaches_no_key_of_anothers(theirs: Belongings, hostile: str) -> None:
    name = hostile.format(run=theirs.ids["rebalance_run_id"])
    for call in NAMING:
        if call.id not in {"put_pack", "delete_pack"}:
            (status, _, body), _ = asked(theirs, call, dict.fromkeys(UNKNOWN | UNKNOWN_ADVICE, name) | {"version_no": "1"}, FOREIGNER)
            assert status in {404, 422, 202} or (call.id == "lineage" and json.loads(body)["edges"] == [])


@pytest.mark.parametrize("tenant", ["", ".", "..", "T#bank-a", "bank-a#RUN", "../bank-a", "bank-a/runs", "bank-a ", "_system", "b\u00e4nk"])
def test_no_tenant_is_called_so_that_it_could_be_anothers_key(theirs: Belongings, tenant: str) -> None:
    theirs.heard.taken()
    reply = theirs.service.get(f"/rebalance/runs/{theirs.ids['rebalance_run_id']}", OWNER | {"tenant": tenant})
    assert (reply.status, theirs.heard.taken()) == (401, [])
    if tenant not in {".", "..", "_system"}:  # nobody's names, but none that breaks a key
        with pytest.raises(ValueError, match="TENANT_INVALID"):
            keys.run(tenant, "rr_1")
        with pytest.raises(ValueError, match="TENANT_INVALID"):
            keys.payload(tenant, "runs", "rr_1", "0" * 64)


def test_a_message_of_another_tenant_executes_nothing(theirs: Belongings) -> None:
    for family, operation in ((Family.DPM, theirs.ids["operation_id"]), (Family.PROPOSAL, theirs.proposal["operation_id"])):
        theirs.heard.taken()
        assert theirs.service.work(Job("bank-b", family, operation)) == [True]
        assert tenants_in(theirs.heard.taken()) <= {"bank-b"}
    waiting = theirs.service.get(f"/rebalance/proposals/operations/{theirs.proposal['operation_id']}", OWNER).json
    assert waiting["status"] == "PENDING"


def test_a_version_that_was_accepted_for_anothers_proposal_fails_as_for_nobodys(theirs: Belongings) -> None:
    (call,) = (call for call in NAMING if call.id == "proposal_add_version_async")
    (status,) = (call for call in NAMING if call.id == "proposal_operation")
    said = []
    for names in (theirs.proposal, UNKNOWN_ADVICE):
        operation = theirs.ask(call, names, FOREIGNER).json["operation_id"]
        theirs.heard.taken()
        assert theirs.service.work(Job("bank-b", Family.PROPOSAL, operation)) == [True]
        done = [(service, asked) for service, asked, _ in theirs.heard.taken()]
        reply = theirs.ask(status, {"operation_id": operation}, FOREIGNER)
        assert reply.json["status"] == "FAILED"
        said.append((told(reply, names), done))
    assert said[0] == said[1]


def test_the_log_of_one_names_nothing_of_anothers(theirs: Belongings) -> None:
    before = len(theirs.service.lines)
    for call in NAMING:
        theirs.ask(call, theirs.named(call), FOREIGNER)
    lines = theirs.service.lines[before:]
    assert {line["tenant"] for line in lines if line["message"] == "call"} == {"bank-b"}
    assert not [name for name in theirs.all_ids() for line in lines if name in json.dumps(line)]


def test_an_operation_of_one_family_is_to_the_other_as_nobodys(theirs: Belongings) -> None:
    for call in NAMING:
        if "{operation_id}" in call.path:
            advisory = call.path.startswith("/rebalance/proposals")
            others, nobodys = (theirs.ids, UNKNOWN) if advisory else (theirs.proposal, UNKNOWN_ADVICE)
            theirs.heard.taken()
            said = [told(theirs.ask(call, {"operation_id": names["operation_id"]}, OWNER), names) for names in (others, nobodys)]
            assert said[0] == said[1]
            assert said[0][0] == 404


# Whoever names somebody else


PROPOSED = {"simulate_request": a_proposal()}
FORGED: dict[str, tuple[str, dict[str, Any]]] = {
    "review_action": ("actor_id", ACTION),
    "review_action_by_correlation": ("actor_id", ACTION),
    "review_action_by_key": ("actor_id", ACTION),
    "proposal_create": ("created_by", PROPOSED),
    "proposal_create_async": ("created_by", PROPOSED),
    "proposal_add_version": ("created_by", PROPOSED),
    "proposal_add_version_async": ("created_by", PROPOSED),
    "proposal_transition": ("actor_id", {"event_type": "CANCELLED", "expected_state": "AWAITING_CLIENT_CONSENT"}),
    "proposal_approval": ("actor_id", {"approval_type": "CLIENT_CONSENT", "approved": True, "expected_state": "AWAITING_CLIENT_CONSENT"}),
}


def test_every_body_that_may_name_an_actor_is_tried() -> None:
    assert set(FORGED) == {call.id for call in CALLS if Code.ACTOR_MISMATCH in call.codes()}


@pytest.mark.parametrize("named", ["system", "ADVISER-7"])
def test_who_names_another_actor_is_refused_and_writes_nothing(theirs: Belongings, named: str) -> None:
    before, said = theirs.kept(), {}
    for call in CALLS:
        if call.id in FORGED:
            member, body = FORGED[call.id]
            reply = theirs.ask(call, theirs.named(call), OWNER, body | {member: named}, key="forged")
            said[call.id] = refused(reply)
    assert said == dict.fromkeys(FORGED, (403, "ACTOR_MISMATCH"))
    assert theirs.kept() == before
