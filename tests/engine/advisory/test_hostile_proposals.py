"""Thousands of valid proposals with figures at the ends of the contract, ten thousand from SOAK=4 on: each gets an answer, and each answer holds.

A failing seed is named; `python -m tests.engine.advisory.hostile_proposals SEED` replays it.
"""

from collections import Counter

import orjson
import pytest

from engine import propose_json
from tests.engine.advisory.hostile_proposals import hostile_proposal
from tests.engine.advisory.sound import assert_sound
from tests.engine.invariants import failed_rules, trades
from tests.support.effort import TIMES

CHUNKS, CHUNK = 3 * TIMES, 1_000
REACHED = (
    "NUMERIC_RANGE",
    "CASH_BAND",
    "SINGLE_POSITION_MAX",
    "DATA_QUALITY",
    "PLAUSIBILITY:FX_CONTRADICTORY",
    "PLAUSIBILITY:ORDER_REPEATED",
    "PLAUSIBILITY:ORDER_TOO_LARGE",
    "NO_SHORTING",
    "INSUFFICIENT_CASH",
    "PROPOSAL_INPUT_GUARDS",
    "PROPOSAL_FUNDING_DQ",
    "PROPOSAL_TRADES_SKIPPED",
    "PROPOSAL_SELL_TRIMMED",
    "RECONCILIATION",
    "LOT_SIZE",
    "HOLDING",
    "SHELF_MISSING",
    "SOURCE_SKIPPED",
    "BELOW_MIN_QUANTITY",
    "FX_SPOT",
)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_valid_proposal_gets_an_answer_that_holds(chunk: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        request = hostile_proposal(seed)
        try:
            result = orjson.loads(propose_json(orjson.dumps(request), run_id="pr_1", correlation_id="c_1"))
            assert_sound(request, result)
        except Exception as error:
            raise AssertionError(f"python -m tests.engine.advisory.hostile_proposals {seed}") from error
        told = result["diagnostics"]
        seen.update((result["status"], *failed_rules(result), *(trade["side"] for trade in trades(result))))
        seen.update(intent["intent_type"] for intent in result["intents"])
        seen.update(row["reason_code"] for row in told["skipped_trades"])
        seen.update(code for row in told["trade_adjustments"] for code in row["reason_codes"])
    assert all(seen[name] >= CHUNK // 50 for name in ("READY", "PENDING_REVIEW", "BLOCKED", "BUY", "SELL"))
    assert [name for name in REACHED if not seen[name]] == []
