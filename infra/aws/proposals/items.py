"""How a proposal lies in its table. Builders and readers, no calls.

    head       T#…#PP#{proposal}                  HEAD                 listed by time, portfolio, creator and state, and by its end (GSI1 to 5)
    version    T#…#PP#{proposal}                  V#{number}           with its artifact
    event      T#…#PP#{proposal}                  E#{seq}
    approval   T#…#PP#{proposal}                  A#{seq}              of the event that it was written with
    check      T#…#PP#{proposal}                  C#{version}#{rev}    of the head that it left
    claim      T#…#IK#{command}#…#{digest}        CLAIM                what a command's idempotency key stands for

All but the head are written once, under the condition that they are not there, and nothing changes or deletes them. The head is put
over the one of the `rev` before. Free objects are JSON text: what a caller sent comes back as it was.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

import orjson

from engine.records.pages import instant
from engine.records.proposal_history import (
    Approval,
    ApprovalType,
    Change,
    ClearCheck,
    CountedApproval,
    CurrentVersion,
    EventType,
    ExecutionCheck,
    Gate,
    Proposal,
    ProposalState,
    ProposalVersion,
    Verdict,
    WorkflowEvent,
)
from engine.records.proposal_lists import ProposalRow
from engine.records.proposals import ProposalKey, ProposalKeyClaim
from engine.workflow.proposal_validity import expiry
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.formats import VERSIONS, Format

VERSION: Final = VERSIONS[Format.PROPOSALS]


def head(proposal: Proposal) -> Item:
    """Where a proposal stands, with all that it is listed by. It has an end as long as something is to expire."""
    tenant, number = proposal.tenant, keys.shard(proposal.proposal_id)
    by_time, end = keys.at(proposal.created_at, proposal.proposal_id), expiry(proposal)
    ends = {} if end is None else {"gsi5pk": keys.proposals_by_end(number), "gsi5sk": keys.due(end, tenant, proposal.proposal_id)}
    told = _stored(asdict(proposal))
    del told["tenant"]
    return {
        "pk": keys.proposal(tenant, proposal.proposal_id),
        "sk": keys.HEAD,
        "v": VERSION,
        **told,
        "gsi1pk": keys.proposals_by_time(tenant, number),
        "gsi2pk": keys.proposals_of_portfolio(tenant, proposal.portfolio_id),
        "gsi3pk": keys.proposals_of_creator(tenant, proposal.created_by),
        "gsi4pk": keys.proposals_in_state(tenant, proposal.state, number),
        **{f"gsi{index}sk": by_time for index in range(1, 5)},
        **ends,
    }


def head_of(tenant: str, item: Item) -> Proposal:
    """The proposal that `head` stored."""
    clear = item.get("clear_check")
    return Proposal(
        tenant=tenant,
        event_seq=item["event_seq"],
        rev=item["rev"],
        counted=tuple(CountedApproval(**given | {"approval_type": ApprovalType(given["approval_type"])}) for given in item["counted"]),
        execution_requested=item["execution_requested"],
        clear_check=None if clear is None else ClearCheck(clear["check_id"], keys.moment(clear["created_at"])),
        advisor_notes=item.get("advisor_notes"),
        **_listed(item),
    )


def row_of(item: Item) -> ProposalRow:
    """A list's row, from a head in an index."""
    return ProposalRow(**_listed(item))


def _listed(item: Item) -> dict[str, Any]:
    current = item["current"]
    return {
        "proposal_id": item["proposal_id"],
        "portfolio_id": item["portfolio_id"],
        "created_by": item["created_by"],
        "created_at": keys.moment(item["created_at"]),
        "last_event_at": keys.moment(item["last_event_at"]),
        "state": ProposalState(item["state"]),
        "current": CurrentVersion(**_known(CurrentVersion, current) | {"gate": Gate(current["gate"])} | _end(current)),
        "title": item.get("title"),
        "jurisdiction": item.get("jurisdiction"),
        "mandate_id": item.get("mandate_id"),
    }


def version(tenant: str, made: ProposalVersion, artifact: Item) -> Item:
    """A version with the pointer to its artifact."""
    named = {"pk": keys.proposal(tenant, made.proposal_id), "sk": keys.version(made.version_no), "v": VERSION}
    return named | _stored(asdict(made)) | {"documents": {"artifact": artifact}}


def version_of(item: Item) -> ProposalVersion:
    """The version that `version` stored."""
    times = {"created_at": keys.moment(item["created_at"])}
    return ProposalVersion(**_known(ProposalVersion, item) | {"gate": Gate(item["gate"])} | times | _end(item))


