"""Proposals of advisers: simulated, and as an artifact, once per idempotency key of either."""

from aws_lambda_powertools import Logger

from engine.records.proposals import Form
from engine.usecases.proposals.simulation import AnswerProposal
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.wire.proposals import proposal_answer, proposal_asked, proposal_page


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""

    def proposals(form: Form) -> AnswerProposal:
        return AnswerProposal(adapters.proposal_keys, adapters.clock, adapters.ids, form, watch=adapters.watch)

    endpoints = {
        "proposal_simulate": endpoint(proposal_asked, proposals(Form.RESULT), proposal_answer),
        "proposal_artifact": endpoint(proposal_asked, proposals(Form.ARTIFACT), proposal_answer, proposal_page),
    }
    return door("proposals", endpoints, settings, adapters.clock, log)


handler = entry("proposals", build, needs=(Need.PROPOSALS,))
