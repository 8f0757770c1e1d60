"""A line of a book is decided as a rebalance of its own."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest

from engine.books.decided import DecidedLine, LineFailure, decide_line
from engine.books.shared import MAX_REMEMBERED, SharedBook
from engine.contracts import parse_request
from engine.contracts.books.lines import MAX_LINE_BYTES
from engine.contracts.violations import DuplicateMembers, InvalidRequest
from engine.evidence.canonical import canonical, digest, referring, request_document
from engine.policy_packs import PackSource
from engine.rebalance import rebalance
from tests.golden.scenarios import Scenario, scenarios
from tests.support.books import BOOK, MODEL, bought, line_of, shared_of, simple

REBALANCED = [scenario for scenario in scenarios() if not scenario.proposed]
TWICE = ("DUPLICATE_MEMBER", ("body", "portfolio_snapshot", "base_currency"))


def decided(shared: bytes | SharedBook, line: bytes) -> DecidedLine:
    run = decide_line(shared if isinstance(shared, SharedBook) else SharedBook.of(shared), BOOK, line)
    assert isinstance(run, DecidedLine), run
    return run


def failed(shared: bytes | SharedBook, line: bytes) -> LineFailure:
    failure = decide_line(shared if isinstance(shared, SharedBook) else SharedBook.of(shared), BOOK, line)
    assert isinstance(failure, LineFailure)
    return failure


def test_every_golden_scenario_is_decided_byte_for_byte_as_on_its_own() -> None:
    for scenario in REBALANCED:
        run = decided(shared_of(scenario.request), line_of(scenario.request))
        request = parse_request(scenario.body)
        alone = rebalance(request, run_id=run.run_id, correlation_id=BOOK, request_hash=run.request_hash)
        assert run.result == alone.to_json(), scenario.name
        assert run.request == referring(request_document(request)), scenario.name


BARE: Final = {"portfolio_id": "pf", "base_currency": "USD", "cash_balances": [{"currency": "USD", "amount": "1000.00"}], "positions": []}
LOT: Final = {"lot_id": "l", "quantity": "2", "unit_cost": None, "purchase_date": "\t\x7f2024"}
QUOTED: Final = {"instrument_id": 'q"\\/<', "quantity": 2, "market_value": {"currency": "USD", "amount": "3"}, "lots": [LOT]}
BEYOND_ASCII: Final[dict[str, Any]] = {"instrument_id": "Äß€😀", "quantity": "1.50", "market_value": None, "lots": []}
ORDER: Final = {"instrument_id": "A", "side": "BUY", "quantity": "1"}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"as_of": None, "open_orders": [], "cash_flows": []},
        {"positions": [QUOTED]},
        {"positions": [QUOTED, BEYOND_ASCII]},
        {"as_of": "2026-03-31T22:00:00Z", "open_orders": [ORDER, ORDER | {"settlement_days": 3}]},
        {"snapshot_id": "ps", "cash_flows": [{"currency": "USD", "amount": "-1", "day": 2}]},
    ],
)
def test_a_request_is_canonical_whatever_its_portfolio_says(members: dict[str, Any]) -> None:
    shared = json.loads(simple())
    request = {name: shared[name] for name in ("market_data_snapshot", "shelf_entries", "options")}
    request |= {"model_portfolio": shared["models"][MODEL], "portfolio_snapshot": BARE | members}
    alone, run = request_document(parse_request(json.dumps(request).encode())), decided(simple(), line_of(request))
    assert run.request == referring(alone)
    named = members.get("snapshot_id") or digest(canonical(alone["portfolio_snapshot"]))
    assert json.loads(run.result)["lineage"]["portfolio_snapshot_id"] == named


@pytest.mark.parametrize("scenario", REBALANCED[:3], ids=lambda scenario: scenario.name)
def test_a_portfolio_is_decided_alike_after_any_other(scenario: Scenario) -> None:
    """Portfolios of other base currencies and options go before; nothing of them is left in what is shared."""
    shared = SharedBook.of(shared_of(scenario.request))
    first = decided(shared, line_of(scenario.request)).result
    for base in ("CHF", "JPY", "USD"):
        other = scenario.request["portfolio_snapshot"] | {"base_currency": base, "portfolio_id": f"pf_{base}"}
        decide_line(shared, BOOK, line_of({"portfolio_snapshot": other}, options={"cash_band_min_weight": "0.01"}))
    assert decided(shared, line_of(scenario.request)).result == first


def test_a_run_is_named_by_book_and_request() -> None:
    run = decided(simple(), bought("pf_1", "1000"))
    assert run.request_hash == digest(run.request)
    assert run.run_id == "rr_" + sha256(f"{BOOK}|{run.request_hash}".encode()).hexdigest()[:32]
    assert run.correlation_id == BOOK
    assert decided(simple(), bought("pf_1", "1000", correlation_id="corr-9")).correlation_id == "corr-9"


def test_the_request_refers_to_what_is_shared() -> None:
    told = json.loads(decided(simple(), bought("pf_1", "1000")).request)
    assert {name for name, value in told.items() if str(value).startswith("sha256:")} == {
        "market_data_snapshot",
        "model_portfolio",
        "shelf_entries",
    }
    assert told["portfolio_snapshot"]["portfolio_id"] == "pf_1"


def test_options_of_a_line_win_over_the_shared_ones() -> None:
    """1,000 dollars, half of them in A at 10: 50 pieces; a cap of 0.2 allows 20, one of 0.1 ten."""
    alone, line = bought("pf_1", "1000"), bought("pf_1", "1000", options={"single_position_max_weight": "0.2"})
    assert b'"quantity":"50"' in decided(simple(), alone).result
    assert b'"quantity":"20"' in decided(simple(), line).result
    assert b'"quantity":"10"' in decided(simple(single_position_max_weight="0.1"), alone).result
    assert b'"quantity":"20"' in decided(simple(single_position_max_weight="0.1"), line).result
    uncapped = bought("pf_1", "1000", options={"single_position_max_weight": None})
    assert b'"quantity":"50"' in decided(simple(single_position_max_weight="0.1"), uncapped).result


def test_the_pack_wins_over_both() -> None:
    """Nothing may trade: the pack allows a tenth of what the order of 500 dollars needs."""
    pack = {"policy_pack_id": "careful", "version": "1", "turnover_policy": {"max_turnover_pct": "0.1"}}
    document = json.loads(simple(max_turnover_pct="0.9")) | {"policy_pack": pack}
    shared = SharedBook.of(json.dumps(document).encode())
    run = decided(shared, bought("pf_1", "1000", options={"max_turnover_pct": "0.7"}))
    assert json.loads(run.result)["intents"] == []
    assert json.loads(run.request)["options"]["max_turnover_pct"] == "0.7"
    assert json.loads(run.options.effective_text())["max_turnover_pct"] == "0.1"
    assert shared.trace is not None
    assert (shared.trace.policy_pack_id, shared.trace.source) == ("careful", PackSource.REQUEST)


def test_many_sets_of_options_are_not_all_remembered() -> None:
    shared = SharedBook.of(simple())
    for number in range(MAX_REMEMBERED + 1):
        shared.options({"max_turnover_pct": f"0.{number:04}"})
        shared.effective_options({"max_turnover_pct": f"0.{number:04}"})
    assert (len(shared._options), len(shared._effective)) == (1, 1)
    limits = {f"sector:{number}": {"max_weight": "0.5"} for number in range(1_000)}  # 30,000 characters
    assert shared.options({"group_constraints": limits}).effective.group_constraints.keys() == limits.keys()
    assert len(shared._options) == 1


@pytest.mark.parametrize("figure", [b"1e400", b"1" + b"0" * 400], ids=["beyond-doubles", "beyond-64-bits"])
def test_a_figure_that_no_number_holds_is_refused_also_after_a_line_without_it(figure: bytes) -> None:
    shared, asked = SharedBook.of(simple()), bought("pf_1", "1000", options={"max_turnover_pct": None})
    decided(shared, asked)
    failure = failed(shared, asked.replace(b"null", figure))
    assert (failure.code, failure.violations[0].loc) == ("REQUEST_VALIDATION_FAILED", ("body", "options", "max_turnover_pct"))


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        (b"{", "REQUEST_VALIDATION_FAILED", ("body",)),
        (b"[]", "REQUEST_VALIDATION_FAILED", ("body",)),
        (b'{"model_id":"model"}', "REQUEST_VALIDATION_FAILED", ("body", "portfolio_snapshot")),
        (bought("pf_1", "1000", option={}), "REQUEST_VALIDATION_FAILED", ("body", "option")),
        (bought("pf_1", "1000", options={"max_turnover": "1"}), "REQUEST_VALIDATION_FAILED", ("body", "options", "max_turnover")),
        (bought("pf_1", "1000", options={"max_turnover_pct": "2"}), "REQUEST_VALIDATION_FAILED", ("body", "options", "max_turnover_pct")),
        (bought("pf_1", "1000").replace(b'"model"', b'"other"'), "BOOK_MODEL_UNKNOWN", ("body", "model_id")),
        (bought("pf_1", "NaN"), "REQUEST_VALIDATION_FAILED", ("body", "portfolio_snapshot", "cash_balances", 0, "amount")),
        (b" " * (MAX_LINE_BYTES + 1), "BOOK_LINE_TOO_LARGE", ("body",)),
        (bought("pf_1", "1000").replace(b'"base_currency"', b'"base_currency":"EUR","base_currency"'), *TWICE),
    ],
    ids=["no-json", "no-object", "missing", "unknown-member", "unknown-option", "bad-option", "unknown-model", "nan", "too-large", "twice"],
)
def test_a_bad_line_fails_with_its_reason(line: bytes, code: str, place: tuple[str | int, ...]) -> None:
    failure = failed(simple(), line)
    assert failure.code == code
    assert failure.violations[0].loc == place


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (bought("pf_1", "1000", option={}), "pf_1"),
        (bought("pf_1", "1000", options={"max_turnover": "1"}), "pf_1"),
        (bought("pf_\x00", "1000"), None),
        (b'{"portfolio_snapshot":[]}', None),
        (b"7", None),
        (b"{", None),
    ],
)
def test_a_line_that_fails_names_its_portfolio_where_it_has_one(line: bytes, named: str | None) -> None:
    assert failed(simple(), line).portfolio_id == named


def test_what_is_held_twice_is_told_with_both_places() -> None:
    portfolio: dict[str, Any] = json.loads(bought("pf_1", "1000"))["portfolio_snapshot"]
    portfolio["positions"] = [{"instrument_id": "A", "quantity": "1"}] * 2
    [found] = failed(simple(), line_of({"portfolio_snapshot": portfolio})).violations
    assert found.type == "duplicate"
    assert found.other_loc == ("body", "portfolio_snapshot", "positions", 1, "instrument_id")


def test_a_defect_of_ours_fails_its_line_alone() -> None:
    shared = SharedBook.of(simple())
    broken = replace(shared, models={MODEL: replace(shared.models[MODEL], targets=None)})  # type: ignore[arg-type]  # a defect
    told: list[Exception] = []
    failure = decide_line(broken, BOOK, bought("pf_1", "1000"), told.append)
    assert failure == LineFailure("BOOK_LINE_EXECUTION_ERROR: TypeError", (), "pf_1")
    assert [type(defect) for defect in told] == [TypeError]
    assert told[0].__traceback__ is not None  # by which it is found
    decide_line(broken, BOOK, b"{", told.append)  # its own fault
    assert len(told) == 1


def test_a_lack_of_memory_is_no_lines_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("engine.books.decided.decide", full)
    with pytest.raises(MemoryError):
        decide_line(SharedBook.of(simple()), BOOK, bought("pf_1", "1000"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"models": {}}, ("body", "models")),
        ({"model": {}}, ("body", "model")),
        ({"options": {"max_turnover": "1"}}, ("body", "options", "max_turnover")),
        ({"policy_pack": {"policy_pack_id": "p"}}, ("body", "policy_pack", "version")),
        ({"policy_pack": {"policy_pack_id": "..", "version": "1"}}, ("body", "policy_pack", "policy_pack_id")),
        (
            {"models": {MODEL: {"targets": [{"instrument_id": "A", "weight": "0.1"}] * 2}}},
            ("body", "models", MODEL, "targets", 0, "instrument_id"),
        ),
        ({"shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}] * 2}, ("body", "shelf_entries", 0, "instrument_id")),
    ],
    ids=["no-model", "unknown-member", "unknown-option", "bad-pack", "bad-pack-id", "target-twice", "shelf-twice"],
)
def test_a_bad_shared_document_is_refused_whole(change: dict[str, Any], place: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        SharedBook.of(json.dumps(json.loads(simple()) | change).encode())
    assert refused.value.violations[0].loc == place


def test_a_member_that_stands_twice_among_what_is_shared_is_refused() -> None:
    with pytest.raises(DuplicateMembers) as refused:
        SharedBook.of(simple().replace(b'"price":', b'"price": "9", "price":'))
    assert refused.value.violations[0].loc == ("body", "market_data_snapshot", "prices", 0, "price")
