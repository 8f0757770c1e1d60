"""What is accepted: headers in any case and form, JSON by any of its names, bodies in base64 and gzip."""

import base64
import gzip
import json

import pytest

from infra.http.body import SNAPSHOTS
from infra.memory.runs import MemoryTables
from tests.functions.gateway import IDENTITY, event
from tests.functions.partner import Api
from tests.functions.portfolios import a_request, text

LONGEST = "k" * 255


@pytest.mark.parametrize("name", ["idempotency-key", "IDEMPOTENCY-KEY", "Idempotency-key"])
def test_header_names_in_any_case(api: Api, memory: MemoryTables, name: str) -> None:
    assert api.post(headers={"Idempotency-Key": None, name: "key-9"}).status == 200
    assert list(memory.claims) == [("bank-a", "key-9")]


@pytest.mark.parametrize("absent", ["headers", "multiValueHeaders"])
def test_either_form_of_the_headers_will_do(api: Api, absent: str) -> None:
    sent = event(text(a_request()), {"Idempotency-Key": "key-1"}, authorizer=IDENTITY) | {absent: None}
    assert api.send(sent).status == 200


def test_the_same_value_twice_is_one_value(api: Api) -> None:
    assert api.post(headers={"Idempotency-Key": ["key-1", "key-1"]}).status == 200


@pytest.mark.parametrize("key", ["!", "~", "a b", LONGEST, "a:b#c?d=e"])
def test_every_key_within_the_bounds(api: Api, memory: MemoryTables, key: str) -> None:
    assert api.post(headers={"Idempotency-Key": f" {key}\t"}).status == 200
    assert list(memory.claims) == [("bank-a", key)]


@pytest.mark.parametrize(
    ("given", "reported"),
    [(None, "c_none"), ("c_none", "c_none"), ("", "c_none"), ("  ", "c_none"), ("t:1 #2", "t:1 #2"), (LONGEST, LONGEST)],
)
def test_the_correlation_id(api: Api, given: str | None, reported: str) -> None:
    assert api.post(headers={"X-Correlation-Id": given}).json["correlation_id"] == reported


@pytest.mark.parametrize(
    "kind", [None, "application/json", "Application/JSON; charset=utf-8", "application/vnd.bank.v1+json", "application/problem+json ; q=1"]
)
def test_every_name_of_json(api: Api, kind: str | None) -> None:
    assert api.post(headers={"Content-Type": kind}).status == 200


def test_a_problem_reports_the_correlation_id_of_its_call(api: Api) -> None:
    assert api.post({}, {"X-Correlation-Id": "desk 7"}).json["correlation_id"] == "desk 7"


def test_plain_base64_and_gzip_say_the_same(api: Api) -> None:
    plain = api.post()
    for body, coding in [
        (text(a_request()).encode(), None),
        (text(a_request()).encode(), "identity"),
        (gzip.compress(text(a_request()).encode(), mtime=0), "gzip"),
        (gzip.compress(text(a_request()).encode(), mtime=0), "X-GZIP"),
        (gzip.compress(text(a_request())[:100].encode(), mtime=0) + gzip.compress(text(a_request())[100:].encode(), mtime=0), "gzip"),
        (text(a_request()), "gzip"),  # the gateway unzipped it and left the header
    ]:
        again = api.post(body, {"Content-Encoding": coding})
        assert again.body == plain.body
        assert again.headers["Idempotent-Replayed"] == "true"


def test_text_beyond_ascii_survives_the_way_in_and_out(api: Api) -> None:
    named = json.loads(text(a_request()).replace("I00000", "Fünd 東"))
    reply = api.post(json.dumps(named, ensure_ascii=False))
    assert "Fünd 東" in reply.json["universe"]["eligible_for_sell"]
    assert api.post(json.dumps(named, ensure_ascii=False).encode()).body == reply.body


def test_a_body_at_the_limit_is_read(api: Api) -> None:
    body = text(a_request())
    assert api.post(body + " " * (SNAPSHOTS.plain - len(body))).status == 200


def test_gzip_carries_more_than_plain_json_may(api: Api) -> None:
    assert api.post(gzip.compress(text(a_request()).encode() + b" " * SNAPSHOTS.plain, mtime=0), {"Content-Encoding": "gzip"}).status == 200


def test_broken_base64_is_refused(api: Api) -> None:
    sent = event(b"{}", {"Idempotency-Key": "key-1"}, authorizer=IDENTITY) | {"body": "e30=!"}
    [error] = api.send(sent).json["errors"]
    assert (error["loc"], error["type"]) == (["body"], "bytes_invalid_encoding")
    assert base64.b64decode("e30=") == b"{}"
