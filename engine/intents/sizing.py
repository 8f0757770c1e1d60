"""From targets to trades in whole units: size all, then tax budget, then dust, then number them (RFC-0001, RFC-0009)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from engine.contracts import EngineOptions
from engine.contracts.options import OptionMoney
from engine.contracts.snapshots import Position, Price, Threshold
from engine.intents.orders import Side, Trade
from engine.intents.tax_lots import Lot, lots_by_cost, realised, shortfall, within_budget
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ZERO, whole_units
from engine.targets.plan import Targets
from engine.universe import Universe
from engine.valuation import State, Valued

BUDGET_REACHED = "TAX_BUDGET_LIMIT_REACHED"
LOT_SHORTFALL = "LOT_QUANTITY_SHORTFALL"


@dataclass(slots=True)
class Draft:
    """A trade on its way: its quantity may still shrink; zero means no trade."""

    side: Side
    quantity: Decimal
    price: Price
    rate: Decimal
    limited_by: str | None = None
    lots: list[Lot] = field(default_factory=list)
    realised: list[Decimal] = field(default_factory=list)

    @property
    def notional(self) -> Decimal:
        """Quantity × price, in the price's currency."""
        return self.quantity * self.price.price


@dataclass(frozen=True, slots=True)
class Sizing:
    """What sizing needs beside the targets."""

    before: State
    market: Market
    shelf: Shelf
    options: EngineOptions
    notes: Notes


def size_intents(targets: Targets, universe: Universe, positions: list[Position], sizing: Sizing) -> list[Trade]:
    """The trades that bring each instrument to its target, numbered in trace order."""
    drafts = [draft for i in trace_order(universe) if (draft := _draft(i, targets, universe, sizing))]
    dust = _Dust(sizing)
    if sizing.options.enable_tax_awareness:
        _spend_tax_budget(drafts, positions, sizing, dust)
    trades: list[Trade] = []
    for draft in drafts:
        if draft.quantity > 0 and not dust.suppresses(draft):
            trades.append(_trade(f"oi_{len(trades) + 1}", draft, dust))
    return trades


def trace_order(universe: Universe) -> Iterator[str]:
    """Model instruments as given, then the other eligible ones in order of appearance."""
    yield from universe.model
    yield from (i for i in universe.weights if i not in universe.model)


def _draft(instrument_id: str, targets: Targets, universe: Universe, sizing: Sizing) -> Draft | None:
    if instrument_id in universe.locked or instrument_id not in targets.weights:
        return None
    held = sizing.before.by_instrument.get(instrument_id)
    if instrument_id not in universe.tradeable and (held is None or held.quantity == 0):
        return None
    market, notes = sizing.market, sizing.notes
    price = market.prices.get(instrument_id)
    if price is None:
        notes.price_missing[instrument_id] = None
        return None
    rate = market.to_base(price.currency)
    if rate is None:
        notes.fx_missing[market.base_pair(price.currency)] = None
        return None
    side, quantity = _quantity(targets.weights[instrument_id], held, price, rate, sizing.before.total)
    return Draft(side, quantity, price, rate)


def _quantity(weight: Decimal, held: Valued | None, price: Price, rate: Decimal, worth: Decimal) -> tuple[Side, Decimal]:
    """Whole units towards the target; a full exit sells the whole holding, fraction included, and no sell exceeds it."""
    holding = max(held.quantity, ZERO) if held else ZERO
    if weight == 0 and holding > 0:
        return Side.SELL, holding
    delta = (worth * weight) / rate - _current(held, price, rate)
    units = whole_units(abs(delta), price.price)
    return (Side.BUY, units) if delta > 0 else (Side.SELL, min(holding, units))


def _current(held: Valued | None, price: Price, rate: Decimal) -> Decimal:
    """The before value in the price's currency."""
    if held is None:
        return ZERO
    return held.value if held.currency == price.currency else held.base_value / rate


def _spend_tax_budget(drafts: list[Draft], positions: list[Position], sizing: Sizing, dust: "_Dust") -> None:
    """Give the gains budget to the cheapest sells first: gain per notional ascending, then id."""
    lots_of = {position.instrument_id: position for position in positions if position.lots}
    ranked = []
    for draft in drafts:
        name = draft.price.instrument_id
        if draft.side is Side.SELL and draft.quantity > 0 and name in lots_of:
            draft.lots = lots_by_cost(lots_of[name], draft.price, draft.rate, sizing.market, sizing.notes)
            if draft.lots:
                gain = sum(realised(draft.lots, draft.quantity), ZERO)
                ranked.append((gain / (draft.notional * draft.rate), name, draft))
    budget = sizing.options.max_realized_capital_gains
    for _, _, draft in sorted(ranked, key=lambda row: row[:2]):
        _limit(draft, budget, sizing.notes)
        if draft.quantity > 0 and not dust.suppresses(draft) and budget is not None:
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
                    "instrument_id": draft.price.instrument_id,
                    "requested_quantity": str(requested),
                    "allowed_quantity": str(allowed),
                    "reason_code": reason,
                }
            )
            draft.quantity, draft.limited_by = allowed, constraint
    draft.realised = realised(lots, draft.quantity)


class _Dust:
    """Decides what is too small to trade; the option's threshold wins over the shelf's (RFC-0006)."""

    def __init__(self, sizing: Sizing) -> None:
        self._sizing = sizing
        self._suppressed: dict[str, bool] = {}
        self.thresholds: dict[str, Threshold | OptionMoney] = {}

    def suppresses(self, draft: Draft) -> bool:
        """Whether the trade is dust; compared in the trade's currency, decided once per instrument."""
        name = draft.price.instrument_id
        if name not in self._suppressed:
            self._suppressed[name] = self._is_dust(draft)
        return self._suppressed[name]

    def _is_dust(self, draft: Draft) -> bool:
        name, currency = draft.price.instrument_id, draft.price.currency
        options, notes = self._sizing.options, self._sizing.notes
        entry = self._sizing.shelf.entries.get(name)
        threshold = options.min_trade_notional or (entry.min_notional if entry else None)
        if threshold is None:
            return False
        rate = self._sizing.market.rate(threshold.currency, currency)
        if rate is None:
            notes.warn(f"DUST_THRESHOLD_UNCONVERTIBLE_{name}")
            return False
        self.thresholds[name] = threshold
        smallest = threshold.amount if threshold.currency == currency else threshold.amount * rate
        if not options.suppress_dust_trades or draft.notional >= smallest:
            return False
        notes.suppressed.append(
            {
                "instrument_id": name,
                "reason": "BELOW_MIN_NOTIONAL",
                "intended_notional": {"amount": str(draft.notional), "currency": currency},
                "threshold": {"amount": str(threshold.amount), "currency": threshold.currency},
            }
        )
        return True


def _trade(intent_id: str, draft: Draft, dust: _Dust) -> Trade:
    constraints = ["MIN_NOTIONAL"] if draft.price.instrument_id in dust.thresholds else []
    if draft.limited_by:
        constraints.append(draft.limited_by)
    notional = draft.notional
    return Trade(
        intent_id=intent_id,
        instrument_id=draft.price.instrument_id,
        side=draft.side,
        quantity=draft.quantity,
        currency=draft.price.currency,
        notional=notional,
        notional_base=notional * draft.rate,
        constraints=constraints,
        realised=draft.realised,
    )
