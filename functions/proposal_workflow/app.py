"""Proposals that live: opened, given versions, moved on, approved, checked, looked up (RFC-0014)."""

from aws_lambda_powertools import Logger

from engine.records.operations import Family
from engine.usecases.proposals.accepted import AcceptProposal
from engine.usecases.refusals import Code
from infra.adapters import Adapters
from infra.http.door import door, entry
from infra.http.endpoints import endpoint, refusing
from infra.http.messages import Handler
from infra.settings.container import Settings
from infra.settings.guardrails import Need
from infra.system import utc_now
from infra.triggers.execution import dispatching, proposal_execution
from infra.triggers.lifecycle import Lifecycle
from infra.wire.answers import page_answer, segment
from infra.wire.lifecycle import checks, commands, configuration, operations, reads, versions
from infra.wire.lifecycle.documents import summary_document
from infra.wire.operations import operation_asked

NAME = "proposal_workflow"


def build(settings: Settings, adapters: Adapters, log: Logger) -> Handler:
    """The handler over these adapters."""
    life, shown = Lifecycle.of(settings, adapters), versions.Shown(evidence=settings.proposals.evidence)
    read, dispatch = life.read, dispatching(settings, adapters, proposal_execution(settings, adapters, log), Family.PROPOSAL)
    accept = AcceptProposal(adapters.proposal_operations, adapters.clock, adapters.ids, dispatch)
    endpoints = {
        "proposal_create": endpoint(versions.create_asked, life.create, shown.made),
        "proposal_create_async": endpoint(operations.create_submitted, accept, operations.accepted_answer),
        "proposal_add_version_async": endpoint(operations.version_submitted, accept, operations.accepted_answer),
        "proposal_operation": endpoint(operation_asked("operation_id"), life.operations.by_id, shown.operation),
        "proposal_operation_by_correlation": endpoint(operation_asked("correlation_id"), life.operations.by_correlation, shown.operation),
        "proposal_add_version": endpoint(versions.version_asked, life.add_version, shown.made),
        "proposal_transition": endpoint(commands.transition_asked, life.act, commands.acted_answer),
        "proposal_approval": endpoint(commands.approval_asked, life.act, commands.acted_answer),
        "proposal_check": endpoint(checks.check_asked, life.check, checks.check_answer),
        "proposal_list": endpoint(reads.list_asked, read.page, page_answer(summary_document)),
        "proposal": endpoint(reads.proposal_asked, read.current, shown.detail),
        "proposal_version": endpoint(reads.version_asked, read.version, shown.version, versions.version_page),
        "proposal_checks": endpoint(checks.named_version, life.checks, checks.checks_answer),
        "proposal_verification": endpoint(checks.named_version, life.verify, checks.verification_answer(log)),
        "proposal_events": endpoint(segment("proposal_id"), read.events, reads.events_answer),
        "proposal_approvals": endpoint(segment("proposal_id"), read.approvals, reads.approvals_answer),
        "proposal_lineage": endpoint(segment("proposal_id"), read.lineage, reads.lineage_answer),
        "proposal_key": endpoint(segment("idempotency_key"), read.mapping, reads.key_answer),
        "proposal_config": configuration.configuration(settings, configuration.readiness(adapters.proposals)),
    }
    return door(NAME, endpoints, settings, adapters.clock, log)


def unready(settings: Settings, code: Code, log: Logger) -> Handler:
    """The handler of an environment that lacks a store: it says so, and how it is configured."""
    told = {"proposal_config": configuration.configuration(settings, lambda _: code)}
    return door(NAME, refusing(NAME, code) | told, settings, utc_now, log)


handler = entry("proposal-workflow", build, needs=(Need.PROPOSALS, Need.RUNS, Need.QUEUE), unready=unready)
