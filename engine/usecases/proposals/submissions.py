"""What was sent for a version, as it is hashed: the request that decides it, who asked, and what it is called (advisory-lifecycle 5, 6)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

import orjson

from engine.contracts.lifecycle.versions import ProposalCreateRequest, ProposalMetadata, ProposalVersionRequest
from engine.contracts.proposals import ProposalSimulateRequest
from engine.evidence.canonical import canonical_proposal, submission_hash
from engine.records.pages import instant
from engine.records.proposal_history import Proposal, ProposalVersion
from engine.usecases.refusals import Code, Refused
from engine.workflow.proposal_versions import Wanted

HASH_RECIPE: Final = 1
"""How commands on proposals are hashed now. A change gets a number of its own."""

MAX_METADATA: Final = 32_768
"""Bytes of JSON (advisory-lifecycle 14.5)."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A validated request for a version. `created_by` is the verified caller, whatever the body left out; `metadata` is a creation's alone."""

    request: ProposalSimulateRequest
    created_by: str
    valid_until: datetime | None
    metadata: ProposalMetadata | None
    inputs: bytes

    @classmethod
    def of(cls, asked: ProposalVersionRequest, created_by: str) -> Self:
        """Refuses words that are too many."""
        metadata = asked.metadata if isinstance(asked, ProposalCreateRequest) else None
        if metadata is not None and len(orjson.dumps(asdict(metadata))) > MAX_METADATA:
            raise Refused(Code.PROPOSAL_METADATA_TOO_LARGE)
        return cls(asked.simulate_request, created_by, asked.valid_until, metadata, canonical_proposal(asked.simulate_request))

    @property
    def wanted(self) -> Wanted:
        """What it can be refused for before it is decided."""
        request = self.request
        return Wanted(request.portfolio_snapshot.portfolio_id, request.options.enable_proposal_simulation, self.valid_until)

    def request_hash(self) -> str:
        """The digest of all of it."""
        return submission_hash(self.inputs, envelope(self.created_by, self.asked_until, self.metadata))

    @property
    def asked_until(self) -> str | None:
        """The end that is asked for as it is hashed: in UTC, or as it was sent where it has no offset and will be refused."""
        end = self.valid_until
        return None if end is None else end.isoformat() if end.utcoffset() is None else instant(end)


def envelope(created_by: str, valid_until: str | None, metadata: ProposalMetadata | None) -> dict[str, Any]:
    """What was sent around the request that decides; an end that nobody asked for is not written."""
    return {
        "created_by": created_by,
        **({} if metadata is None else {"metadata": asdict(metadata)}),
        **({} if valid_until is None else {"valid_until": valid_until}),
    }


def envelope_of(proposal: Proposal, version: ProposalVersion) -> dict[str, Any]:
    """What was sent around the request of a recorded version: a proposal keeps for ever what it was called by at first."""
    words = None
    if version.version_no == 1:
        words = ProposalMetadata(proposal.title, proposal.advisor_notes, proposal.jurisdiction, proposal.mandate_id)
    return envelope(version.created_by, version.asked_until, words)


def refuse_unknown_recipe(recipe: int) -> None:
    """Let a claim pass whose hash can be compared; those of a later release cannot."""
    if recipe != HASH_RECIPE:
        raise Refused(Code.PROPOSAL_ENGINE_VERSION_CHANGED)
