"""The result of a rebalance, member by member in wire order (dpm-engine 14, 15).

The engine renders its document directly; these models describe it and a test holds the two together: every result
validates, and what is validated is rendered again to the same members in the same order.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts.results.diagnostics import DiagnosticsData
from engine.contracts.results.plan import DistanceData, PlanData, ReasonData
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown
from engine.contracts.results.state import Reconciliation, ResultMoney, SimulatedState, TaxImpact
from engine.contracts.results.targets import Infeasibility, MethodComparison, TargetData, UniverseData

RunStatus = Literal["READY", "PENDING_REVIEW", "BLOCKED"]
Gate = Literal["BLOCKED", "COMPLIANCE_REVIEW_REQUIRED", "RISK_REVIEW_REQUIRED", "CLIENT_CONSENT_REQUIRED", "EXECUTION_READY", "NONE"]
NextStep = Literal["FIX_INPUT", "ADD_FUNDS_OR_REDUCE", "COMPLIANCE_REVIEW", "RISK_REVIEW", "REQUEST_CLIENT_CONSENT", "EXECUTE", "NONE"]


APPLIED: Final = "^(MIN_NOTIONAL|TAX_BUDGET|LOT_QUANTITY|SINGLE_POSITION_MAX|GROUP_MAX:.+|TURNOVER_LEVEL|GROUP_ROOM|CASH_LEVEL|LOT_SIZE|ROUNDED_UP|MONEY_ROUNDING)$"


@dataclass(slots=True, config=EXACT_MEMBERS)
class Rationale:
    """Why an order is given."""

    code: Annotated[Literal["DRIFT_REBALANCE", "FUNDING", "SWEEP"], shown("The reason.", "DRIFT_REBALANCE")]
    message: Annotated[str, shown("The reason in a word.", "Align")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SecurityTradeIntent:
    """An order in a security."""

    intent_type: Annotated[Literal["SECURITY_TRADE"], shown("What kind of order this is.", "SECURITY_TRADE")]
    intent_id: Annotated[str, shown("oi_<n>, n in trace order.", "oi_1")]
    instrument_id: Annotated[str, shown("Instrument to trade.", "EQ_US_1")]
    side: Annotated[Literal["BUY", "SELL"], shown("Whether it is bought or sold.", "BUY")]
    quantity: Annotated[DecimalText, shown("Whole units or lots; a full exit sells the fraction too.", "50")]
    notional: Annotated[ResultMoney, shown("Quantity × unit value, in the price's currency.", {"amount": "500", "currency": "USD"})]
    notional_base: Annotated[ResultMoney, shown("The notional in base.", {"amount": "500.0", "currency": "USD"})]
    dependencies: Annotated[
        list[str],
        shown("Intents to settle first, in order of execution; with COMPLETE dependencies everything that pays for it.", ["oi_fx_2"]),
    ]
    rationale: Annotated[Rationale, shown("Why it is ordered.", {"code": "DRIFT_REBALANCE", "message": "Align"})]
    constraints_applied: Annotated[
        list[Annotated[str, Field(pattern=APPLIED)]], shown("What applied to its size; GROUP_MAX names its key.", ["MIN_NOTIONAL"])
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class FxSpotIntent:
    """A currency deal that funds buys, or sweeps what is left into base."""

    intent_type: Annotated[Literal["FX_SPOT"], shown("What kind of order this is.", "FX_SPOT")]
    intent_id: Annotated[str, shown("oi_fx_<n>, n counts on from the trades.", "oi_fx_2")]
    pair: Annotated[str, shown("Foreign/base, in both directions.", "EUR/USD")]
    buy_currency: Annotated[str, shown("Currency bought.", "EUR")]
    buy_amount: Annotated[DecimalText, shown("Amount bought; in minor units under MINOR_UNITS.", "353.50")]
    sell_currency: Annotated[str, shown("Currency sold.", "USD")]
    sell_amount_estimated: Annotated[DecimalText, shown("Amount sold at the given rate; in minor units under MINOR_UNITS.", "707.00")]
    dependencies: Annotated[list[str], shown("Intents to settle first; empty but for COMPLETE dependencies.", [])]
    rationale: Annotated[Rationale, shown("Why it is dealt.", {"code": "FUNDING", "message": "Fund"})]


Intent = Annotated[SecurityTradeIntent | FxSpotIntent, Field(discriminator="intent_type")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class RuleResult:
    """One evaluated rule."""

    rule_id: Annotated[str, shown("The rule; GROUP_MAX names its key, PLAUSIBILITY what is doubted.", "CASH_BAND")]
    severity: Annotated[Literal["HARD", "SOFT", "INFO"], shown("HARD failures block, SOFT ones need review.", "SOFT")]
    status: Annotated[Literal["PASS", "FAIL"], shown("Whether the rule holds.", "PASS")]
    measured: Annotated[DecimalText, shown("What was measured, unrounded.", "0.003")]
    threshold: Annotated[dict[str, DecimalText], shown("Bounds by min and max.", {"min": "0.00", "max": "1.00"})]
    reason_code: Annotated[str, shown("OK, or what is wrong.", "OK")]
    remediation_hint: Annotated[str | None, shown("What to do about a failure; wording may change.", None)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class RefusedExplanation:
    """There are no orders: missing data, no targets, or numbers out of range."""

    summary: Annotated[Literal["Blocked"], shown("Blocked, in this case.", "Blocked")]
    reasons: Annotated[list[ReasonData] | None, shown("Empty here; absent without explain.", [], max_length=0)] = None
    infeasibility: Annotated[Infeasibility | None, shown("Why the solver found no weights; absent otherwise.")] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class Explanation:
    """The run went through."""

    summary: Annotated[RunStatus, shown("The status.", "READY")]
    target_method_comparison: Annotated[MethodComparison | None, shown("Null unless compare_target_methods.", None)]
    reasons: Annotated[list[ReasonData] | None, shown("One row per instrument, ids ascending; absent without explain.", [])] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class GateReason:
    """A reason why somebody must look at the run."""

    reason_code: Annotated[str, shown("HARD_RULE_FAIL:<rule>, TARGETS_CONSTRAINED or the like.", "TARGETS_CONSTRAINED")]
    severity: Annotated[Literal["LOW", "MEDIUM", "HIGH"], shown("Reasons are sorted by it, HIGH first.", "MEDIUM")]
    source: Annotated[
        Literal["DATA_QUALITY", "RULE_ENGINE", "SUITABILITY", "TARGETING"], shown("Which part of the decision found it.", "TARGETING")
    ]
    details: Annotated[dict[str, str], shown("The cause behind the reason.", {"reason_code": "OVERWEIGHT_SCALED"})]


@dataclass(slots=True, config=EXACT_MEMBERS)
class GateSummary:
    """Counts behind the gate."""

    hard_fail_count: Annotated[int, shown("Failed HARD rows.", 0, ge=0)]
    soft_fail_count: Annotated[int, shown("Failed SOFT rows.", 0, ge=0)]
    new_high_suitability_count: Annotated[int, shown("New HIGH issues of a proposal; 0 of a discretionary run.", 0, ge=0)]
    new_medium_suitability_count: Annotated[int, shown("New MEDIUM issues of a proposal; 0 of a discretionary run.", 0, ge=0)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class GateDecision:
    """Whether the run may be executed, or who must look at it first (RFC-0015)."""

    gate: Annotated[Gate, shown("Who must look at it before it is executed, or that nobody has to.", "EXECUTION_READY")]
    recommended_next_step: Annotated[NextStep, shown("What to do next.", "EXECUTE")]
    reasons: Annotated[list[GateReason], shown("By severity, source, code.", [])]
    summary: Annotated[GateSummary, shown("How many findings led to it, by kind.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class LineageData:
    """What the run was decided from, and by which engine."""

    portfolio_snapshot_id: Annotated[str, shown("The given id, else the digest of the snapshot's canonical text.", "ps_1")]
    market_data_snapshot_id: Annotated[str, shown("The given id, else the digest of the snapshot's canonical text.", "md_1")]
    request_hash: Annotated[str, shown("Digest of the canonical request; in a batch its id and scenario.", "sha256:9f2c")]
    idempotency_key: Annotated[None, shown("Always null: the key names a call, not a decision.", None)]
    engine_version: Annotated[str, shown("Changes whenever an outcome changes.", "1.2.0")]
    portfolio_as_of: Annotated[str | None, shown("The snapshot's as_of, echoed.", "2026-03-31T22:00:00Z")]
    market_data_as_of: Annotated[str | None, shown("The snapshot's as_of, echoed.", "2026-03-31T22:00:00Z")]


@dataclass(slots=True, kw_only=True, config=EXACT_MEMBERS)
class RebalanceResult:
    """One decision: the orders that bring a portfolio to its model, or why there are none."""

    rebalance_run_id: Annotated[str, shown("Id of the run.", "rr_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none.", "corr-1")]
    status: Annotated[RunStatus, shown("READY, PENDING_REVIEW or BLOCKED.", "READY")]
    before: Annotated[SimulatedState, shown("The portfolio as it is.")]
    universe: Annotated[UniverseData, shown("Who may be traded.")]
    target: Annotated[TargetData, shown("The targets.")]
    intents: Annotated[list[Intent], shown("Orders in the order of execution: sells, FX, buys.", [])]
    after_simulated: Annotated[SimulatedState, shown("The portfolio after its orders; as before when BLOCKED without them.")]
    reconciliation: Annotated[Reconciliation | None, shown("Null when a HARD rule failed earlier.", None)]
    distance: Annotated[DistanceData | None, shown("How far from the target; null where there are no targets.", None)]
    tax_impact: Annotated[TaxImpact | None, shown("Null unless tax-aware and sized.", None)]
    plan: Annotated[PlanData | None, shown("What money made of the wishes; absent in runs that were not guarded.")] = None
    rule_results: Annotated[list[RuleResult], shown("In a fixed order.", [])]
    explanation: Annotated[Explanation | RefusedExplanation, shown("Summary, comparison of methods, proof of infeasibility.")]
    diagnostics: Annotated[DiagnosticsData, shown("What the run noticed.")]
    gate_decision: Annotated[GateDecision | None, shown("Null when gates are switched off.", None)]
    lineage: Annotated[LineageData, shown("Where the result comes from.")]


RESULT: Final = TypeAdapter(RebalanceResult)
