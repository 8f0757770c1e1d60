"""How much of the data that a decision needs was there (RFC-0003)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions, ValuationMode
from engine.contracts.snapshots import PortfolioSnapshot
from engine.intents.orders import SELL, Trade
from engine.market import Market
from engine.notes import DerivedRate
from engine.numbers import FOUR_PLACES
from engine.standing import counted_flows
from engine.targets.plan import Targets
from engine.universe import Universe

COMPLETE: Final = "1.0000"


def measure_coverage(
    portfolio: PortfolioSnapshot,
    universe: Universe,
    targets: Targets,
    trades: Iterable[Trade],
    market: Market,
    options: EngineOptions,
    valued: Mapping[str, Decimal] | None,
) -> dict[str, str]:
    """Share of needed prices and FX rates that were given, 4 decimals; 1 when nothing was needed.

    `valued` are the holdings where valuation missed no price and no rate: as a rule nothing has to be counted then.
    """
    if valued is not None and not options.enable_tax_awareness and options.valuation_mode is ValuationMode.CALCULATED:
        unheld = [name for name in _weights(universe, targets) if not valued.get(name)]
        if not unheld or _are_covered(unheld, market):
            return {"price_coverage_pct": COMPLETE, "fx_coverage_pct": COMPLETE}
    instruments = _instruments(portfolio, universe, targets)
    priced = instruments & market.prices.keys()
    pairs = _pairs(portfolio, priced, trades, market, options)
    base, to_base = market.base, market.base_rates
    quoted = sum([source in to_base if target == base else market.rate(source, target) is not None for source, target in pairs])
    return {
        "price_coverage_pct": _share(len(priced), len(instruments)),
        "fx_coverage_pct": _share(quoted, len(pairs)),
    }


def derived_rates(
    portfolio: PortfolioSnapshot, universe: Universe, targets: Targets, trades: Iterable[Trade], market: Market, options: EngineOptions
) -> list[DerivedRate]:
    """The rates that the hub gave and that valued a row of the request, pairs ascending (practice 6.2)."""
    if market.hub is None:
        return []
    priced = _instruments(portfolio, universe, targets) & market.prices.keys()
    pairs = _pairs(portfolio, priced, trades, market, options)
    ordered = [market.prices[order.instrument_id].currency for order in portfolio.open_orders if order.instrument_id in market.prices]
    flowing = [flow.currency for flow in counted_flows(portfolio, options)]
    pairs |= {(currency, market.base) for currency in (*ordered, *flowing)}
    derived = [(f"{source}/{target}", market.rate(source, target)) for source, target in pairs if market.derives(source, target)]
    return [DerivedRate(pair, market.hub, rate) for pair, rate in sorted(derived) if rate is not None]


def _weights(universe: Universe, targets: Targets) -> Mapping[str, Decimal]:
    return targets.weights if targets.traced else universe.weights


def _are_covered(names: Iterable[str], market: Market) -> bool:
    prices, rates = market.prices, market.base_rates
    return all(name in prices and prices[name].currency in rates for name in names)


def _instruments(portfolio: PortfolioSnapshot, universe: Universe, targets: Targets) -> set[str]:
    """What needs a price: what is held, and what has a weight."""
    instruments = {name for name, weight in _weights(universe, targets).items() if weight}
    instruments.update([row.instrument_id for row in portfolio.positions if row.quantity])
    return instruments


def _pairs(
    portfolio: PortfolioSnapshot, priced: set[str], trades: Iterable[Trade], market: Market, options: EngineOptions
) -> set[tuple[str, str]]:
    """What needs a rate: from the currencies of prices, trusted values and cash to base, from those of sold lots to their price's."""
    prices = market.prices
    foreign = {prices[name].currency for name in priced}
    foreign.update([row.currency for row in portfolio.cash_balances if row.amount])
    if options.valuation_mode is ValuationMode.TRUST_SNAPSHOT:
        foreign.update([row.market_value.currency for row in portfolio.positions if row.market_value and row.quantity])
    foreign.discard(market.base)
    pairs = {(currency, market.base) for currency in foreign}
    return pairs | _cost_pairs(portfolio, trades, market) if options.enable_tax_awareness else pairs


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
