"""How often ordinary proposals are BLOCKED although the money for them is there: never (advisory-practice 4).

A failing seed is named; `python -m tests.engine.advisory.ordinary KIND SEED` replays it.
"""

from fractions import Fraction

import orjson
import pytest

from engine import propose_json
from tests.engine.advisory.ordinary import KINDS, Json, Money
from tests.engine.advisory.sound import assert_sound
from tests.support.effort import TIMES

COUNT = 300
CENT = Fraction(1, 100)
CONVENTIONS = {"two_currencies": "CLASSIC", "four_currencies": "CLASSIC", "all_the_cash": "CLASSIC", "paid_withdrawal": "DESK"}
MONEY_RULES = frozenset({"PROPOSAL_INSUFFICIENT_FUNDING_CASH", "PROPOSAL_WITHDRAWAL_NEGATIVE_CASH", "FUNDS"})


def decide(request: Json) -> Json:
    result: Json = orjson.loads(propose_json(orjson.dumps(request), run_id="pr_1", correlation_id="c_1"))
    return result


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_no_ordinary_proposal_is_blocked_though_the_money_is_there(kind: str) -> None:
    assert_none_blocked(kind, CONVENTIONS[kind], range(COUNT * TIMES))


@pytest.mark.soak
@pytest.mark.parametrize("kind", [kind for kind, conventions in CONVENTIONS.items() if conventions == "CLASSIC"])
def test_nor_is_one_under_desk(kind: str) -> None:
    assert_none_blocked(kind, "DESK", range(COUNT // 4 * TIMES))


@pytest.mark.soak
def test_nor_is_a_withdrawal_that_waits_for_its_sale() -> None:
    assert_none_blocked("paid_withdrawal", "CLASSIC", range(COUNT // 4 * TIMES), least=0.75, proposal_withdrawals="AFTER_SELLS")


def assert_none_blocked(kind: str, conventions: str, seeds: range, least: float = 0.9, **options: str) -> None:
    """Blocked only where money is missing; and where it is there for everything, everything is done."""
    there = 0
    for seed in seeds:
        request = KINDS[kind](seed, conventions=conventions, **options)
        try:
            result, money = decide(request), Money(request)
            assert_sound(request, result)
            if money.left() >= -money.amounts * CENT and conventions == "CLASSIC":
                there += 1
                assert result["status"] in {"READY", "PENDING_REVIEW"}
                assert_done(result, "MONEY_ROUNDING")
            elif money.left(with_buys=False) >= 0 and conventions == "DESK":
                there += 1
                assert result["status"] != "BLOCKED"
                if money.left() >= 0:
                    assert_done(result, "LOT_SIZE", "WHOLE_HOLDING")
        except Exception as error:
            raise AssertionError(f"python -m tests.engine.advisory.ordinary {kind} {seed} ({conventions})") from error
    assert there >= len(seeds) * least


def assert_done(result: Json, *reasons: str) -> None:
    """Nothing is left out for money, and quantities are those of the proposal but for these reasons."""
    told = result["diagnostics"]
    assert not MONEY_RULES.intersection(row["reason_code"] for row in told["skipped_trades"])
    assert {code for row in told["trade_adjustments"] for code in row["reason_codes"]} <= set(reasons)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("four_currencies", {"funding": "AS_SIZED"}),
        ("all_the_cash", {"funding": "AS_SIZED"}),
        ("paid_withdrawal", {"proposal_withdrawals": "AT_ONCE"}),
    ],
)
def test_by_the_older_rules_many_of_them_are(kind: str, options: Json) -> None:
    blocked = sum(decide(KINDS[kind](seed, **options))["status"] == "BLOCKED" for seed in range(60))
    assert blocked >= 15


def test_the_money_is_reckoned_as_by_hand() -> None:
    request = {
        "portfolio_snapshot": {
            "base_currency": "EUR",
            "positions": [{"instrument_id": "S", "quantity": "10"}],
            "cash_balances": [{"currency": "EUR", "amount": "100"}, {"currency": "USD", "amount": "50.005"}],
        },
        "market_data_snapshot": {
            "prices": [
                {"instrument_id": "S", "price": "20", "currency": "USD"},
                {"instrument_id": "B", "price": "333.4", "currency": "JPY"},
                {"instrument_id": "C", "price": "7", "currency": "EUR"},
            ],
            "fx_rates": [{"pair": "EUR/USD", "rate": "1.25"}, {"pair": "JPY/EUR", "rate": "0.006"}],
        },
        "proposed_cash_flows": [{"currency": "EUR", "amount": "-30"}],
        "proposed_trades": [
            {"side": "SELL", "instrument_id": "S", "sell_all": True},
            {"side": "BUY", "instrument_id": "B", "quantity": "3"},
            {"side": "BUY", "instrument_id": "C", "notional": {"amount": "12.5", "currency": "EUR"}},
        ],
    }
    # EUR 100 − 30 − 12.50 = 57.50. USD 50.005 + 200 → 250.00 · 0.8 = 200. JPY 1,000.2 → 1,001 · 0.006 = 6.006 → 6.01. 57.50 + 200 − 6.01 = 251.49.
    money = Money(request)
    assert money.left() == Fraction("251.49")
    assert money.left(with_buys=False) == Fraction(270)
    assert money.amounts == 1
