"""Pence, cents and agorot: amounts quoted in a hundredth of a currency are taken as that currency (practice 5.2).

A code for hundredths is a currency of its own where a rate or the base currency names it; elsewhere every amount in it is one
hundredth of the major, exactly. Nothing is copied where no such code occurs.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from engine.contracts.limits import OptionMoney
from engine.contracts.market_data import MarketDataSnapshot, Price
from engine.contracts.options.costs import CommissionRow, CostSchedule
from engine.contracts.options.shared import SharedOptions
from engine.contracts.shelf import ShelfEntry, Threshold
from engine.contracts.snapshots import CashBalance, Cost, Money, PortfolioSnapshot, Position
from engine.numbers import ZERO

MAJOR_OF: Final[Mapping[str, str]] = {"GBX": "GBP", "GBp": "GBP", "ZAC": "ZAR", "ZAc": "ZAR", "ILA": "ILS", "ILa": "ILS"}
HUNDREDTH: Final = -2
Priced = TypeVar("Priced", Money, Cost, Threshold, OptionMoney)
Options = TypeVar("Options", bound=SharedOptions)
ShelfRow = TypeVar("ShelfRow", bound=ShelfEntry)


def minors_of(base: str, market: MarketDataSnapshot) -> Mapping[str, str]:
    """The codes for hundredths that are no currency of their own, with their major currencies."""
    rates = "/".join([row.pair for row in market.fx_rates if row.rate])
    if not [code for code in MAJOR_OF if code in rates or code == base]:  # quicker than to take every pair apart
        return MAJOR_OF
    named = {code for row in market.fx_rates if row.rate for code in row.pair.split("/")} | {base}
    return {code: major for code, major in MAJOR_OF.items() if code not in named}


def market_in_major(market: MarketDataSnapshot, minors: Mapping[str, str]) -> MarketDataSnapshot:
    """The market with every price in a major currency; the very same one where all are so already."""
    if minors.keys().isdisjoint([row.currency for row in market.prices]):
        return market
    return replace(market, prices=[price_in_major(row, minors) for row in market.prices])


def price_in_major(row: Price, minors: Mapping[str, str]) -> Price:
    """The price in a major currency; the very same one where it is so already."""
    if row.currency not in minors:
        return row
    accrued = row.accrued.scaleb(HUNDREDTH) if row.accrued else row.accrued
    return replace(row, price=row.price.scaleb(HUNDREDTH), accrued=accrued, currency=minors[row.currency])


def shelf_in_major(entries: Sequence[ShelfRow], minors: Mapping[str, str]) -> Sequence[ShelfRow]:
    """The shelf with every threshold in a major currency; the very same one where all are so already."""
    if minors.keys().isdisjoint([row.min_notional.currency for row in entries if row.min_notional]):
        return entries
    return [_entry(row, minors) for row in entries]


def portfolio_in_major(portfolio: PortfolioSnapshot, minors: Mapping[str, str]) -> PortfolioSnapshot:
    """The portfolio with every amount in a major currency; the very same one where all are so already."""
    return portfolio if minors.keys().isdisjoint(_currencies(portfolio)) else _portfolio(portfolio, minors)


def options_in_major(options: Options, minors: Mapping[str, str]) -> Options:
    """The options with every amount in a major currency; the very same ones where all are so already."""
    changes: dict[str, Any] = {}
    for name in ("min_trade_notional", "dust_trade_threshold", "fx_min_deal"):
        money = getattr(options, name)
        if money and money.currency in minors:
            changes[name] = _money(money, minors)
    for name in ("max_overdraft_by_ccy", "cash_reserve"):
        amounts = getattr(options, name)
        if amounts and amounts.keys() & minors.keys():
            changes[name] = _sums(amounts, minors)
    costs: CostSchedule | None = getattr(options, "costs", None)  # of proposals alone
    if costs is not None and not minors.keys().isdisjoint(_currencies_of_costs(costs)):
        changes["costs"] = _costs(costs, minors)
    if not changes:
        return options
    in_major = copy(options)
    for name, amount in changes.items():
        object.__setattr__(in_major, name, amount)  # ours alone as yet; what is added may pass the bounds of what is given
    return in_major


def _currencies(portfolio: PortfolioSnapshot) -> list[str]:
    """The currency of every amount in a portfolio."""
    currencies = [row.currency for row in portfolio.cash_balances]
    currencies += [row.currency for row in portfolio.cash_flows]
    for position in [row for row in portfolio.positions if row.market_value or row.lots]:
        if position.market_value:
            currencies.append(position.market_value.currency)
        currencies += [lot.unit_cost.currency for lot in position.lots if lot.unit_cost]
    return currencies


def _portfolio(portfolio: PortfolioSnapshot, minors: Mapping[str, str]) -> PortfolioSnapshot:
    flows = [
        replace(row, amount=row.amount.scaleb(HUNDREDTH), currency=minors[row.currency]) if row.currency in minors else row
        for row in portfolio.cash_flows
    ]
    cash, positions = _cash(portfolio.cash_balances, minors), [_position(row, minors) for row in portfolio.positions]
    return replace(portfolio, positions=positions, cash_balances=cash, cash_flows=flows)


def _position(row: Position, minors: Mapping[str, str]) -> Position:
    changes: dict[str, Any] = {}
    if row.market_value and row.market_value.currency in minors:
        changes["market_value"] = _money(row.market_value, minors)
    if any(lot.unit_cost and lot.unit_cost.currency in minors for lot in row.lots):
        changes["lots"] = [
            replace(lot, unit_cost=_money(lot.unit_cost, minors)) if lot.unit_cost and lot.unit_cost.currency in minors else lot
            for lot in row.lots
        ]
    return replace(row, **changes) if changes else row


def _entry(row: ShelfRow, minors: Mapping[str, str]) -> ShelfRow:
    threshold = row.min_notional
    return replace(row, min_notional=_money(threshold, minors)) if threshold and threshold.currency in minors else row


def _money(money: Priced, minors: Mapping[str, str]) -> Priced:
    return type(money)(money.amount.scaleb(HUNDREDTH), minors[money.currency])


def _cash(rows: list[CashBalance], minors: Mapping[str, str]) -> list[CashBalance]:
    """One row per major currency, at the first place of either; a row that does not say what is settled counts with its amount."""
    together: dict[str, list[CashBalance]] = {}
    for row in rows:
        together.setdefault(minors.get(row.currency, row.currency), []).append(row)
    return [_added(currency, parts, minors) for currency, parts in together.items()]


def _added(currency: str, rows: list[CashBalance], minors: Mapping[str, str]) -> CashBalance:
    if [row.currency for row in rows] == [currency]:
        return rows[0]
    settled = [row.amount if row.settled is None else row.settled for row in rows]
    pending = [row.pending or ZERO for row in rows]
    added = copy(rows[0])  # without its bounds: a sum may pass them
    added.currency, added.amount = currency, _sum([row.amount for row in rows], rows, minors)
    added.settled = _sum(settled, rows, minors) if any(row.settled is not None for row in rows) else None
    added.pending = _sum(pending, rows, minors) if any(row.pending is not None for row in rows) else None
    return added


def _sum(amounts: Iterable[Decimal], rows: list[CashBalance], minors: Mapping[str, str]) -> Decimal:
    return sum((amount.scaleb(HUNDREDTH) if row.currency in minors else amount for amount, row in zip(amounts, rows, strict=True)), ZERO)


def _sums(amounts: Mapping[str, Decimal], minors: Mapping[str, str]) -> dict[str, Decimal]:
    """Amounts by major currency; what two codes say of one currency is added."""
    sums: dict[str, Decimal] = {}
    for code, amount in amounts.items():
        scaled = amount.scaleb(HUNDREDTH) if code in minors else amount
        major = minors.get(code, code)
        sums[major] = sums[major] + scaled if major in sums else scaled
    return sums


def _currencies_of_costs(schedule: CostSchedule) -> Iterator[str]:
    yield from schedule.fx_spread_bps_by_currency
    for row in schedule.commission:
        yield from [row.currency] if row.currency else []
        yield from [bound.currency for bound in (row.minimum, row.maximum) if bound]


def _costs(schedule: CostSchedule, minors: Mapping[str, str]) -> CostSchedule:
    """The schedule with every currency a major one; where a major has a row of its own, that of its hundredths says nothing."""
    commission: dict[tuple[str | None, ...], CommissionRow] = {}
    for row in sorted(schedule.commission, key=lambda row: (row.currency in minors, row.currency or "")):
        currency = minors.get(row.currency, row.currency) if row.currency else None
        minimum, maximum = (_money(bound, minors) if bound and bound.currency in minors else bound for bound in (row.minimum, row.maximum))
        in_major = dataclasses.replace(row, currency=currency, minimum=minimum, maximum=maximum)
        commission.setdefault((row.match, currency, row.side), in_major)
    spreads = schedule.fx_spread_bps_by_currency
    by_currency = {minors.get(code, code): spreads[code] for code in sorted(spreads, key=lambda code: (code in minors, code), reverse=True)}
    return dataclasses.replace(schedule, commission=list(commission.values()), fx_spread_bps_by_currency=by_currency)