def event(tenant: str, happened: WorkflowEvent) -> Item:
    """An entry of the history."""
    named = {"pk": keys.proposal(tenant, happened.proposal_id), "sk": keys.event(happened.seq), "v": VERSION}
    return named | _stored(asdict(happened) | {"reason": _text(happened.reason)})


def event_of(item: Item) -> WorkflowEvent:
    """The event that `event` stored."""
    came_from = item.get("from_state")
    return WorkflowEvent(
        event_id=item["event_id"],
        proposal_id=item["proposal_id"],
        seq=item["seq"],
        event_type=EventType(item["event_type"]),
        from_state=None if came_from is None else ProposalState(came_from),
        to_state=ProposalState(item["to_state"]),
        actor_id=item["actor_id"],
        occurred_at=keys.moment(item["occurred_at"]),
        version_no=item["version_no"],
        artifact_hash=item["artifact_hash"],
        reason=orjson.loads(item["reason"]),
        check_id=item.get("check_id"),
    )


def approval(tenant: str, given: Approval) -> Item:
    """A decision of a reviewer or of the client."""
    named = {"pk": keys.proposal(tenant, given.proposal_id), "sk": keys.approval(given.seq), "v": VERSION}
    return named | _stored(asdict(given) | {"details": _text(given.details)})


def approval_of(item: Item) -> Approval:
    """The approval that `approval` stored."""
    return Approval(
        approval_id=item["approval_id"],
        proposal_id=item["proposal_id"],
        seq=item["seq"],
        approval_type=ApprovalType(item["approval_type"]),
        approved=item["approved"],
        actor_id=item["actor_id"],
        occurred_at=keys.moment(item["occurred_at"]),
        version_no=item["version_no"],
        artifact_hash=item["artifact_hash"],
        details=orjson.loads(item["details"]),
    )


def found_by(check: ExecutionCheck) -> bytes:
    """What a check found, as the document that is kept beside it."""
    return orjson.dumps(
        {"gate_decision": check.gate_decision, "changes": [asdict(change) for change in check.changes], "trades": check.trades}
    )


def check(tenant: str, rev: int, made: ExecutionCheck, found: Item) -> Item:
    """A check with the pointer to what it found."""
    named = {"pk": keys.proposal(tenant, made.proposal_id), "sk": keys.check(made.version_no, rev), "v": VERSION}
    told = asdict(made)
    del told["gate_decision"], told["changes"], told["trades"]
    return named | _stored(told) | {"documents": {"found": found}}


def check_of(item: Item, found: bytes) -> ExecutionCheck:
    """The check that `check` stored, with what it found."""
    document = orjson.loads(found)
    return ExecutionCheck(
        check_id=item["check_id"],
        proposal_id=item["proposal_id"],
        version_no=item["version_no"],
        artifact_hash=item["artifact_hash"],
        created_at=keys.moment(item["created_at"]),
        actor_id=item["actor_id"],
        verdict=Verdict(item["verdict"]),
        status=item["status"],
        gate=Gate(item["gate"]),
        gate_decision=document["gate_decision"],
        changes=tuple(Change(**change) for change in document["changes"]),
        trades=tuple(document["trades"]),
    )


def claim(tenant: str, made: ProposalKeyClaim) -> Item:
    """What a key stands for."""
    told = asdict(made)
    del told["key"]
    return {"pk": claimed(tenant, made.key), "sk": keys.CLAIM, "v": VERSION} | _stored(told)


def claimed(tenant: str, key: ProposalKey) -> str:
    """Where the claim of a key lies."""
    return keys.proposal_command(tenant, key.command, key.proposal_id, key.text)


def claim_of(key: ProposalKey, item: Item) -> ProposalKeyClaim:
    """The claim that `claim` stored."""
    return ProposalKeyClaim(
        key=key,
        request_hash=item["request_hash"],
        hash_recipe=item["hash_recipe"],
        proposal_id=item["proposal_id"],
        created_at=keys.moment(item["created_at"]),
        version_no=item["version_no"],
        seq=item.get("seq"),
        check_id=item.get("check_id"),
    )


def _text(free: Mapping[str, object]) -> str:
    return orjson.dumps(free).decode()


def _stored(told: Mapping[str, Any]) -> Item:
    """A record's fields as the table keeps them: times as text, words of a kind as text, members that are None left out."""
    return {name: _plain(member) for name, member in told.items() if member is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return _stored(value)
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, datetime):
        return instant(value)
    return str(value) if isinstance(value, str) else value


def _known(kind: type[ProposalVersion | CurrentVersion], stored: Item) -> Item:
    """The members that this release knows: a later one may have stored more."""
    return {field.name: stored[field.name] for field in fields(kind) if field.name in stored}


def _end(item: Mapping[str, Any]) -> dict[str, datetime]:
    return {"valid_until": keys.moment(item["valid_until"])} if "valid_until" in item else {}
