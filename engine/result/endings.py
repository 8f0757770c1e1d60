"""The four ways a run ends, and the result document of each (dpm-engine 14, 15)."""

from contextlib import suppress
from dataclasses import dataclass, field
from decimal import DecimalException
from typing import Final

import orjson

from engine.contracts import EngineOptions
from engine.intents.orders import Order, Trade
from engine.notes import Notes
from engine.result.amounts import Json
from engine.result.checks import render_reconciliation, render_rule
from engine.result.coverage import derived_rates, measure_coverage
from engine.result.diagnostics import render_diagnostics
from engine.result.gate import decide_gate
from engine.result.orders import render_order, render_tax_impact
from engine.result.provenance import render_lineage
from engine.result.states import render_state, to_places_or_zero
from engine.result.targets import render_targets, render_universe
from engine.simulation.reconciliation import Reconciliation
from engine.simulation.rules import HARD, NUMERIC_RANGE, SOFT, Checked, RuleRow, evaluate, ladder_breach
from engine.snapshots import Snapshots
from engine.targets.plan import Targets
from engine.universe import Universe, build_universe
from engine.valuation import State, unvalued

READY: Final = "READY"
PENDING_REVIEW: Final = "PENDING_REVIEW"
BLOCKED: Final = "BLOCKED"
Shown = Json | orjson.Fragment
"""A part of the result: as JSON types, or as the text that other decisions show too."""

SAFETY_RULES: Final = ("NO_SHORTING", "INSUFFICIENT_CASH")


@dataclass(slots=True)
class Decision:
    """A finished run: its status and the result document."""

    status: str
    document: Json

    def to_json(self) -> bytes:
        """The result as UTF-8 JSON; equal decisions give equal bytes."""
        return orjson.dumps(self.document)


@dataclass(slots=True)
class Frame:
    """A run on its way: what it is about, and what its stages have made so far."""

    snapshots: Snapshots
    options: EngineOptions
    run_id: str
    correlation_id: str
    request_hash: str
    notes: Notes = field(default_factory=Notes)
    before: State | None = None
    universe: Universe | None = None
    targets: Targets = field(default_factory=lambda: Targets(undecided=True))
    sized: list[Trade] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    comparison: Json | None = None

    def valued_before(self) -> State:
        """The before state; only asked for once valuation is done."""
        if self.before is None:
            raise AssertionError("valuation comes first")
        return self.before

    def survivors(self) -> list[Trade]:
        """The trades that the turnover cap left, in trace order."""
        kept = {trade.intent_id for trade in self.trades}
        return [trade for trade in self.sized if trade.intent_id in kept]

    def known_universe(self) -> Universe:
        """The universe; only asked for once it is built."""
        if self.universe is None:
            raise AssertionError("the universe comes second")
        return self.universe


def refuse(run: Frame) -> Decision:
    """No decision: missing data or no targets. The rules look at the portfolio as it is (dpm-engine 14.4)."""
    _, before = run.snapshots.shown_before(run.options.valuation_mode)
    rows = evaluate(_checked(run, run.valued_before()))
    return _document(run, BLOCKED, [], before, before, rows, {"summary": "Blocked"})


def stop_in_ladder(run: Frame, orders: list[Order]) -> Decision:
    """Orders that settlement cannot bear: they are shown, the portfolio stays as it is (dpm-engine 13.1)."""
    _, before = run.snapshots.shown_before(run.options.valuation_mode)
    rows = [ladder_breach(run.notes)]
    return _document(run, BLOCKED, orders, before, before, rows, _explanation(run, BLOCKED), tax=True)


