"""Every wrong call gets a clear 4xx of one shape, by a stable type, without a word of what was sent."""

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from infra.http.body import SNAPSHOTS
from infra.memory.runs import MemoryTables
from infra.system import new_id
from tests.support.portfolios import a_request, text
from tests.support.samples import HandClock
from tests.support.service import Service

SECRET = "Secret-7391"


def refused(reply: Any, status: Any, code: Any) -> Any:
    """The one shape of every refusal."""
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = reply.json
    assert reply.status == problem["status"] == status
    assert problem["code"] == code == problem["detail"].partition(":")[0]
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["instance"] == "/rebalance/simulate"
    assert problem["correlation_id"] == "c_none"
    assert SECRET not in reply.body.decode()
    return problem


def violations(reply: Any) -> Any:
    problem = refused(reply, 422, "REQUEST_VALIDATION_FAILED")
    assert problem["detail"] == "REQUEST_VALIDATION_FAILED"
    assert all(set(error) <= {"loc", "type", "msg", "other_loc"} and error["msg"] for error in problem["errors"])
    return [(error["loc"], error["type"]) for error in problem["errors"]]


@pytest.fixture(autouse=True)
def nothing_recorded(memory: MemoryTables) -> Iterator[None]:
    yield
    assert memory.runs == {}
    assert memory.claims == {}


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (None, "missing"),
        ("", "string_too_short"),
        (" \t ", "string_too_short"),
        ("k" * 256, "string_too_long"),
        ("a/b", "string_pattern_mismatch"),
        ("clé", "string_pattern_mismatch"),
        ("a\x7fb", "string_pattern_mismatch"),
        ("a\nb", "string_pattern_mismatch"),
        (["one", "two"], "multiple_values"),
    ],
)
def test_the_idempotency_key(api: Service, key: list[str] | str | None, kind: str) -> None:
    assert violations(api.post(headers={"Idempotency-Key": key})) == [(["header", "Idempotency-Key"], kind)]


@pytest.mark.parametrize(
    ("given", "kind"), [("c" * 256, "string_too_long"), ("a/b", "string_pattern_mismatch"), ("ü", "string_pattern_mismatch")]
)
def test_the_correlation_id(api: Service, given: str, kind: str) -> None:
    assert violations(api.post(headers={"X-Correlation-Id": given})) == [(["header", "X-Correlation-Id"], kind)]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/jsonp", "json"])
def test_a_body_of_another_type_is_no_object(api: Service, kind: str) -> None:
    assert violations(api.post(headers={"Content-Type": kind})) == [(["body"], "model_attributes_type")]


@pytest.mark.parametrize("body", [b"", ""])
def test_an_absent_body(api: Service, body: bytes | str) -> None:
    assert violations(api.post(body)) == [(["body"], "missing")]


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b'{"portfolio_snapshot": Secret-7391}',
        b'{"portfolio_snapshot": NaN}',
        b'{"portfolio_snapshot": -Infinity}',
        b'{"ignored": NaN}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"ignored": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b'{"portfolio_snapshot": "\xff\xfe"}',
        b"\xef\xbb\xbf{}",
        b'{"portfolio_snapshot": "\\ud800"}',
        "{}".encode("utf-16"),
        b"{} {}",
        b'{"portfolio_snapshot": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_json(api: Service, body: bytes) -> None:
    [(place, kind)] = violations(api.post(body))
    assert (place[0], kind) == ("body", "json_invalid")


def test_a_lone_surrogate_in_the_event_itself(api: Service) -> None:
    assert violations(api.post('{"portfolio_snapshot": "\ud800"}')) == [(["body"], "json_invalid")]


@pytest.mark.parametrize("body", ["[]", "1", '"Secret-7391"', "null", "true"])
def test_json_that_is_no_object(api: Service, body: str) -> None:
    assert violations(api.post(body)) == [(["body"], "model_attributes_type")]


