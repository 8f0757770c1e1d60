"""The result as JSON types: every decimal as its canonical text, weights of states at 4 decimals (dpm-engine 1.3, 15)."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, DecimalException
from itertools import zip_longest
from typing import Any

from engine.intents.orders import FxDeal, Order, Trade
from engine.notes import Notes
from engine.numbers import FOUR_PLACES, ZERO, ZERO_WEIGHT, plain
from engine.targets.plan import Targets
from engine.universe import Universe
from engine.valuation import UNKNOWN_CLASS, State, Valued

Json = dict[str, Any]
Rounding = Callable[[Decimal, Decimal], Decimal]


def money(amount: Decimal, currency: str) -> Json:
    """An amount with its currency, unrounded."""
    return {"amount": plain(amount), "currency": currency}


def to_places_or_zero(value: Decimal, places: Decimal) -> Decimal:
    """The value half-even at these places; zero where 28 digits cannot hold it (the run is then BLOCKED by NUMERIC_RANGE)."""
    try:
        return value.quantize(places)
    except DecimalException:
        return ZERO.quantize(places)


def render_state(
    state: State, prices: Mapping[str, Json], earlier: tuple[State, Json] | None = None, to_places: Rounding = Decimal.quantize
) -> Json:
    """A valued portfolio with its allocations; `prices` are the shown prices by instrument.

    What an `earlier` state and its document already show of the same rows is shown again, not made again.
    """
    base, divisor = state.base, state.divisor
    positions, allocation = [], []
    for row, shown in zip_longest(state.positions, _still_true(earlier, divisor)):
        if shown and shown[0] is row:
            positions.append(shown[1])
            allocation.append(shown[2])
            continue
        name, currency = row.instrument_id, row.currency
        share = str(to_places(row.base_value / divisor, FOUR_PLACES))
        quantity, amount, base_amount = str(row.quantity), str(row.value), str(row.base_value)
        if "E" in quantity or "E" in amount or "E" in base_amount:  # asked here, since a call per figure would cost more than the figure
            quantity, amount, base_amount = plain(row.quantity), plain(row.value), plain(row.base_value)
        base_value = {"amount": base_amount, "currency": base}
        positions.append(
            {
                "instrument_id": name,
                "quantity": quantity,
                "instrument_currency": currency,
                "asset_class": row.entry.asset_class if row.entry else UNKNOWN_CLASS,
                "price": prices.get(name),
                "value_in_instrument_ccy": {"amount": amount, "currency": currency},
                "value_in_base_ccy": base_value,
                "weight": share,
            }
        )
        allocation.append({"key": name, "weight": share, "value": base_value})

    by_attribute = {name: _metrics(buckets, divisor, base, to_places) for name, buckets in state.by_attribute.items()}
    return {
        "total_value": money(state.total, base),
        "cash_balances": [
            {
                "currency": row.currency,
                "amount": plain(row.amount),
                "settled": None if row.settled is None else plain(row.settled),
                "pending": None if row.pending is None else plain(row.pending),
            }
            for row in state.cash
        ],
        "positions": positions,
        "allocation_by_asset_class": _metrics(state.by_asset_class, divisor, base, to_places),
        "allocation_by_instrument": allocation,
        "allocation": allocation,
        "allocation_by_attribute": by_attribute,
    }


def _metrics(buckets: dict[str, Decimal], divisor: Decimal, base: str, to_places: Rounding) -> list[Json]:
    return [
        {
            "key": key,
            "weight": str(to_places(value / divisor, FOUR_PLACES)),
            "value": {"amount": amount if "E" not in (amount := str(value)) else plain(value), "currency": base},
        }
        for key, value in buckets.items()
    ]


def _still_true(earlier: tuple[State, Json] | None, divisor: Decimal) -> Iterable[tuple[Valued, Json, Json]]:
    """The rows of an earlier state with what it shows of them, unless its weights are shares of another total."""
    if earlier is None or earlier[0].divisor != divisor:
        return ()
    state, document = earlier
    return zip(state.positions, document["positions"], document["allocation"], strict=True)


def render_order(order: Order, base: str) -> Json:
    """A security trade or an FX deal."""
    if isinstance(order, FxDeal):
        return {
            "intent_type": "FX_SPOT",
            "intent_id": order.intent_id,
            "pair": order.pair,
            "buy_currency": order.buy_currency,
            "buy_amount": plain(order.buy_amount),
            "sell_currency": order.sell_currency,
            "sell_amount_estimated": plain(order.sell_amount),
            "dependencies": [],
            "rationale": {"code": order.code, "message": order.message},
        }
    quantity, notional, notional_base = str(order.quantity), str(order.notional), str(order.notional_base)
    if "E" in quantity or "E" in notional or "E" in notional_base:
        quantity, notional, notional_base = plain(order.quantity), plain(order.notional), plain(order.notional_base)
    return {
        "intent_type": "SECURITY_TRADE",
        "intent_id": order.intent_id,
        "instrument_id": order.instrument_id,
        "side": order.side,
        "quantity": quantity,
        "notional": {"amount": notional, "currency": order.price.currency},
        "notional_base": {"amount": notional_base, "currency": base},
        "dependencies": order.dependencies,
        "rationale": {"code": "DRIFT_REBALANCE", "message": "Align"},
        "constraints_applied": order.constraints,
    }


def render_universe(universe: Universe, run_id: str, coverage: Json) -> Json:
    """Who may be bought or sold, who is excluded and why, and how well the data covered it."""
    return {
        "universe_id": f"u_{run_id}",
        "eligible_for_buy": list(universe.tradeable),
        "eligible_for_sell": list(universe.sellable),
        "excluded": [{"instrument_id": i, "reason_code": code, "details": None} for i, code in universe.excluded],
        "coverage": coverage,
    }


def render_targets(targets: Targets, universe: Universe, worth: Decimal, run_id: str, base: str) -> Json:
    """The trace from model to final weight: model rows, then what else is eligible; empty when refused."""
    model, weights, tradeable = universe.model, targets.weights, universe.tradeable
    rows: list[Json] = []
    for name in universe.trace(weights) if targets.traced else ():
        wanted, final = model.get(name, ZERO_WEIGHT), weights.get(name, ZERO_WEIGHT)
        if name not in model:
            tags = ["LOCKED_POSITION" if final and name not in tradeable else "IMPLICIT_SELL_TO_ZERO"]
        elif wanted == final:
            tags = []
        else:
            tags = ["CAPPED_BY_MAX_WEIGHT" if wanted > final else "REDISTRIBUTED_RECIPIENT"]
        value = worth * final
        wanted_text, final_text, amount = str(wanted), str(final), str(value)
        if "E" in wanted_text or "E" in final_text or "E" in amount:
            wanted_text, final_text, amount = plain(wanted), plain(final), plain(value)
        rows.append(
            {
                "instrument_id": name,
                "model_weight": wanted_text,
                "final_weight": final_text,
                "final_value": {"amount": amount, "currency": base},
                "tags": tags,
            }
        )
    return {"target_id": f"t_{run_id}", "strategy": targets.strategy, "targets": rows}


def render_tax_impact(trades: list[Trade], budget: Decimal | None, base: str) -> Json:
    """Gains, losses and budget used of the trades that are left, given in trace order."""
    amounts = [amount for trade in trades for amount in trade.realised]
    gain = sum((amount for amount in amounts if amount >= 0), ZERO)
    loss = sum((-amount for amount in amounts if amount < 0), ZERO)
    return {
        "total_realized_gain": money(gain, base),
        "total_realized_loss": money(loss, base),
        "budget_limit": None if budget is None else money(budget, base),
        "budget_used": None if budget is None else money(gain, base),
    }


def render_diagnostics(notes: Notes) -> Json:
    """Everything noticed on the way."""
    return {
        "warnings": notes.warnings,
        "suppressed_intents": notes.suppressed,
        "dropped_intents": notes.dropped,
        "group_constraint_events": [event.as_json() for event in notes.group_events],
        "tax_budget_constraint_events": notes.tax_events,
        "cash_ladder": notes.cash_ladder,
        "cash_ladder_breaches": notes.ladder_breaches,
        "missing_fx_pairs": [],
        "funding_plan": [],
        "insufficient_cash": [],
        "ineffective_constraints": notes.ineffective_constraints,
        "data_quality": {
            "price_missing": list(notes.price_missing),
            "fx_missing": list(notes.fx_missing),
            "shelf_missing": list(notes.shelf_missing),
        },
    }
