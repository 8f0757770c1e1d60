"""What-if batches, bytes to bytes: twenty scenarios against one simulate of the same portfolio."""

from datetime import UTC, datetime

import orjson

import engine
from tests.benchmarks.engine_bytes import pair_ratio
from tests.benchmarks.portfolios import portfolio_request

POSITIONS, SCENARIOS, LIMIT = 50, 20, 12.0
MOMENT = datetime(2026, 3, 31, tzinfo=UTC)


def main() -> bool:
    """Print the ratio; True when the promise holds."""
    simulate = portfolio_request(POSITIONS)
    request = orjson.loads(simulate)
    options = request.pop("options")
    scenarios = {f"s{n:02d}": {"options": {**options, "fx_buffer_pct": f"0.{n:02d}"}} for n in range(SCENARIOS)}
    analyze = orjson.dumps({**request, "scenarios": scenarios})
    ratio, seconds = pair_ratio(
        lambda: engine.analyze_json(analyze, batch_run_id="batch_bench", finished_at=MOMENT),
        lambda: engine.simulate_json(simulate, run_id="rr_bench", correlation_id="c_bench"),
    )
    print(f"analyze {SCENARIOS} scenarios at N = {POSITIONS}: {seconds * 1e3:.2f} ms, {ratio:.2f} x one simulate (at most {LIMIT:.0f})")
    return ratio <= LIMIT
