"""What is bought: held against the shelf when it is proposed, and against the client when it is executed (advisory-engine 13, advisory-practice 7)."""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.advisory.suitability import texts
from engine.advisory.suitability.checks import increase
from engine.advisory.suitability.issues import CLIENT, HIGH, MEDIUM, Finding, missing
from engine.advisory.suitability.limits import Entries, Weights
from engine.advisory.values import AdvisedTrade
from engine.contracts.options.proposals import ClientProfile
from engine.contracts.proposals import AdvisoryShelfEntry, ProposedTrade
from engine.contracts.shelf import ShelfStatus
from engine.intents.orders import BUY
from engine.numbers import ZERO

NOT_TO_GROW: Final = frozenset({ShelfStatus.SELL_ONLY, ShelfStatus.RESTRICTED})


def attempts(
    trades: Iterable[ProposedTrade], entries: Entries, before: Weights, after: Weights, *, allow_restricted: bool
) -> Iterator[Finding]:
    """Proposed buys of what should not grow, executed or not; they replace what the scan finds of the same holding."""
    for trade in trades:
        entry = entries.get(trade.instrument_id)
        if entry is not None and entry.status in NOT_TO_GROW and trade.side == BUY:
            weights = (before.get(trade.instrument_id, ZERO), after.get(trade.instrument_id, ZERO))
            yield increase(entry, *weights, texts.ATTEMPTED, allow_restricted=allow_restricted)


def unsuited(executed: Iterable[AdvisedTrade], entries: Entries, client: ClientProfile | None) -> Iterator[Finding]:
    """Executed buys that the client cannot bear, does not know or cannot hold long enough, or of which that is not known."""
    if client is None:
        return
    knowledge = frozenset(client.knowledge)
    for instrument_id in dict.fromkeys([trade.instrument_id for trade in executed if trade.side == BUY]):
        entry = entries.get(instrument_id)
        if entry:
            yield from _risk(entry, client.max_product_risk)
            if entry.knowledge_required and entry.knowledge_required not in knowledge:
                required, known = entry.knowledge_required, ", ".join(client.knowledge)
                yield _against("KNOWLEDGE", instrument_id, HIGH, required, known, texts.not_understood(instrument_id, required))
            yield from _horizon(entry, client.horizon_years)


def _risk(entry: AdvisoryShelfEntry, most: int | None) -> Iterator[Finding]:
    if most is None:
        return
    name, risk = entry.instrument_id, entry.product_risk
    if risk is None:
        yield missing("MISSING_PRODUCT_RISK", name, "product_risk", MEDIUM, texts.lacks(name, "product risk"), CLIENT)
    elif risk > most:
        yield _against("PRODUCT_RISK", name, HIGH, str(risk), str(most), texts.too_risky(name, risk, most))


def _horizon(entry: AdvisoryShelfEntry, horizon: int | None) -> Iterator[Finding]:
    if horizon is None:
        return
    name, years = entry.instrument_id, entry.min_holding_years
    if years is None:
        yield missing("MISSING_HORIZON", name, "min_holding_years", MEDIUM, texts.lacks(name, "least holding period"), CLIENT)
    elif years > horizon:
        yield _against("HORIZON", name, MEDIUM, str(years), str(horizon), texts.held_too_long(name, years, horizon))


def _against(code: str, instrument_id: str, severity: str, required: str, client: str, summary: str) -> Finding:
    details = {"instrument_id": instrument_id, "required": required, "client": client}
    return Finding(f"{code}|{instrument_id}", f"SUIT_{code}", CLIENT, severity, summary, details)
