"""The orders that a report shows, in the sequence of execution, with what each of them waits for."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from engine.report.figures import amount, money, quantity
from engine.report.rows import Entries, Line, Part, Section, Table

FEW: Final = 2
"""Orders to wait for that stand in the row itself; more are named once below the table."""

Document = Mapping[str, Any]


def orders(result: Document) -> Section | None:
    """Every order in the sequence of execution: sells, FX, buys."""
    base = result["before"]["total_value"]["currency"]
    intents = result["intents"]
    if not intents:
        return Section("Orders: none")
    trades = [intent for intent in intents if intent["intent_type"] == "SECURITY_TRADE"]
    turnover = sum((Decimal(intent["notional_base"]["amount"]) for intent in trades if intent["notional_base"]), Decimal())
    reasons = dict.fromkeys(f"{row['rationale']['code']} ({row['rationale']['message']})" for row in trades if row["rationale"])
    title = f"Orders: {len(trades)} trades, {len(intents) - len(trades)} FX, turnover {amount(str(turnover))} {base}"
    header = ("order", "side", "instrument", "quantity", "notional", base, "limits ← waits for")
    payers = named_payers(intents)
    parts: list[Part] = [Table("<<<>>><", header, [order(intent, base, payers) for intent in intents])]
    parts += [Entries(name, [" ".join(ids)]) for ids, name in payers.items()]
    if reasons:
        parts.append(Line(f"rationale of the trades: {', '.join(reasons)}"))
    return Section(title, parts)


def named_payers(intents: list[Document]) -> dict[tuple[str, ...], str]:
    """The longer lists of orders that several wait for, each with its name: #1, #2 in the order of their first use."""
    lists = Counter(tuple(intent["dependencies"]) for intent in intents)
    shared = [ids for ids, uses in lists.items() if uses > 1 and len(ids) > FEW]
    return {ids: f"#{number}" for number, ids in enumerate(shared, start=1)}


def order(intent: Document, base: str, payers: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """One row of the order table; an FX deal shows the foreign leg, its base leg and why it is done."""
    ids = tuple(intent["dependencies"])
    waits = f"← {payers.get(ids) or ' '.join(ids)}" if ids else ""
    if intent["intent_type"] == "FX_SPOT":
        bought, sold = (intent["buy_amount"], intent["buy_currency"]), (intent["sell_amount_estimated"], intent["sell_currency"])
        side, foreign, local = ("BUY", bought, sold) if sold[1] == base else ("SELL", sold, bought)
        deal = f"FX {(intent['rationale'] or {}).get('code', '')} {waits}"
        return (intent["intent_id"], side, intent["pair"], "", f"{amount(foreign[0])} {foreign[1]}", amount(local[0]), deal.strip())
    notional, notional_base = intent["notional"], intent["notional_base"]
    return (
        intent["intent_id"],
        intent["side"],
        intent["instrument_id"],
        quantity(intent["quantity"]),
        money(notional) if notional else "",
        amount(notional_base["amount"]) if notional_base else "",
        f"{', '.join(intent['constraints_applied'])} {waits}".strip(),
    )
