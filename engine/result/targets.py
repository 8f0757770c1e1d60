"""Universe and targets as JSON types: the way from the model to final weights (RFC-0002, RFC-0005)."""

from decimal import Decimal
from itertools import chain
from typing import Final

from engine.numbers import ZERO_WEIGHT, plain
from engine.result.amounts import Json, array, quoted
from engine.targets.plan import Targets
from engine.universe import Universe

NO_TAGS: Final = "[]"
LOCKED: Final = '["LOCKED_POSITION"]'
TO_ZERO: Final = '["IMPLICIT_SELL_TO_ZERO"]'
CAPPED: Final = '["CAPPED_BY_MAX_WEIGHT"]'
RECIPIENT: Final = '["REDISTRIBUTED_RECIPIENT"]'
"""What happened to a target's weight, as JSON text."""


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
    model, weights = universe.model, targets.weights
    rows: list[str] = []
    currency = quoted(base)
    for name, wanted in chain(model.items(), [(name, ZERO_WEIGHT) for name in weights if name not in model]) if targets.traced else ():
        final = weights.get(name, ZERO_WEIGHT)
        value = worth * final
        final_text, amount = str(final), str(value)
        if wanted is final and wanted is not ZERO_WEIGHT:  # as it was asked for, which nobody need compare
            wanted_text, tags = final_text, NO_TAGS
        else:
            wanted_text, tags = str(wanted), _tags(name, wanted, final, universe)
        if "E" in wanted_text or "E" in final_text or "E" in amount:  # asked here, since a call per figure would cost more than the figure
            wanted_text, final_text, amount = plain(wanted), plain(final), plain(value)
        rows.append(
            f'{{"instrument_id":{quoted(name)},"model_weight":"{wanted_text}","final_weight":"{final_text}",'
            f'"final_value":{{"amount":"{amount}","currency":{currency}}},"tags":{tags}}}'
        )
    return {"target_id": f"t_{run_id}", "strategy": targets.strategy, "targets": array(rows)}


def _tags(name: str, wanted: Decimal, final: Decimal, universe: Universe) -> str:
    """What happened to a weight."""
    if name not in universe.model:
        return LOCKED if name in universe.locked else TO_ZERO
    if wanted == final:
        return NO_TAGS
    return CAPPED if wanted > final else RECIPIENT
