"""From targets to trades in whole units: size all, then tax budget, then dust, then number them (RFC-0001, RFC-0009)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.contracts import EngineOptions
from engine.contracts.snapshots import Position, Price
from engine.intents.dust import Dust
from engine.intents.orders import BUY, SELL, Trade
from engine.intents.tax_lots import Lot, lots_by_cost, realised, shortfall, within_budget
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ZERO, plain
from engine.universe import Universe
from engine.valuation import State

BUDGET_REACHED: Final = "TAX_BUDGET_LIMIT_REACHED"
LOT_SHORTFALL: Final = "LOT_QUANTITY_SHORTFALL"


@dataclass(slots=True)
class Draft:
    """A trade on its way: its quantity may still shrink; zero means no trade."""

    instrument_id: str
    side: str
    quantity: Decimal
    price: Price
    rate: Decimal
    limited_by: str | None = None
    lots: Sequence[Lot] = ()
    realised: Sequence[Decimal] = ()

    @property
    def notional(self) -> Decimal:
        """Quantity × price, in the price's currency."""
        return self.quantity * self.price.price


@dataclass(slots=True)
class Sizing:
    """What sizing reads: the weights to reach and the worth they are shares of, the holdings and the market."""

    weights: Mapping[str, Decimal]
    worth: Decimal
    before: State
    market: Market
    shelf: Shelf
    options: EngineOptions
    notes: Notes


def size_intents(universe: Universe, positions: list[Position], sizing: Sizing) -> list[Trade]:
    """The trades that bring each instrument to its target, numbered in trace order."""
    drafts = _drafts(universe, sizing)
    dust = Dust(sizing.market, sizing.shelf, sizing.options, sizing.notes)
    if sizing.options.enable_tax_awareness:
        _spend_tax_budget(drafts, positions, sizing, dust)
    trades: list[Trade] = []
    for draft in drafts:
        if draft.quantity:
            name, currency, notional = draft.instrument_id, draft.price.currency, draft.quantity * draft.price.price
            if dust.suppresses(name, notional, currency):
                continue
            constraints = ["MIN_NOTIONAL"] if name in dust.thresholds else []
            if draft.limited_by:
                constraints.append(draft.limited_by)
            in_base = notional * draft.rate
            intent_id = f"oi_{len(trades) + 1}"
            trades.append(Trade(intent_id, name, draft.side, draft.quantity, currency, notional, in_base, constraints, (), draft.realised))
    return trades


def _drafts(universe: Universe, sizing: Sizing) -> list[Draft]:
    """Every trade wished for: whole units towards the target; no sell exceeds the holding, a full exit sells its fraction too.

    Excluded targets that are not held need no market data; locked holdings do, though they are not traded. Raises when units need more than 28 digits.
    """
    drafts: list[Draft] = []
    weights, held_rows, market, notes = sizing.weights, sizing.before.by_instrument, sizing.market, sizing.notes
    tradeable, prices, rates, worth = universe.tradeable, market.prices, market.base_rates, sizing.worth
    for name in universe.trace(universe.weights):
        held = held_rows.get(name)
        if name not in tradeable and (held is None or not held.quantity or name not in weights):
            continue
        price = prices.get(name)
        if price is None:
            notes.price_missing[name] = None
            continue
        rate = rates.get(price.currency)
        if rate is None:
            notes.fx_missing[market.base_pair(price.currency)] = None
            continue
        if name in universe.locked:
            continue
        weight = weights[name]
        target, current, holding = worth * weight / rate, ZERO, ZERO
        if held is not None:
            current = held.value if held.currency == price.currency else held.base_value / rate
            holding = held.quantity
        if not weight and holding > ZERO:
            side, quantity = SELL, holding
        elif target > current:
            side, quantity = BUY, (target - current) // price.price
        else:
            side, quantity = SELL, min(max(holding, ZERO), (current - target) // price.price)
        if quantity:
            drafts.append(Draft(name, side, quantity, price, rate))
    return drafts


def _spend_tax_budget(drafts: list[Draft], positions: list[Position], sizing: Sizing, dust: Dust) -> None:
    """Give the gains budget to the cheapest sells first: gain per notional ascending, then id."""
    lots_of = {position.instrument_id: position for position in positions if position.lots}
    ranked = []
    for draft in drafts:
        name = draft.instrument_id
        if draft.side == SELL and draft.quantity > 0 and name in lots_of:
            draft.lots = lots_by_cost(lots_of[name], draft.price, draft.rate, sizing.market, sizing.notes)
            if draft.lots:
                gain = sum(realised(draft.lots, draft.quantity), ZERO)
                ranked.append((gain / (draft.notional * draft.rate), name, draft))
    budget = sizing.options.max_realized_capital_gains
    for _, _, draft in sorted(ranked, key=lambda row: row[:2]):
        _limit(draft, budget, sizing.notes)
        if budget is None or draft.quantity == 0:
            continue
        if not dust.suppresses(draft.instrument_id, draft.notional, draft.price.currency):
            budget -= sum((amount for amount in draft.realised if amount > 0), ZERO)


def _limit(draft: Draft, budget: Decimal | None, notes: Notes) -> None:
    lots = draft.lots
    requested = draft.quantity
    covered = shortfall(lots, requested)
    for allowed, reason, constraint in (
        (requested if covered is None else covered, LOT_SHORTFALL, "LOT_QUANTITY"),
        (within_budget(lots, requested if covered is None else covered, budget), BUDGET_REACHED, "TAX_BUDGET"),
    ):
        if allowed < draft.quantity:
            notes.warn_once(reason)
            notes.tax_events.append(
                {
                    "instrument_id": draft.instrument_id,
                    "requested_quantity": plain(requested),
                    "allowed_quantity": plain(allowed),
                    "reason_code": reason,
                }
            )
            draft.quantity, draft.limited_by = allowed, constraint
    draft.realised = realised(lots, draft.quantity)
