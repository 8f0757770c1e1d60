"""Engine bytes to bytes, as a ratio to the least that any implementation must do with the same bytes."""

import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import cycle

import orjson

import engine
from engine.contracts import RebalanceRequest, parse_request
from engine.evidence.canonical import canonical_request, digest
from tests.benchmarks.containers import as_in_a_container
from tests.benchmarks.portfolios import portfolio_request

LIMITS = {50: 9.5, 200: 7.5, 1000: 6.0, 3000: 6.0}
"""Positions → floors. A fifth of them goes into reading a request (decision 0023); what is paid once per decision weighs most at fifty."""

MAX_GROWTH = 25.0
CLIENTS = 16
"""Whose requests come in turn: a container sees one market over and over, and holdings never twice (decision 0023)."""

FEWEST, MAX_SHARE = 10, 0.55
"""What a decision costs before its first row (a hundred options, eight rules, the gate) no floor has: it costs nothing per byte. At ten
positions, where little else is left, the promise is a share of what fifty cost, instead of a number of floors of twenty microseconds."""


def timed(work: Callable[[], object], repeat: int) -> float:
    """Seconds per call, over a block of calls: of the processor, since others on the machine are no cost of ours."""
    start = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - start) / repeat


def pair_ratio(work: Callable[[], object], floor: Callable[[], object], blocks: int = 15) -> tuple[float, float]:
    """Median of the ratios of alternating warm blocks, and the median seconds of the work."""
    repeat = max(1, int(0.02 / max(timed(work, 2), 1e-6)))
    pairs = [(timed(work, repeat), timed(floor, repeat)) for _ in range(blocks)]
    return statistics.median(w / f for w, f in pairs), statistics.median(w for w, _ in pairs)


def identify(request: RebalanceRequest) -> str:
    """What a request hash costs: the canonical text and its digest."""
    return digest(canonical_request(request))


def main() -> bool:
    """Print the table; True when every promise holds."""
    print("engine bytes to bytes     N     ms    x floor   hash x floor")
    kept, milliseconds = True, {}
    with as_in_a_container():
        for size in (FEWEST, *LIMITS):
            ratio, hashed, milliseconds[size] = measured(size)
            limit = LIMITS.get(size)
            kept &= limit is None or ratio <= limit
            verdict = "see below" if limit is None else f"{'ok' if ratio <= limit else 'OVER THE LIMIT'} (at most {limit:.1f})"
            print(f"                      {size:5d} {milliseconds[size]:6.2f} {ratio:8.2f} {hashed:10.2f}   {verdict}")
    share = milliseconds[FEWEST] / milliseconds[50]
    kept &= share <= MAX_SHARE
    print(f"{FEWEST} positions against 50: {share:.2f} (at most {MAX_SHARE})")
    growth = milliseconds[3000] / milliseconds[200]
    kept &= growth <= MAX_GROWTH
    print(f"growth from 200 to 3000 positions: {growth:.1f} (at most {MAX_GROWTH:.0f})")
    return kept


def measured(size: int) -> tuple[float, float, float]:
    """Floors of a decision, floors of its request's hash, and milliseconds of the decision. One client after the other over one market."""
    bodies = cycle([portfolio_request(size, client) for client in range(CLIENTS)])
    body = next(bodies)
    request = parse_request(body)
    result = orjson.loads(engine.simulate_json(body, run_id="rr_bench", correlation_id="c_bench"))
    values = [(Decimal(p["quantity"]), Decimal("1.0842")) for p in orjson.loads(body)["portfolio_snapshot"]["positions"]]

    def floor() -> None:
        orjson.loads(body)
        for quantity, rate in values:
            quantity * rate
        orjson.dumps(result)

    ratio, seconds = pair_ratio(lambda: engine.simulate_json(next(bodies), run_id="rr_bench", correlation_id="c"), floor)
    hashed, _ = pair_ratio(partial(identify, request), floor, blocks=5)
    return ratio, hashed, seconds * 1e3
