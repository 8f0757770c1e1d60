"""Where arithmetic leaves 28 digits the run is BLOCKED by NUMERIC_RANGE and nothing moves; where it does not, it decides."""

from fractions import Fraction
from math import floor
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import simulate_json
from engine.report.text import render
from tests.support.effort import examples

MAX_VALUE = 10**28
SMALLEST = 5e-324
"""The smallest figure that the contract takes: a JSON number; a text has at most 61 zeros after its point."""


def decide(
    price: float | str = "10",
    cash: str = "1000",
    weight: str = "0.5",
    currency: str = "USD",
    positions: list[tuple[str, str]] | tuple[Any, ...] = (),
    fx_rates: tuple[Any, ...] = (),
    **options: Any,
) -> dict[str, Any]:
    request = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "positions": [{"instrument_id": name, "quantity": quantity} for name, quantity in positions],
            "cash_balances": [{"currency": "USD", "amount": cash}],
        },
        "market_data_snapshot": {
            "prices": [{"instrument_id": name, "price": price, "currency": currency} for name in ("A", "B")],
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in fx_rates],
        },
        "model_portfolio": {"targets": [{"instrument_id": "A", "weight": weight}]},
        "shelf_entries": [{"instrument_id": name, "status": "APPROVED"} for name in ("A", "B")],
        "options": options,
    }
    result: dict[str, Any] = orjson.loads(simulate_json(orjson.dumps(request), run_id="rr_1", correlation_id="c_1"))
    return result


def assert_out_of_range(result: dict[str, Any]) -> None:
    last = result["rule_results"][-1]
    assert (result["status"], last["rule_id"], last["severity"], last["status"]) == ("BLOCKED", "NUMERIC_RANGE", "HARD", "FAIL")
    assert result["intents"] == []
    assert result["reconciliation"] is None
    assert result["after_simulated"] == result["before"]
    assert {"reason_code": "NUMERIC_RANGE"} in [reason["details"] for reason in result["gate_decision"]["reasons"]]
    assert "NUMERIC_RANGE" in render(result)


def decimals(digits: int, places: int) -> Any:
    """Decimals above zero with up to `digits` digits, `places` of them after the point."""
    return st.integers(1, 10**digits - 1).map(lambda units: f"{units // 10**places}.{units % 10**places:0{places}}")


@pytest.mark.soak
@examples(200)
@given(
    cash=st.integers(1, 10**18 - 1).map(str),
    weight=st.integers(1, 10**6).map(lambda millionths: f"{millionths // 10**6}.{millionths % 10**6:06}"),
    price=st.one_of(
        decimals(6, 2), st.builds(lambda zeros, digits: f"0.{'0' * zeros}{digits}", st.integers(0, 34), st.integers(1, 10**28 - 1))
    ),
)
@example(cash="1", weight="1.000000", price=f"0.{'0' * 27}1")
@example(cash="9", weight="1.000000", price=f"0.{'0' * 27}1")
@example(cash="1", weight="0.999999", price=f"0.{'0' * 27}1")
def test_units_are_exact_up_to_28_digits_and_blocked_beyond(cash: str, weight: str, price: str) -> None:
    units = floor(Fraction(cash) * Fraction(weight) / Fraction(price))

    result = decide(price, cash, weight)

    if units >= MAX_VALUE:
        assert_out_of_range(result)
    else:
        assert [int(intent["quantity"]) for intent in result["intents"]] == ([units] if units else [])
        assert "NUMERIC_RANGE" not in {row["rule_id"] for row in result["rule_results"]}


def test_a_weight_that_four_decimals_cannot_hold_is_shown_as_zero() -> None:
    # 1e17 long and 1e17 short at 1e17 each cancel out: the total is the cash of 1, a position weighs ±1e34.
    huge = str(10**17)

    result = decide(huge, "1", "0", positions=[("A", huge), ("B", f"-{huge}")])

    assert_out_of_range(result)
    positions = result["before"]["positions"]
    assert [(int(Fraction(row["value_in_base_ccy"]["amount"])), row["weight"]) for row in positions] == [
        (10**34, "0.0000"),
        (-(10**34), "0.0000"),
    ]
    assert (result["before"]["total_value"]["amount"], result["before"]["allocation_by_asset_class"][-1]["weight"]) == ("1", "1.0000")


@pytest.mark.parametrize("tiny", [SMALLEST, f"0.{'0' * 61}1"], ids=["number", "text"])
@pytest.mark.parametrize("member", ["price", "cash", "weight", "quantity", "rate", "inverse", "unused rate", "limit"])
def test_the_smallest_figures_get_an_answer(member: str, tiny: str | float) -> None:
    given: dict[str, dict[str, Any]] = {
        "price": {"price": tiny},
        "cash": {"cash": tiny},
        "weight": {"weight": tiny},
        "quantity": {"positions": [("A", tiny)]},
        "rate": {"currency": "EUR", "fx_rates": [("EUR/USD", tiny)]},
        "inverse": {"currency": "EUR", "fx_rates": [("USD/EUR", tiny)], "positions": [("B", "5")]},
        "unused rate": {"fx_rates": [("USD/EUR", tiny)]},
        "limit": {"single_position_max_weight": tiny, "max_turnover_pct": tiny},
    }

    result = decide(**given[member])

    if member in {"price", "rate"}:
        assert_out_of_range(result)
    else:
        assert result["status"] in {"READY", "PENDING_REVIEW"}
