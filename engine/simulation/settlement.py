"""Cash day by day: whether settlement leaves any currency below what may be overdrawn (RFC-0011)."""

from collections.abc import Sequence
from decimal import Decimal

from engine.contracts import EngineOptions
from engine.intents.orders import FxDeal, Order
from engine.market import Shelf
from engine.notes import LadderBreach, LadderStep, Notes
from engine.numbers import ZERO
from engine.standing import DEFAULT_DAYS, Standing
from engine.valuation import CashLine


def walk_ladder(
    cash: Sequence[CashLine], standing: Standing, orders: list[Order], shelf: Shelf, options: EngineOptions, notes: Notes
) -> bool:
    """Project every currency's balance from day 0 to the horizon; True when one falls below its floor.

    What is under way moves on its own days, and the horizon grows to it; money that comes later stands in it where it reaches so far.
    """
    days = [_settlement_day(order, shelf, options) for order in orders]
    securities = [day for order, day in zip(orders, days, strict=True) if not isinstance(order, FxDeal)]
    horizon = max(options.settlement_horizon_days, options.fx_settlement_days, *securities, *(move.day for move in standing.moves), 0)
    flows: dict[str, list[Decimal]] = {}

    def add(currency: str, day: int, amount: Decimal) -> None:
        flows.setdefault(currency, [ZERO] * (horizon + 1))[day] += amount

    for row in cash:
        add(row.currency, 0, row.settled if row.settled is not None else row.amount)
    for move in standing.moves_until(horizon):
        add(move.currency, move.day, move.amount)
    for order, day in sorted(zip(orders, days, strict=True), key=lambda pair: pair[0].intent_id):
        for currency, amount in order.cash_flows():
            add(currency, day, amount)
    overdrawn = False
    for currency in sorted(flows):
        overdrawn |= _walk_currency(currency, flows[currency], options, notes)
    if overdrawn:
        notes.warn_once("SETTLEMENT_OVERDRAFT_UTILIZED")
    if notes.ladder_breaches:
        notes.warn(notes.ladder_breaches[0].reason)
    return bool(notes.ladder_breaches)


def _walk_currency(currency: str, flows: list[Decimal], options: EngineOptions, notes: Notes) -> bool:
    """Record the currency's balances and breaches; True when an allowed overdraft is used."""
    allowance = options.max_overdraft_by_ccy.get(currency, ZERO)
    balance, floor, overdrawn = ZERO, -allowance, False
    for day, flow in enumerate(flows):
        balance += flow
        step = LadderStep(day, currency, balance)
        notes.cash_ladder.append(step)
        overdrawn |= balance < 0 and allowance > 0
        if balance < floor:
            notes.ladder_breaches.append(LadderBreach(step, floor))
    return overdrawn


def _settlement_day(order: Order, shelf: Shelf, options: EngineOptions) -> int:
    if isinstance(order, FxDeal):
        return options.fx_settlement_days
    return settlement_days(order.instrument_id, shelf)


def settlement_days(instrument_id: str, shelf: Shelf) -> int:
    """How many days after its trade an instrument settles."""
    entry = shelf.entries.get(instrument_id)
    return entry.settlement_days if entry else DEFAULT_DAYS
