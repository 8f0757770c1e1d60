"""FX, dependencies, ladder, turnover and reconciliation at their edges, by value (RFC-0005, RFC-0010, RFC-0011)."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

import engine
from engine.numbers import arithmetic
from engine.simulation.reconciliation import Reconciliation

D = Decimal


def decide(
    positions: Sequence[tuple[str, str]] = (),
    cash: Sequence[tuple[str, ...]] = (("USD", "0"),),
    targets: Sequence[tuple[str, str]] = (),
    prices: Sequence[tuple[str, str, str]] = (),
    rates: Sequence[tuple[str, str]] = (),
    shelf: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """A result; rows are (id, figure), prices (id, price, currency); everything priced is approved unless `shelf` says more."""
    known: dict[str, dict[str, Any]] = {name: {} for name, *_ in prices} | (shelf or {})
    request = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [{"instrument_id": i, "quantity": q} for i, q in positions],
            "cash_balances": [{"currency": row[0], "amount": row[1]} | ({"settled": row[2]} if row[2:] else {}) for row in cash],
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": i, "price": p, "currency": c} for i, p, c in prices],
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in rates],
        },
        "model_portfolio": {"targets": [{"instrument_id": i, "weight": w} for i, w in targets]},
        "shelf_entries": [{"instrument_id": i, "status": "APPROVED"} | entry for i, entry in known.items()],
        "options": options,
    }
    result: dict[str, Any] = json.loads(engine.simulate_json(json.dumps(request).encode(), run_id="rr_1", correlation_id="c_1"))
    return result


def rules(result: dict[str, Any], rule_id: str) -> list[tuple[str, str, Decimal]]:
    return [(row["severity"], row["status"], D(row["measured"])) for row in result["rule_results"] if row["rule_id"] == rule_id]


def ladder(result: dict[str, Any], currency: str) -> list[Decimal]:
    return [D(row["projected_balance"]) for row in result["diagnostics"]["cash_ladder"] if row["currency"] == currency]


ABC = [("A", "10", "USD"), ("B", "10", "USD"), ("C", "10", "USD")]


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "agrees"),
    [
        ("1000", "1001", "1", True),
        ("1000", "999", "1", True),
        ("1000", "1001.01", "1", False),
        ("0", "0.5", "0.5", True),
        ("-1000", "-1001", "1", True),
        ("-1000", "-1001.01", "1", False),
        ("-100000", "-100010", "50.5", True),
    ],
)
def test_totals_agree_within_the_tolerance_of_the_absolute_total(before: str, after: str, tolerance: str, agrees: bool) -> None:
    with arithmetic():
        found = Reconciliation.of(D(before), D(after), "USD")
    assert (found.tolerance, found.agrees) == (D(tolerance), agrees)


def test_equal_drifts_are_ranked_by_id_and_a_dropped_sell_does_not_stop_the_buys() -> None:
    # 1000 USD; C sold whole (400), A and B bought for 300 each; 60 % = 600: C first (score 0.4), then A 700 > 600, B too
    result = decide(
        positions=[("C", "40")], cash=[("USD", "600")], targets=[("B", "0.3"), ("A", "0.3")], prices=ABC, max_turnover_pct="0.6"
    )
    assert [(row["intent_id"], row["instrument_id"]) for row in result["intents"]] == [("oi_3", "C")]
    assert [row["instrument_id"] for row in result["diagnostics"]["dropped_intents"]] == ["A", "B"]
    # 30 % = 300: C does not fit, A does, B not any more
    result = decide(
        positions=[("C", "40")], cash=[("USD", "600")], targets=[("B", "0.3"), ("A", "0.3")], prices=ABC, max_turnover_pct="0.3"
    )
    assert [(row["intent_id"], row["instrument_id"]) for row in result["intents"]] == [("oi_2", "A")]
    assert [row["instrument_id"] for row in result["diagnostics"]["dropped_intents"]] == ["C", "B"]


def test_a_buy_whose_sell_was_dropped_finds_no_cash_and_is_not_ordered() -> None:
    # no cash; A 0.1, B 0.9 of 1000 held in C: the sell of 1000 does not fit 95 %, B's 900 does, and nothing pays for it
    everything: dict[str, Any] = {
        "positions": [("C", "100")],
        "targets": [("A", "0.1"), ("B", "0.9")],
        "prices": ABC,
        "max_turnover_pct": "0.95",
    }
    result = decide(**everything)
    assert (result["status"], result["intents"]) == ("READY", [])
    assert result["diagnostics"]["warnings"] == ["PARTIAL_REBALANCE_TURNOVER_LIMIT", "BUYS_REDUCED_TO_FUNDS"]
    assert result["diagnostics"]["funding_cuts"] == [{"instrument_id": "B", "sized_quantity": "90", "funded_quantity": "0"}]


def test_as_sized_a_buy_is_ordered_whether_or_not_it_can_be_paid() -> None:
    everything: dict[str, Any] = {
        "positions": [("C", "100")],
        "targets": [("A", "0.1"), ("B", "0.9")],
        "prices": ABC,
        "max_turnover_pct": "0.95",
    }
    result = decide(**everything, funding="AS_SIZED")
    assert [row["instrument_id"] for row in result["intents"]] == ["B"]
    assert rules(result, "INSUFFICIENT_CASH") == [("HARD", "FAIL", D(-900))]
    assert result["diagnostics"]["warnings"] == ["PARTIAL_REBALANCE_TURNOVER_LIMIT", "SIMULATION_SAFETY_CHECK_FAILED"]
    assert (result["status"], result["reconciliation"]) == ("BLOCKED", None)


def test_a_buy_waits_for_the_last_sell_in_its_currency_as_the_orders_then_stand() -> None:
    # C 200 sold first in the trace, A 300 larger and first in rank when the cap binds: the last sell is then C
    everything: dict[str, Any] = {
        "positions": [("C", "20"), ("A", "30")],
        "cash": [("USD", "500")],
        "targets": [("C", "0"), ("A", "0"), ("B", "0.4")],
        "prices": ABC,
    }
    (buy,) = [row for row in decide(**everything)["intents"] if row["side"] == "BUY"]
    assert buy["dependencies"] == ["oi_2"]
    more = everything | {"targets": [*everything["targets"], ("D", "0.01")], "prices": [*ABC, ("D", "10", "USD")]}
    # proposed 200 + 300 + 400 + 10 = 910 > 900: D (10) is dropped, the others stand B, A, C
    (buy,) = [row for row in decide(**more, max_turnover_pct="0.9")["intents"] if row["side"] == "BUY"]
    assert buy["dependencies"] == ["oi_1"]


def test_a_dependency_on_a_sell_in_another_currency_does_not_exist() -> None:
    result = decide(
        positions=[("C", "100")], targets=[("A", "0.5")], prices=[("A", "10", "EUR"), ("C", "10", "USD")], rates=[("EUR/USD", "1")]
    )
    (buy,) = [row for row in result["intents"] if row.get("side") == "BUY"]
    assert buy["dependencies"] == ["oi_fx_3"]


def test_several_currencies_are_dealt_in_the_order_they_appear() -> None:
    # cash EUR first, then GBP by B's price, then CHF by A's; ids count on from two trades
    result = decide(
        cash=[("USD", "1000"), ("EUR", "10")],
        targets=[("B", "0.1"), ("A", "0.1")],
        prices=[("A", "1", "CHF"), ("B", "1", "GBP")],
        rates=[("EUR/USD", "1"), ("GBP/USD", "1"), ("CHF/USD", "1")],
    )
    deals = [(row["intent_id"], row["pair"], row["rationale"]["code"]) for row in result["intents"] if row["intent_type"] == "FX_SPOT"]
    assert deals == [("oi_fx_3", "EUR/USD", "SWEEP"), ("oi_fx_4", "GBP/USD", "FUNDING"), ("oi_fx_5", "CHF/USD", "FUNDING")]


def test_a_security_the_shelf_does_not_date_settles_in_two_days() -> None:
    result = decide(cash=[("USD", "1000")], targets=[("A", "0.5")], prices=ABC, enable_settlement_awareness=True, settlement_horizon_days=0)
    assert ladder(result, "USD") == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("horizon", "fx_days", "security_days", "last"), [(0, 0, 0, 0), (5, 2, 2, 5), (0, 4, 2, 4), (0, 0, 7, 7), (3, 10, 1, 10)]
)
def test_the_ladder_is_as_long_as_the_longest_settlement(horizon: int, fx_days: int, security_days: int, last: int) -> None:
    result = decide(
        cash=[("USD", "1000")],
        targets=[("A", "0.5")],
        prices=ABC,
        shelf={"A": {"settlement_days": security_days}},
        enable_settlement_awareness=True,
        settlement_horizon_days=horizon,
        fx_settlement_days=fx_days,
    )
    assert len(ladder(result, "USD")) == last + 1


@pytest.mark.parametrize(
    ("settled", "allowance", "status", "warnings"),
    [
        ("500", "0", "READY", []),
        ("499.99", "0", "BLOCKED", ["OVERDRAFT_ON_T_PLUS_2"]),
        ("499.99", "0.01", "READY", ["SETTLEMENT_OVERDRAFT_UTILIZED"]),
        ("-1", "1", "BLOCKED", ["SETTLEMENT_OVERDRAFT_UTILIZED", "OVERDRAFT_ON_T_PLUS_2"]),
        ("-1", "0", "BLOCKED", ["OVERDRAFT_ON_T_PLUS_0"]),
    ],
)
def test_settled_cash_decides_the_ladder(settled: str, allowance: str, status: str, warnings: list[Any]) -> None:
    result = decide(
        cash=[("USD", "1000", settled)],
        targets=[("A", "0.5")],
        prices=ABC,
        enable_settlement_awareness=True,
        max_overdraft_by_ccy={"USD": allowance},
    )
    assert (result["status"], result["diagnostics"]["warnings"]) == (status, warnings)


def test_one_row_for_every_position_above_the_limit() -> None:
    # nothing may be sold within a turnover of 0: A 0.5, B 0.4 stay above 0.3, C 0.1 not
    result = decide(
        positions=[("A", "50"), ("C", "10"), ("B", "40")],
        prices=ABC,
        targets=[("C", "0.1")],
        single_position_max_weight="0.3",
        max_turnover_pct="0",
    )
    assert rules(result, "SINGLE_POSITION_MAX") == [("HARD", "FAIL", D("0.5")), ("HARD", "FAIL", D("0.4"))]
    assert result["gate_decision"]["summary"]["hard_fail_count"] == 2


@pytest.mark.parametrize(("units", "status"), [("301", "PASS"), ("302", "FAIL")])
def test_the_limit_is_exceeded_only_beyond_a_thousandth(units: str, status: str) -> None:
    rest = str(1000 - int(units))
    result = decide(
        positions=[("A", units)],
        cash=[("USD", rest)],
        prices=[("A", "1", "USD")],
        single_position_max_weight="0.3",
        shelf={"A": {"status": "BANNED"}},
    )
    assert rules(result, "SINGLE_POSITION_MAX") == [("HARD" if status == "PASS" else "SOFT", status, D(units) / 1000)]


@pytest.mark.parametrize(("units", "status"), [("301", "PASS"), ("302", "FAIL")])
def test_a_group_is_exceeded_only_beyond_a_thousandth(units: str, status: str) -> None:
    result = decide(
        positions=[("A", units)],
        cash=[("USD", str(1000 - int(units)))],
        prices=[("A", "1", "USD")],
        shelf={"A": {"status": "BANNED", "attributes": {"s": "T"}}},
        group_constraints={"s:T": {"max_weight": "0.3"}},
    )
    assert rules(result, "GROUP_MAX:s:T") == [("SOFT", status, D(units) / 1000)]


def test_rows_never_disappear_and_new_ones_are_appended() -> None:
    result = decide(positions=[("C", "10"), ("Z", "0")], cash=[("USD", "0")], targets=[("B", "0.5"), ("A", "0.5")], prices=ABC)
    assert [(row["instrument_id"], row["quantity"]) for row in result["after_simulated"]["positions"]] == [
        ("C", "0"),
        ("Z", "0"),
        ("B", "5"),
        ("A", "5"),
    ]
