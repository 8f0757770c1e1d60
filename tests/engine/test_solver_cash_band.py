"""The solver's cash band holds after whole units: one lot more for buys above it, a guarded run below it (RFC-0012; rulings-2 reading 1).

A run that is guarded from the start keeps the band no less.
"""

import json
import random
from fractions import Fraction
from typing import Any

import pytest

import engine
from tests.engine.guarded_sells import cut_to

Json = dict[str, Any]


def decided(
    book: Json,
    cash: str = "1000",
    held: Json | None = None,
    groups: Json | None = None,
    rates: Json | None = None,
    settled: str | None = None,
    days: Json | None = None,
    **options: Any,
) -> Json:
    """`book` gives price and model weight by instrument, `held` units, `groups` the attribute `s`; EUR instruments are named `€…`.

    `settled` is how much of the cash is, `days` say when an instrument settles.
    """
    held, groups = held or {}, groups or {}
    body = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [{"instrument_id": i, "quantity": quantity} for i, quantity in held.items()],
            "cash_balances": [{"currency": "USD", "amount": cash, "settled": settled}],
        },
        "market_data_snapshot": {
            "prices": [
                {"instrument_id": i, "price": price, "currency": "EUR" if i.startswith("€") else "USD"} for i, (price, _) in book.items()
            ],
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in (rates or {}).items()],
        },
        "model_portfolio": {"targets": [{"instrument_id": i, "weight": weight} for i, (_, weight) in book.items()]},
        "shelf_entries": [
            {"instrument_id": i, "status": "APPROVED", "attributes": {"s": groups.get(i, "-")}, "settlement_days": (days or {}).get(i, 2)}
            for i in book
        ],
        "options": {"target_method": "SOLVER"} | options,
    }
    result: Json = json.loads(engine.simulate_json(json.dumps(body).encode(), run_id="rr_1", correlation_id="c_1"))
    return result


def orders(result: Json) -> list[tuple[str, str, str]]:
    return [(row["instrument_id"], row["side"], row["quantity"]) for row in result["intents"] if row["intent_type"] == "SECURITY_TRADE"]


def band(result: Json) -> tuple[str, str]:
    row = next(row for row in result["rule_results"] if row["rule_id"] == "CASH_BAND")
    return row["status"], row["measured"]


GUARDS: list[Json] = [{}, {"funding": "REDUCE_BUYS"}, {"conventions": "DESK", "quantity_rounding": "FLOOR"}]
"""Not guarded, guarded, and with all that the desk adds but the nearest lot."""
guards = pytest.mark.parametrize("guard", GUARDS)
HALVES = {"A": ("130", "0.5"), "B": ("60", "0.5")}
"""500 buy 3 A (110 are left) and 8 B (20 are left): 130 stay in cash, which is one A."""


@guards
def test_the_buy_that_truncation_took_the_most_from_takes_one_lot_more(guard: Json) -> None:
    result = decided(HALVES, cash_band_max_weight="0.1", **guard)
    assert orders(result) == [("A", "BUY", "4"), ("B", "BUY", "8")]
    assert [row["constraints_applied"] for row in result["intents"]] == [["ROUNDED_UP"], []]
    assert band(result) == ("PASS", "0")
    assert result["status"] == "READY"
    assert orders(decided(HALVES, cash_band_max_weight="0.13", **guard)) == [("A", "BUY", "3"), ("B", "BUY", "8")]


@guards
def test_lots_follow_until_cash_is_within(guard: Json) -> None:
    # 950 a third each: 316.67 buy 10 A at 31 (6.67 left), 7 B at 41 (29.67), 5 C at 61 (11.67): 98 stay. B, then nothing for C (57 < 61), then A: 26.
    thirds = {"A": ("31", "0.3"), "B": ("41", "0.3"), "C": ("61", "0.3")}
    assert orders(decided(thirds, cash_band_max_weight="0.05", **guard)) == [("A", "BUY", "11"), ("B", "BUY", "8"), ("C", "BUY", "5")]


@pytest.mark.parametrize(
    "limit",
    [
        {"single_position_max_weight": "0.5"},  # 4 A are 520, 9 B are 540
        {"group_constraints": {"s:T": {"max_weight": "0.51"}, "s:U": {"max_weight": "0.5"}}},
        {"max_turnover_pct": "0.87", "turnover_policy": "GREEDY"},  # 390 + 480
    ],
)
@guards
def test_no_lot_is_taken_beyond_a_limit(limit: Json, guard: Json) -> None:
    result = decided(HALVES, groups={"A": "T", "B": "U"}, cash_band_max_weight="0.1", **limit, **guard)
    assert orders(result) == [("A", "BUY", "3"), ("B", "BUY", "8")]
    assert band(result) == ("FAIL", "0.13")


