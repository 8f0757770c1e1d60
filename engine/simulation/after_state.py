"""The portfolio after its orders: a copy, never the request itself (RFC-0001)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.contracts.snapshots import CashBalance
from engine.intents.orders import BUY, FxDeal, Order
from engine.numbers import ZERO


@dataclass(slots=True)
class CashAfter:
    """Cash in one currency after the orders; settled and pending stay as they were."""

    currency: str
    amount: Decimal
    settled: Decimal | None = None
    pending: Decimal | None = None


def apply_orders(
    held: Mapping[str, Decimal], balances: list[CashBalance], orders: Sequence[Order]
) -> tuple[dict[str, Decimal], list[CashAfter]]:
    """Quantities and cash after the orders. Rows never disappear; new ones are appended in order of execution."""
    quantities = dict(held)
    cash = {row.currency: row.amount for row in balances}
    for order in orders:
        if isinstance(order, FxDeal):
            cash[order.sell_currency] = cash.get(order.sell_currency, ZERO) - order.sell_amount
            cash[order.buy_currency] = cash.get(order.buy_currency, ZERO) + order.buy_amount
            continue
        name, currency = order.instrument_id, order.price.currency
        if order.side == BUY:
            quantities[name] = quantities.get(name, ZERO) + order.quantity
            cash[currency] = cash.get(currency, ZERO) - order.notional
        else:
            quantities[name] = quantities.get(name, ZERO) - order.quantity
            cash[currency] = cash.get(currency, ZERO) + order.notional
    return quantities, _cash(balances, cash)


def _cash(before: list[CashBalance], amounts: dict[str, Decimal]) -> list[CashAfter]:
    after = [CashAfter(row.currency, amounts.pop(row.currency), row.settled, row.pending) for row in before]
    after.extend(CashAfter(currency, amount) for currency, amount in amounts.items())
    return after
