"""How much of the data that a decision needs was there (RFC-0003)."""

from collections.abc import Iterable
from decimal import Decimal

from engine.contracts import EngineOptions, ValuationMode
from engine.contracts.snapshots import PortfolioSnapshot
from engine.intents.orders import SELL, Trade
from engine.market import Market
from engine.numbers import FOUR_PLACES, ONE
from engine.targets.plan import Targets
from engine.universe import Universe


def measure_coverage(
    portfolio: PortfolioSnapshot, universe: Universe, targets: Targets, trades: Iterable[Trade], market: Market, options: EngineOptions
) -> dict[str, str]:
    """Share of needed prices and FX rates that were given, 4 decimals; 1 when nothing was needed."""
    weights = universe.weights if targets.refusal else targets.weights
    held = {row.instrument_id for row in portfolio.positions if row.quantity != 0}
    instruments = held | {name for name, weight in weights.items() if weight != 0}
    priced = [market.prices[name] for name in instruments if name in market.prices]
    pairs = {(price.currency, market.base) for price in priced}
    pairs |= {(row.currency, market.base) for row in portfolio.cash_balances if row.amount != 0}
    if options.valuation_mode is ValuationMode.TRUST_SNAPSHOT:
        pairs |= {(row.market_value.currency, market.base) for row in portfolio.positions if row.market_value and row.quantity != 0}
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    if options.enable_tax_awareness:
        pairs |= _cost_pairs(portfolio, trades, market)
    quoted = sum(1 for source, target in pairs if market.rate(source, target) is not None)
    return {
        "price_coverage_pct": _share(len(priced), len(instruments)),
        "fx_coverage_pct": _share(quoted, len(pairs)),
    }


def _cost_pairs(portfolio: PortfolioSnapshot, trades: Iterable[Trade], market: Market) -> set[tuple[str, str]]:
    sold = {trade.instrument_id for trade in trades if trade.side == SELL}
    pairs = {
        (lot.unit_cost.currency, market.prices[row.instrument_id].currency)
        for row in portfolio.positions
        if row.instrument_id in sold
        for lot in row.lots
    }
    return {pair for pair in pairs if pair[0] != pair[1]}


def _share(given: int, needed: int) -> str:
    return str((Decimal(given) / needed if needed else ONE).quantize(FOUR_PLACES))
