"""What `flips_at` names really changes the decision there, and not just before (desk 10), on random books."""

from collections import Counter
from copy import deepcopy
from fractions import Fraction

from tests.engine.books import Json, decided
from tests.engine.flips import Steps
from tests.engine.guarded_books import guarded_book

NEARBY = Fraction(1, 10**8)
NUMBERS = ("min_trade_notional", "min_notional", "min_quantity", "lot_size", "price_of_cash", "group_price", "turnover.price")
BOOKS = 1_100


def reasons(result: Json) -> list[Json]:
    """The rows that name a number."""
    return [row for row in result["explanation"]["reasons"] if row["flips_at"]]


def test_the_decision_changes_where_the_reason_says() -> None:
    changed: Counter[str] = Counter()
    for seed in range(BOOKS):
        request = guarded_book(seed)
        request["options"]["explain"] = True
        result = decided(request)
        if "plan" not in result or not reasons(result):
            continue
        steps = Steps(request, result)
        for row in reasons(result):
            decision = steps.decision(row)
            if decision is None or steps.hides(row):
                continue
            at = Fraction(row["flips_at"]["at"])
            assert decision(at - NEARBY) is True, f"seed {seed}: {row}"
            assert decision(at + NEARBY) is False, f"seed {seed}: {row}"
            now = steps.current(row)
            assert abs(abs(now - at) - Fraction(row["flips_at"]["distance"])) <= NEARBY
            if steps.settles(row):
                assert decision(now) is (row["decision"] != "NONE"), f"seed {seed}: {row}"
            changed[row["flips_at"]["number"]] += 1
    assert sum(changed.values()) >= 500
    assert [name for name in NUMBERS if changed[name] < 15] == []


def test_a_gains_budget_changes_the_decision_where_the_reason_says() -> None:
    """Decided again with that budget, and lots on nothing else, so that nobody else spends it."""
    changed = 0
    for seed in range(900):
        request = guarded_book(seed)
        if not request["options"].get("enable_tax_awareness"):
            continue
        request["options"]["explain"] = True
        for name in [row["instrument_id"] for row in request["portfolio_snapshot"]["positions"] if row.get("lots")]:
            alone = deepcopy(request)
            for position in alone["portfolio_snapshot"]["positions"]:
                if position["instrument_id"] != name:
                    position.pop("lots", None)
            [row] = [row for row in decided(alone)["explanation"]["reasons"] if row["instrument_id"] == name] or [None]
            if row is None or row["driver"] != "TAX_BUDGET" or row["flips_at"] is None:
                continue
            at = Fraction(row["flips_at"]["at"])
            sold = [sells(alone, name, budget) for budget in (at - NEARBY, at + NEARBY) if budget >= 0]
            assert sold in ([False, True], [True]), f"seed {seed}: {row}"
            changed += len(sold) == 2
    assert changed >= 30


def sells(request: Json, name: str, budget: Fraction) -> bool:
    """Whether an instrument is sold under a gains budget."""
    request["options"]["max_realized_capital_gains"] = f"{float(budget):.9f}"
    orders = (row for row in decided(request)["intents"] if row["intent_type"] == "SECURITY_TRADE")
    return any(row["instrument_id"] == name and row["side"] == "SELL" for row in orders)
