"""Routes that nobody serves: 404; methods that a path does not take: 405 with those it does."""

from typing import Any

import pytest

from tests.support.gateway import IDENTITY, Reply, event, load


@pytest.fixture(scope="module")
def handler() -> Any:
    return load("fallback").handler


def ask(handler: Any, method: Any, path: Any, **parts: Any) -> Any:
    return Reply.of(handler(event(None, {"X-Correlation-Id": "desk 7"}, method=method, path=path, resource="/{proxy+}", **parts), None))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_a_method_that_simulate_does_not_take(handler: Any, method: str) -> None:
    reply = ask(handler, method, "/rebalance/simulate", authorizer=IDENTITY)
    assert reply.headers["Allow"] == "POST"
    assert reply.json == {
        "type": "about:blank",
        "title": "Method not allowed",
        "status": 405,
        "detail": "METHOD_NOT_ALLOWED",
        "code": "METHOD_NOT_ALLOWED",
        "instance": "/rebalance/simulate",
        "correlation_id": "desk 7",
    }


@pytest.mark.parametrize(
    "path", ["/rebalance", "/rebalance/simulate/", "//rebalance/simulate", "/rebalance/simulate/x", "/Rebalance/simulate"]
)
def test_an_unknown_route(handler: Any, path: str) -> None:
    reply = ask(handler, "POST", path, authorizer=IDENTITY)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.status, reply.json["code"], reply.json["instance"]) == (404, "NOT_FOUND", path)
    assert "Allow" not in reply.headers


@pytest.mark.parametrize(
    ("resource", "proxy"), [("/rebalance/simulate", None), ("/{proxy+}", "rebalance/simulate")], ids=["by its route", "by the rest"]
)
def test_a_domain_that_maps_a_path_before_ours_hides_no_route(handler: Any, resource: str, proxy: str | None) -> None:
    sent = event(None, {}, method="PUT", path="/engine/rebalance/simulate", resource=resource, authorizer=IDENTITY)
    reply = Reply.of(handler(sent | {"pathParameters": None if proxy is None else {"proxy": proxy}}, None))
    assert (reply.status, reply.headers.get("Allow")) == (405, "POST")


def test_the_instance_is_a_bounded_uri_reference(handler: Any) -> None:
    reply = ask(handler, "GET", "/<ü>" + "x" * 5000)
    assert reply.json["instance"].startswith("/%3C%C3%BC%3Exxx")
    assert len(reply.json["instance"]) < 600