def test_all_five_members_are_required(api: Service) -> None:
    assert violations(api.post({})) == [
        (["body", member], "missing")
        for member in ("portfolio_snapshot", "market_data_snapshot", "model_portfolio", "shelf_entries", "options")
    ]


@pytest.mark.parametrize(
    ("amount", "kind"),
    [
        ("1e999999", "finite_number"),
        ("-1e999999", "finite_number"),
        ('"1e999999"', "decimal_parsing"),
        ('"NaN"', "finite_number"),
        ('"Infinity"', "finite_number"),
        (f'"{SECRET}"', "decimal_parsing"),
        ("true", "decimal_type"),
        ("null", "decimal_type"),
        (f'{{"{SECRET}": "x"}}', "decimal_type"),
        ("9" * 40, "less_than"),
        (f'"{"9" * 40}"', "decimal_max_digits"),
    ],
)
def test_numbers_that_are_none(api: Service, amount: str, kind: str) -> None:
    body = text(a_request()).replace('"amount": "1000"', f'"amount": {amount}')
    [(place, found)] = violations(api.post(body))
    assert place == ["body", "portfolio_snapshot", "cash_balances", 0, "amount"]
    assert found == kind


def test_an_unknown_option_is_named_but_not_quoted(api: Service) -> None:
    misspelt = a_request() | {"options": {"max_turnover_percent": SECRET}}
    assert violations(api.post(misspelt)) == [(["body", "options", "max_turnover_percent"], "extra_forbidden")]


def test_a_duplicate_names_both_places(api: Service) -> None:
    twice = a_request()
    twice["shelf_entries"].append(twice["shelf_entries"][0])
    [error] = api.post(twice).json["errors"]
    assert error["type"] == "duplicate"
    assert [error["loc"], error["other_loc"]] == [
        ["body", "shelf_entries", 0, "instrument_id"],
        ["body", "shelf_entries", 2, "instrument_id"],
    ]


def test_a_body_over_the_limit(api: Service) -> None:
    padded = text(a_request()) + " " * SNAPSHOTS.plain
    refused(api.post(padded), 413, "REQUEST_TOO_LARGE")
    refused(api.post(padded.encode()), 413, "REQUEST_TOO_LARGE")


def test_a_gzip_bomb_stops_at_the_limit(api: Service) -> None:
    bomb = gzip.compress(b" " * (SNAPSHOTS.unzipped + 1), compresslevel=1, mtime=0)
    refused(api.post(bomb, {"Content-Encoding": "gzip"}), 413, "REQUEST_TOO_LARGE")
    in_members = gzip.compress(b" " * (SNAPSHOTS.unzipped // 2), compresslevel=1, mtime=0) * 3
    refused(api.post(in_members, {"Content-Encoding": "gzip"}), 413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (gzip.compress(b"{}", mtime=0)[:-9], "bytes_invalid_encoding"),
        (gzip.compress(b"{}", mtime=0) + b"more", "bytes_invalid_encoding"),
        (gzip.compress(b"", mtime=0), "missing"),
        (zlib.compress(b"{}"), "json_invalid"),
    ],
    ids=["cut", "trailing", "empty", "zlib"],
)
def test_broken_gzip(api: Service, body: Any, kind: str) -> None:
    assert violations(api.post(body, {"Content-Encoding": "gzip"})) == [(["body"], kind)]


def test_a_decision_that_takes_longer_than_its_caller_waits(api: Service, clock: HandClock) -> None:
    def after_25_seconds_and_one(kind: str) -> str:
        clock.forward(seconds=26)
        return new_id(kind)

    reply = api.with_adapters(clock=clock, ids=after_25_seconds_and_one).post()
    refused(reply, 504, "EXECUTION_TIME_EXCEEDED")


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
def test_another_content_encoding(api: Service, coding: str) -> None:
    reply = api.post(headers={"Content-Encoding": coding})
    refused(reply, 415, "UNSUPPORTED_CONTENT_ENCODING")
    assert reply.headers["Accept-Encoding"] == "gzip"
