"""What the stages noticed, as JSON types (dpm-engine 15)."""

from collections.abc import Sequence

from engine.notes import DerivedRate, DroppedIntent, FundingCut, GroupEvent, LadderBreach, LadderStep, Notes, SuppressedIntent, TaxEvent
from engine.numbers import plain
from engine.result.amounts import Json, money


def render_diagnostics(
    notes: Notes,
    base: str,
    *,
    missing_fx_pairs: Sequence[str] = (),
    funding_plan: Sequence[Json] = (),
    insufficient_cash: Sequence[Json] = (),
    fx_derived: Sequence[DerivedRate] = (),
) -> Json:
    """Everything noticed on the way. The three lists are what a flow that plans its own funding has to say; others leave them empty."""
    shown: Json = {  # most of it is empty in most decisions: lists are made of what is there
        "warnings": notes.warnings,
        "suppressed_intents": [_suppressed(intent) for intent in notes.suppressed] if notes.suppressed else [],
        "dropped_intents": [_dropped(intent, base) for intent in notes.dropped] if notes.dropped else [],
        "group_constraint_events": [render_group_event(event) for event in notes.group_events] if notes.group_events else [],
        "tax_budget_constraint_events": [_tax_event(event) for event in notes.tax_events] if notes.tax_events else [],
        "cash_ladder": [_step(step) for step in notes.cash_ladder] if notes.cash_ladder else [],
        "cash_ladder_breaches": [_breach(breach) for breach in notes.ladder_breaches] if notes.ladder_breaches else [],
        "missing_fx_pairs": list(missing_fx_pairs),
        "funding_plan": list(funding_plan),
        "insufficient_cash": list(insufficient_cash),
        "ineffective_constraints": notes.ineffective_constraints,
        "data_quality": {
            "price_missing": list(notes.price_missing),
            "fx_missing": list(notes.fx_missing),
            "shelf_missing": list(notes.shelf_missing),
        },
    }
    if fx_derived:
        shown["fx_derived"] = [{"pair": row.pair, "via": row.via, "rate": plain(row.rate)} for row in fx_derived]
    if notes.funding_cuts:
        shown["funding_cuts"] = [_funding_cut(cut) for cut in notes.funding_cuts]
    return shown


def render_group_event(event: GroupEvent) -> Json:
    """A group brought to its cap, or one that blocks the run."""
    return {
        "constraint_key": event.key,
        "group_weight_before": plain(event.weight_before),
        "max_weight": plain(event.cap),
        "released_weight": plain(event.released),
        "recipients": {name: plain(share) for name, share in event.recipients.items()},
        "status": "CAPPED" if event.recipients else "BLOCKED",
    }


def _suppressed(intent: SuppressedIntent) -> Json:
    return {
        "instrument_id": intent.instrument_id,
        "reason": intent.reason,
        "intended_notional": money(intent.notional, intent.currency),
        "threshold": money(intent.threshold.amount, intent.threshold.currency),
    }


def _funding_cut(cut: FundingCut) -> Json:
    return {"instrument_id": cut.instrument_id, "sized_quantity": plain(cut.sized), "funded_quantity": plain(cut.funded)}


def _dropped(intent: DroppedIntent, base: str) -> Json:
    return {
        "instrument_id": intent.instrument_id,
        "reason": "TURNOVER_LIMIT",
        "potential_notional": money(intent.notional, base),
        "score": plain(intent.score),
    }


def _tax_event(event: TaxEvent) -> Json:
    return {
        "instrument_id": event.instrument_id,
        "requested_quantity": plain(event.requested),
        "allowed_quantity": plain(event.allowed),
        "reason_code": event.reason,
    }


def _step(step: LadderStep) -> Json:
    return {"date_offset": step.day, "currency": step.currency, "projected_balance": plain(step.balance)}


def _breach(breach: LadderBreach) -> Json:
    return _step(breach.step) | {"allowed_floor": plain(breach.floor), "reason_code": breach.reason}
