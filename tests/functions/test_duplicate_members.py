"""A member that stands twice is refused with its place, wherever it stands and however it is written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts import InvalidRequest
from engine.contracts.received.members import refuse_duplicates
from tests.support.portfolios import a_request
from tests.support.service import Service


def places(body: str | bytes) -> list[str]:
    """Where members are told to stand twice, dotted."""
    try:
        refuse_duplicates(body.encode() if isinstance(body, str) else body)
    except InvalidRequest as refused:
        return [".".join(map(str, one.loc)) for one in refused.violations]
    return []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"a":1,"a":1}', ["body.a"]),
        ('{"a":1,"b":{"c":1,"c":2},"a":3}', ["body.b.c", "body.a"]),
        ('{"a":1,"a":1,"a":1}', ["body.a", "body.a"]),
        ('[{},{"a":[1,{"b":0,"b":0}]}]', ["body.1.a.1.b"]),
        ('{"a" \n:\t1, "a": 2}', ["body.a"]),
        (r'{"a":1,"\u0061":2}', ["body.a"]),
        ('{"":1,"":2}', ["body."]),
        ('{"é":1,"é":2}', ["body.é"]),
        (r'{"\ud83d\ude00":1,"😀":2}', ["body.😀"]),
        (r'{":":1,"\u003a":2}', ["body.:"]),
        (r'{"x":"\u003A\u003a","a":1,"a":2}', ["body.a"]),
        ('{"x":1e999,"a":1,"a":2}', ["body.a"]),
        ('{"x":' + "9" * 5_000 + ',"a":1,"a":2}', ["body.a"]),
        ('{"x":NaN,"a":1,"a":2}', ["body.a"]),
        ('{"x":"\\ud800","a":1,"a":2}', ["body.a"]),
        (r'{"\ud800":1,"\ud800":2}', ["body.?"]),
        ('{"' + "n" * 500 + '":1,"' + "n" * 500 + '":2}', ["body." + "n" * 128]),
    ],
)
def test_a_member_that_stands_twice(body: str, where: list[str]) -> None:
    assert places(body) == where


@pytest.mark.parametrize(
    "body",
    [
        '{"a":{"a":{"a":1}},"A":1,"a ":1}',
        '[{"a":1},{"a":1}]',
        r'{"a":"\"a\":1,\"a\":2"}',
        r'{":":"\u003a","::":"\u003A"}',
        '{"é":1,"e\u0301":2}',
        '{"x":1e999}',
        "1",
        "[]",
    ],
)
def test_other_bodies_pass(body: str) -> None:
    assert places(body) == []


@pytest.mark.parametrize(
    "body", [b"", b'{"a":1,"a":2', b'{"a":1,"a":\xff}', b'{"a":1,"a":01}', b"[" * 200_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000]
)
def test_what_the_contracts_refuse_as_json_passes(body: bytes) -> None:
    assert places(body) == []


def test_at_two_hundred_levels_a_member_is_still_found_and_deeper_ones_cost_nothing() -> None:
    twice = '{"a":1,"a":2}'
    assert places("[" * 199 + twice + "]" * 199) == ["body" + ".0" * 199 + ".a"]
    assert places("[" * 200 + twice + "]" * 200) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(':\\"{a,}u03\u00e9', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(':a"\\é', max_size=2), inner, max_size=3),
    max_leaves=12,
)


@given(document=JSON, ascii_only=st.booleans())
def test_what_python_writes_has_no_member_twice(document: Any, ascii_only: bool) -> None:
    assert places(json.dumps(document, ensure_ascii=ascii_only)) == []


@given(document=st.dictionaries(st.text(':a"\\é', max_size=2), JSON, min_size=1, max_size=3), ascii_only=st.booleans())
def test_a_member_added_again_is_found(document: dict[str, Any], ascii_only: bool) -> None:
    name = next(iter(document))
    again = json.dumps({name: None}, ensure_ascii=ascii_only)
    body = json.dumps(document, ensure_ascii=not ascii_only)[:-1] + "," + again[1:]
    assert places(body) == [f"body.{name}"]


def test_the_caller_is_told_by_a_code_of_its_own(api: Service) -> None:
    body = json.dumps(a_request()).replace('"base_currency"', '"base_currency": "secret", "base_currency"')
    reply = api.post(body)
    assert (reply.status, reply.json["code"]) == (422, "DUPLICATE_MEMBER")
    assert [(row["loc"], row["type"]) for row in reply.json["errors"]] == [
        (["body", "portfolio_snapshot", "base_currency"], "duplicate_member")
    ]
    assert b"secret" not in reply.body
