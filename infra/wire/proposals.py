"""What advisers ask, and how the wire shows what was proposed (RFC-0014)."""

from dataclasses import replace

from engine.usecases.proposals.simulation import AnsweredProposal, ProposalCall
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.wire.rebalance import REPLAYED


def proposal_asked(request: Request) -> ProposalCall:
    """One proposal, once per idempotency key."""
    return ProposalCall(
        idempotency_key=request.idempotency_key(),
        correlation_id=request.correlation_id(),
        body=request.body(),
        fits=request.fits,
        in_time=request.in_time,
    )


def proposal_answer(proposal: AnsweredProposal) -> Response:
    """The bytes as they are stored, and whether an earlier call was given them."""
    replayed = REPLAYED if proposal.replayed else {}
    return Response(200, proposal.answer, replayed, facts={"proposal_run_id": proposal.proposal_run_id, "replayed": int(proposal.replayed)})


def proposal_page(proposal: AnsweredProposal) -> Response:
    """The artifact as a page."""
    from infra.pages.answers import page_of_proposal  # noqa: PLC0415  (whoever asks for JSON waits for no templates)

    shown = page_of_proposal(proposal.answer, proposal.proposal_run_id)
    return replace(shown, headers={**shown.headers, **REPLAYED}) if proposal.replayed else shown
