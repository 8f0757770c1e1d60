"""Nonsense is doubted: valid requests that no desk would send (practice 4). A doubt asks for a look, it never blocks."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from engine.contracts.choices import ValuationMode
from engine.contracts.options.rebalance import EngineOptions
from engine.contracts.plausibility import Plausibility, PlausibilityCode
from engine.contracts.snapshots import Position
from engine.intents.orders import SELL, Trade
from engine.market import Market
from engine.numbers import ONE, ZERO
from engine.simulation.rules import SOFT, Checked, Rule, RuleRow

if TYPE_CHECKING:  # a rebalance builds no options of a proposal
    from engine.contracts.options.proposals import ProposalOptions

_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:$|[ T])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A figure beyond its bound: at most `at_most`, or more than `at_least`."""

    code: PlausibilityCode
    measured: Decimal
    hint: str
    at_most: Decimal | None = None
    at_least: Decimal | None = None


class Facts(Struct):
    """What is looked at: the request's own statements, and the orders of the run. `trusted_too` doubts market values that are trusted."""

    positions: Sequence[Position]
    model_weight: Decimal
    market: Market
    trades: Sequence[Trade]
    worth: Decimal
    portfolio_as_of: str | None
    market_as_of: str | None
    options: "EngineOptions | ProposalOptions"
    trusted_too: bool = False

    @property
    def bounds(self) -> Plausibility:
        """The thresholds of the run."""
        return self.options.plausibility


Doubts = Mapping[PlausibilityCode, Callable[[Facts], Doubt | None]]


def doubts(facts: Facts, looked_for: Doubts | None = None) -> list[Doubt]:
    """What is doubted and not accepted, in the order of what is looked for: by default `DOUBTS`."""
    bounds = facts.bounds
    if not bounds.enabled:
        return []
    found = [doubt(facts) for code, doubt in (looked_for or DOUBTS).items() if code not in bounds.accept]
    return [doubt for doubt in found if doubt]


def fx_contradictory(facts: Facts) -> Doubt | None:
    """A rate and its inverse pair that contradict each other, used or not."""
    quoted, largest, worst = facts.market.quoted, ZERO, ""
    if facts.market.hub is None and len(facts.market.base_rates) > len(quoted):
        return None  # each pair gives another currency its rate to base, so none is the inverse of another
    for pair, rate in quoted.items():
        source, _, target = pair.partition("/")
        if source < target and (back := quoted.get(f"{target}/{source}")) is not None and (gap := abs(rate * back - ONE)) > largest:
            largest, worst = gap, pair
    if not largest or largest <= facts.bounds.fx_tolerance:
        return None
    hint = f"{worst} and its inverse pair contradict each other; check both rates."
    return Doubt(PlausibilityCode.FX_CONTRADICTORY, largest, hint, at_most=facts.bounds.fx_tolerance)


def market_data_old(facts: Facts) -> Doubt | None:
    """Prices much older than the holdings."""
    if not (facts.portfolio_as_of and facts.market_as_of):
        return None
    held, priced = day_of(facts.portfolio_as_of), day_of(facts.market_as_of)
    if held is None or priced is None or (held - priced).days <= facts.bounds.max_market_data_age_days:
        return None
    age = Decimal((held - priced).days)
    hint = f"The market data of {priced} are older than the portfolio of {held}; supply newer ones."
    return Doubt(PlausibilityCode.MARKET_DATA_OLD, age, hint, at_most=Decimal(facts.bounds.max_market_data_age_days))


def model_empty(facts: Facts) -> Doubt | None:
    """A model without weights sells everything."""
    if facts.model_weight or not _sells(facts):
        return None
    return Doubt(
        PlausibilityCode.MODEL_EMPTY, ZERO, "The model has no weights; check that it arrived whole.", at_least=facts.bounds.min_model_weight
    )


def model_incomplete(facts: Facts) -> Doubt | None:
    """A model that leaves most of the portfolio in cash, by selling."""
    weight, least = facts.model_weight, facts.bounds.min_model_weight
    if not ZERO < weight <= least or not _sells(facts):
        return None
    hint = "The model leaves most of the portfolio in cash; check that it arrived whole."
    return Doubt(PlausibilityCode.MODEL_INCOMPLETE, weight, hint, at_least=least)


def order_too_large(facts: Facts) -> Doubt | None:
    """An order of more than a share of the whole portfolio."""
    if not facts.trades or facts.worth <= ZERO:
        return None
    bound = facts.bounds.max_order_weight * facts.worth
    beyond = [trade for trade in facts.trades if trade.notional_base > bound]
    if not beyond:
        return None
    largest = max(beyond, key=lambda trade: (trade.notional_base, trade.instrument_id))
    hint = f"The order in {largest.instrument_id} is larger than the portfolio bears; check quantity, price and weight."
    return Doubt(PlausibilityCode.ORDER_TOO_LARGE, largest.notional_base / facts.worth, hint, at_most=facts.bounds.max_order_weight)


def value_mismatch(facts: Facts) -> Doubt | None:
    """A market value that is far from quantity × price, where the price decides."""
    if facts.options.valuation_mode is not ValuationMode.CALCULATED and not facts.trusted_too:
        return None
    rates, market, largest, worst = facts.market.base_rates, facts.market, ZERO, ""
    for row, stated in [(row, row.market_value) for row in facts.positions if row.market_value]:
        price = market.prices.get(row.instrument_id)
        if price is None or price.currency not in rates or stated.currency not in rates:
            continue
        calculated = row.quantity * market.units[row.instrument_id] * rates[price.currency]
        given = stated.amount * rates[stated.currency]
        scale = max(abs(calculated), abs(given))
        if scale and (gap := abs(calculated - given) / scale) > largest:
            largest, worst = gap, row.instrument_id
    if not largest or largest <= facts.bounds.value_tolerance:
        return None
    hint = f"The market value of {worst} is far from its quantity times its price; check the price's unit and currency."
    return Doubt(PlausibilityCode.VALUE_MISMATCH, largest, hint, at_most=facts.bounds.value_tolerance)


def _sells(facts: Facts) -> bool:
    return any(trade.side == SELL for trade in facts.trades)


def day_of(text: str) -> date | None:
    """The calendar date that a time begins with; None where it begins with none."""
    found = _DATE.match(text)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def doubted(facts: Facts, looked_for: Doubts | None = None) -> Rule:
    """What is doubted, one soft row each; no row where nothing is."""

    def rule(_: Checked) -> Sequence[RuleRow]:
        return [
            RuleRow(
                f"PLAUSIBILITY:{found.code}",
                SOFT,
                passed=False,
                measured=found.measured,
                reason=found.code,
                at_least=found.at_least,
                at_most=found.at_most,
                hint=found.hint,
            )
            for found in doubts(facts, looked_for)
        ]

    return rule


DOUBTS: Final[Doubts] = {
    PlausibilityCode.FX_CONTRADICTORY: fx_contradictory,
    PlausibilityCode.MARKET_DATA_OLD: market_data_old,
    PlausibilityCode.MODEL_EMPTY: model_empty,
    PlausibilityCode.MODEL_INCOMPLETE: model_incomplete,
    PlausibilityCode.ORDER_TOO_LARGE: order_too_large,
    PlausibilityCode.VALUE_MISMATCH: value_mismatch,
}
"""Codes ascending, as their rows come."""
