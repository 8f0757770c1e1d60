"""What holds for every request: nothing is lost or made, order and scale do not matter, the same bytes come out (RFC-0001)."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import simulate_json
from tests.engine.edge_requests import EDGES
from tests.engine.hostile_requests import hostile_request
from tests.engine.invariants import ROUNDING, assert_sound, deals, stands_still, trades
from tests.engine.strategies import Json, requests
from tests.support.effort import TIMES, examples

pytestmark = pytest.mark.soak
EDGE_SEEDS = 300 * TIMES


def decide(request: Json) -> Json:
    result: dict[str, Any] = orjson.loads(simulate_json(orjson.dumps(request), run_id="rr_1", correlation_id="c_1"))
    return result


@examples(600)
@given(requests())
def test_units_and_cash_are_conserved_and_orders_are_allowed(request: dict[str, Any]) -> None:
    assert_sound(request, decide(request))


@pytest.mark.parametrize("edge", EDGES)
def test_units_and_cash_are_conserved_on_the_edge(edge: Any) -> None:
    for seed in range(EDGE_SEEDS):
        request = EDGES[edge](seed)
        assert_sound(request, decide(request))


@examples(300)
@given(requests())
def test_orders_move_value_and_make_none(request: dict[str, Any]) -> None:
    request["options"] |= {"valuation_mode": "CALCULATED"}

    result = decide(request)

    assume(not stands_still(result) and not any(result["diagnostics"]["data_quality"].values()))
    before, after = (worth(request, result[state]) for state in ("before", "after_simulated"))
    gross = sum((abs(Fraction(intent["notional_base"]["amount"])) for intent in trades(result)), abs(before)) + abs(after)
    assert abs(after - before) <= 10 * len(result["intents"]) * gross * ROUNDING


def worth(request: Json, state: Json) -> Fraction:
    """Units at their prices and cash, in base, in rationals."""
    market, base = request["market_data_snapshot"], request["portfolio_snapshot"]["base_currency"]
    rates = {row["pair"]: Fraction(row["rate"]) for row in market["fx_rates"]}
    prices = {row["instrument_id"]: (Fraction(row["price"]), row["currency"]) for row in market["prices"]}

    def in_base(amount: Fraction, currency: str) -> Fraction:
        if currency == base or amount == 0:
            return amount
        return amount * (rates.get(f"{currency}/{base}") or 1 / rates[f"{base}/{currency}"])

    units = {row["instrument_id"]: Fraction(row["quantity"]) for row in state["positions"]}
    held = [(units[name] * prices[name][0], prices[name][1]) for name in units if units[name] != 0]
    cash = [(Fraction(row["amount"]), row["currency"]) for row in state["cash_balances"]]
    return sum((in_base(*amount) for amount in [*held, *cash]), Fraction())


@examples(300)
@given(requests(), st.integers(-9, 9))
def test_money_in_another_unit_moves_the_same_units(request: dict[str, Any], power: int) -> None:
    result = decide(request)
    assume(Decimal(result["before"]["total_value"]["amount"]) != 0)

    scaled = decide(in_other_unit(request, power))

    assert [(trade["intent_id"], *key(trade)) for trade in trades(scaled)] == [
        (trade["intent_id"], *key(trade)) for trade in trades(result)
    ]
    assert [notionals(trade, 0) for trade in trades(scaled)] == [notionals(trade, power) for trade in trades(result)]
    assert [amounts(deal, 0) for deal in deals(scaled)] == [amounts(deal, power) for deal in deals(result)]


def key(trade: Mapping[str, Any]) -> tuple[str, str, str, list[str], list[str]]:
    return trade["instrument_id"], trade["side"], trade["quantity"], trade["dependencies"], trade["constraints_applied"]


def notionals(trade: Mapping[str, Any], power: int) -> list[Decimal]:
    return [Decimal(trade[member]["amount"]).scaleb(power) for member in ("notional", "notional_base")]


def amounts(deal: Mapping[str, Any], power: int) -> tuple[str, Decimal, Decimal]:
    return deal["pair"], Decimal(deal["buy_amount"]).scaleb(power), Decimal(deal["sell_amount_estimated"]).scaleb(power)


def in_other_unit(request: Json, power: int) -> Json:
    """The request with every amount of money times a power of ten."""

    def unit(amount: str) -> str:
        return f"{Decimal(amount).scaleb(power):f}"

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(row) for row in node]
        if not isinstance(node, dict):
            return node
        return {name: unit(value) if name in MONEY and isinstance(value, str) else walk(value) for name, value in node.items()}

    scaled: Json = walk(request)
    overdrafts = scaled["options"].get("max_overdraft_by_ccy", {})
    overdrafts.update({currency: unit(amount) for currency, amount in overdrafts.items()})
    return scaled


MONEY = frozenset({"amount", "settled", "pending", "price", "max_realized_capital_gains"})


def test_the_hash_seed_never_changes_a_byte() -> None:
    lines = [orjson.dumps(request) for request in map(hostile_request, range(400)) if heuristic(request)]
    assert len(lines) > 300

    first, second = (digest_under(seed, b"\n".join(lines)) for seed in ("1", "2"))

    assert first == second
    assert first == hashlib.sha256(b"".join(simulate_json(line, run_id="rr_1", correlation_id="c_1") for line in lines)).hexdigest()


def heuristic(request: Json) -> bool:
    """Whether a request needs no solver; its answers have a test of their own."""
    options = request["options"]
    return "target_method" not in options and "compare_target_methods" not in options


PROGRAM = """
import hashlib, sys
from engine import simulate_json
answers = (simulate_json(line, run_id="rr_1", correlation_id="c_1") for line in sys.stdin.buffer.read().split(b"\\n"))
print(hashlib.sha256(b"".join(answers)).hexdigest(), end="")
"""


def digest_under(seed: str, lines: bytes) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, input=lines, capture_output=True, check=True, env=environment).stdout.decode()  # noqa: S603  (our own program)
