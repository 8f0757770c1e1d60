"""Small proposals as the stages before the money leave them, and how they are paid."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from engine.advisory.funded_plan import plan_funded
from engine.advisory.values import AdvisedTrade, Funding
from engine.contracts.market_data import FxRate, MarketDataSnapshot, Price
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import parse_proposal
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.costs import Charges
from engine.intents.orders import BUY, SELL, Order
from engine.market import Market, Shelf
from engine.numbers import ZERO, arithmetic

Json = dict[str, Any]
D = Decimal


def buy(name: str, quantity: str | None, unit: str, currency: str = "EUR", **members: Any) -> Json:
    """A buy of units, or of a `notional`; dealt in single units unless a `lot` is given, None for no rule."""
    return {"side": BUY, "name": name, "quantity": quantity, "unit": unit, "currency": currency, "lot": "1", **members}


def sell(name: str, quantity: str, unit: str, currency: str = "EUR") -> Json:
    """A sell of units."""
    return {"side": SELL, "name": name, "quantity": quantity, "unit": unit, "currency": currency, "lot": None}


def options_of(stated: Json) -> ProposalOptions:
    """The options as a request states them."""
    snapshot = {"portfolio_id": "pf", "base_currency": "EUR", "positions": [], "cash_balances": []}
    body = {"portfolio_snapshot": snapshot, "market_data_snapshot": {"prices": [], "fx_rates": []}, "shelf_entries": []}
    return parse_proposal(orjson.dumps(body | {"options": stated})).options


def market_of(rates: Mapping[str, str], base: str = "EUR") -> Market:
    """A market of rates alone."""
    return Market.of(MarketDataSnapshot(fx_rates=[FxRate(pair, D(rate)) for pair, rate in rates.items()]), base=base)


def trade_of(row: Json, number: int, market: Market, charges: Charges) -> AdvisedTrade:
    """The row as a trade, its cost counted where it is a sell."""
    unit, currency = D(row["unit"]), row["currency"]
    notional = D(row["notional"]) if "notional" in row else D(row["quantity"]) * unit
    quantity = D(row["quantity"]) if row["quantity"] is not None else notional / unit
    rate = market.base_rates.get(currency, ZERO)
    trade = AdvisedTrade(
        row["name"],
        row["side"],
        quantity,
        Price(row["name"], unit, currency),
        unit,
        rate,
        intent_id=f"oi_{number}",
        notional=notional,
        notional_base=notional * rate,
        number=number,
        wish=quantity,
        lot=None if row["lot"] is None else D(row["lot"]),
        min_quantity=D(row["least"]) if "least" in row else None,
        by_amount="notional" in row,
        priority=row.get("priority", 100),
        sources=tuple(row.get("sources", ())),
    )
    if row["side"] == SELL:
        trade.cost = charges.cost(row["name"], SELL, notional, currency).total
    return trade


def plan(
    cash: Mapping[str, str],
    trades: Iterable[Json],
    *,
    rates: Mapping[str, str] | None = None,
    leaving: Iterable[str] = (),
    options: Json | None = None,
    worth: str = "0",
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    as_sized: bool = False,
    base: str = "EUR",
    overdrafts: Mapping[str, str] | None = None,
) -> Funding | None:
    """How these trades are paid from this cash: by default buys are reduced, in instrument order."""
    with arithmetic():
        market, stated = market_of(rates or {}, base), options_of({"conventions": "DESK"} if options is None else options)
        shelf = Shelf.of(ShelfEntry(name, ShelfStatus.APPROVED, attributes=dict(rows)) for name, rows in (attributes or {}).items())
        charges = Charges.of(stated.costs, market, shelf)
        made = [trade_of(row, number, market, charges) for number, row in enumerate(trades, start=1)]
        made.sort(key=lambda trade: (trade.instrument_id, trade.number))
        buys, sells = ([trade for trade in made if trade.side == side] for side in (BUY, SELL))
        money = {currency: D(amount) for currency, amount in cash.items()}
        old = {currency: D(amount) for currency, amount in (overdrafts or {}).items()}
        return plan_funded(money, buys, sells, leaving, D(worth), market, stated, charges, as_sized=as_sized, overdrafts=old)


def funded(cash: Mapping[str, str], trades: Iterable[Json], **members: Any) -> Funding:
    """As `plan`, where everything has a rate."""
    found = plan(cash, trades, **members)
    assert found is not None
    return found


def bought(funding: Funding) -> dict[str, str]:
    """Instrument → quantity, without trailing zeros."""
    return {trade.instrument_id: f"{trade.quantity.normalize():f}" for trade in funding.bought}


def dealt(funding: Funding) -> list[str]:
    """The deals in words: id, kind, what is bought for what."""
    return [
        f"{deal.intent_id} {deal.rationale.code} {deal.buy_amount:.2f} {deal.buy_currency} for {deal.sell_amount:.2f} {deal.sell_currency}"
        for deal in funding.deals
    ]


def left(cash: Mapping[str, str], funding: Funding, sells: Iterable[AdvisedTrade] = ()) -> dict[str, Any]:
    """What is left of every currency that is named, exactly."""
    money = {currency: D(amount) for currency, amount in cash.items()}
    orders: list[Order] = [*sells, *funding.deals, *funding.bought]
    for order in orders:
        for currency, amount in order.cash_flows():
            money[currency] = money.get(currency, ZERO) + amount
    return money


def needs(funding: Funding) -> list[tuple[Any, ...]]:
    """What each target needs: required, available, needed, and where it comes from."""
    return [(row.currency, row.required, row.available, row.needed, row.source) for row in funding.rows]
