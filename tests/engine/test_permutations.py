"""Permuting any list or object of a request never changes its trades, wherever the sums of the request round (dpm-engine S18)."""

from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import simulate_json
from tests.engine.edge_requests import EDGES
from tests.engine.hostile_requests import hostile_request
from tests.engine.invariants import Json, trades
from tests.engine.strategies import requests
from tests.support.effort import TIMES, examples

pytestmark = pytest.mark.soak
EDGE_SEEDS = 800 * TIMES
HOSTILE_SEEDS = 1_000 * TIMES


def orders(request: Json) -> set[tuple[str, str, str]]:
    result = orjson.loads(simulate_json(orjson.dumps(request), run_id="rr_1", correlation_id="c_1"))
    return {(trade["instrument_id"], trade["side"], trade["quantity"]) for trade in trades(result)}


def permuted(node: Any, rng: Random) -> Any:
    """The document with every list and every object in another order."""
    if isinstance(node, dict):
        return {key: permuted(node[key], rng) for key in rng.sample(list(node), len(node))}
    if isinstance(node, list):
        return [permuted(row, rng) for row in rng.sample(node, len(node))]
    return node


def assert_order_does_not_matter(request: Json, seed: int, times: int = 2) -> None:
    rng = Random(seed)  # noqa: S311  (test data, repeatable)
    expected = orders(request)
    for _ in range(times):
        assert orders(permuted(request, rng)) == expected, f"seed {seed}"


@examples(400)
@given(requests(), st.integers(0, 2**32))
def test_the_order_of_an_everyday_request_does_not_matter(request: dict[str, Any], seed: int) -> None:
    assert_order_does_not_matter(request, seed)


@pytest.mark.parametrize("edge", EDGES)
def test_the_order_of_a_request_on_the_edge_does_not_matter(edge: str) -> None:
    for seed in range(EDGE_SEEDS):
        assert_order_does_not_matter(EDGES[edge](seed), seed, times=3)


def test_the_order_of_a_hostile_request_does_not_matter() -> None:
    for seed in range(HOSTILE_SEEDS):
        request = hostile_request(seed)
        request["options"] |= {"target_method": "HEURISTIC", "compare_target_methods": False}
        assert_order_does_not_matter(request, seed)
