"""From weights to the lines of a guarded run: everything that decides it, exact (desk 1.4, 5.2, 6.1, 6.2, 6.3)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct

from engine.contracts import ValuationMode
from engine.contracts.choices import AvailableCash
from engine.contracts.limits import OptionMoney
from engine.guarded.exact import Parts, places_of
from engine.guarded.funds import Amount, Funds, Purse
from engine.guarded.lines import Line
from engine.guarded.whole_units import needed_for_limit
from engine.intents.brief import Brief
from engine.intents.orders import BUY, SELL
from engine.intents.sizing import never_needs_rate
from engine.intents.smallest import ONE_UNIT, smallest_order
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO
from engine.simulation.rules import WEIGHT_TOLERANCE
from engine.universe import Universe

LIMIT_PLACES: Final = 3


def parts_of(priced: Collection[str], brief: Brief) -> Parts:
    """Parts in which everything that decides this run is whole; `priced` are its instruments with a price."""
    standing, market, options, shelf = brief.standing, brief.market, brief.options, brief.shelf
    prices, units = market.prices, market.units
    currencies = {prices[name].currency for name in priced}.union(standing.cash, (market.base,))
    currencies.update([row.currency for row in standing.stated.values()])
    rates = {currency: rate for currency in currencies if (rate := market.exact_rate(currency)) is not None}
    lots = [entry.lot_size for name in priced if (entry := shelf.entries.get(name)) and entry.lot_size is not None] if shelf.in_lots else []
    amounts = [*standing.cash.values(), *standing.unsettled.values(), *(row.amount for row in standing.stated.values())]
    shares = [
        *brief.weights.values(),
        *(limit.cap for limit in shelf.limits(options.group_constraints)),
        *(share for share in (options.single_position_max_weight, options.max_turnover_pct) if share is not None),
        options.cash_band_min_weight,
        options.min_cash_buffer_pct,
    ]
    of_steps, of_units, of_money, of_shares = places_of(
        [*standing.quantities.values(), *standing.open_sells.values(), *lots],
        [units[name] for name in priced],
        [*amounts, *options.cash_reserve.values()],
        shares,
    )
    return Parts.of(rates, steps=of_steps, units=of_units, money=of_money, shares=max(of_shares, LIMIT_PLACES))


class Measured(Struct):
    """What a run decides on, exact: what every holding is worth in parts, by price or by a trusted value, and all of it with the money.

    `held` are the holdings in steps, `step_values` what one step of each instrument is worth that has a price and a rate, `targets`
    the weights to reach in the last decimal of a share.
    """

    parts: Parts
    values: dict[str, int]
    total: int
    held: dict[str, int]
    step_values: dict[str, int]
    targets: dict[str, int]


def measure(universe: Universe, brief: Brief) -> Measured:
    """Measure the holdings and the money of a run; what has no price or no rate counts nothing."""
    standing, market = brief.standing, brief.market
    prices = market.prices
    priced = [name for name in {*universe.weights, *standing.quantities} if name in prices]
    parts = parts_of(priced, brief)
    held, step_values = parts.all_steps(standing.quantities), parts.step_values(priced, market.units, prices)
    values = {name: steps * step_values.get(name, 0) for name, steps in held.items()}
    for name, stated in standing.stated.items():
        worth = parts.money(stated.amount, stated.currency) if stated.currency in parts.worth else 0
        values[name] = worth + parts.steps(standing.moved.get(name, ZERO)) * step_values.get(name, 0)
    total = sum(values.values()) + money_of(parts, brief)
    return Measured(parts, values, total, held, step_values, parts.in_last_decimals(brief.weights))


def money_of(parts: Parts, brief: Brief) -> int:
    """What all money of the run is worth, flows that are known included; without a rate it counts nothing."""
    return sum(parts.money(amount, currency) for currency, amount in brief.standing.cash.items() if currency in parts.worth)


def funds_of(parts: Parts, brief: Brief, worth: int) -> Funds:
    """The money before the run's trades, and what must stay of it (desk 6.1)."""
    standing, options, base = brief.standing, brief.options, brief.market.base
    settled_only = options.available_cash is AvailableCash.SETTLED
    kept = kept_of(brief)
    floor = max(
        parts.money(options.cash_reserve.get(base, ZERO), base),
        parts.share(options.cash_band_min_weight, worth),
        parts.share(options.min_cash_buffer_pct, worth),
    )
    foreign: dict[str, Purse] = {}
    for currency in sorted(parts.worth):
        if currency == base:
            continue
        free = parts.money(standing.spendable(currency, settled_only=settled_only) - kept.get(currency, ZERO), currency)
        foreign[currency] = Purse(free, smallest_deal(options.fx_min_deal, currency, parts, brief.market))
    cash = parts.money(standing.spendable(base, settled_only=settled_only), base)
    buffer, of = options.fx_buffer_pct.as_integer_ratio()
    return Funds(base, cash, floor, foreign, Fraction(of + buffer, of))


