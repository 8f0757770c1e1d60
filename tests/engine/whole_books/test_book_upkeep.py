"""A line costs the same whatever stands beside it in market and shelf, and leaves nothing behind for ever."""

import json
from typing import Any, NoReturn

import orjson
import pytest

from engine.books.decided import DecidedLine, decide_line
from engine.books.shared import SharedBook
from engine.contracts import parse_request
from engine.market import MAX_GROUPED
from engine.rebalance import rebalance
from engine.snapshots import MAX_REMEMBERED
from tests.support.books import BOOK, MODEL, line_of

MARKET = {
    "prices": [
        {"instrument_id": "A", "price": "10", "currency": "USD"},
        {"instrument_id": "B", "price": "500", "currency": "GBX"},
        *({"instrument_id": f"Z{number}", "price": "0", "currency": ("GBX", "USD")[number % 2]} for number in range(3)),
    ],
    "fx_rates": [{"pair": "EUR/USD", "rate": "1.25"}, {"pair": "GBP/USD", "rate": "1.5"}],
}
SHELF = [
    {"instrument_id": "A", "status": "APPROVED", "attributes": {"sector": "TECH"}},
    {"instrument_id": "B", "status": "APPROVED"},
    *({"instrument_id": f"Z{number}", "status": "BANNED"} for number in range(3)),
]
"""Z0 to Z2 are worth nothing and may not be traded: their price of zero counts for who holds them."""

MODEL_PORTFOLIO = {"targets": [{"instrument_id": "A", "weight": "0.5"}, {"instrument_id": "B", "weight": "0.2"}]}


def book(**options: Any) -> bytes:
    return json.dumps(
        {"market_data_snapshot": MARKET, "models": {MODEL: MODEL_PORTFOLIO}, "shelf_entries": SHELF, "options": options}
    ).encode()


def portfolio(base: str, *held: str, cash: str = "USD") -> dict[str, Any]:
    return {
        "portfolio_id": f"pf_{base}",
        "base_currency": base,
        "positions": [{"instrument_id": name, "quantity": "20", "market_value": {"amount": "7", "currency": "USD"}} for name in held],
        "cash_balances": [{"currency": cash, "amount": "1000"}],
    }


def line(base: str, *held: str, cash: str = "USD", **options: Any) -> bytes:
    return line_of({"portfolio_snapshot": portfolio(base, *held, cash=cash)}, options=options)


class NeverWalked(list[Any]):
    """Rows that nobody goes through again."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("walked")


class NeverListed(dict[Any, Any]):
    """Entries that are only looked up."""

    def __iter__(self) -> NoReturn:
        raise AssertionError("listed")

    keys = values = items = __iter__


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"conventions": "DESK"},
        {"fx_hub": "USD"},
        {"funding": "AS_SIZED"},
        {"valuation_mode": "TRUST_SNAPSHOT"},
        {"suppress_dust_trades": True},
        {"group_constraints": {"sector:TECH": {"max_weight": "0.4"}}},
    ],
    ids=lambda options: next(iter(options), "classic"),
)
def test_after_the_first_line_nobody_goes_through_market_or_shelf(options: dict[str, Any]) -> None:
    shared = SharedBook.of(book(**options))
    assert isinstance(decide_line(shared, BOOK, line("USD", "A", "Z0")), DecidedLine)
    both = shared.market_and_shelf
    both.data.prices = NeverWalked(both.data.prices)
    both.entries = NeverWalked(both.entries)
    for seen in both._seen.values():
        seen.shelf.entries = NeverListed(seen.shelf.entries)
    for other in (line("USD", "A", "B"), line("EUR", "B", "Z0", "Z2"), line("USD", "Z1")):
        assert isinstance(decide_line(shared, BOOK, other), DecidedLine), decide_line(shared, BOOK, other)


def test_what_lines_name_is_not_remembered_for_ever() -> None:
    shared = SharedBook.of(book(block_on_missing_fx=False, block_on_missing_prices=False))
    for number in range(MAX_REMEMBERED + 8):
        for text in (
            line(f"X{number}", "A", fx_hub="USD"),
            line("USD", "A", f"OWN{number}", fx_hub=f"X{number}"),
            line("USD", "A", cash=f"X{number}", valuation_mode="TRUST_SNAPSHOT"),
        ):
            assert isinstance(decide_line(shared, BOOK, text), DecidedLine)
    both = shared.market_and_shelf
    assert max(len(both._seen), len(both._through)) <= MAX_REMEMBERED
    assert all(market.shown is not None and len(market.shown) <= 5 for market in both._through.values())
    shelf = both.seen_from("USD").shelf
    for number in range(MAX_GROUPED + 8):
        shelf.groups(f"attribute {number}")
    assert len(shelf._groups) <= MAX_GROUPED
    assert shelf.carriers("sector", "TECH") == {"A"}


@pytest.mark.parametrize("hub", [None, "USD"])
def test_worthless_holdings_of_one_portfolio_are_missing_to_the_next(hub: str | None) -> None:
    """Z0 in pence and Z1 in dollars are shown at their price of zero where they are held and locked; held by nobody they are not there."""
    shared = SharedBook.of(book(fx_hub=hub))
    for base, held in (
        ("USD", ["Z0", "Z1"]),
        ("GBP", ["Z0"]),
        ("USD", ["A"]),
        ("GBP", ["Z1", "Z0"]),
        ("USD", ["Z1"]),
        ("USD", ["Z0", "Z1"]),
    ):
        run = decide_line(shared, BOOK, line(base, *held))
        assert isinstance(run, DecidedLine)
        whole = {
            "portfolio_snapshot": portfolio(base, *held),
            "market_data_snapshot": MARKET,
            "model_portfolio": MODEL_PORTFOLIO,
            "shelf_entries": SHELF,
            "options": {"fx_hub": hub},
        }
        alone = rebalance(parse_request(orjson.dumps(whole)), run_id=run.run_id, correlation_id=BOOK, request_hash=run.request_hash)
        assert run.result == alone.to_json()
        assert [row["price"]["amount"] for row in json.loads(run.result)["before"]["positions"]] == [
            "10" if name == "A" else "0" for name in held
        ]
