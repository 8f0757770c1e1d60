"""What the client reads: every code once, with values worked out by hand (advisory-practice 9)."""

from collections import defaultdict
from decimal import Decimal

from engine.advisory import funding, quantities, trades, values
from engine.advisory.artifact.client_lines import REASONS
from engine.contracts.proposals import INVALID_TRADE
from tests.engine.advisory.artifacts import V1, Json, artifact, body, buy, prices, sell, shelf

EUROS = {"cash": {"EUR": "1000"}, "priced": prices(A="10", B="10"), "offered": shelf("A", "B")}


def lines(asked: Json) -> list[Json]:
    found: list[Json] = artifact(asked)["summary"]["client_lines"]
    return found


def by_code(asked: Json) -> dict[str, list[Json]]:
    """The values of all lines of a code."""
    found: dict[str, list[Json]] = defaultdict(list)
    for line in lines(asked):
        found[line["code"]].append(line["values"])
    return found


def test_the_lines_of_the_first_vector_in_their_order() -> None:
    """As worked out in `test_artifact_vector`: trades come before deals, cash is 20.24 % of 45,548.30 and 7.63 % of 44,548.30."""
    quantity = "19.02497027348394768133174792"
    assert [(line["code"], line["values"]) for line in lines(V1)] == [
        ("PROPOSAL", {"buys": "2", "sells": "1", "fx": "2"}),
        ("MONEY_OUT", {"amount": "1000.00", "currency": "CHF"}),
        ("SELL", {"instrument_id": "BND_EU", "quantity": "20", "amount": "2030.00", "currency": "EUR"}),
        ("BUY", {"instrument_id": "EQ_US", "quantity": quantity, "amount": "4000.00", "currency": "USD"}),
        ("BUY", {"instrument_id": "FND_JP", "quantity": "300", "amount": "549000", "currency": "JPY"}),
        ("FX", {"buy_amount": "549000", "buy_currency": "JPY", "sell_amount": "3229.41", "sell_currency": "CHF"}),
        ("FX", {"buy_amount": "3750.00", "buy_currency": "USD", "sell_amount": "3300.00", "sell_currency": "CHF"}),
        ("COSTS_NOT_INCLUDED", {}),
        ("CASH_AFTER", {"before": "20.24", "after": "7.63"}),
        ("LIMIT_NEW", {"issue_key": "ISSUER_MAX|ISS_E", "severity": "MEDIUM"}),
        ("LIMIT_GROWN", {"issue_key": "SINGLE_POSITION_MAX|EQ_US", "severity": "HIGH"}),
        ("NEXT", {"step": "COMPLIANCE_REVIEW"}),
    ]


def test_every_line_is_one_sentence_that_holds_its_figures() -> None:
    for line in lines(V1):
        assert line["text"].endswith(".")
        if not line["code"].startswith(("LIMIT", "NEXT")):
            assert all(spoken(value) in line["text"] for value in line["values"].values())


def spoken(value: str) -> str:
    """A figure as a sentence has it: 12,615.00 for 12615.00, four decimals at most; a name as it is."""
    if not value.replace(".", "").replace("-", "").isdigit():
        return value
    whole, point, rest = value.partition(".")
    kept = rest if len(rest) <= 4 else str(round(Decimal(f"0.{rest}"), 4))[2:].rstrip("0")
    return f"{int(whole):,}{point if kept else ''}{kept}"


def test_money_comes_in_and_goes_out_flow_by_flow_and_nothing_is_not_told() -> None:
    asked = body(cash={"EUR": "1000", "JPY": "0"}, rates={"EUR/JPY": "160"})
    asked["proposed_cash_flows"] = [{"currency": "EUR", "amount": amount} for amount in ("250.005", "-100", "0.00", "0.015")] + [
        {"currency": "JPY", "amount": "1600.5"}
    ]
    found = [(line["code"], line["values"]["amount"]) for line in lines(asked) if line["code"].startswith("MONEY")]
    # half-even: 250.005 → 250.00, 0.015 → 0.02, 1,600.5 yen → 1600
    assert found == [("MONEY_IN", "250.00"), ("MONEY_OUT", "100.00"), ("MONEY_IN", "0.02"), ("MONEY_IN", "1600")]


def test_what_was_changed_names_the_last_reason() -> None:
    # DESK: 255 EUR of A at 10 are 25.5 units, 25 whole ones; 1,000 less 250 pay 75 of the 80 of B, which wait for nobody.
    asked = body(
        **EUROS,
        conventions="DESK",
        trades=[
            {"side": "BUY", "instrument_id": "A", "notional": {"amount": "255", "currency": "EUR"}, "priority": 1},
            buy("B", "80"),
        ],
    )
    assert by_code(asked)["CHANGED"] == [
        {"instrument_id": "A", "proposed": "25.5", "quantity": "25", "reason_code": "LOT_SIZE"},
        {"instrument_id": "B", "proposed": "80", "quantity": "75", "reason_code": "FUNDS"},
    ]


