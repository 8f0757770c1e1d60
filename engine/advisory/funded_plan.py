"""How a proposal is paid: from several currencies, and no more than there is (advisory-practice 4)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final

from engine.advisory.deals import NOTHING, Means
from engine.advisory.demands import Demand, Reduction
from engine.advisory.values import FUNDS, MONEY_ROUNDING, AdvisedTrade, Funding
from engine.contracts.options.proposals import ProposalOptions
from engine.costs import Charges
from engine.guarded.exact import Parts, places
from engine.guarded.funds import BUYS_REDUCED, Effect, Funds, MinorUnits, Purse
from engine.guarded.last_lots import repaired
from engine.guarded.sizing import kept_in, smallest_deal
from engine.intents.orders import FxDeal
from engine.market import Market
from engine.notes import Notes
from engine.numbers import ZERO, minor_digits, to_minor_up
from engine.simulation.dependencies import link_every_payer

AT_PAR: Final = Fraction(1)
NO_OVERDRAFTS: Final[Mapping[str, Decimal]] = {}


def plan_funded(
    start: Mapping[str, Decimal],
    buys: Sequence[AdvisedTrade],
    sells: Sequence[AdvisedTrade],
    leaving: Iterable[str],
    worth: Decimal,
    market: Market,
    options: ProposalOptions,
    charges: Charges,
    *,
    as_sized: bool,
    overdrafts: Mapping[str, Decimal] = NO_OVERDRAFTS,
) -> Funding | None:
    """Buys that the funds pay, and the deals that bring the money; None where a trade or what leaves has no rate to base.

    `start` is cash before the trades, `leaving` the currencies of withdrawals, `worth` what the cash band is a share of, `overdrafts`
    the cash of the snapshot that is below zero. Sells come with their cost. Buys are given their cost and are reduced in place; `as_sized`
    keeps them, but for a rounding of money, and no reserve.
    """
    targets = {*leaving, *(trade.price.currency for trade in buys)}
    if any(market.exact_rate(name) is None for name in targets | {trade.price.currency for trade in sells}):
        return None
    for trade in buys:
        trade.cost = charges.cost(trade.instrument_id, trade.side, trade.notional, trade.price.currency).total
    kept = {} if as_sized else kept_in(options.cash_reserve, start, market.base)
    means = Means(start, sells, targets, frozenset(leaving), kept, NOTHING, market, options, charges, overdrafts)
    means.floor = _floor(means, ZERO if as_sized else worth)
    notes = Notes()
    funding = _sized(means, buys, notes) if as_sized else _reduced(means, buys, worth, notes)
    funding.rows = means.rows(funding.deals, funding.bought)
    funding.warnings += notes.warnings
    funding.complete = True
    link_every_payer([*sells, *funding.bought], funding.deals, start, market.base)
    return funding


def _floor(means: Means, worth: Decimal) -> Fraction:
    """What must stay in base: the reserve or the cash band of a worth; where nothing is paid in base, at most what it holds."""
    options, base = means.options, means.market.base
    floor = max(Fraction(options.cash_reserve.get(base, ZERO)), Fraction(options.cash_band_min_weight) * Fraction(worth))
    return floor if base in means.targets else min(floor, Fraction(means.there.get(base, ZERO)))


def _sized(means: Means, buys: Sequence[AdvisedTrade], notes: Notes) -> Funding:
    """Every buy as it is sized; a gap of some minor units is taken off the largest amount, which nobody asked for to the cent."""
    deals = means.deals(buys, notes)
    gap = means.floor - Fraction(means.left(means.market.base, deals, buys))
    if gap > 0 and _round_to_money(means.market, buys, gap):
        deals = means.deals(buys, notes)
    return Funding(list(buys), deals=deals)


def _round_to_money(market: Market, buys: Iterable[AdvisedTrade], gap: Fraction) -> bool:
    """Take a gap of at most one minor unit of base for each amount without a lot off the largest of them; False where it is more."""
    amounts = [trade for trade in buys if trade.by_amount and trade.lot is None]
    if gap > Fraction(len(amounts), 10 ** minor_digits(market.base)):
        return False

    def rank(trade: AdvisedTrade) -> tuple[Fraction, str, int]:
        return -Fraction(trade.notional) * _rate(market, trade), trade.instrument_id, trade.number

    largest = min(amounts, key=rank)
    notional = largest.notional - to_minor_up(gap / _rate(market, largest), largest.price.currency)
    if notional <= 0:
        return False
    _resize(largest, notional / largest.unit, notional)
    largest.adjusted = (*largest.adjusted, MONEY_ROUNDING)
    return True


def _reduced(means: Means, buys: Sequence[AdvisedTrade], worth: Decimal, notes: Notes) -> Funding:
    """As much of the buys as the funds pay: all of them together, or without deals those of each currency from its own money."""
    parts = _parts(means, buys, worth)
    demands = [Demand.of(trade, parts, means.charges) for trade in buys]
    funding = Funding([], floor=means.floor)
    if means.options.auto_funding:
        funds = _funds(means, parts)
        digits = {currency: minor_digits(currency) for currency in parts.worth}
        funding.deals = _pay(means, demands, funds, MinorUnits(funds, parts, digits).effect, parts, notes)
    else:
        for currency in sorted({demand.currency for demand in demands}):
            funds = _own_money(means, currency, parts)
            _pay(means, [demand for demand in demands if demand.currency == currency], funds, funds.effect, parts, notes)
    for demand in demands:
        trade = demand.trade
        if not demand.quantity:
            funding.skipped.append((trade, FUNDS))
            continue
        funding.bought.append(trade)
        if demand.quantity < demand.proposed:
            trade.adjusted = (*trade.adjusted, FUNDS)
    if any(demand.quantity < demand.proposed for demand in demands):
        funding.warnings.append(BUYS_REDUCED)
    return funding


def _pay(means: Means, demands: Sequence[Demand], funds: Funds, effect: Effect, parts: Parts, notes: Notes) -> list[FxDeal]:
    """Reduce demands to the funds and make their deals; while decimals miss the floor of what pays, a lot goes back."""
    reduction = Reduction(demands, funds, effect, parts, means.charges)
    reduction.run()
    floor = Fraction(funds.floor, parts.worth[funds.base])

    def attempt() -> tuple[tuple[list[FxDeal], Notes], int]:
        noticed = Notes()
        bought = [_settled(demand, parts, means.charges) for demand in demands if demand.quantity]
        deals = means.deals(bought, noticed)
        gap = floor - Fraction(means.left(funds.base, deals, bought))
        return (deals, noticed), ceil(gap * parts.worth[funds.base])

    spreads = [means.charges.spread(currency) for currency in means.targets]
    shares = [demand.terms.rate + demand.terms.tax for demand in demands]
    most = (1 + max(spreads, default=NOTHING)) * (1 + max(shares, default=NOTHING))
    deals, noticed = repaired(attempt, reduction.lending, most)
    notes.take(noticed)
    return deals


def _settled(demand: Demand, parts: Parts, charges: Charges) -> AdvisedTrade:
    """The buy with the quantity that its demand has come to."""
    trade = demand.trade
    if demand.quantity != demand.proposed:
        quantity = parts.quantity(demand.quantity)
        _resize(trade, quantity, quantity * trade.unit)
        trade.cost = charges.cost(trade.instrument_id, trade.side, trade.notional, trade.price.currency).total
    return trade


def _resize(trade: AdvisedTrade, quantity: Decimal, notional: Decimal) -> None:
    trade.quantity, trade.notional, trade.notional_base = quantity, notional, notional * trade.rate


def _parts(means: Means, buys: Sequence[AdvisedTrade], worth: Decimal) -> Parts:
    """Parts in which everything that decides this plan is whole."""
    market, cash = means.market, means.there
    currencies = {market.base, *means.targets, *cash}
    rates = {currency: rate for currency in currencies if (rate := market.exact_rate(currency)) is not None}
    amounts = [*cash.values(), *means.kept.values(), *means.options.cash_reserve.values(), worth, *(trade.notional for trade in buys)]
    quantities = [*(trade.quantity for trade in buys), *(trade.lot for trade in buys if trade.lot is not None)]
    return Parts.of(
        rates,
        steps=places(quantities),
        units=places(trade.unit for trade in buys),
        money=places(amounts),
        shares=places([means.options.cash_band_min_weight]),
    )


def _funds(means: Means, parts: Parts) -> Funds:
    """The money that may pay buys: base, the targets' own, and foreign cash that may be swept."""
    base, cash = means.market.base, means.there
    foreign: dict[str, Purse] = {}
    for currency in sorted(parts.worth):
        free = parts.money(cash.get(currency, ZERO) - means.kept.get(currency, ZERO), currency)
        if currency != base and (currency in means.targets or (free > 0 and means.sweeps)):
            smallest = smallest_deal(means.options.fx_min_deal, currency, parts, means.market)
            foreign[currency] = Purse(free, smallest, means.charges.spread(currency), means.sweeps, means.held(currency))
    return Funds(base, parts.money(cash.get(base, ZERO), base), int(means.floor * parts.per_base), foreign, AT_PAR)


def _own_money(means: Means, currency: str, parts: Parts) -> Funds:
    """The money of one currency, which pays what is bought in it and nothing else."""
    floor = means.floor if currency == means.market.base else Fraction(means.kept.get(currency, ZERO))
    cash = parts.money(means.there.get(currency, ZERO), currency)
    return Funds(currency, cash, int(floor * parts.worth[currency]), {}, AT_PAR)


def _rate(market: Market, trade: AdvisedTrade) -> Fraction:
    return market.exact_rate(trade.price.currency) or NOTHING
