"""Proposals as they are answered where several currencies pay, or must be reduced to what there is (advisory-practice 4, 5)."""

from typing import Any

import orjson

from engine import propose_json

Json = dict[str, Any]


def proposed(cash: dict[str, str], prices: dict[str, tuple[str, str]], trades: list[Json], **members: Any) -> Json:
    """The answer to a proposal: prices by instrument as amount and currency; base is EUR."""
    rows = [{"instrument_id": name, "price": amount, "currency": currency} for name, (amount, currency) in prices.items()]
    body = {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "EUR",
            "positions": [{"instrument_id": name, "quantity": quantity} for name, quantity in members.pop("held", {}).items()],
            "cash_balances": [{"currency": currency, "amount": amount} for currency, amount in cash.items()],
        },
        "market_data_snapshot": {
            "prices": rows,
            "fx_rates": [{"pair": pair, "rate": rate} for pair, rate in members.pop("rates", {}).items()],
        },
        "shelf_entries": [{"instrument_id": name, "status": "APPROVED"} for name in prices],
        "options": {"enable_proposal_simulation": True, **members.pop("options", {})},
        "proposed_trades": trades,
        "proposed_cash_flows": members.pop("flows", []),
    }
    answer: Json = orjson.loads(propose_json(orjson.dumps(body), run_id="pr_1", correlation_id="c_1"))
    return answer


def buying(name: str, **members: Any) -> Json:
    return {"side": "BUY", "instrument_id": name, **members}


def failed(answer: Json) -> list[str]:
    return [row["rule_id"] for row in answer["rule_results"] if row["status"] == "FAIL"]


def left(answer: Json) -> dict[str, float]:
    return {row["currency"]: float(row["amount"]) for row in answer["after_simulated"]["cash_balances"]}


def test_two_currencies_without_a_rate_between_them_are_dealt_against_base() -> None:
    # CHF 400 bring 420 of the 1,181.82 EUR that 1,300 USD cost; 600 + 161.82 are base's own and of the pounds
    rates = {"EUR/USD": "1.10", "CHF/EUR": "1.05", "GBP/EUR": "1.16"}
    answer = proposed({"EUR": "600", "CHF": "400", "GBP": "300"}, {"U": ("50", "USD")}, [buying("U", quantity="26")], rates=rates)
    assert answer["status"] == "READY"
    assert answer["diagnostics"]["warnings"] == ["FUNDING_REPLANNED"]
    assert left(answer) == {"EUR": 0, "CHF": 0, "GBP": 160.5, "USD": 0}


def test_a_reserve_and_a_known_payment_are_kept() -> None:
    # the payment is a withdrawal of 3,000; 500 of 6,000 stay: 55 × 100
    options = {"cash_reserve": {"EUR": "500"}, "proposal_withdrawals": "AFTER_SELLS"}
    flows = [{"currency": "EUR", "amount": "-3000"}]
    answer = proposed({"EUR": "9000"}, {"F": ("100", "EUR")}, [buying("F", quantity="80")], options=options, flows=flows)
    assert [row["quantity"] for row in answer["intents"] if row["intent_type"] == "SECURITY_TRADE"] == ["55"]
    assert left(answer) == {"EUR": 500}
    assert "CASH_FLOOR" not in failed(answer)


def test_money_without_a_rate_leaves_the_proposal_to_the_older_way() -> None:
    # a desk would cut 12 to the 10 that 1,000 pay; with a deposit that no rate values each currency is funded whole or not at all
    options = {"conventions": "DESK", "block_on_missing_fx": False}
    prices, trades = {"F": ("100", "EUR")}, [buying("F", quantity="12")]
    reduced = proposed({"EUR": "1000"}, prices, trades, options=options)
    assert reduced["diagnostics"]["warnings"] == ["BUYS_REDUCED_TO_FUNDS"]
    answer = proposed({"EUR": "1000"}, prices, trades, options=options, flows=[{"currency": "JPY", "amount": "5"}])
    assert "PROPOSAL_BUY_SKIPPED_UNFUNDED" in answer["diagnostics"]["warnings"]
    assert "CASH_FLOOR" not in {row["rule_id"] for row in answer["rule_results"]}


def test_a_switch_is_paid_by_what_it_sells() -> None:
    # 10 × 100 USD are 800 EUR are 640 GBP: 64 units of 10; the 5,000 EUR stay (rulings-2 proposal 5)
    trades = [{"side": "SELL", "instrument_id": "OLD", "sell_all": True}, buying("NEW", proceeds_of=["OLD"])]
    answer = proposed(
        {"EUR": "5000"},
        {"OLD": ("100", "USD"), "NEW": ("10", "GBP")},
        trades,
        held={"OLD": "10"},
        rates={"EUR/USD": "1.25", "EUR/GBP": "0.8"},
        options={"conventions": "DESK"},
    )
    assert left(answer) == {"EUR": 5000, "USD": 0, "GBP": 0}
    new = next(row for row in answer["intents"] if row.get("instrument_id") == "NEW")
    assert (new["quantity"], new["dependencies"]) == ("64", ["oi_1", "oi_fx_2"])


def test_a_switch_waits_for_its_payers_in_order_of_execution() -> None:
    # 10 OLD bring 1,000 USD = 800 EUR for 80 NEW; 5 A bring 250. Sells go by instrument: A, the second, before OLD, the first; then the sweep
    trades: list[Json] = [
        {"side": "SELL", "instrument_id": "OLD", "sell_all": True},
        {"side": "SELL", "instrument_id": "A", "quantity": "5"},
        buying("NEW", proceeds_of=["OLD"]),
        buying("B", quantity="1"),
    ]
    answer = proposed(
        {},
        {"OLD": ("100", "USD"), "A": ("50", "EUR"), "B": ("50", "EUR"), "NEW": ("10", "EUR")},
        trades,
        held={"OLD": "10", "A": "10"},
        rates={"EUR/USD": "1.25"},
        options={"conventions": "DESK"},
    )
    new = next(row for row in answer["intents"] if row.get("instrument_id") == "NEW")
    assert (new["quantity"], new["dependencies"]) == ("80", ["oi_2", "oi_1", "oi_fx_1"])


def test_a_currency_that_is_only_withdrawn_requires_nothing_for_buys() -> None:
    # 40 USD leave, none are there: 40 ÷ 1.25 = 32 EUR pay for them; zero is written without a sign
    flows = [{"currency": "USD", "amount": "-40"}]
    answer = proposed({"EUR": "1000"}, {}, [], rates={"EUR/USD": "1.25"}, flows=flows, options={"conventions": "DESK"})
    [row] = answer["diagnostics"]["funding_plan"]
    assert (row["required"], row["available_before_fx"], row["fx_needed"]) == ("0.00", "-40.00", "40.00")
    assert left(answer) == {"EUR": 968, "USD": 0}
