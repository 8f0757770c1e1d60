"""What desk conventions cost: a book decided by them, with every reason, against the same book as release 1.0 decides it."""

import gc
import sys
from functools import partial

import engine
from infra.triggers.once import YOUNG_OBJECTS
from tests.benchmarks.engine_bytes import pair_ratio
from tests.benchmarks.portfolios import portfolio_request

SIZES = (50, 200, 1000, 3000)
LIMIT, GOAL = 2.1, 1.8
"""The desk's book is levelled in whole numbers of some forty digits, and answers a third more bytes; what each guarded
run pays once weighs most at 50 positions, where the ratio is nearest to its limit."""

MAX_GROWTH = 25.0


def main() -> bool:
    """Print the table; True when every promise holds. The collector is set as in a container."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    kept, seconds = True, {}
    print("desk against classic     N     ms    x classic")
    try:
        for size in SIZES:
            classic, desk = portfolio_request(size), portfolio_request(size, conventions="DESK")
            ratio, seconds[size] = pair_ratio(partial(decide, desk), partial(decide, classic))
            kept &= ratio <= LIMIT
            verdict = "ok" if ratio <= GOAL else f"over the goal of {GOAL}" if ratio <= LIMIT else f"OVER THE LIMIT OF {LIMIT}"
            print(f"                     {size:5d} {seconds[size] * 1e3:6.2f} {ratio:8.2f}   {verdict}")
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
    growth = seconds[3000] / seconds[200]
    print(f"growth from 200 to 3000 positions: {growth:.1f} (at most {MAX_GROWTH:.0f})")
    return kept and growth <= MAX_GROWTH


def decide(body: bytes) -> bytes:
    """One decision."""
    return engine.simulate_json(body, run_id="rr_bench", correlation_id="c_bench")


if __name__ == "__main__":
    sys.exit(not main())
