"""Decide a version of a proposal: simulate, compose its artifact, and say which gate counts (advisory-lifecycle 5, L1, L4)."""

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

import orjson

from engine.advisory.artifact import compose
from engine.advisory.document import ProposalDecision
from engine.advisory.proposal import propose
from engine.advisory.suitability.checks import unvalued
from engine.contracts.options.proposals import ProposalThresholds
from engine.evidence.canonical import canonical, digest
from engine.ports.watch import Watch
from engine.records.proposal_history import Gate, ProposalVersion
from engine.result.status import BLOCKED
from engine.usecases.proposals.extent import refuse_boundless
from engine.usecases.proposals.simulation import proposal_run_id
from engine.usecases.proposals.submissions import Submission
from engine.version import ENGINE_VERSION
from engine.workflow.proposal_gates import gate_that_counts, looser_than
from engine.workflow.proposal_validity import end_of_validity


@dataclass(frozen=True, slots=True)
class Standards:
    """What a deployment holds every version against: its own limits of suitability, and for how many hours a version is good (0 = for ever)."""

    thresholds: ProposalThresholds = field(default_factory=ProposalThresholds)
    validity_hours: int = 0


@dataclass(frozen=True, slots=True)
class DecidedVersion:
    """A version but for its number and ids, which depend on what else happens to its proposal meanwhile."""

    submission: Submission
    request_hash: str
    correlation_id: str
    created_at: datetime
    valid_until: datetime | None
    status: str
    gate: Gate
    simulation_hash: str
    artifact_hash: str
    trades_digest: str | None
    artifact: bytes

    def version(self, *, version_id: str, proposal_id: str, version_no: int) -> ProposalVersion:
        """The version under this number."""
        return ProposalVersion(
            version_id=version_id,
            proposal_id=proposal_id,
            version_no=version_no,
            created_at=self.created_at,
            created_by=self.submission.created_by,
            request_hash=self.request_hash,
            simulation_hash=self.simulation_hash,
            artifact_hash=self.artifact_hash,
            status=self.status,
            gate=self.gate,
            engine_version=ENGINE_VERSION,
            correlation_id=self.correlation_id,
            valid_until=self.valid_until,
            trades_digest=self.trades_digest,
            asked_until=self.submission.asked_until,
        )


def decide(
    submission: Submission,
    standards: Standards,
    watch: Watch,
    *,
    at: datetime,
    request_hash: str,
    correlation_id: str,
    idempotency_key: str | None,
) -> DecidedVersion:
    """Decide what was submitted, at this instant. `idempotency_key` is that of a creation; further versions show none.

    Refused where it would come to more than anybody can be shown.
    """
    refuse_boundless(submission.request)
    decision = watch.deciding(
        lambda: propose(
            submission.request,
            run_id=proposal_run_id(request_hash),
            correlation_id=correlation_id,
            request_hash=request_hash,
            idempotency_key=idempotency_key,
        )
    )
    artifact = compose(decision, at, submission.inputs)
    return DecidedVersion(
        submission=submission,
        request_hash=request_hash,
        correlation_id=correlation_id,
        created_at=at,
        valid_until=end_of_validity(at, submission.valid_until, standards.validity_hours),
        status=decision.status,
        gate=gate_of(decision, standards.thresholds),
        simulation_hash=digest(canonical(orjson.loads(decision.to_json()))),
        artifact_hash=orjson.loads(artifact)["evidence_bundle"]["hashes"]["artifact_hash"],
        trades_digest=trades_digest(decision),
        artifact=artifact,
    )


def gate_of(decision: ProposalDecision, deployed: ProposalThresholds) -> Gate:
    """The gate that counts, whatever the request did about it."""
    options = decision.progress.request.options
    return gate_that_counts(
        Gate(decision.gate["gate"]),
        decision.status,
        consent_presumed=options.client_consent_already_obtained,
        scanned=options.enable_suitability_scanner,
        looser=looser_than(options.suitability_thresholds, deployed),
        unvalued=decision.status != BLOCKED and any(unvalued(decision.course.after, decision.progress.market)),
    )


def trades_digest(decision: ProposalDecision) -> str | None:
    """The digest of the executed trades, in whatever order they were proposed; None where none is executed."""
    trades: list[Any] = sorted([trade.side, trade.instrument_id, str(Fraction(trade.quantity))] for trade in decision.course.trades)
    return digest(canonical(trades)) if trades else None
