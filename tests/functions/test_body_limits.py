"""What a body may be at most, by endpoint: bytes as sent, bytes after gunzip, values; and what refusing it costs, by counting."""

import gzip
import json
import sys
from types import FrameType
from typing import Any

import pytest

from engine.contracts import InvalidRequest
from engine.contracts.scalars import MAX_ROWS
from engine.usecases.refusals import Code, Refused
from infra.http.body import ACTION, GZIP_MEMBERS, PACK, SNAPSHOTS, BodyLimits, body_of
from infra.http.headers import headers_of
from tests.functions.gateway import event

LIMITS = BodyLimits(plain=200, unzipped=1_000, values=4)
EMPTY_MEMBER = gzip.compress(b"", mtime=0)


def read(body: bytes, limits: BodyLimits = LIMITS, **headers: str) -> bytes:
    sent = event(body, {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()})
    return body_of(sent, headers_of(sent), limits)


def refusal(body: bytes, limits: BodyLimits = LIMITS, **headers: str) -> Code:
    with pytest.raises(Refused) as refused:
        read(body, limits, **headers)
    return refused.value.code


@pytest.mark.parametrize("body", [b"[1,2,3,4]", b"[[[[]]]]", b'{"a":{"b":{"c":{"d":0}}}}', b'[",,,"]', b'{"a":1,"b":2,"c":3,"d":4}'])
def test_four_commas_and_openings_pass_and_a_fifth_does_not(body: bytes) -> None:
    assert read(body) == body
    assert refusal(body.replace(b"]", b",0]", 1).replace(b"}", b',"e":0}', 1)) == Code.REQUEST_TOO_LARGE


def test_bytes_count_as_sent_and_after_gunzip() -> None:
    assert read(b" " * 200) == b" " * 200
    assert refusal(b" " * 201) == Code.REQUEST_TOO_LARGE
    assert read(gzip.compress(b" " * 1_000), Content_Encoding="gzip") == b" " * 1_000
    assert refusal(gzip.compress(b" " * 1_001), Content_Encoding="gzip") == Code.REQUEST_TOO_LARGE


@pytest.mark.parametrize(("limits", "plain"), [(ACTION, 64_000), (PACK, 1_000_000)])
def test_actions_and_packs_are_small_and_take_no_gzip(limits: BodyLimits, plain: int) -> None:
    assert read(b" " * plain, limits) == b" " * plain
    assert refusal(b" " * (plain + 1), limits) == Code.REQUEST_TOO_LARGE
    assert refusal(gzip.compress(b"{}"), limits, Content_Encoding="gzip") == Code.UNSUPPORTED_CONTENT_ENCODING


def test_the_largest_plain_body_passes_lambda_in_base64() -> None:
    """Lambda takes 6 MiB of event; a client may send 10,240 bytes of headers, which stand in the event twice."""
    assert len(event(b"x" * SNAPSHOTS.plain, {})["body"]) + 2 * 10_240 + 2_048 <= 6 * 1024 * 1024


def test_ten_thousand_rows_of_everything_have_few_enough_values() -> None:
    """One row of every list of a request, with all its members and eight lots, has 92 commas and openings; the rest is noise."""
    money = {"amount": "1", "currency": "USD"}
    lot = {"lot_id": "1", "quantity": "1", "unit_cost": money, "purchase_date": ""}
    rows = [
        {"instrument_id": "A", "quantity": "8", "market_value": money, "lots": [lot] * 8},
        {"currency": "USD", "amount": "1", "settled": "1", "pending": "1"},
        {"instrument_id": "A", "price": "1", "currency": "USD"},
        {"pair": "EUR/USD", "rate": "1"},
        {"instrument_id": "A", "weight": "0"},
        {
            "instrument_id": "A",
            "status": "APPROVED",
            "asset_class": "EQUITY",
            "issuer_id": "I",
            "liquidity_tier": "L1",
            "settlement_days": 2,
            "min_notional": money,
            "attributes": {"sector": "T", "region": "E", "rating": "A"},
        },
    ]
    once = json.dumps(rows).encode()
    values = sum(map(once.count, (b",", b"[", b"{")))
    assert values == 92
    assert values * MAX_ROWS + 8_000 <= SNAPSHOTS.values


def test_gzip_in_sixteen_members_is_read_and_in_seventeen_is_not() -> None:
    assert read(gzip.compress(b"{}") + EMPTY_MEMBER * (GZIP_MEMBERS - 1), BodyLimits(), Content_Encoding="gzip") == b"{}"
    with pytest.raises(InvalidRequest, match="bytes_invalid_encoding"):
        read(gzip.compress(b"{}") + EMPTY_MEMBER * GZIP_MEMBERS, BodyLimits(), Content_Encoding="gzip")


def test_235_000_empty_members_are_not_unzipped_one_by_one() -> None:
    """Each member costs a copy of what follows it: sixteen copies are linear in the bytes, one a member is not."""
    unzipped = []

    def count(_frame: FrameType, kind: str, called: Any) -> None:
        if kind == "c_call" and getattr(called, "__name__", "") == "decompress":
            unzipped.append(called)

    body = EMPTY_MEMBER * 235_000
    sys.setprofile(count)
    try:
        with pytest.raises(InvalidRequest):
            read(body, BodyLimits(), Content_Encoding="gzip")
    finally:
        sys.setprofile(None)
    assert len(unzipped) == GZIP_MEMBERS