@pytest.mark.parametrize("limit", [{"min_cash_buffer_pct": "0.08"}, {"funding": "AS_SIZED"}])
def test_where_no_lot_can_bring_cash_inside_none_is_taken(limit: Json) -> None:  # 130 − 60 = 70
    result = decided(HALVES, cash_band_max_weight="0.1", **limit)
    assert orders(result) == [("A", "BUY", "3"), ("B", "BUY", "8")]
    assert band(result) == ("FAIL", "0.13")


@guards
def test_limits_hold_as_their_rules_measure_them(guard: Json) -> None:
    # 4 A weigh 0.52, which the rules allow from 0.519 on.
    for limit in ({"single_position_max_weight": "0.519"}, {"group_constraints": {"s:T": {"max_weight": "0.519"}}}):
        result = decided(HALVES, groups={"A": "T"}, cash_band_max_weight="0.1", **limit, **guard)
        assert orders(result) == [("A", "BUY", "4"), ("B", "BUY", "8")]
        assert result["status"] == "READY"


@guards
def test_base_stays_at_its_floor(guard: Json) -> None:
    # 0.475 each: 3 A (85 left), 7 B (55 left), 190 stay. A may be paid down to 60 where 50 must stay; where 70 must stay B brings 130, too much.
    assert orders(decided(HALVES, cash_band_min_weight="0.05", cash_band_max_weight="0.1", **guard)) == [
        ("A", "BUY", "4"),
        ("B", "BUY", "7"),
    ]
    kept = decided(HALVES, cash_band_min_weight="0.07", cash_band_max_weight="0.1", **guard)
    assert orders(kept) == [("A", "BUY", "3"), ("B", "BUY", "7")]
    assert band(kept) == ("FAIL", "0.19")


@guards
def test_a_buy_of_nothing_may_become_one_lot(guard: Json) -> None:
    # 400 buy no A at 410, 550 buy 11 B: 450 stay, 40 after one A.
    book = {"B": ("50", "0.55"), "A": ("410", "0.4")}
    result = decided(book, cash_band_max_weight="0.1", **guard)
    assert sorted((row["intent_id"], row["instrument_id"], row["quantity"]) for row in result["intents"]) == [
        ("oi_1", "B", "11"),
        ("oi_2", "A", "1"),
    ]
    # What is below its minimum is none: neither before nor after.
    least = {"amount": "420", "currency": "USD"}
    assert orders(decided(book, cash_band_max_weight="0.1", min_trade_notional=least, **guard)) == [("B", "BUY", "11")]


def test_a_foreign_buy_is_paid_with_its_reserve() -> None:
    # EUR/USD 2, reserve 10 %: 500 USD buy 3 at 65 EUR; 195 EUR and their reserve cost 429 USD, 480 go to B: 91 USD and 39 USD worth of EUR stay.
    # One more costs 65 × 1.1 × 2 = 143 USD, which is not there; B costs 60, and 70 USD stay, 0.07.
    book = {"€A": ("65", "0.5"), "B": ("60", "0.5")}
    result = decided(book, rates={"EUR/USD": "2"}, fx_buffer_pct="0.1", cash_band_max_weight="0.1")
    assert sorted(orders(result)) == [("B", "BUY", "9"), ("€A", "BUY", "3")]
    assert band(result) == ("PASS", "0.07")


@guards
def test_no_lot_is_taken_that_settlement_cannot_pay(guard: Json) -> None:
    # 870 are spent. Of 900 that are settled neither A at 130 nor B at 60 can be paid; of 930 B can, and 70 stay; of 1,000 A can.
    for settled, bought, verdict in (("900", "3 8", ("FAIL", "0.13")), ("930", "3 9", ("PASS", "0.07")), ("1000", "4 8", ("PASS", "0"))):
        result = decided(HALVES, settled=settled, cash_band_max_weight="0.1", enable_settlement_awareness=True, **guard)
        assert orders(result) == [("A", "BUY", bought[0]), ("B", "BUY", bought[2])]
        assert band(result) == verdict
        assert result["diagnostics"]["cash_ladder_breaches"] == []


@guards
def test_no_foreign_lot_is_taken_that_is_due_before_its_funding(guard: Json) -> None:
    # EUR/USD 2: 500 USD buy 3 at 65 EUR, due today and funded in two days: 195 EUR may be overdrawn until then. One more would be 260: of 259 B
    # is taken, and 70 USD stay; of 260 A is, and 0 stay. B settles two days later.
    book = {"€A": ("65", "0.5"), "B": ("60", "0.5")}
    for overdraft, bought in (("259", {"€A": "3", "B": "9"}), ("260", {"€A": "4", "B": "8"})):
        result = decided(
            book,
            rates={"EUR/USD": "2"},
            days={"€A": 0},
            fx_buffer_pct="0",
            cash_band_max_weight="0.1",
            enable_settlement_awareness=True,
            max_overdraft_by_ccy={"EUR": overdraft},
            **guard,
        )
        assert {name: units for name, _, units in orders(result)} == bought
        assert result["diagnostics"]["cash_ladder_breaches"] == []


