"""Guarded runs on random books, against a certificate that shares no code with the engine (desk 3, 6, 7; practice 2, 3, 6.4).

A failing seed is named; `python -m tests.engine.guarded_books SEED` replays it. SOAK_BOOKS asks for more of them.
"""

import gc
import os
from collections import Counter
from copy import deepcopy
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.books import Json, decided
from tests.engine.execution import Graph
from tests.engine.guarded_books import guarded_book
from tests.engine.guarded_checker import certify
from tests.engine.guarded_facts import Facts
from tests.engine.test_permutations import permuted

BOOKS = int(os.environ.get("SOAK_BOOKS", "3000"))
CHUNKS = 6
PROFILE = settings(deadline=None, derandomize=True, database=None)
DECIMALS = Fraction(1, 10**15)
STEPS = (
    "price of cash",
    "nothing can be paid",
    "suppressed in the second round",
    "turnover shared",
    "turnover short of money",
    "turnover ranked",
    "grown for a position",
    "sell rounded up",
    "sell's lot refused",
    "buy rounded up",
    "buy's lot refused",
    "lot given back",
    "give-back refused",
    "group room",
    "tax",
    "funding",
    "sweep",
    "sweep of what base lacks",
)


def failed(result: Json) -> set[str]:
    return {row["rule_id"] for row in result["rule_results"] if row["status"] == "FAIL"}


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_book_is_paid_for_and_keeps_its_certificate(chunk: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(chunk * BOOKS // CHUNKS, (chunk + 1) * BOOKS // CHUNKS):
        request = guarded_book(seed)
        result = decided(request)
        try:
            assert "INSUFFICIENT_CASH" not in failed(result)
            if "plan" in result:
                seen.update(certify(request, result))
        except AssertionError as error:
            raise AssertionError(f"python -m tests.engine.guarded_books {seed}") from error
        seen.update((result["status"],))
    assert [name for name in (*STEPS, "READY", "PENDING_REVIEW", "BLOCKED") if not seen[name]] == []


@settings(PROFILE, max_examples=200)
@given(st.integers(BOOKS, 10**9), st.sampled_from(("CLASSIC", "DESK")))
def test_any_other_book_is_paid_for_under_either_convention(seed: int, conventions: str) -> None:
    request = guarded_book(seed)
    request["options"]["conventions"] = conventions
    result = decided(request)
    assert "INSUFFICIENT_CASH" not in failed(result)
    if "plan" in result:
        certify(request, result)


def test_the_certificate_refuses_a_lot_more_or_less() -> None:
    """What is checked can fail: one lot more or less of any order, or a level that is not the lowest, is noticed."""
    refused: Counter[str] = Counter()
    for seed in range(60):
        request = guarded_book(seed)
        result = decided(request)
        if "plan" not in result or not any(row["intent_type"] == "SECURITY_TRADE" for row in result["intents"]):
            continue
        certify(request, result)
        for name, spoilt in spoilings(result):
            with pytest.raises(AssertionError):
                certify(request, spoilt)
            refused[name] += 1
    assert {name for name, count in refused.items() if count >= 10} >= {"more", "less", "price", "free_cash"}


def spoilings(result: Json) -> list[tuple[str, Json]]:
    """The result with one figure changed."""
    found: list[tuple[str, Json]] = []
    for place, order in enumerate(result["intents"]):
        if order["intent_type"] == "SECURITY_TRADE":
            for name, change in (("more", 1_000_000), ("less", -1)):
                spoilt = deepcopy(result)
                spoilt["intents"][place]["quantity"] = str(Fraction(order["quantity"]).__floor__() + change)
                found.append((name, spoilt))
        else:
            spoilt = deepcopy(result)
            spoilt["intents"][place]["buy_amount"] = str(Fraction(order["buy_amount"]).__floor__() + 1)
            spoilt["intents"][place]["sell_amount_estimated"] = str(Fraction(order["sell_amount_estimated"]).__floor__() + 1)
            found.append(("deal", spoilt))
    for member in ("price_of_cash", "free_cash"):
        if member == "free_cash" or Fraction(result["plan"][member]):
            spoilt = deepcopy(result)
            spoilt["plan"][member] = str(float(result["plan"][member]) * 1.01 + 0.01)
            found.append(("price" if member == "price_of_cash" else member, spoilt))
    return found


def test_whatever_order_complete_dependencies_allow_nothing_is_overdrawn() -> None:
    waiting, overdrawn = 0, 0
    for seed in range(800):
        request = guarded_book(seed)
        request["options"]["dependencies"] = "COMPLETE"
        result = decided(request)
        if "INSUFFICIENT_CASH" in failed(result) or not result["intents"]:
            continue
        start = dict(Facts(request, result).cash)
        graph, rng = Graph(result["intents"]), Random(seed)  # noqa: S311  (test data, repeatable)
        waiting += any(graph.waits_for.values())
        overdrawn += any(amount < 0 for amount in start.values())
        currencies = {currency for moves in graph.moves.values() for currency in moves}
        for order in (graph.listed(), *(list(graph.drawn(rng)) for _ in range(4)), *map(graph.worst, sorted(currencies))):
            for currency, lowest in graph.lowest(start, order).items():
                assert lowest >= min(Fraction(0), start.get(currency, Fraction(0))) - DECIMALS, f"seed {seed}: {currency} in {order}"
    assert waiting > 400


def test_without_their_dependencies_the_same_orders_would_overdraw() -> None:
    """The executions above can fail."""
    overdrawn = 0
    for seed in range(100):
        request = guarded_book(seed)
        request["options"]["dependencies"] = "COMPLETE"
        result = decided(request)
        free = Graph([{**order, "dependencies": []} for order in result["intents"]])
        start = dict(Facts(request, result).cash)
        lowest = [free.lowest(start, free.worst(c)).get(c, Fraction(0)) for moves in free.moves.values() for c in moves]
        overdrawn += any(amount < 0 for amount in lowest)
    assert overdrawn > 50


def test_the_order_of_any_list_changes_neither_trades_nor_plan() -> None:
    for seed in range(500):
        request = guarded_book(seed)
        rng = Random(seed)  # noqa: S311  (test data, repeatable)
        mixed = permuted(request, rng)
        assert outcome(decided(mixed)) == outcome(decided(request)), f"seed {seed}"


def outcome(result: Json) -> Json:
    """Trades and deals in no order, the plan, the reasons."""
    trades = sorted(
        [row["instrument_id"], row["side"], row["quantity"], *row["constraints_applied"]]
        for row in result["intents"]
        if row["intent_type"] == "SECURITY_TRADE"
    )
    deals = sorted([row["pair"], row["buy_currency"]] for row in result["intents"] if row["intent_type"] == "FX_SPOT")
    reasons = [[row["instrument_id"], row["driver"], row["driver_key"], row["price"]] for row in result["explanation"].get("reasons") or []]
    return {"trades": trades, "deals": deals, "plan": result.get("plan"), "reasons": reasons}


def test_a_decision_leaves_the_collector_nothing() -> None:
    """What points back at itself stays, with its whole request, until the collector looks for it."""
    books = [guarded_book(seed) for seed in range(6)]
    for book in books:
        book["options"]["conventions"] = "DESK"
    decided(books[0])
    gc.disable()
    gc.collect(0)
    try:
        for book in books:
            decided(book)
        assert gc.collect(0) == 0
    finally:
        gc.enable()
