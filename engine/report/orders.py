"""The orders that a report shows, in the sequence of execution, with what each of them waits for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.report.figures import Kind
from engine.report.places import Document, Figure, Json, Phrase, Place, count, total
from engine.report.rows import Entries, Line, Part, Section, Table

FEW: Final = 2
"""Orders to wait for that stand in the row itself; more are named once below the table."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is shown of an order; an FX deal shows its foreign leg, and its base leg under `in_base`. What there is none of is empty."""

    id: Figure
    deal: bool
    side: str
    subject: Figure
    quantity: str
    notional: str
    in_base: str
    reason: str
    limits: Sequence[Figure]
    waits: Sequence[Figure]


def orders(result: Document) -> Section | None:
    """Every order in the sequence of execution: sells, FX, buys. Money that a proposal brings in or takes out is no order."""
    here = Place.of(result)
    base = here["before"]["total_value"]["currency"].text
    trades, deals = trades_of(list(here["intents"])), deals_of(list(here["intents"]))
    intents = [intent for intent in here["intents"] if intent["intent_type"].value != "CASH_FLOW"]
    if not intents:
        return Section("Orders: none")
    reasons = dict.fromkeys(f"{row['rationale']['code'].text} ({row['rationale']['message'].text})" for row in trades if row["rationale"])
    title = Phrase("Orders: ", _number(trades), " trades, ", _number(deals), " FX, turnover ", turnover(trades), " ", base)
    header = ("order", "side", "instrument", "quantity", "notional", base, "limits ← waits for")
    payers = named_payers([intent.value for intent in intents])
    parts: list[Part] = [Table("<<<>>><", header, [order(intent, base, payers) for intent in intents])]
    parts += [Entries(name, [" ".join(ids)]) for ids, name in payers.items()]
    if reasons:
        parts.append(Line(f"rationale of the trades: {', '.join(reasons)}"))
    return Section(title, parts)


def trades_of(intents: Sequence[Place]) -> list[Place]:
    """The orders in securities."""
    return [intent for intent in intents if intent["intent_type"].value == "SECURITY_TRADE"]


def deals_of(intents: Sequence[Place]) -> list[Place]:
    """The currency deals."""
    return [intent for intent in intents if intent["intent_type"].value == "FX_SPOT"]


def turnover(trades: Sequence[Place]) -> str:
    """What the trades move in base, buys and sells together."""
    moved = [trade["notional_base"]["amount"] for trade in trades if trade["notional_base"]]
    return total(moved, Kind.AMOUNT) if moved else "0.00"


def _number(intents: Sequence[Place]) -> str:
    return count(intents) if intents else "0"


def named_payers(intents: Sequence[Json]) -> dict[tuple[str, ...], str]:
    """The longer lists of orders that several wait for, each with its name: #1, #2 in the order of their first use."""
    lists = Counter(tuple(intent["dependencies"]) for intent in intents)
    shared = [ids for ids, uses in lists.items() if uses > 1 and len(ids) > FEW]
    return {ids: f"#{number}" for number, ids in enumerate(shared, start=1)}


def order(intent: Place, base: str, payers: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """One row of the order table; an FX deal says why it is done."""
    shown = shown_order(intent, base)
    ids = tuple(intent["dependencies"].value)
    waits = f"← {payers.get(ids) or ' '.join(ids)}" if ids else ""
    limits = f"FX {shown.reason}" if shown.deal else ", ".join(shown.limits)
    return (shown.id, shown.side, shown.subject, shown.quantity, shown.notional, shown.in_base, f"{limits.strip()} {waits}".strip())


def shown_order(intent: Place, base: str) -> Order:
    """An order with the money that it moves."""
    deal, reason = intent["intent_type"].value == "FX_SPOT", intent["rationale"]
    limits = [] if deal else [limit.code for limit in intent["constraints_applied"]]
    why, waits = reason["code"].code if reason else "", [dependency.text for dependency in intent["dependencies"]]
    if deal:
        side, foreign, local = _legs(intent, base)
        return Order(intent["intent_id"].text, deal, side, intent["pair"].text, "", foreign, local, why, limits, waits)
    own, in_base = intent["notional"], intent["notional_base"]
    return Order(
        id=intent["intent_id"].text,
        deal=deal,
        side=intent["side"].code,
        subject=intent["instrument_id"].text,
        quantity=intent["quantity"].quantity,
        notional=own.money if own else "",
        in_base=in_base.amount if in_base else "",
        reason=why,
        limits=limits,
        waits=waits,
    )


def _legs(deal: Place, base: str) -> tuple[str, str, str]:
    """Which side of the foreign currency is dealt, its amount, and the amount of base; of two foreign ones what is bought, and for how much."""
    bought, sold = (deal["buy_amount"], deal["buy_currency"]), (deal["sell_amount_estimated"], deal["sell_currency"])
    if base not in {bought[1].value, sold[1].value}:
        legs = [Phrase(leg[0].amount, " ", leg[1].text) for leg in (bought, sold)]
        return Figure(Kind.CODE, "", "BUY"), Phrase.joined(" for ", legs), ""
    side, foreign, local = ("BUY", bought, sold) if sold[1].value == base else ("SELL", sold, bought)
    return Figure(Kind.CODE, "", side), Phrase(foreign[0].amount, " ", foreign[1].text), local[0].amount
