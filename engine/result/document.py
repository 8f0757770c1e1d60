"""The result document of a rebalance: a run and its ending as JSON types (dpm-engine 15)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

import orjson
from msgspec import Struct

from engine.intents.orders import Order, Trade
from engine.result.amounts import Json
from engine.result.checks import render_reconciliation, render_rule
from engine.result.coverage import derived_rates, measure_coverage
from engine.result.diagnostics import render_diagnostics
from engine.result.distance import render_distance
from engine.result.endings import Ending, RunInProgress
from engine.result.explanation import explain
from engine.result.gate import decide_gate
from engine.result.orders import render_orders, render_plan, render_tax_impact
from engine.result.provenance import render_provenance
from engine.result.reasons import data_reasons, rule_reasons, target_reasons
from engine.result.states import ShownState, render_state, to_places_or_zero
from engine.result.status import BLOCKED
from engine.result.targets import render_targets, render_universe


class Decision(Struct):
    """A finished run: its status, the result document, the size of each security trade in base, and how many orders there are with the FX deals.

    The document's rows are JSON text already. `orders` are there for who has just decided; what is read back has none.
    """

    status: str
    document: Json
    notionals: Sequence[Decimal]
    intents: int
    orders: Sequence[Order] = ()

    @classmethod
    def recorded(cls, result: bytes) -> Self:
        """The decision that a recorded result holds."""
        document = orjson.loads(result)
        trades = [intent for intent in document["intents"] if intent["intent_type"] == "SECURITY_TRADE"]
        notionals = [Decimal(trade["notional_base"]["amount"]) for trade in trades]
        return cls(document["status"], document, notionals, len(document["intents"]))

    @property
    def distance_after(self) -> str | None:
        """How far from the target the orders leave the portfolio; None where that is not known."""
        distance = self.document.get("distance")
        return distance["after"] if distance else None

    def to_json(self) -> bytes:
        """The result as UTF-8 JSON; equal decisions give equal bytes."""
        return orjson.dumps(self.document)


def render_decision(progress: RunInProgress, ending: Ending) -> Decision:
    """The decision of a run that ended so."""
    options, notes, targets = progress.options, progress.notes, progress.targets
    base, universe, status, rows = progress.snapshots.market.base, ending.universe, ending.status, ending.rows
    before, after = _shown_states(progress, ending)
    failed = [row for row in rows if not row.passed]
    reasons = [*rule_reasons(failed), *target_reasons(targets, blocked=status == BLOCKED), *data_reasons(notes)]
    needs = (progress.snapshots.portfolio, universe, targets, progress.paid.sized, progress.snapshots.market, options)
    valued = None if progress.before is None or notes.price_missing or notes.fx_missing else progress.snapshots.quantities
    coverage, derived = measure_coverage(*needs, valued), derived_rates(*needs)
    taxed = ending.decided and options.enable_tax_awareness
    document = {
        "rebalance_run_id": progress.run_id,
        "correlation_id": progress.correlation_id,
        "status": status,
        "before": before.document,
        "universe": render_universe(universe, progress.run_id, coverage),
        "target": render_targets(
            targets, universe, progress.standing.state.total if progress.standing else ending.before.total, progress.run_id, base
        ),
        "intents": render_orders(ending.orders, base),
        "after_simulated": after.document,
        "reconciliation": render_reconciliation(ending.reconciliation) if ending.reconciliation else None,
        "distance": render_distance(ending.distance) if ending.distance else None,
        "tax_impact": render_tax_impact(progress.survivors(), options.max_realized_capital_gains, base) if taxed else None,
        **({"plan": render_plan(progress.paid.plan)} if ending.decided and progress.paid.plan else {}),
        "rule_results": [render_rule(row) for row in rows],
        "explanation": _explanation(progress, ending),
        "diagnostics": render_diagnostics(notes, base, fx_derived=derived),
        "gate_decision": decide_gate(
            status, failed, reasons, options, consent=options.workflow_requires_client_consent, risk_review=targets.need_risk_review
        )
        if options.enable_workflow_gates
        else None,
        "lineage": render_provenance(progress.snapshots.origin, progress.snapshots.shared.origin, progress.request_hash),
    }
    notionals = [order.notional_base for order in ending.orders if isinstance(order, Trade)]
    return Decision(status, document, notionals, len(ending.orders), ending.orders)


def _shown_states(progress: RunInProgress, ending: Ending) -> tuple[ShownState, ShownState]:
    """The portfolio before and after, as it is shown."""
    market = progress.snapshots.market
    if not ending.in_range:
        shown = render_state(ending.before, market, to_places=to_places_or_zero)
        return shown, shown
    before = progress.snapshots.shown_before(progress.options.valuation_mode)
    if ending.after is None:
        return before, before
    return before, render_state(ending.after, market, earlier=(ending.before, before))


def _explanation(progress: RunInProgress, ending: Ending) -> Json:
    explanation: Json = (
        {"summary": ending.status, "target_method_comparison": progress.comparison} if ending.decided else {"summary": "Blocked"}
    )
    if progress.options.explain:
        explanation["reasons"] = explain(progress, ending)
    if progress.targets.infeasibility is not None:
        explanation["infeasibility"] = progress.targets.infeasibility
    return explanation
