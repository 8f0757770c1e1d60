"""The four ways a run ends: what of its stages stands, what the rules say of it, and its status (dpm-engine 14)."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal, DecimalException
from typing import Final

from msgspec import Struct, field

from engine.contracts import EngineOptions
from engine.intents.brief import Brief
from engine.intents.orders import Order, Trade
from engine.intents.paid_orders import PaidOrders
from engine.notes import Notes
from engine.numbers import ZERO
from engine.result.amounts import Json
from engine.result.distance import Distance, target_reached
from engine.result.states import can_be_shown
from engine.result.status import BLOCKED, status_of
from engine.simulation.plausibility import Facts, doubted
from engine.simulation.reconciliation import Reconciliation
from engine.simulation.rules import (
    AFTER_STATE_RULES,
    HARD,
    LIMIT_RULES,
    NUMERIC_RANGE,
    SAFETY_RULES,
    Checked,
    Rule,
    RuleRow,
    cash_floor,
    evaluate,
    ladder_breach,
)
from engine.snapshots import Snapshots
from engine.standing import Standing
from engine.targets.plan import Targets
from engine.universe import Universe, build_universe
from engine.valuation import State, unvalued

SAFETY_CHECKS: Final = ("NO_SHORTING", "INSUFFICIENT_CASH")


class RunInProgress(Struct):
    """A run on its way: what it is about, and what its stages have made so far. It is read whole only where a stage fails."""

    snapshots: Snapshots
    options: EngineOptions
    run_id: str
    correlation_id: str
    request_hash: str
    notes: Notes = field(default_factory=Notes)
    before: State | None = None
    universe: Universe | None = None
    targets: Targets = field(default_factory=lambda: Targets(undecided=True))
    standing: Standing | None = None
    worth: Decimal = ZERO
    brief: Brief | None = None
    paid: PaidOrders = field(default_factory=PaidOrders)
    comparison: Json | None = None

    def known_flows(self) -> Decimal | None:
        """What known cash flows add to the portfolio, in base; None where none are known."""
        return self.standing.flows if self.standing and self.standing.flows_known else None

    def survivors(self) -> list[Trade]:
        """The trades that the turnover cap left, in trace order."""
        kept = {trade.intent_id for trade in self.paid.trades}
        return [trade for trade in self.paid.sized if trade.intent_id in kept]


class Ending(Struct):
    """How a run ends. Without a state `after` the portfolio stays as it is; `decided` runs came to orders, and explain themselves by them.

    A run out of range is shown with zeros where 28 digits do not suffice.
    """

    status: str
    before: State
    universe: Universe
    rows: Sequence[RuleRow]
    orders: Sequence[Order] = ()
    after: State | None = None
    distance: Distance | None = None
    reconciliation: Reconciliation | None = None
    decided: bool = False
    in_range: bool = True


def refuse(progress: RunInProgress, before: State, universe: Universe) -> Ending:
    """No decision: missing data or no targets. The rules look at the portfolio as it is (dpm-engine 14.4)."""
    if progress.snapshots.lacks_values(progress.options.valuation_mode):
        progress.notes.warn("TOTAL_EXCLUDES_UNVALUED")
    rows = evaluate(_checked(progress, universe, before), (*LIMIT_RULES, doubted(_facts(progress, universe)), *SAFETY_RULES))
    return Ending(BLOCKED, before, universe, rows, distance=Distance.of(before, None, progress.targets, modelled=bool(universe.model)))


def stop_in_ladder(progress: RunInProgress, before: State, universe: Universe, orders: list[Order]) -> Ending:
    """Orders that settlement cannot bear: they are shown, the portfolio stays as it is (dpm-engine 13.1)."""
    distance = Distance.of(before, None, progress.targets, modelled=bool(universe.model))
    return Ending(BLOCKED, before, universe, [ladder_breach(progress.notes)], orders, distance=distance, decided=True)


def conclude(progress: RunInProgress, before: State, universe: Universe, orders: list[Order], after: State) -> Ending:
    """Check the portfolio after the orders and reconcile it; the usual end (dpm-engine 13.2, 13.3, 14.2)."""
    distance = Distance.of(before, after, progress.targets, modelled=bool(universe.model))
    rules: list[Rule] = [*LIMIT_RULES, doubted(_facts(progress, universe, progress.paid.trades)), *SAFETY_RULES]
    if progress.paid.plan:
        rules.append(cash_floor(progress.paid.plan.parts.in_base(progress.paid.plan.cash_floor)))
    if distance and (limit := progress.options.max_distance_after) is not None:
        rules.append(target_reached(distance, limit))
    rows = evaluate(_checked(progress, universe, after), rules)
    reconciliation = None
    failed = [row for row in rows if not row.passed]
    blocking = [row.rule_id for row in failed if row.severity == HARD]
    if blocking:
        progress.notes.warnings.extend(["SIMULATION_SAFETY_CHECK_FAILED" for rule_id in blocking if rule_id in SAFETY_CHECKS])
    else:
        reconciliation = Reconciliation.of(before.total, after.total, after.base, progress.known_flows())
        if not reconciliation.agrees:
            mismatch = reconciliation.failure()
            rows.append(mismatch)
            failed.append(mismatch)
    status = status_of(failed, review=bool(progress.targets.causes))
    return Ending(status, before, universe, rows, orders, after, distance, reconciliation, decided=True)


def out_of_range(progress: RunInProgress) -> Ending:
    """Arithmetic left the 28 digits: BLOCKED by NUMERIC_RANGE, no intents, the portfolio stays as it is.

    It is shown without values when they, or their shares of the total, are what left the range.
    """
    snapshots, before, universe = progress.snapshots, progress.before, progress.universe
    if before is None or not can_be_shown(before, snapshots.market):
        before = unvalued(snapshots.quantities, snapshots.portfolio.cash_balances, snapshots.market, snapshots.shelf)
    if universe is None:
        universe = build_universe(snapshots.targets, before, snapshots.shelf, progress.options, progress.notes)
    rows: list[RuleRow] = []
    with suppress(DecimalException):
        rows = evaluate(_checked(progress, universe, before), AFTER_STATE_RULES)
    return Ending(BLOCKED, before, universe, [*rows, NUMERIC_RANGE], in_range=False)


def _checked(progress: RunInProgress, universe: Universe, state: State) -> Checked:
    held = progress.standing.quantities if progress.standing else progress.snapshots.quantities
    return Checked(state, held, universe.locked, progress.snapshots.shelf, progress.options, progress.notes)


def _facts(progress: RunInProgress, universe: Universe, trades: Sequence[Trade] = ()) -> Facts:
    snapshots, weight = progress.snapshots, sum(universe.model.values(), ZERO)
    held, priced = snapshots.portfolio.as_of, snapshots.shared.data.as_of
    return Facts(snapshots.portfolio.positions, weight, snapshots.market, trades, progress.worth, held, priced, progress.options)
