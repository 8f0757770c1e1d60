"""An answer that cannot reach its caller is refused before anything is kept; gzip carries more."""

from typing import Any

import pytest

from infra.http.messages import GZIP_FROM
from infra.memory.runs import MemoryTables
from tests.functions.partner import Api
from tests.functions.portfolios import a_request

GZIP = {"Accept-Encoding": "br;q=1.0, gzip;q=0.8"}


@pytest.fixture(scope="module")
def large() -> Any:
    """Its answer is larger than Lambda carries as text."""
    return a_request(9_000)


def test_a_large_answer_goes_compressed_to_those_who_take_it(api: Api) -> None:
    asked = a_request(2_000)
    plain, zipped = api.post(asked), api.post(asked, GZIP)
    assert len(plain.body) > GZIP_FROM
    assert "Content-Encoding" not in plain.headers
    assert (zipped.headers["Content-Encoding"], zipped.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert zipped.body == plain.body


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *"])
def test_nobody_gets_gzip_unasked(api: Api, accepted: str) -> None:
    assert "Content-Encoding" not in api.post(a_request(2_000), {"Accept-Encoding": accepted}).headers


@pytest.mark.parametrize("accepted", ["gzip", "*", "GZIP;q=0.1", ["br", "gzip"]])
def test_the_ways_to_ask_for_gzip(api: Api, accepted: list[str] | str) -> None:
    assert api.post(a_request(2_000), {"Accept-Encoding": accepted}).headers["Content-Encoding"] == "gzip"


def test_a_small_answer_stays_plain(api: Api) -> None:
    assert "Content-Encoding" not in api.post(headers=GZIP).headers


def test_an_answer_over_the_limit_is_refused_and_nothing_is_kept(api: Api, memory: MemoryTables, large: Any) -> None:
    reply = api.post(large)
    assert (reply.status, reply.json["code"]) == (413, "RESPONSE_TOO_LARGE")
    assert memory.runs == {}
    assert memory.claims == {}

    carried = api.post(large, GZIP)
    assert carried.status == 200
    assert len(memory.runs) == 1

    replayed = api.post(large)
    assert (replayed.status, replayed.json["code"]) == (413, "RESPONSE_TOO_LARGE")
    assert api.post(large, GZIP).body == carried.body
