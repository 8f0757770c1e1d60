"""How much of the data that a decision needs was there (RFC-0003)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions, ValuationMode
from engine.contracts.snapshots import PortfolioSnapshot
from engine.intents.orders import SELL, Trade
from engine.market import Market
from engine.numbers import FOUR_PLACES
from engine.targets.plan import Targets
from engine.universe import Universe

COMPLETE: Final = "1.0000"


def measure_coverage(
    portfolio: PortfolioSnapshot, universe: Universe, targets: Targets, trades: Iterable[Trade], market: Market, options: EngineOptions
) -> dict[str, str]:
    """Share of needed prices and FX rates that were given, 4 decimals; 1 when nothing was needed."""
    prices = market.prices
    weights = targets.weights if targets.traced else universe.weights
    instruments = {name for name, weight in weights.items() if weight}
    instruments.update([row.instrument_id for row in portfolio.positions if row.quantity])
    priced = instruments & prices.keys()
    foreign = {prices[name].currency for name in priced}
    foreign.update([row.currency for row in portfolio.cash_balances if row.amount])
    if options.valuation_mode is ValuationMode.TRUST_SNAPSHOT:
        foreign.update([row.market_value.currency for row in portfolio.positions if row.market_value and row.quantity])
    foreign.discard(market.base)
    needed, quoted = len(foreign), len(foreign & market.base_rates.keys())
    if options.enable_tax_awareness:
        costs = _cost_pairs(portfolio, trades, market) - {(currency, market.base) for currency in foreign}
        needed += len(costs)
        quoted += sum([market.rate(source, target) is not None for source, target in costs])
    return {"price_coverage_pct": _share(len(priced), len(instruments)), "fx_coverage_pct": _share(quoted, needed)}


def _cost_pairs(portfolio: PortfolioSnapshot, trades: Iterable[Trade], market: Market) -> set[tuple[str, str]]:
    sold = {trade.instrument_id for trade in trades if trade.side == SELL}
    pairs = {
        (lot.unit_cost.currency, market.prices[row.instrument_id].currency)
        for row in portfolio.positions
        if row.instrument_id in sold
        for lot in row.lots
        if lot.unit_cost
    }
    return {pair for pair in pairs if pair[0] != pair[1]}


def _share(given: int, needed: int) -> str:
    return COMPLETE if given == needed else str((Decimal(given) / needed).quantize(FOUR_PLACES))