def conclude(run: Frame, orders: list[Order], after: State) -> Decision:
    """Check the portfolio after the orders and reconcile it; the usual end (dpm-engine 13.2, 13.3, 14.2)."""
    before = run.valued_before()
    rows = evaluate(_checked(run, after))
    reconciliation = None
    failed = [row for row in rows if row.severity == HARD and not row.passed]
    for row in failed:
        if row.rule_id in SAFETY_RULES:
            run.notes.warn("SIMULATION_SAFETY_CHECK_FAILED")
    if not failed:
        reconciliation = Reconciliation.of(before.total, after.total, after.base)
        if not reconciliation.agrees:
            rows.append(reconciliation.failure())
    status = _status(rows, run.targets)
    shown_before, before_text = run.snapshots.shown_before(run.options.valuation_mode)
    shown_after = render_state(after, run.snapshots.market.shown_prices, (before, shown_before))
    explanation = _explanation(run, status)
    block = render_reconciliation(reconciliation) if reconciliation else None
    return _document(run, status, orders, before_text, shown_after, rows, explanation, tax=True, reconciliation=block)


def out_of_range(run: Frame) -> Decision:
    """Arithmetic left the 28 digits: BLOCKED by NUMERIC_RANGE, no intents, the portfolio stays as it is.

    It is shown without values when they, or their shares of the total, are what left the range.
    """
    prices, before = run.snapshots.market.shown_prices, None
    if run.before is not None:
        with suppress(DecimalException):
            before = render_state(run.before, prices, to_places=to_places_or_zero)
    if run.before is None or before is None:
        run.before = _unvalued(run)
        before = render_state(run.before, prices, to_places=to_places_or_zero)
    if run.universe is None:
        run.universe = build_universe(run.snapshots.targets, run.before, run.snapshots.shelf, run.options, run.notes)
    rows: list[RuleRow] = []
    with suppress(DecimalException):
        rows = evaluate(_checked(run, run.before))
    return _document(run, BLOCKED, [], before, before, [*rows, NUMERIC_RANGE], {"summary": "Blocked"})


def _unvalued(run: Frame) -> State:
    snapshots = run.snapshots
    return unvalued(snapshots.quantities, snapshots.portfolio.cash_balances, snapshots.market, snapshots.shelf)


def _checked(run: Frame, state: State) -> Checked:
    return Checked(state, run.valued_before(), run.known_universe(), run.snapshots.shelf, run.options, run.notes)


def _status(rows: list[RuleRow], targets: Targets) -> str:
    failed = {row.severity for row in rows if not row.passed}
    if HARD in failed:
        return BLOCKED
    return PENDING_REVIEW if SOFT in failed or targets.causes else READY


def _explanation(run: Frame, status: str) -> Json:
    return {"summary": status, "target_method_comparison": run.comparison}


def _document(
    run: Frame,
    status: str,
    orders: list[Order],
    before: Shown,
    after: Shown,
    rows: list[RuleRow],
    explanation: Json,
    *,
    tax: bool = False,
    reconciliation: Json | None = None,
) -> Decision:
    options, universe, base = run.options, run.known_universe(), run.snapshots.market.base
    needs = (run.snapshots.portfolio, universe, run.targets, run.sized, run.snapshots.market, options)
    coverage, derived = measure_coverage(*needs), derived_rates(*needs)
    if run.targets.infeasibility is not None:
        explanation = {**explanation, "infeasibility": run.targets.infeasibility}
    taxes = None
    if tax and options.enable_tax_awareness:
        taxes = render_tax_impact(run.survivors(), options.max_realized_capital_gains, base)
    return Decision(
        status,
        {
            "rebalance_run_id": run.run_id,
            "correlation_id": run.correlation_id,
            "status": status,
            "before": before,
            "universe": render_universe(universe, run.run_id, coverage),
            "target": render_targets(run.targets, universe, run.valued_before().total, run.run_id, base),
            "intents": [render_order(order, base) for order in orders],
            "after_simulated": after,
            "reconciliation": reconciliation,
            "tax_impact": taxes,
            "rule_results": [render_rule(row) for row in rows],
            "explanation": explanation,
            "diagnostics": render_diagnostics(run.notes, base, fx_derived=derived),
            "gate_decision": decide_gate(status, rows, run.targets, run.notes, options),
            "lineage": render_lineage(run.snapshots.lineage, run.request_hash),
        },
    )
