"""One market and one shelf serve many portfolios: each decided as if it stood alone, in its own base currency."""

from collections.abc import Iterator
from decimal import Decimal

import orjson

from engine.contracts import RebalanceRequest, parse_request
from engine.contracts.market_data import MarketDataSnapshot, Price
from engine.contracts.shelf import ShelfEntry, ShelfStatus
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import arithmetic
from engine.rebalance import NO_HASH, decide, rebalance
from engine.result.document import Decision
from engine.simulation.rules import HARD, Checked, RuleRow, cash_band, evaluate, no_shorting
from engine.snapshots import MarketAndShelf, Snapshots
from engine.valuation import value
from tests.engine.published import SMALL


def asked(base: str, portfolio_id: str) -> RebalanceRequest:
    """1000 in the base currency; half of it into A at 10 USD, EUR/USD at 1.25."""
    body = SMALL | {
        "portfolio_snapshot": {
            "portfolio_id": portfolio_id,
            "base_currency": base,
            "cash_balances": [{"currency": base, "amount": "1000"}],
        },
        "market_data_snapshot": SMALL["market_data_snapshot"] | {"fx_rates": [{"pair": "EUR/USD", "rate": "1.25"}]},
    }
    return parse_request(orjson.dumps(body))


def test_portfolios_over_one_market_are_decided_as_if_alone() -> None:
    requests = [asked("USD", "pf_1"), asked("EUR", "pf_2"), asked("USD", "pf_3")]
    with arithmetic():
        shared = MarketAndShelf.of(requests[0].market_data_snapshot, requests[0].shelf_entries)
        results = [
            decide(
                Snapshots.over(shared, request.portfolio_snapshot, request.model_portfolio.targets), request.options, "rr_1", "c_1", NO_HASH
            ).to_json()
            for request in requests
        ]
    assert results == [rebalance(request, run_id="rr_1", correlation_id="c_1").to_json() for request in requests]


def test_a_market_is_indexed_once_and_knows_each_base_currency() -> None:
    request = asked("USD", "pf_1")
    shared = MarketAndShelf.of(request.market_data_snapshot, request.shelf_entries)
    dollars, euros = shared.seen_from("USD").market, shared.seen_from("EUR").market
    assert shared.seen_from("USD").market is dollars
    assert euros.prices is dollars.prices
    assert (dollars.base_rates["EUR"], euros.base_rates["USD"]) == (Decimal("1.25"), Decimal("0.8"))
    assert (dollars.base_pair("EUR"), euros.base_pair("USD")) == ("EUR/USD", "USD/EUR")


def test_what_is_bought_anew_joins_the_buckets_of_what_was_held() -> None:
    """100 USD in A, of TECH; then 3 of B at 20 beside it, of TECH as well, and 1 of C at 7, of a region that nothing had."""
    prices = [Price("A", Decimal(10), "USD"), Price("B", Decimal(20), "USD"), Price("C", Decimal(7), "USD")]
    market = Market.of(MarketDataSnapshot(prices=prices), "USD")
    tech = {"sector": "TECH"}
    entries = [
        ShelfEntry("A", ShelfStatus.APPROVED, "EQUITY", attributes=tech),
        ShelfEntry("B", ShelfStatus.APPROVED, "FUND", attributes=tech),
        ShelfEntry("C", ShelfStatus.APPROVED, "FUND", attributes={"region": "ASIA"}),
    ]
    shelf, held = Shelf.of(entries), {"A": Decimal(10)}
    with arithmetic():
        before = value(held, [], market, shelf, Notes())
        after = value(held | {"B": Decimal(3), "C": Decimal(1)}, [], market, shelf, Notes(), earlier=before)
    assert after.positions[0] is before.positions[0]
    assert list(after.by_asset_class.items()) == [("EQUITY", Decimal(100)), ("FUND", Decimal(67)), ("CASH", Decimal(0))]
    assert list(after.by_attribute.items()) == [("region", {"ASIA": Decimal(7)}), ("sector", {"TECH": Decimal(160)})]
    assert (before.buckets.classes, before.buckets.groups) == ({"EQUITY": [0]}, {"sector": {"TECH": [0]}})


def test_rules_are_an_argument_and_their_order_is_that_of_the_rows() -> None:
    request = asked("USD", "pf_1")
    snapshots = Snapshots.of(request)

    def never(checked: Checked) -> Iterator[RuleRow]:
        yield RuleRow("NEVER", HARD, passed=False, measured=Decimal(len(checked.state.positions)), reason="NEVER")

    with arithmetic():
        before = snapshots.before(request.options.valuation_mode, notes := Notes())
        checked = Checked(before, {}, frozenset(), snapshots.shelf, request.options, notes)
        rows = evaluate(checked, [no_shorting, never, cash_band])
    assert [row.rule_id for row in rows] == ["NO_SHORTING", "NEVER", "CASH_BAND"]
    assert [row.passed for row in rows] == [True, False, True]


def test_a_recorded_decision_is_read_back_with_the_size_of_its_trades() -> None:
    """1000 USD, half into A at 10: 50 units for 500 USD."""
    decision = rebalance(asked("USD", "pf_1"), run_id="rr_1", correlation_id="c_1")
    assert list(decision.notionals) == [Decimal(500)]
    again = Decision.recorded(decision.to_json())
    assert (again.status, list(again.notionals), again.to_json()) == ("READY", [Decimal(500)], decision.to_json())
