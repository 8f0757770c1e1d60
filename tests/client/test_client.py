"""The client over a transport of our own: what it repeats, how long it waits, what it makes of answers."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources import files
from typing import Any

import httpx
import pytest
from rebalance_client import Client, Patience, Problem, StillRunning, Unreachable, Unsendable

Reply = Callable[[httpx.Request], httpx.Response]
REQUEST: Any = {"options": {}}


@dataclass
class Served:
    """Answers in their order, the last one for ever; keeps what was asked and how long was slept."""

    replies: list[Reply]
    requests: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def client(self, **more: Any) -> Client:
        return Client(
            "https://api.example/prod/",
            http=httpx.Client(transport=httpx.MockTransport(self._reply)),
            sleep=self.slept.append,
            chance=lambda: 0.5,
            **more,
        )

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.replies[min(len(self.requests), len(self.replies)) - 1](request)


def answer(status: int = 200, document: Any = None, **headers: str) -> Reply:
    return lambda _: httpx.Response(status, json=document if document is not None else {}, headers=headers)


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out", request=request)


def test_a_call_under_a_key_is_repeated_under_the_same_key() -> None:
    served = Served([lost, answer(503), answer(200, {"status": "READY"}, **{"Idempotent-Replayed": "true", "X-Correlation-Id": "c-1"})])
    told = served.client().simulate_once(REQUEST)
    assert (told.value["status"], told.replayed, told.correlation_id) == ("READY", True, "c-1")
    assert len({request.headers["Idempotency-Key"] for request in served.requests}) == 1
    assert served.slept == [0.1, 0.2]  # half of 0.2, half of 0.4
    assert str(served.requests[0].url) == "https://api.example/prod/rebalance/simulate"


def test_the_service_says_how_long_to_wait() -> None:
    served = Served([answer(429, **{"Retry-After": "3"}), answer(503, **{"Retry-After": "9999"}), answer(200)])
    served.client().run("rr_1")
    assert served.slept == [3.0, 20.0]


def test_what_has_no_key_is_sent_once() -> None:
    served = Served([answer(503, {"code": "DPM_SUPPORTABILITY_STORE_UNAVAILABLE", "detail": "DPM_SUPPORTABILITY_STORE_UNAVAILABLE"})])
    with pytest.raises(Problem, match="503 DPM_SUPPORTABILITY_STORE_UNAVAILABLE") as refused:
        served.client().analyze(REQUEST)
    assert (len(served.requests), refused.value.code) == (1, "DPM_SUPPORTABILITY_STORE_UNAVAILABLE")


def test_a_refusal_is_not_repeated() -> None:
    served = Served([answer(409, {"code": "IDEMPOTENCY_KEY_CONFLICT"})])
    with pytest.raises(Problem) as refused:
        served.client().simulate(REQUEST, idempotency_key="k")
    assert (len(served.requests), refused.value.status, refused.value.code) == (1, 409, "IDEMPOTENCY_KEY_CONFLICT")


def test_what_never_answers_is_told_after_every_attempt() -> None:
    served = Served([lost])
    with pytest.raises(Unreachable, match=r"api\.example/prod/rebalance/runs/rr_1: no answer in 3 attempts: timed out"):
        served.client(patience=Patience(attempts=3)).run("rr_1")
    assert len(served.requests) == 3


def test_ids_cannot_leave_their_segment_and_unsaid_parameters_are_not_sent() -> None:
    served = Served([answer()])
    served.client(token=lambda: "t-1").bundle("rr/../1?x", include_artifact=False)
    [request] = served.requests
    assert request.url.raw_path == b"/prod/rebalance/runs/rr%2F..%2F1%3Fx/support-bundle?include_artifact=false"
    assert request.headers["Authorization"] == "Bearer t-1"
    assert "X-Correlation-Id" not in request.headers


def test_large_bodies_are_compressed_and_bytes_are_sent_as_they_are() -> None:
    served = Served([answer()])
    served.client().analyze({"x": "y" * 20_000})  # type: ignore[typeddict-item, typeddict-unknown-key]  # the transport does not look
    served.client().analyze(b'{"x": 1.10}')  # type: ignore[arg-type]  # as the command line sends files
    large, small = served.requests
    assert large.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(large.content)) == {"x": "y" * 20_000}
    assert small.content == b'{"x": 1.10}'


def test_decimals_keep_their_digits_and_a_token_may_be_a_text() -> None:
    served = Served([answer()])
    served.client(token="t-1").analyze({"x": Decimal("1.10"), "y": Decimal("1E-7")})  # type: ignore[typeddict-item, typeddict-unknown-key]  # the transport does not look
    [request] = served.requests
    assert (request.content, request.headers["Authorization"]) == (b'{"x":"1.10","y":"0.0000001"}', "Bearer t-1")


@pytest.mark.parametrize("base", ["http://[::1", "api.example", ""])
def test_what_is_no_address_is_told_at_once(base: str) -> None:
    slept: list[float] = []
    with Client(base, sleep=slept.append) as client, pytest.raises(Unsendable, match="is not a valid API address"):
        client.run("rr_1")
    assert slept == []


@pytest.mark.parametrize("text", ["t\u00e9", "t\nx"])
def test_what_no_header_takes_is_told_and_not_sent(text: str) -> None:
    served = Served([answer()])
    with pytest.raises(Unsendable, match="Authorization has characters"):
        served.client(token=text).run("rr_1")
    with pytest.raises(Unsendable, match="Idempotency-Key has characters"):
        served.client().simulate(REQUEST, idempotency_key=text)
    assert served.requests == []


def test_what_did_not_change_is_an_answer() -> None:
    served = Served([lambda _: httpx.Response(304)])
    told = served.client().run("rr_1", if_none_match='"abc"')
    assert told.unchanged
    assert not told.value


def test_an_operation_is_waited_for() -> None:
    running, done = {"operation_id": "dop_1", "status": "RUNNING"}, {"operation_id": "dop_1", "status": "SUCCEEDED"}
    served = Served([answer(200, running, **{"Retry-After": "2"}), answer(200, running), answer(200, done)])
    assert served.client().wait_for("dop_1").value["status"] == "SUCCEEDED"
    assert served.slept == [2.0, 0.4]


def test_an_operation_on_a_proposal_is_waited_for_at_its_own_address() -> None:
    served = Served([answer(200, {"operation_id": "pop_1", "status": "FAILED"})])
    assert served.client().wait_for_proposal("pop_1").value["status"] == "FAILED"
    assert [request.url.path for request in served.requests] == ["/prod/rebalance/proposals/operations/pop_1"]


def test_who_has_no_more_time_is_told_so() -> None:
    served = Served([answer(200, {"operation_id": "dop_1", "status": "RUNNING"})])
    with pytest.raises(StillRunning, match="dop_1"):
        served.client().wait_for("dop_1", seconds=1.0)
    assert sum(served.slept) == pytest.approx(1.0)


def test_lists_are_read_page_by_page() -> None:
    served = Served([answer(200, {"items": [1, 2], "next_cursor": "rr_2"}), answer(200, {"items": [3], "next_cursor": None})])
    client = served.client()
    assert list(client.pages(lambda cursor: client.runs(cursor=cursor))) == [1, 2, 3]
    assert [request.url.params.get("cursor") for request in served.requests] == [None, "rr_2"]


def test_the_edges_of_a_lineage_are_rows_too() -> None:
    served = Served([answer(200, {"edges": [1], "next_cursor": "e"}), answer(200, {"edges": [2], "next_cursor": None})])
    client = served.client()
    assert list(client.pages(lambda cursor: client.lineage("rr_1", cursor=cursor))) == [1, 2]


def test_what_is_no_problem_document_is_a_problem_all_the_same() -> None:
    served = Served([lambda _: httpx.Response(502, text="<html>")])
    with pytest.raises(Problem, match="502 UNKNOWN"):
        served.client(patience=Patience(attempts=1)).run("rr_1")


def test_type_checkers_of_callers_find_the_types() -> None:
    assert files("rebalance_client").joinpath("py.typed").is_file()  # PEP 561


@pytest.mark.parametrize(
    ("base", "goes"), [("http://api.example", False), ("HTTP://10.0.0.1", False), ("http://127.0.0.1:8000", True), ("http://[::1]", True)]
)
def test_a_token_leaves_this_machine_by_tls_alone(base: str, goes: bool) -> None:
    served = Served([answer()])
    http = httpx.Client(transport=httpx.MockTransport(served._reply))
    client = Client(base, token="t-1", http=http)
    if goes:
        client.run("rr_1")
    else:
        with pytest.raises(Unsendable, match="plain text"):
            client.run("rr_1")
    assert len(served.requests) == int(goes)
