"""From weights to the lines of a guarded run: everything that decides it, exact (desk 1.4, 5.2, 6.1, 6.2, 6.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from engine.contracts import ValuationMode
from engine.contracts.choices import AvailableCash
from engine.contracts.limits import OptionMoney
from engine.guarded.exact import Parts, places
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


def parts_of(universe: Universe, brief: Brief) -> Parts:
    """Parts in which everything that decides this run is whole."""
    standing, market, options, entries = brief.standing, brief.market, brief.options, brief.shelf.entries
    priced = [name for name in {*universe.weights, *standing.quantities} if name in market.prices]
    currencies = {market.prices[name].currency for name in priced} | set(standing.cash) | {market.base}
    currencies |= {row.currency for row in standing.stated.values()}
    rates = {currency: rate for currency in currencies if (rate := market.exact_rate(currency)) is not None}
    lots = [entry.lot_size for name in priced if (entry := entries.get(name)) and entry.lot_size is not None]
    amounts = [*standing.cash.values(), *standing.unsettled.values(), *(row.amount for row in standing.stated.values())]
    shares = [
        *brief.weights.values(),
        *(limit.cap for limit in brief.shelf.limits(options.group_constraints)),
        *(share for share in (options.single_position_max_weight, options.max_turnover_pct) if share is not None),
        options.cash_band_min_weight,
        options.min_cash_buffer_pct,
    ]
    return Parts.of(
        rates,
        steps=places([*standing.quantities.values(), *standing.open_sells.values(), *lots]),
        units=places(market.units[name] for name in priced),
        money=places([*amounts, *options.cash_reserve.values()]),
        shares=max(places(shares), LIMIT_PLACES),
    )


@dataclass(slots=True)
class Measured:
    """What a run decides on, exact: what every holding is worth in parts, by price or by a trusted value, and all of it with the money.

    `held` are the holdings in steps, `step_values` what one step of an instrument is worth, as far as it has been asked for.
    """

    parts: Parts
    values: dict[str, int]
    total: int
    held: dict[str, int]
    step_values: dict[str, int]


def measure(universe: Universe, brief: Brief) -> Measured:
    """Measure the holdings and the money of a run; what has no price or no rate counts nothing."""
    parts, standing, market = parts_of(universe, brief), brief.standing, brief.market
    prices, stated_of = market.prices, standing.stated
    values: dict[str, int] = {}
    held: dict[str, int] = {}
    step_values: dict[str, int] = {}
    for name, quantity in standing.quantities.items():
        worth, price = 0, prices.get(name)
        held[name] = steps = parts.steps(quantity)
        if stated_of and (stated := stated_of.get(name)) is not None:
            worth = parts.money(stated.amount, stated.currency) if stated.currency in parts.worth else 0
            steps = parts.steps(standing.moved.get(name, ZERO))
        if price is not None and price.currency in parts.worth:
            step_values[name] = step = parts.step_value(market.units[name], price.currency)
            worth += steps * step
        values[name] = worth
    return Measured(parts, values, sum(values.values()) + money_of(parts, brief), held, step_values)


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
    return Funds(base, cash, floor, foreign, 1 + Fraction(options.fx_buffer_pct))


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
    standing, market, notes, options, entries = brief.standing, brief.market, brief.notes, brief.options, brief.shelf.entries
    parts, values, under_way = measured.parts, measured.values, standing.moved
    trusts, per_unit = options.valuation_mode is ValuationMode.TRUST_SNAPSHOT, parts.steps_per_unit
    unheard = Notes()  # nobody is warned of a threshold that no order meets
    lines: list[Line] = []
    for name in tradeable_names(universe, brief):
        price, unit, weight = market.prices[name], market.units[name], brief.weights[name]
        holding, held, step = standing.quantities.get(name, ZERO), measured.held.get(name, 0), measured.step_values.get(name)
        if step is None:
            step = parts.step_value(unit, price.currency)
        most = max(standing.sellable(name) if under_way else holding - ZERO, ZERO)  # less nothing: at 28 digits
        sellable = parts.steps(most) if under_way or held < 0 else held
        target, value = (parts.share(weight, worth) if worth > 0 else 0), values.get(name, 0)
        exits = not weight and most > ZERO
        wish = max(value - target, 0) if exits else abs(target - value)
        cover = -held if trusts and not weight and holding < ZERO else 0
        wish = cover * step or wish
        smallest = smallest_order(name, price.currency, entries.get(name), market, options, notes if wish or exits else unheard)
        lot = per_unit if smallest is ONE_UNIT else parts.steps(smallest.lot)
        whole = sellable if options.odd_lot_exit or not smallest.lot_stated else sellable // lot * lot
        least = smallest.steps(unit, per_unit) if smallest.binds else lot
        side, rate = SELL if exits or (target < value and not cover) else BUY, market.base_rates[price.currency]
        # `whole` is everything, or whole lots of it where a lot is stated and may not be broken
        line = Line(name, price, unit, rate, smallest, most, held, value, step, lot, whole, least, side, wish, exits, cover)
        line.odd = whole < sellable
        lines.append(line)
    cap = brief.options.single_position_max_weight
    if cap is not None:
        _exempt_from_dust(lines, parts, parts.share(cap + WEIGHT_TOLERANCE, worth))
    return lines


def _exempt_from_dust(lines: Iterable[Line], parts: Parts, limit: int) -> None:
    """What a position's limit needs is never dust: only its lot and its minimum quantity bound the smallest sell (practice 3.3)."""
    for line in lines:
        if needed_for_limit(line, limit):
            line.least = replace(line.smallest, notional=None).steps(line.unit, parts.steps_per_unit)
            line.may_be_small = True


def tradeable_names(universe: Universe, brief: Brief) -> Iterable[str]:
    """Instruments in trace order that have a price and a rate and are not locked; what is missing of those that matter is noted."""
    market, notes, held = brief.market, brief.notes, brief.standing.quantities
    for name in universe.trace(universe.weights):
        if name not in universe.tradeable and (not held.get(name) or name not in brief.weights):
            continue
        price = market.prices.get(name)
        if price is None:
            notes.price_missing[name] = None
        elif price.currency not in market.base_rates:
            if not never_needs_rate(name, universe, brief):
                notes.fx_missing[market.base_pair(price.currency)] = None
        elif name not in universe.locked:
            yield name
