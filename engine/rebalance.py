"""The decision on one page: value, universe, targets, intents, simulate (RFC-0001 to RFC-0015)."""

from decimal import DecimalException
from typing import Final

from engine.admission import lots_in_doubt
from engine.contracts import EngineOptions, RebalanceRequest, ValuationMode
from engine.intents.sizing import Sizing, size_intents
from engine.intents.turnover import cap_turnover
from engine.numbers import arithmetic
from engine.result.endings import Decision, Frame, conclude, out_of_range, refuse, stop_in_ladder
from engine.simulation.after_state import apply_orders
from engine.simulation.dependencies import execution_order, link_buys
from engine.simulation.fx import fx_deals
from engine.simulation.settlement import walk_ladder
from engine.snapshots import Snapshots
from engine.targets import choose_targets
from engine.targets.comparison import compare_methods
from engine.under_way import late_currencies
from engine.universe import build_universe
from engine.valuation import value

NO_HASH: Final = "no_hash"


def rebalance(request: RebalanceRequest, *, run_id: str, correlation_id: str, request_hash: str = NO_HASH) -> Decision:
    """Decide the orders that bring a portfolio to its model (RFC-0001). Never raises on a validated request."""
    with arithmetic():
        return decide(Snapshots.of(request), request.options, run_id, correlation_id, request_hash)


def decide(snapshots: Snapshots, options: EngineOptions, run_id: str, correlation_id: str, request_hash: str) -> Decision:
    """One decision over indexed snapshots; arithmetic that leaves the range of decimals ends BLOCKED."""
    frame = Frame(snapshots.under(options), snapshots.options(options), run_id, correlation_id, request_hash)
    try:
        return _run_stages(frame)
    except DecimalException:
        return out_of_range(frame)


def _run_stages(run: Frame) -> Decision:
    portfolio, market, shelf = run.snapshots.portfolio, run.snapshots.market, run.snapshots.shelf
    options, notes = run.options, run.notes
    notes.warnings.extend([f"CASH_FLOW_LATER_{currency}" for currency in late_currencies(portfolio, options)])
    if options.enable_tax_awareness:
        notes.warnings.extend([f"LOT_QUANTITY_MISMATCH_{name}" for name in lots_in_doubt(portfolio.positions)])
    notes.ineffective_constraints = [limit.key for limit in shelf.limits(options.group_constraints) if not limit.carriers]

    run.before = before = run.snapshots.before(options.valuation_mode, notes)
    run.universe = universe = build_universe(run.snapshots.targets, before, shelf, options, notes)
    targets, weights, worth = choose_targets(universe, before, shelf, options, notes)
    run.targets = targets
    if options.compare_target_methods:
        run.comparison = compare_methods(targets, universe, shelf, options, notes)
    if targets.refusal or notes.data_blocks(options):
        return refuse(run)

    sizing = Sizing(weights, worth, before, market, shelf, options, notes)
    run.sized = size_intents(universe, portfolio.positions, sizing)
    if notes.data_blocks(options):
        return refuse(run)
    run.trades = cap_turnover(run.sized, options.max_turnover_pct, worth, before, notes)
    if options.enable_tax_awareness:
        notes.warnings.extend([f"LOT_COST_UNKNOWN_{trade.instrument_id}" for trade in run.survivors() if trade.unknown_cost_proceeds])
    deals = fx_deals(portfolio.cash_balances, run.trades, market, options.fx_buffer_pct, notes)
    link_buys(run.trades, deals, to_sells=options.link_buy_to_same_currency_sell_dependency is not False)
    orders = execution_order(run.trades, deals)

    if options.enable_settlement_awareness and walk_ladder(portfolio.cash_balances, orders, shelf, options, notes):
        return stop_in_ladder(run, orders)
    quantities, cash = apply_orders(run.snapshots.quantities, portfolio.cash_balances, orders)
    calculated = before if options.valuation_mode is ValuationMode.CALCULATED else None
    after = value(quantities, cash, market, shelf, notes, earlier=calculated)
    return conclude(run, orders, after)
