"""Ten thousand valid requests with figures at the ends of the contract: each gets an answer, and each answer holds.

A failing seed is named; `python -m tests.support.hostile_requests SEED` replays it.
"""

from collections import Counter
from collections.abc import Callable

import orjson
import pytest

from engine import simulate_json
from engine.report.text import render
from tests.engine.hostile_practice import hostile_practice
from tests.engine.invariants import assert_sound, failed_rules, trades
from tests.support.effort import TIMES
from tests.support.hostile_requests import Json, hostile_request

CHUNKS, CHUNK = 10 * TIMES, 1_000
REACHED = (
    "NUMERIC_RANGE",
    "CASH_BAND",
    "SINGLE_POSITION_MAX",
    "DATA_QUALITY",
    "NO_SHORTING",
    "INSUFFICIENT_CASH",
    "RECONCILIATION",
    "SETTLEMENT_CASH_LADDER",
    "CAPPED_BY_GROUP",
    "PARTIAL_REBALANCE_TURNOVER",
    "TAX_BUDGET",
    "NO_ELIGIBLE_REDISTRIBUTION_DESTINATION",
    "SETTLEMENT_OVERDRAFT_UTILIZED",
    "TARGET_METHOD_WEIGHT_DIVERGENCE",
)
PRACTICE_CHUNKS = 3
REACHED_IN_PRACTICE = (
    "NUMERIC_RANGE",
    "CASH_FLOOR",
    "DISTANCE_TO_TARGET",
    "PLAUSIBILITY:FX_CONTRADICTORY",
    "PLAUSIBILITY:MODEL_EMPTY",
    "PLAUSIBILITY:ORDER_TOO_LARGE",
    "PLAUSIBILITY:VALUE_MISMATCH",
    "PLAUSIBILITY:MARKET_DATA_OLD",
    "BUYS_REDUCED_TO_FUNDS",
    "CASH_BELOW_FLOOR",
    "plan",
    "NO_SHORTING",
    "SETTLEMENT_CASH_LADDER",
)
RENDERED = 5
"""Every fifth answer is shown as text too."""


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_valid_request_gets_an_answer_that_holds(chunk: int) -> None:
    seen = answered(hostile_request, "tests.support.hostile_requests", range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert all(seen[name] >= CHUNK // 20 for name in ("READY", "PENDING_REVIEW", "BLOCKED", "BUY", "SELL"))
    assert [name for name in REACHED if not seen[name]] == []


@pytest.mark.parametrize("chunk", range(PRACTICE_CHUNKS))
def test_so_does_every_one_with_the_members_of_1_1(chunk: int) -> None:
    seen = answered(hostile_practice, "tests.engine.hostile_practice", range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert all(seen[name] >= CHUNK // 40 for name in ("READY", "PENDING_REVIEW", "BLOCKED", "BUY", "SELL"))
    assert [name for name in REACHED_IN_PRACTICE if not seen[name]] == []


def answered(make: Callable[[int], Json], module: str, seeds: range) -> Counter[str]:
    """Decide the requests of some seeds and look at each answer; answers what was met."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        request = make(seed)
        try:
            result = orjson.loads(simulate_json(orjson.dumps(request), run_id="rr_1", correlation_id="c_1"))
            assert_sound(request, result)
            if seed % RENDERED == 0:
                assert result["status"] in render(result)
        except Exception as error:
            raise AssertionError(f"python -m {module} {seed}") from error
        seen.update((result["status"], *failed_rules(result), *(trade["side"] for trade in trades(result)), *result))
        seen.update(warning.partition("_LIMIT")[0] for warning in result["diagnostics"]["warnings"])
    return seen
