"""The result of a proposal, member by member in wire order (advisory-engine 15)."""

from typing import Annotated, Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts.results.advisory.diagnostics import ProposalDiagnostics
from engine.contracts.results.advisory.drift import DriftAnalysis
from engine.contracts.results.advisory.intents import AdvisedIntent, Costs
from engine.contracts.results.advisory.suitability import SuitabilityResult
from engine.contracts.results.document import GateDecision, RuleResult, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, shown
from engine.contracts.results.state import Reconciliation, SimulatedState


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalExplanation:
    """What the proposal comes to."""

    summary: Annotated[RunStatus, shown("The status.", "READY")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalLineage:
    """What the proposal was decided from, for which key, and by which engine."""

    portfolio_snapshot_id: Annotated[str, shown("The given id, else the digest of the snapshot's canonical text.", "ps_1")]
    market_data_snapshot_id: Annotated[str, shown("The given id, else the digest of the snapshot's canonical text.", "md_1")]
    request_hash: Annotated[str, shown("Digest of the canonical request.", "sha256:9f2c")]
    idempotency_key: Annotated[str | None, shown("The key of the call that decided it; null without one.", "key-1")]
    engine_version: Annotated[str, shown("Changes whenever an outcome changes.", "1.2.0")]
    portfolio_as_of: Annotated[str | None, shown("The snapshot's as_of, echoed.", "2026-03-31T22:00:00Z")]
    market_data_as_of: Annotated[str | None, shown("The snapshot's as_of, echoed.", "2026-03-31T22:00:00Z")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class ProposalResult:
    """What a proposal comes to: what would be done, the portfolio then, and who must look at it."""

    proposal_run_id: Annotated[
        str, shown("pr_ and eight hex digits of the request hash's own digest: equal requests share it.", "pr_1a2b3c4d")
    ]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else drawn.", "corr_0192f0c8a7b5")]
    status: Annotated[RunStatus, shown("READY, PENDING_REVIEW or BLOCKED.", "READY")]
    before: Annotated[SimulatedState, shown("The portfolio as given.")]
    after_simulated: Annotated[SimulatedState, shown("The portfolio after flows and orders.")]
    intents: Annotated[list[AdvisedIntent], shown("Cash flows, sells, FX, buys: in the order of execution.", [])]
    reconciliation: Annotated[Reconciliation, shown("Whether value was made or lost.")]
    costs: Annotated[Costs | None, shown("What the orders cost; absent where no schedule is given.")] = None
    rule_results: Annotated[list[RuleResult], shown("The rules on the portfolio after.", [])]
    explanation: Annotated[ProposalExplanation, shown("What it comes to.")]
    diagnostics: Annotated[ProposalDiagnostics, shown("Everything that was noticed.")]
    drift_analysis: Annotated[DriftAnalysis | None, shown("Against the reference model; null without one.")]
    suitability: Annotated[SuitabilityResult | None, shown("Findings of the scanner; null when it is switched off.")]
    gate_decision: Annotated[GateDecision | None, shown("Who must look at it; null when gates are switched off.")]
    lineage: Annotated[ProposalLineage, shown("Where it comes from.")]


PROPOSAL_RESULT: Final = TypeAdapter(ProposalResult)
