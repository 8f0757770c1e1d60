"""The portfolio after its orders: a copy, never the request itself (RFC-0001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.contracts.snapshots import CashBalance, Money, PortfolioSnapshot, Position
from engine.intents.orders import BUY, FxDeal, Order
from engine.numbers import ZERO


@dataclass(slots=True)
class HeldAfter:
    """A position whose quantity the orders changed."""

    instrument_id: str
    quantity: Decimal
    market_value: Money | None = None


@dataclass(slots=True)
class CashAfter:
    """Cash in one currency after the orders; settled and pending stay as they were."""

    currency: str
    amount: Decimal
    settled: Decimal | None = None
    pending: Decimal | None = None


def apply_orders(portfolio: PortfolioSnapshot, orders: Sequence[Order]) -> tuple[list[Position | HeldAfter], list[CashAfter]]:
    """Positions and cash after the orders. Rows never disappear; new ones are appended in order of execution."""
    moves: dict[str, Decimal] = {}
    cash = {row.currency: row.amount for row in portfolio.cash_balances}

    for order in orders:
        if isinstance(order, FxDeal):
            cash[order.sell_currency] = cash.get(order.sell_currency, ZERO) - order.sell_amount
            cash[order.buy_currency] = cash.get(order.buy_currency, ZERO) + order.buy_amount
        elif order.side == BUY:
            moves[order.instrument_id] = order.quantity
            cash[order.currency] = cash.get(order.currency, ZERO) - order.notional
        else:
            moves[order.instrument_id] = -order.quantity
            cash[order.currency] = cash.get(order.currency, ZERO) + order.notional
    return _positions(portfolio.positions, moves), _cash(portfolio.cash_balances, cash)


def _positions(before: list[Position], moves: dict[str, Decimal]) -> list[Position | HeldAfter]:
    after: list[Position | HeldAfter] = [
        HeldAfter(row.instrument_id, row.quantity + moves.pop(row.instrument_id)) if row.instrument_id in moves else row for row in before
    ]
    after.extend(HeldAfter(instrument_id, quantity) for instrument_id, quantity in moves.items())
    return after


def _cash(before: list[CashBalance], amounts: dict[str, Decimal]) -> list[CashAfter]:
    after = [CashAfter(row.currency, amounts.pop(row.currency), row.settled, row.pending) for row in before]
    after.extend(CashAfter(currency, amount) for currency, amount in amounts.items())
    return after
