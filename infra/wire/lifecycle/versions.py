"""What advisers send for proposals that live, and how the wire shows what was made of it (RFC-0014)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import orjson

from engine.usecases.proposals.commands import Made
from engine.usecases.proposals.creating import CreateCall
from engine.usecases.proposals.outcomes import FoundProposalOperation
from engine.usecases.proposals.reading import FoundVersion
from engine.usecases.proposals.versions import VersionCall
from engine.workflow.proposal_callers import Caller
from infra.http.endpoints import Request
from infra.http.messages import LOOK_UP_ROOM, Response, fits
from infra.http.query import path_parameter
from infra.wire.answers import Document
from infra.wire.lifecycle.documents import (
    VERSION,
    approval_document,
    event_document,
    made_document,
    operation_document,
    proposal_document,
    version_document,
    without_evidence,
)
from infra.wire.rebalance import REPLAYED

OMITTED: Final = {"X-Evidence-Omitted": "true"}


def caller_of(request: Request, named: str | None) -> Caller:
    """Who acts: the verified caller, whom the body may name and nobody else."""
    identity = request.identity
    return Caller(identity.acting_as(named), person=identity.person, scopes=identity.scopes)


def create_asked(request: Request) -> CreateCall:
    """A new proposal, once per idempotency key."""
    from engine.contracts.lifecycle.versions import parse_create  # noqa: PLC0415  (reads start without models)

    key, correlation_id = request.idempotency_key(), request.correlation_id()
    asked = parse_create(request.body())
    return CreateCall(caller_of(request, asked.created_by), key, correlation_id, asked, _reaches(request), request.in_time)


def version_asked(request: Request) -> VersionCall:
    """One version more of the proposal that the path names."""
    from engine.contracts.lifecycle.versions import parse_version  # noqa: PLC0415  (see above)

    key, correlation_id = request.optional_idempotency_key(), request.correlation_id()
    proposal_id, asked = path_parameter(request.event, "proposal_id"), parse_version(request.body())
    caller = caller_of(request, asked.created_by)
    return VersionCall(proposal_id, caller, key, correlation_id, asked, _reaches(request), request.in_time)


def _reaches(request: Request) -> Callable[[Made], bool]:
    return lambda made: request.fits(_least(made))


def readable(made: Made) -> bool:
    """Whether somebody who takes gzip could be shown what was made."""
    return fits(_least(made), gzip_accepted=True, room=LOOK_UP_ROOM)


def _least(made: Made) -> bytes:
    """The smallest answer that shows it."""
    document = made_document(made)
    return orjson.dumps(document | {VERSION: without_evidence(document[VERSION])})


def version_page(found: FoundVersion) -> Response:
    """One version for people, with all that happened to its proposal."""
    from infra.pages.answers import page_of_version  # noqa: PLC0415  (whoever asks for JSON waits for no templates)

    page = page_of_version(
        {
            "version": version_document(found.proposal, found.version, orjson.loads(found.artifact)),
            "proposal": proposal_document(found.proposal),
            "events": list(map(event_document, found.events)),
            "approvals": list(map(approval_document, found.approvals)),
        }
    )
    return replace(page, headers={**page.headers, "Cache-Control": "no-store"})  # a version never changes, what happened to it does


@dataclass(frozen=True, slots=True)
class Shown:
    """How a deployment shows versions: `evidence` says whether answers repeat a version's own bundle at all."""

    evidence: bool = True

    def made(self, made: Made) -> Response:
        """A proposal with the version that was made, and whether an earlier call made it."""
        facts: dict[str, str | int] = {
            "proposal_id": made.proposal.proposal_id,
            "version_no": made.version.version_no,
            "event_type": made.event.event_type.value,
            "replayed": int(made.replayed),
        }
        document, headers = made_document(made), REPLAYED if made.replayed else {}
        return self._fitting(document[VERSION], lambda version: document | {VERSION: version}, headers, facts)

    def operation(self, found: FoundProposalOperation) -> Response:
        """An operation on proposals, with what it made."""
        operation, made = found.operation, found.made
        shown = operation_document(operation, made)
        facts: dict[str, str | int] = {"operation_id": operation.operation_id, "operation_status": operation.status.value}
        if made is None:
            return Response(200, orjson.dumps(shown), {}, facts)
        answered = made_document(made)

        def document(version: Document) -> Document:
            return shown | {"result": answered | {VERSION: version}}

        return self._fitting(answered[VERSION], document, {}, facts)

    def version(self, found: FoundVersion) -> Response:
        """One version."""
        version = version_document(found.proposal, found.version, orjson.loads(found.artifact))
        return self._fitting(version, lambda shown: shown, {}, _facts(found), wanted=found.evidence)

    def detail(self, found: FoundVersion) -> Response:
        """A proposal with its current version."""
        version = version_document(found.proposal, found.version, orjson.loads(found.artifact))
        proposal = proposal_document(found.proposal) | {"advisor_notes": found.proposal.advisor_notes}

        def document(shown: Document) -> Document:
            return {"proposal": proposal, "current_version": shown, "last_gate_decision": shown["gate_decision"]}

        return self._fitting(version, document, {}, _facts(found), wanted=found.evidence)

    def _fitting(
        self,
        version: Document,
        document: Callable[[Document], Document],
        headers: Mapping[str, str],
        facts: Mapping[str, str | int],
        *,
        wanted: bool = True,
    ) -> Response:
        """The answer with the version's own bundle; where that would be too large, without it, and saying so (advisory-lifecycle 14.5)."""
        if wanted and self.evidence:
            body = orjson.dumps(document(version))
            if fits(body, gzip_accepted=False):
                return Response(200, body, headers, facts)
            headers = {**headers, **OMITTED}
        return Response(200, orjson.dumps(document(without_evidence(version))), headers, facts)


def _facts(found: FoundVersion) -> dict[str, str | int]:
    return {"proposal_id": found.proposal.proposal_id, "version_no": found.version.version_no}
