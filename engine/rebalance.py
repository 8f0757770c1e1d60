"""The decision on one page: value, universe, targets, intents, simulate (RFC-0001 to RFC-0015)."""

from decimal import DecimalException
from typing import Final

from engine.contracts import EngineOptions, RebalanceRequest, ValuationMode
from engine.intents.sizing import Sizing, size_intents
from engine.intents.turnover import cap_turnover
from engine.numbers import arithmetic
from engine.result.document import Decision, render_decision
from engine.result.endings import Ending, RunInProgress, conclude, out_of_range, refuse, stop_in_ladder
from engine.simulation.after_state import apply_orders
from engine.simulation.dependencies import execution_order, link_buys
from engine.simulation.fx import fx_deals
from engine.simulation.settlement import walk_ladder
from engine.snapshots import Snapshots
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
    progress = RunInProgress(snapshots, options, run_id, correlation_id, request_hash)
    try:
        return render_decision(progress, _run_stages(progress))
    except DecimalException:
        return render_decision(progress, out_of_range(progress))


def _run_stages(progress: RunInProgress) -> Ending:
    portfolio, market, shelf = progress.snapshots.portfolio, progress.snapshots.market, progress.snapshots.shelf
    options, notes = progress.options, progress.notes
    notes.ineffective_constraints = [limit.key for limit in shelf.limits(options.group_constraints) if not limit.carriers]

    progress.before = before = progress.snapshots.before(options.valuation_mode, notes)
    progress.universe = universe = build_universe(progress.snapshots.targets, before, shelf, options, notes)
    progress.targets, weights, worth = choose_targets(universe, before, shelf, options, notes)
    if options.compare_target_methods:
        progress.comparison = compare_methods(progress.targets, universe, shelf, options, notes)
    if progress.targets.refusal or notes.data_blocks(options):
        return refuse(progress, before, universe)

    sizing = Sizing(weights, worth, before, market, shelf, options, notes)
    progress.sized = size_intents(universe, portfolio.positions, sizing)
    if notes.data_blocks(options):
        return refuse(progress, before, universe)
    progress.trades = cap_turnover(progress.sized, options.max_turnover_pct, worth, before, notes)
    deals = fx_deals(portfolio.cash_balances, progress.trades, market, options.fx_buffer_pct, notes)
    link_buys(progress.trades, deals, to_sells=options.link_buy_to_same_currency_sell_dependency is not False)
    orders = execution_order(progress.trades, deals)

    if options.enable_settlement_awareness and walk_ladder(portfolio.cash_balances, orders, shelf, options, notes):
        return stop_in_ladder(progress, before, universe, orders)
    quantities, cash = apply_orders(progress.snapshots.quantities, portfolio.cash_balances, orders)
    calculated = before if options.valuation_mode is ValuationMode.CALCULATED else None
    after = value(quantities, cash, market, shelf, notes, earlier=calculated)
    return conclude(progress, before, universe, orders, after)