def test_what_is_not_done_says_why() -> None:
    asked = body(**EUROS, trades=[sell("A", "1"), {"side": "SELL", "instrument_id": "B", "sell_all": True}, buy("C", "1")])
    assert by_code(asked)["NOT_DONE"] == [
        {"instrument_id": "B", "reason_code": "NOTHING_HELD"},
        {"instrument_id": "C", "reason_code": "SHELF_MISSING"},
    ]


def test_costs_are_told_where_there_is_a_schedule() -> None:
    # 1 % of 10 × 10 EUR is 1.00; A costs 2 % a year of 100 EUR.
    asked = body(
        cash={"EUR": "1000"},
        priced=prices(A="10"),
        offered=shelf({"instrument_id": "A", "ongoing_cost_pct": "0.02"}),
        trades=[buy("A", "10")],
        costs={"commission": [{"rate_bps": "100"}]},
    )
    found = by_code(asked)
    assert found["COSTS"] == [{"one_off": "1.00", "yearly": "2.00", "currency": "EUR"}]
    assert "COSTS_NOT_INCLUDED" not in found
    del asked["options"]["costs"]
    assert by_code(asked)["COSTS_NOT_INCLUDED"] == [{}]
    assert "COSTS" not in by_code(asked)


def limits(asked: Json) -> list[tuple[str, str, str]]:
    """Code, key and severity of every line about a limit."""
    return [
        (line["code"], line["values"]["issue_key"], line["values"]["severity"]) for line in lines(asked) if line["code"].startswith("LIMIT")
    ]


def test_limits_that_are_raised_grown_or_resolved() -> None:
    # 1,000 EUR in all. A 120 → 130: above 12.5 %, MEDIUM becomes HIGH. B 110 → 115: more of what is above 10 %. C 150 → 50: no longer above.
    asked = body(
        held={"A": "12", "B": "11", "C": "15"},
        cash={"EUR": "620"},
        priced=prices(A="10", B="10", C="10"),
        offered=shelf("A", "B", "C"),
        trades=[buy("A", "1"), buy("B", "0.5"), sell("C", "10")],
    )
    assert limits(asked) == [
        ("LIMIT_RAISED", "SINGLE_POSITION_MAX|A", "HIGH"),
        ("LIMIT_GROWN", "SINGLE_POSITION_MAX|B", "MEDIUM"),
        ("LIMIT_RESOLVED", "SINGLE_POSITION_MAX|C", "HIGH"),
    ]


def test_what_stays_as_it_is_needs_no_line() -> None:
    asked = body(held={"A": "50"}, **EUROS)
    issues = artifact(asked)["suitability_summary"]["issues"]
    assert {issue["status_change"] for issue in issues} == {"PERSISTENT"}
    assert limits(asked) == []


def test_holdings_without_a_value_are_counted() -> None:
    tolerant = {"block_on_missing_prices": False, "block_on_missing_fx": False}
    asked = body(
        held={"A": "1", "X": "5", "Y": "2", "Z": "0"},
        cash={"EUR": "1000"},
        priced=[*prices(A="10"), *prices("USD", Y="10")],
        offered=shelf("A", "X", "Y", "Z"),
        **tolerant,
    )
    assert by_code(asked)["NOT_VALUED"] == [{"instruments": "2"}]  # X has no price, Y no rate, of Z there is nothing
    cash_alone = body(cash={"EUR": "10", "USD": "5"}, **tolerant)
    assert by_code(cash_alone)["NOT_VALUED"] == [{"instruments": "0"}]
    assert "NOT_VALUED" not in by_code(body(**EUROS))


def test_a_blocked_proposal_says_that_it_cannot_be_carried_out() -> None:
    asked = body(**EUROS, trades=[buy("A", "500")])
    made = artifact(asked)
    assert made["status"] == "BLOCKED"
    (last,) = made["summary"]["client_lines"][-1:]
    assert (last["code"], last["values"]) == ("NEXT", {"step": made["summary"]["recommended_next_step"]})
    assert last["text"].startswith("It cannot be carried out as it stands")


def test_weights_of_an_empty_portfolio_are_zero() -> None:
    assert by_code(body())["CASH_AFTER"] == [{"before": "0.00", "after": "0.00"}]


def test_every_reason_has_words() -> None:
    skipped = {
        *(funding.INSUFFICIENT, funding.MISSING_FX, funding.MISSING_FX_TOLERATED),
        *(quantities.BELOW_LOT, quantities.BELOW_MIN_NOTIONAL, quantities.BELOW_MIN_QUANTITY, quantities.NOTHING_HELD),
        *(trades.SHELF_MISSING, trades.PRICE_MISSING, trades.NOT_SUPPORTED, trades.SOURCE_SKIPPED, trades.COST_PROHIBITIVE),
        INVALID_TRADE,
    }
    changed = {values.LOT_SIZE, values.WHOLE_HOLDING, values.HOLDING, values.MONEY_ROUNDING, values.FUNDS}
    assert set(REASONS) == skipped | changed