def kept_of(brief: Brief) -> dict[str, Decimal]:
    """What a reserve keeps of each foreign currency."""
    return kept_in(brief.options.cash_reserve, brief.standing.cash, brief.market.base)


def kept_in(reserves: Mapping[str, Decimal], cash: Mapping[str, Decimal], base: str) -> dict[str, Decimal]:
    """What reserves keep of foreign cash: never more than is there, since reserves order no currency."""
    amounts = {currency: min(reserve, max(ZERO, cash.get(currency, ZERO))) for currency, reserve in sorted(reserves.items())}
    return {currency: amount for currency, amount in amounts.items() if amount and currency != base}


def smallest_deal(smallest: OptionMoney | None, currency: str, parts: Parts, market: Market) -> Amount:
    """The smallest FX deal in a currency, in parts; nothing where no rate converts it."""
    if smallest is None or not smallest.amount:
        return 0
    rate = market.exact_between(smallest.currency, currency)
    return 0 if rate is None else Fraction(smallest.amount) * rate * parts.worth[currency]


def lines_of(universe: Universe, brief: Brief, measured: Measured, worth: int) -> list[Line]:
    """A line for every instrument that may be traded, in trace order, with what it wishes for."""
    standing, market, options, quantities = brief.standing, brief.market, brief.options, brief.standing.quantities
    parts, weights, step_values, values, holdings = measured.parts, brief.weights, measured.step_values, measured.values, measured.held
    prices, units, rates, per_unit, under_way = market.prices, market.units, market.base_rates, parts.steps_per_unit, standing.moved
    targets, last_decimal = measured.targets, parts.last_decimal(max(worth, 0))
    trusts, asking = options.valuation_mode is ValuationMode.TRUST_SNAPSHOT, _asks_for_more_than_a_unit(brief)
    lines: list[Line] = []
    for name in tradeable_names(universe, brief):
        price, unit, weight = prices[name], units[name], weights[name]
        holding, held, step = quantities.get(name, ZERO), holdings.get(name, 0), step_values[name]
        if under_way:
            most = max(standing.sellable(name), ZERO)
            sellable = parts.steps(most)
        else:
            most, sellable = (holding - ZERO, held) if held > 0 else (ZERO, 0)  # less nothing: at 28 digits
        value, target, exits, cover = values.get(name, 0), targets[name] * last_decimal, False, 0
        side, wish = (SELL, value - target) if value > target else (BUY, target - value)
        if not weight and most > ZERO:
            exits, side, wish = True, SELL, max(value, 0)
        elif trusts and not weight and holding < ZERO:
            cover = -held
            side, wish = BUY, cover * step or wish
        smallest, lot, least, whole = ONE_UNIT, per_unit, per_unit, sellable
        if asking:
            notes = brief.notes if wish or exits else Notes()  # nobody is warned of a threshold that no order meets
            smallest = smallest_order(name, price.currency, brief.shelf.entries.get(name), market, options, notes)
            lot = parts.steps(smallest.lot)
            least = smallest.steps(unit, per_unit) if smallest.binds else lot
            whole = sellable if options.odd_lot_exit or not smallest.lot_stated else sellable // lot * lot
        # `whole` is everything, or whole lots of it where a lot is stated and may not be broken
        rate = rates[price.currency]
        line = Line(
            name, price, unit, rate, smallest, most, held, value, step, lot, lot * step, whole, least, side, wish, wish, exits, cover
        )
        if whole < sellable:
            line.odd = True
        lines.append(line)
    cap = brief.options.single_position_max_weight
    if cap is not None:
        _exempt_from_dust(lines, parts, parts.share(cap + WEIGHT_TOLERANCE, worth))
    return lines


def _asks_for_more_than_a_unit(brief: Brief) -> bool:
    """Whether any order has a lot or a minimum to keep."""
    return bool(brief.options.min_trade_notional) or brief.shelf.in_lots or brief.shelf.has_minimum


def _exempt_from_dust(lines: Iterable[Line], parts: Parts, limit: int) -> None:
    """What a position's limit needs is never dust: only its lot and its minimum quantity bound the smallest sell (practice 3.3)."""
    for line in lines:
        if needed_for_limit(line, limit):
            line.least = replace(line.smallest, notional=None).steps(line.unit, parts.steps_per_unit)
            line.may_be_small = True


def tradeable_names(universe: Universe, brief: Brief) -> Iterable[str]:
    """Instruments in trace order that have a price and a rate and are not locked; what is missing of those that matter is noted."""
    market, notes, held, weights = brief.market, brief.notes, brief.standing.quantities, brief.weights
    prices, rates, tradeable, locked = market.prices, market.base_rates, universe.tradeable, universe.locked
    for name in universe.trace(universe.weights):
        if name not in tradeable and (not held.get(name) or name not in weights):
            continue
        price = prices.get(name)
        if price is None:
            notes.price_missing[name] = None
        elif price.currency not in rates:
            if not never_needs_rate(name, universe, brief):
                notes.fx_missing[market.base_pair(price.currency)] = None
        elif name not in locked:
            yield name
