"""The result of a proposal as JSON types (advisory-engine 15)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Final

import orjson

from engine.advisory.checks import short_of_funds
from engine.advisory.costs_shown import render_costs
from engine.advisory.courses import Course
from engine.advisory.drift import Drift, measure_drift
from engine.advisory.funding import in_minor_units
from engine.advisory.progress import ProposalInProgress
from engine.advisory.suitability import Suitability, scan
from engine.advisory.trades import Outcome
from engine.advisory.values import FundingRow
from engine.notes import DerivedRate
from engine.numbers import minor_unit, plain
from engine.result.amounts import Json, texts
from engine.result.checks import render_reconciliation, render_rule
from engine.result.diagnostics import render_diagnostics
from engine.result.gate import NO_ISSUES, decide_gate
from engine.result.orders import render_orders
from engine.result.provenance import render_provenance
from engine.result.reasons import Reason, data_reasons, rule_reasons
from engine.result.states import ShownState, render_state, to_places_or_zero
from engine.valuation import State

REPLANNED: Final = "FUNDING_REPLANNED"
"""The last of the warnings."""


@dataclass(slots=True)
class ProposalDecision:
    """A finished proposal: the document, and the values it was made of, unrounded, for whoever shows or proves it.

    `shown` are the states before and after as the document shows them. `gate` is there also where it shows none, since gates are switched off.
    """

    document: Json
    progress: ProposalInProgress
    course: Course
    shown: tuple[ShownState, ShownState]
    drift: Drift | None
    suitability: Suitability | None
    gate: Json

    @property
    def status(self) -> str:
        """READY, PENDING_REVIEW or BLOCKED."""
        return self.course.status

    @property
    def intents(self) -> int:
        """How many orders there are, the FX deals included and the money that comes or goes left out."""
        return len(self.course.orders)

    def to_json(self) -> bytes:
        """The result as UTF-8 JSON; equal decisions give equal bytes."""
        return orjson.dumps(self.document)


def render_proposal(progress: ProposalInProgress, course: Course) -> ProposalDecision:
    """The decision of a proposal that was carried out so, with drift, suitability and gate."""
    options, market, identity, notes = progress.options, progress.market, progress.identity, course.notes
    before, after = shown = _shown_states(progress, course)
    drift = suitability = None
    if course.in_range:
        traded = [trade.instrument_id for trade in course.trades]
        drift = measure_drift(course.before, course.after, traded, progress.request.reference_model, options, notes)
        suitability = scan(course.before, course.after, course.trades, progress.request, progress.shelf, market, options)
    if course.replanned:
        notes.warn(REPLANNED)
    reasons: list[Reason] = [*rule_reasons(course.rows), *(suitability.reasons() if suitability else ()), *data_reasons(notes)]
    gate = decide_gate(
        course.status,
        course.rows,
        reasons,
        options,
        consent=True,
        issues=suitability.new_issues if suitability else NO_ISSUES,
        short_of_funds=short_of_funds(course.rows, course.failures),
    )
    document = {
        "proposal_run_id": identity.run_id,
        "correlation_id": identity.correlation_id,
        "status": course.status,
        "before": before.document,
        "after_simulated": after.document,
        "intents": render_orders(course.orders, market.base, flows=progress.flows if course.in_range else ()),
        "reconciliation": render_reconciliation(course.reconciliation),
        **({"costs": render_costs(progress, course)} if options.costs is not None else {}),
        "rule_results": [render_rule(row) for row in course.rows],
        "explanation": {"summary": course.status},
        "diagnostics": _diagnostics(progress, course),
        "drift_analysis": drift.document if drift else None,
        "suitability": suitability.document if suitability else None,
        "gate_decision": gate if options.enable_workflow_gates else None,
        "lineage": render_provenance(
            progress.snapshots.origin, progress.snapshots.shared.origin, identity.request_hash, identity.idempotency_key
        ),
    }
    return ProposalDecision(document, progress, course, shown, drift, suitability, gate)


def _shown_states(progress: ProposalInProgress, course: Course) -> tuple[ShownState, ShownState]:
    """The portfolio before and after, as it is shown."""
    if not course.in_range:
        shown = render_state(course.before, progress.market, to_places=to_places_or_zero)
        return shown, shown
    before = progress.snapshots.shown_before(progress.options.valuation_mode)
    return before, render_state(course.after, progress.market, earlier=(course.before, before))


def _diagnostics(progress: ProposalInProgress, course: Course) -> Json:
    market, funding = progress.market, course.funding
    shown = render_diagnostics(
        course.notes,
        market.base,
        missing_fx_pairs=funding.missing_pairs,
        funding_plan=[_funding_row(row) for row in funding.rows],
        insufficient_cash=[
            {"currency": currency, "deficit": plain(in_minor_units(deficit, currency))} for currency, deficit in funding.insufficient
        ],
        fx_derived=_derived_rates(progress, (course.before, course.after)),
    )
    shown["trade_adjustments"] = [
        {
            "intent_id": trade.intent_id,
            "instrument_id": trade.instrument_id,
            "side": trade.side,
            "proposed_quantity": plain(trade.wish),
            "quantity": plain(trade.quantity),
            "reason_codes": list(dict.fromkeys(trade.adjusted)),
        }
        for trade in sorted([trade for trade in course.trades if trade.adjusted], key=attrgetter("number"))
    ]
    shown["skipped_trades"] = [_skipped(progress.outcomes[number - 1], code) for number, code in course.skipped]
    return shown


def _skipped(outcome: Outcome, code: str) -> Json:
    proposed = outcome.proposed
    return {
        "intent_id": outcome.intent_id,
        "instrument_id": proposed.instrument_id,
        "side": proposed.side.value,
        "reason_code": code,
    }


def _funding_row(row: FundingRow) -> Json:
    unit = minor_unit(row.currency)
    required, available, needed = texts(row.required.quantize(unit), row.available.quantize(unit), row.needed.quantize(unit))
    return {
        "target_currency": row.currency,
        "required": required,
        "available_before_fx": available,
        "fx_needed": needed,
        "fx_pair": row.pair,
        "funding_currency": row.source,
    }


def _derived_rates(progress: ProposalInProgress, states: Iterable[State]) -> Sequence[DerivedRate]:
    """The rates that the hub gave and that valued something before or after, pairs ascending (practice 6.2)."""
    market = progress.market
    if market.hub is None:
        return ()
    currencies = {flow.currency for flow in progress.flows}
    for state in states:
        currencies |= {row.currency for row in state.positions if row.quantity} | {row.currency for row in state.cash if row.amount}
    derived: list[tuple[str, Decimal | None]] = [
        (market.base_pair(currency), market.rate(currency, market.base)) for currency in currencies if market.derives(currency, market.base)
    ]
    return [DerivedRate(pair, market.hub, rate) for pair, rate in sorted(derived) if rate is not None]
