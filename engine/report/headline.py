"""What a page says first: the state of the decision in a sentence, what comes next, and the few figures that are read before any other."""

from typing import Final

from engine.report.figures import Kind
from engine.report.orders import deals_of, trades_of, turnover
from engine.report.places import Figure, Phrase, Place, count
from engine.report.rows import Fact, Verdict

CASH: Final = "CASH"


def verdict(here: Place) -> Verdict:
    """Status and gate of a result in a sentence, and the next step."""
    decision, status = here["gate_decision"], here["status"]
    after = [" \N{EM DASH} ", _lowered(decision["gate"] if decision else status)]
    if status.value == "BLOCKED" and decision and decision["reasons"]:
        first = decision["reasons"][0]
        cause = first["details"].get("reason_code")
        after += [": ", _lowered(cause or first["reason_code"])]
    step = Phrase("Next: ", _lowered(decision["recommended_next_step"]), ".") if decision else "No gate was asked for."
    return Verdict(status.code, Phrase(*_what_happens(here), *after), step)


def _lowered(code: Place) -> Figure:
    return code.show(Kind.SAID)


def _what_happens(here: Place) -> list[str]:
    """The orders, and how near they come to the target."""
    intents = [intent for intent in here["intents"] if intent["intent_type"].value != "CASH_FLOW"]
    subject, one = _subject(intents)
    if here["status"].value == "BLOCKED" and intents:
        return [subject, " may not be executed"]
    found = _nearness(here)
    if here["status"].value == "BLOCKED" or not found:
        return [subject]
    before, after, aim = found
    if not intents:
        return [subject, ": the portfolio is ", after, f" off its {aim}"]
    verb = " brings" if one else " bring"
    return [subject, verb, " the portfolio from ", before, " to ", after, f" off its {aim}"]


def _nearness(here: Place) -> tuple[Figure, Figure, str] | None:
    """How far from what the portfolio is before and after: from its target, or a proposal from its reference model."""
    if distance := here.get("distance"):
        return distance["before"].weight, distance["after"].weight, "target"
    if drift := here.get("drift_analysis"):
        classes = drift["asset_class"]
        return classes["drift_total_before"].weight, classes["drift_total_after"].weight, "reference model"
    return None


def _subject(intents: list[Place]) -> tuple[str, bool]:
    """The orders by kind, and whether it is a single one."""
    kinds = ((trades_of(intents), "order", "orders"), (deals_of(intents), "currency deal", "currency deals"))
    named = [Phrase(count(found), " ", one if len(found) == 1 else many) for found, one, many in kinds if found]
    return (Phrase.joined(" and ", named) if named else "No orders"), len(intents) == 1


def key_figures(here: Place) -> list[Fact]:
    """Total, distance, cash and turnover: each before and after where it has both."""
    before, after, nearness = here["before"], here["after_simulated"], _nearness(here)
    trades = trades_of(list(here["intents"]))
    pairs = [("Total value", [before["total_value"].money, after["total_value"].money])]
    if nearness:
        pairs.append((f"Distance from {nearness[2]}", [*nearness[:2]]))
    if cash := [*_cash(before), *_cash(after)]:
        pairs.append(("Cash", cash))
    facts = [Fact(name, Phrase.joined(" → ", figures if here["intents"] else figures[:1])) for name, figures in pairs]
    if any(trade["notional_base"] for trade in trades):
        facts.append(Fact("Turnover", Phrase(turnover(trades), " ", before["total_value"]["currency"].text)))
    return facts


def _cash(state: Place) -> list[Figure]:
    return [row["weight"].weight for row in state["allocation_by_asset_class"] if row["key"].value == CASH]
