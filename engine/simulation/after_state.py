"""The portfolio after its orders: a copy, never the request itself (RFC-0001)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from engine.contracts.snapshots import CashBalance
from engine.intents.orders import BUY, FxDeal, Order
from engine.numbers import ZERO


class CashAfter(Struct, gc=False):
    """Cash in one currency after the orders; settled and pending stay as they were."""

    currency: str
    amount: Decimal
    settled: Decimal | None = None
    pending: Decimal | None = None


def apply_orders(
    held: Mapping[str, Decimal], amounts: Mapping[str, Decimal], balances: list[CashBalance], orders: Sequence[Order]
) -> tuple[dict[str, Decimal], list[CashAfter]]:
    """Quantities and cash after the orders; `amounts` is the cash before them, what is under way done. Rows never disappear; new ones are appended in order of execution."""
    quantities = dict(held)
    cash = dict(amounts)
    for order in orders:
        if isinstance(order, FxDeal):
            sold, bought = order.sell_currency, order.buy_currency
            cash[sold] = cash.get(sold, ZERO) - order.sell_amount
            cash[bought] = cash.get(bought, ZERO) + order.buy_amount
        else:
            name, currency = order.instrument_id, order.price.currency
            cash[currency] = cash.get(currency, ZERO) + order.proceeds()
            units = quantities.get(name, ZERO)
            quantities[name] = units + order.quantity if order.side == BUY else units - order.quantity
    return quantities, _cash(balances, cash)


def _cash(before: list[CashBalance], amounts: dict[str, Decimal]) -> list[CashAfter]:
    after = [CashAfter(row.currency, amounts.pop(row.currency), row.settled, row.pending) for row in before]
    after.extend(CashAfter(currency, amount) for currency, amount in amounts.items())
    return after
