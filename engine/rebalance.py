"""The decision on one page: value, universe, targets, intents, simulate (RFC-0001 to RFC-0015)."""

from decimal import DecimalException
from typing import Final

from engine.admission import lots_in_doubt
from engine.contracts import EngineOptions, RebalanceRequest, ValuationMode
from engine.contracts.conventions import Dependencies
from engine.conventions import guarded
from engine.intents.brief import Brief
from engine.intents.paid_orders import pay_for_orders
from engine.numbers import arithmetic
from engine.result.document import Decision, render_decision
from engine.result.endings import Ending, RunInProgress, conclude, out_of_range, refuse, stop_in_ladder
from engine.simulation.after_state import apply_orders
from engine.simulation.dependencies import execution_order, link_buys, link_every_payer
from engine.simulation.settlement import walk_ladder
from engine.snapshots import Snapshots
from engine.standing import stand, warn_of_pending
from engine.targets import choose_targets
from engine.targets.comparison import compare_methods
from engine.universe import build_universe
from engine.valuation import value

NO_HASH: Final = "no_hash"


def rebalance(request: RebalanceRequest, *, run_id: str, correlation_id: str, request_hash: str = NO_HASH) -> Decision:
    """Decide the orders that bring a portfolio to its model (RFC-0001). Never raises on a validated request."""
    with arithmetic():
        return decide(Snapshots.of(request), request.options, run_id, correlation_id, request_hash)


def decide(snapshots: Snapshots, options: EngineOptions, run_id: str, correlation_id: str, request_hash: str) -> Decision:
    """One decision over indexed snapshots; arithmetic that leaves the range of decimals ends BLOCKED."""
    progress = RunInProgress(snapshots.under(options), snapshots.options(options), run_id, correlation_id, request_hash)
    try:
        return render_decision(progress, _run_stages(progress))
    except DecimalException:
        return render_decision(progress, out_of_range(progress))


def _run_stages(progress: RunInProgress) -> Ending:
    portfolio, market, shelf = progress.snapshots.portfolio, progress.snapshots.market, progress.snapshots.shelf
    options, notes = progress.options, progress.notes
    notes.ineffective_constraints = [limit.key for limit in shelf.limits(options.group_constraints) if not limit.carriers]

    progress.before = before = progress.snapshots.before(options.valuation_mode, notes)
    progress.standing = standing = stand(portfolio, progress.snapshots.quantities, before, market, shelf, options, notes)
    warn_of_pending(portfolio, notes)
    if options.enable_tax_awareness:
        notes.warnings.extend([f"LOT_QUANTITY_MISMATCH_{name}" for name in lots_in_doubt(portfolio.positions)])
    progress.universe = universe = build_universe(progress.snapshots.targets, standing.state, shelf, options, notes)
    progress.targets, weights, progress.worth = choose_targets(universe, standing, shelf, options, notes)
    if options.compare_target_methods:
        progress.comparison = compare_methods(progress.targets, universe, shelf, options, notes)
    if progress.targets.refusal or notes.data_blocks(options):
        return refuse(progress, before, universe)

    progress.brief = brief = Brief(weights, progress.worth, before, standing, market, shelf, options, notes)
    progress.paid = paid = pay_for_orders(universe, portfolio.positions, brief, guarded=guarded(options, shelf))
    if notes.data_blocks(options):
        return refuse(progress, before, universe)
    notes.warnings.extend(
        [f"LOT_COST_UNKNOWN_{trade.instrument_id}" for trade in paid.trades if trade.lots and trade.unknown_cost_proceeds]
    )
    if options.dependencies is Dependencies.COMPLETE:
        link_every_payer(paid.trades, paid.deals, standing.cash, market.base)
    else:
        link_buys(paid.trades, paid.deals, to_sells=options.link_buy_to_same_currency_sell_dependency is not False)
    orders = execution_order(paid.trades, paid.deals)

    if options.enable_settlement_awareness and walk_ladder(portfolio.cash_balances, standing, orders, shelf, options, notes):
        return stop_in_ladder(progress, before, universe, orders)
    quantities, cash = apply_orders(standing.quantities, standing.cash, portfolio.cash_balances, orders)
    calculated = before if options.valuation_mode is ValuationMode.CALCULATED else None
    after = value(quantities, cash, market, shelf, notes, standing.never_priced(universe.locked, market), earlier=calculated)
    return conclude(progress, before, universe, orders, after)
