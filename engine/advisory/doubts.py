"""What is doubted of a proposal although it is valid (practice 4, advisory-practice 8)."""

from collections.abc import Collection
from decimal import Decimal
from functools import partial
from typing import Final

from engine.contracts.conventions import Conventions
from engine.contracts.plausibility import PlausibilityCode
from engine.contracts.proposals import ReferenceModel, weights_of
from engine.contracts.snapshots import OpenOrder
from engine.intents.orders import BUY, SELL
from engine.numbers import ONE, ZERO
from engine.simulation.plausibility import Doubt, Doubts, Facts, fx_contradictory, market_data_old, order_too_large, value_mismatch

MODEL_TOLERANCE: Final = Decimal("0.01")


def doubts_of(open_orders: Collection[OpenOrder], model: ReferenceModel | None) -> Doubts:
    """What a proposal is looked through for: codes ascending, as their rows come."""
    return {
        PlausibilityCode.BOTH_SIDES: both_sides,
        PlausibilityCode.FX_CONTRADICTORY: fx_contradictory,
        PlausibilityCode.MARKET_DATA_OLD: market_data_old,
        PlausibilityCode.ORDER_REPEATED: partial(order_repeated, open_orders),
        PlausibilityCode.ORDER_TOO_LARGE: order_too_large,
        PlausibilityCode.REFERENCE_MODEL_SUM: partial(reference_model_sum, model),
        PlausibilityCode.VALUE_MISMATCH: value_mismatch,
    }


def both_sides(facts: Facts) -> Doubt | None:
    """An instrument that is bought and sold at once; a desk doubts it."""
    if not _desk(facts):
        return None
    bought, sold = ({trade.instrument_id for trade in facts.trades if trade.side == side} for side in (BUY, SELL))
    both = sorted(bought & sold)
    if not both:
        return None
    return Doubt(PlausibilityCode.BOTH_SIDES, Decimal(len(both)), f"{both[0]} is bought and sold at once.", at_most=ZERO)


def order_repeated(open_orders: Collection[OpenOrder], facts: Facts) -> Doubt | None:
    """An order like one that is under way already."""
    if not open_orders:
        return None
    under_way = {(order.instrument_id, order.side.value) for order in open_orders}
    again = sorted({(trade.instrument_id, trade.side) for trade in facts.trades} & under_way)
    if not again:
        return None
    name, side = again[0]
    return Doubt(PlausibilityCode.ORDER_REPEATED, Decimal(len(again)), f"A {side} of {name} is under way already.", at_most=ZERO)


def reference_model_sum(model: ReferenceModel | None, facts: Facts) -> Doubt | None:
    """A reference model whose weights do not add up to one; a desk doubts it (rulings-2 proposal 4)."""
    if model is None or not _desk(facts):
        return None
    largest = max([abs(sum(weights.values(), ZERO) - ONE) for weights in weights_of(model) if weights], default=ZERO)
    if largest <= MODEL_TOLERANCE:
        return None
    hint = "The weights of the reference model do not add up to 1; check that it arrived whole."
    return Doubt(PlausibilityCode.REFERENCE_MODEL_SUM, largest, hint, at_most=MODEL_TOLERANCE)


def _desk(facts: Facts) -> bool:
    return facts.options.conventions is Conventions.DESK