def test_below_the_band_the_run_is_guarded() -> None:
    # 5.5 A too many: 5 are sold for 500, which 50 B would spend. 50 must stay: 45.
    asked: Json = {"book": {"A": ("100", "0.45"), "B": ("10", "0.5")}, "cash": "0", "held": {"A": "10"}, "cash_band_min_weight": "0.05"}
    result = decided(**asked)
    assert sorted(orders(result)) == [("A", "SELL", "5"), ("B", "BUY", "45")]
    assert result["diagnostics"]["warnings"] == ["BUYS_REDUCED_TO_FUNDS"]
    assert result["diagnostics"]["funding_cuts"] == [{"instrument_id": "B", "sized_quantity": "50", "funded_quantity": "45"}]
    assert result["plan"]["cash_floor"] == "50.000000000000"
    assert band(result) == ("PASS", "0.05")
    for as_before in ({"funding": "AS_SIZED"}, {"target_method": "HEURISTIC"}):
        kept = decided(**(asked | as_before))
        assert sorted(orders(kept)) == [("A", "SELL", "5"), ("B", "BUY", "50")]
        assert band(kept) == ("FAIL", "0")


def test_without_a_buy_nothing_can_be_guarded() -> None:
    # 0.5 A too many, none is sold: cash stays at 0.
    result = decided({"A": ("100", "0.95")}, cash="0", held={"A": "10"}, cash_band_min_weight="0.05")
    assert (orders(result), band(result)) == ([], ("FAIL", "0"))
    assert "plan" not in result


def finished(book: Json, held: Json, cash: int, targets: Json, most: Fraction, floor: Fraction, *, guarded: bool) -> Json:
    """The units to buy, worked out afresh in fractions; None where the run must be guarded. One currency, no limits but cash."""
    worth = cash + sum(Fraction(book[i][0]) * held[i] for i in held)
    gaps = {name: worth * Fraction(targets[name]) - Fraction(price) * held.get(name, 0) for name, (price, _) in book.items()}
    left = cash + sum(-gap // Fraction(book[name][0]) * Fraction(book[name][0]) for name, gap in gaps.items() if gap < 0)
    wishes = {name: gap for name, gap in gaps.items() if gap > 0}
    level = cut_to([*wishes.values()], left - floor * worth) if guarded else Fraction(0)
    bought, rests = {}, {}
    for name, wish in wishes.items():
        units, rests[name] = divmod(max(wish - level, Fraction(0)), Fraction(book[name][0]))
        bought[name] = int(units)
        left -= units * Fraction(book[name][0])
    if left < floor * worth:
        return {}
    grown = dict(bought)
    for name in sorted((name for name in rests if wishes[name] > level), key=lambda i: (-rests[i], i)):
        price = Fraction(book[name][0])
        if left > most * worth and left - price >= floor * worth:
            grown[name], left = grown[name] + 1, left - price
    return {name: str(units) for name, units in (grown if left <= most * worth else bought).items() if units}


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_books_end_within_their_band(seed: int, *, guarded: bool) -> None:
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    names = [f"I{n}" for n in range(rng.randint(2, 8))]
    share = [rng.random() + 0.05 for _ in names]
    book = {i: (str(rng.randint(50, 3000) / 10), f"{part / sum(share):.4f}") for i, part in zip(names, share, strict=True)}
    held = {i: rng.randint(1, 30) for i in names if rng.random() < 0.4}
    cash, low = rng.randint(1000, 9000), rng.choice((Fraction(0), Fraction(1, 50)))
    most = low + Fraction(rng.choice((1, 3, 8)), 100)
    result = decided(
        book,
        str(cash),
        {i: str(units) for i, units in held.items()},
        cash_band_min_weight=str(float(low)),
        cash_band_max_weight=str(float(most)),
        plausibility={"enabled": False},
        **GUARDS[guarded],
    )
    targets = {row["instrument_id"]: row["final_weight"] for row in result["target"]["targets"]}
    expected = finished(book, held, cash, targets, most, low, guarded=guarded)
    if not expected:
        assert result["plan"]
        return
    assert {name: units for name, side, units in orders(result) if side == "BUY"} == expected
    left = {row["currency"]: Fraction(row["amount"]) for row in result["after_simulated"]["cash_balances"]}["USD"]
    assert left >= low * (cash + sum(Fraction(book[i][0]) * units for i, units in held.items()))
