"""What is read quickly is what the contract reads, to the digit; whatever is in doubt is left to the contract."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any, Final

import pytest
from msgspec import Raw
from msgspec.structs import fields

from engine.contracts.batches import BatchRebalanceRequest
from engine.contracts.books.lines import BookLine
from engine.contracts.books.shared import BookShared
from engine.contracts.proposals import AdvisoryShelfEntry, ProposalSimulateRequest
from engine.contracts.received.reader import Reader
from engine.contracts.received.rows import Row
from engine.contracts.requests import RebalanceRequest
from engine.contracts.violations import InvalidRequest

Json = dict[str, Any]

MONEY: Final = {"amount": "1.50", "currency": "USD"}
LOT: Final = {"lot_id": "l1", "quantity": "10", "unit_cost": MONEY, "purchase_date": "2024"}
FULL: Final[Json] = {
    "portfolio_snapshot": {
        "portfolio_id": "pf",
        "base_currency": "USD",
        "as_of": "2026-01-01T00:00:00+01:00",
        "positions": [
            {"instrument_id": "A", "quantity": "10", "market_value": MONEY, "lots": [LOT, LOT | {"lot_id": "l2", "unit_cost": None}]},
            {"instrument_id": "...", "quantity": -10.50, "market_value": None},
        ],
        "cash_balances": [{"currency": "USD", "amount": "-0.00", "settled": "5", "pending": None}, {"currency": "EUR", "amount": 7}],
        "open_orders": [{"instrument_id": "A", "side": "SELL", "quantity": "1", "settlement_days": 2}],
        "cash_flows": [{"currency": "EUR", "amount": "-3", "day": 2, "description": "Steuern für März"}],
    },
    "market_data_snapshot": {
        "prices": [
            {"instrument_id": "A", "price": "1.50", "currency": "USD", "basis": "PERCENT", "accrued": "0.0", "multiplier": 1.0},
            {"instrument_id": "B", "price": 1e-7, "currency": 'US"D', "accrued": 0, "multiplier": "100"},
            {"instrument_id": "C", "price": "0.30", "currency": "USD"},
        ],
        "fx_rates": [{"pair": "EUR/USD", "rate": "1.1"}],
    },
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.50"}, {"instrument_id": "B", "weight": 0}]},
    "shelf_entries": [
        {"instrument_id": "A", "status": "APPROVED", "attributes": {"ü": "ß"}, "lot_size": "1000", "min_notional": MONEY},
        {"instrument_id": "B", "status": "SELL_ONLY", "liquidity_tier": "L1", "settlement_days": 0, "lot_size": None},
    ],
    "options": {"conventions": "DESK", "group_constraints": {"sector:T": {"max_weight": "0.3"}}},
}  # fmt: skip
PROPOSED: Final[Json] = {name: part for name, part in FULL.items() if name != "model_portfolio"} | {
    "options": {"conventions": "DESK", "costs": {"commission": [{"rate_bps": "25", "minimum": MONEY}]}},
    "shelf_entries": [{"instrument_id": "A", "status": "APPROVED", "ongoing_cost_pct": "0.015", "product_risk": 4}],
    "proposed_cash_flows": [{"currency": "USD", "amount": "-3", "intent_type": "CASH_FLOW"}, {"currency": "EUR", "amount": 5}],
    "proposed_trades": [
        {"side": "BUY", "instrument_id": "A", "notional": MONEY, "priority": 1},
        {"side": "SELL", "instrument_id": "B", "quantity": "5.0", "intent_type": "SECURITY_TRADE"},
        {"side": "SELL", "instrument_id": "C", "sell_all": True},
        {"side": "BUY", "instrument_id": "D", "proceeds_of": ["B", "C"]},
        {"side": "BUY", "instrument_id": "E", "quantity": 3, "sell_all": False},
    ],
    "reference_model": {
        "model_id": "m",
        "as_of": "2026-03-31",
        "base_currency": "USD",
        "asset_class_targets": [{"asset_class": "EQUITY", "weight": "0.7"}, {"asset_class": "CASH", "weight": 0.3}],
    },
}
READ: Final = Reader(RebalanceRequest)
READ_PROPOSAL: Final = Reader(ProposalSimulateRequest)
TEXTS: Final = (
    *("1_000", " 1", "1 ", "+1", "1e5", "1E-7", "NaN", "sNaN", "-inf", "2", ".5", "5.", "", "-0", "00", "1.000", "1\\u0030", "٣"),
    *("0" * 64, "0" * 65, "9" * 18, "9" * 19, "0." + "1" * 28, "0." + "1" * 29, "x" * 128, "x" * 129, "ü" * 129, "x" * 1001),
    *(".", "..", "\\u002e", "a\\u0000b", "a\\nb", "a\tb", "\\u0085", "\x85", "\x7f", "\xa0", "\u202e", "\\ud83d", "\\ud83d\\ude00", "🏦"),
    *("\\u00fc", "a\\/b", "\\x", "UNIT", "unit", "L2", "/USD", "EUR//USD"),
)
TOKENS: Final = (
    *(
        "NaN",
        "Infinity",
        "1e5",
        "1E400",
        "-0",
        "-0.0",
        "0",
        "1.0",
        "0.1",
        "1.10",
        "2.0",
        "2e0",
        "01",
        "1.",
        ".5",
        "+1",
        "11",
        "1" * 19,
        "1" * 30,
    ),
    *("true", "false", "null", "nul", "[]", "{}", "[1]"),
    *('{"amount":1.5,"currency":"USD"}', '{"amount":0,"currency":"USD"}', '["A"]', "99", "100", '"CASH_FLOW"', '"BUY"', '"SELL"'),
    *('{"amount":1,"currency":"USD","x":1}', '{"amount":"x","amount":"2","currency":"USD"}'),
)
HOSTILE: Final = (*TOKENS, *(f'"{text}"' for text in TEXTS))


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every member and every row below a document, with what holds it."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


def hostile(seed: int, full: Json) -> bytes:
    """A full request with something hostile in one place, or a member too many, twice or missing."""
    rng = Random(seed)  # noqa: S311  (test data, repeatable)
    document = deepcopy(full)
    node, key = rng.choice(list(places(document)))
    kind = rng.random()
    if kind < 0.8:
        node[key] = "@"
    elif kind < 0.9 and isinstance(node, dict):
        node["@name"] = node[key]
    else:
        del node[key]
    text = json.dumps(document, ensure_ascii=rng.random() < 0.2).replace('"@"', rng.choice(HOSTILE))
    return text.replace('"@name"', rng.choice((json.dumps(key), '"unknown"'))).encode()


def by_contract(body: bytes, read: Reader[Any] = READ) -> Row | None:
    try:
        content: Row = read.by_contract(body)
    except InvalidRequest:
        return None
    return content


def test_the_full_request_is_read_quickly_and_to_the_digit() -> None:
    body = json.dumps(FULL, ensure_ascii=False).encode()
    quick = READ.quickly(body)
    assert quick is not None
    assert repr(quick) == repr(READ.by_contract(body))
    assert [repr(row.accrued) for row in quick.market_data_snapshot.prices] == ["Decimal('0.0')", "Decimal('0')", "Decimal('0')"]


def test_the_full_proposal_is_read_quickly_and_to_the_digit() -> None:
    body = json.dumps(PROPOSED, ensure_ascii=False).encode()
    quick = READ_PROPOSAL.quickly(body)
    assert quick is not None
    assert repr(quick) == repr(READ_PROPOSAL.by_contract(body))
    assert [repr(trade.quantity) for trade in quick.proposed_trades] == ["None", "Decimal('5.0')", "None", "None", "Decimal('3')"]
    assert [trade.sell_all for trade in quick.proposed_trades] == [None, None, True, None, None]


@pytest.mark.parametrize(
    "trade",
    [
        {"notional": {"amount": 1.5, "currency": "USD"}},
        {"notional": {"amount": "0", "currency": "USD"}},
        {"quantity": 1.5},
        {"quantity": "1", "sell_all": True},
        {"sell_all": True},
        {"proceeds_of": []},
        {"proceeds_of": [".."]},
        {"quantity": "1", "priority": 100},
        {},
    ],
    ids=str,
)
def test_a_trade_that_breaks_a_rule_of_its_own_is_left_to_the_contract(trade: Json) -> None:
    body = json.dumps(PROPOSED | {"proposed_trades": [{"side": "BUY", "instrument_id": "A"} | trade]}).encode()
    assert READ_PROPOSAL.quickly(body) is None
    assert by_contract(body, READ_PROPOSAL) is None


@pytest.mark.parametrize(("full", "read"), [(FULL, READ), (PROPOSED, READ_PROPOSAL)], ids=["rebalance", "proposal"])
@pytest.mark.parametrize("chunk", range(4))
def test_what_is_read_quickly_is_what_the_contract_reads(chunk: int, full: Json, read: Reader[Any]) -> None:
    seen = set()
    for seed in range(chunk * 100, chunk * 100 + 100):
        body = hostile(seed, full)
        quick, slow = read.quickly(body), by_contract(body, read)
        assert quick is None or repr(quick) == repr(slow), f"seed {seed}: {body!r}"
        seen.add((quick is not None, slow is not None))
    assert seen >= {(True, True), (False, False)}


@pytest.mark.parametrize(
    "text",
    ["a\\nb", "a\\u0085b", "\x7f", "\x85", "\\ud83d\\ude00", ".", ".."],
    ids=["escape", "C1 escape", "DEL", "C1", "pair", "step", "steps"],
)
def test_a_text_in_doubt_is_left_to_the_contract(text: str) -> None:
    body = json.dumps(FULL).replace('"pf"', f'"{text}"').encode()
    assert READ.quickly(body) is None


@pytest.mark.parametrize("hidden", ["[" * 300 + "]" * 300, '"\xff"'], ids=["deep", "no UTF-8"])
def test_a_member_that_hides_another_is_left_to_the_contract(hidden: str) -> None:
    body = json.dumps({"hidden": "@"} | FULL).replace('"hidden"', '"options"').replace('"@"', hidden).encode("latin-1")
    assert READ.quickly(body) is None
    assert by_contract(body) is None


def test_what_msgspec_leaves_as_it_was_sent_is_what_does_not_come_in_numbers() -> None:
    """A member of a kind that it cannot read stands here: in a row it would cost every body."""
    left: set[str] = set()
    kinds: list[type[Row]] = [RebalanceRequest, BatchRebalanceRequest, ProposalSimulateRequest, BookLine, BookShared, AdvisoryShelfEntry]
    while kinds:
        kind = kinds.pop()
        left |= {f"{kind.__name__}.{field.name}" for field in fields(kind) if field.type is Raw}
    assert left == {
        "RebalanceRequest.options",
        "BatchRebalanceRequest.scenarios",
        "ProposalSimulateRequest.options",
        "BookLine.options",
        "BookShared.options",
        "BookShared.policy_pack",
        "BookShared.catalog_pack",
    }
