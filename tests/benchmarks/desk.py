"""What desk conventions cost: a book decided by them, with every reason, against the same book as release 1.0 decides it."""

import sys
from functools import partial

import engine
from tests.benchmarks.containers import as_in_a_container
from tests.benchmarks.engine_bytes import pair_ratio
from tests.benchmarks.portfolios import portfolio_request

LIMITS = {50: 1.85, 200: 1.85, 1000: 1.85, 3000: 1.85}
"""Positions → times classic. The desk's book is levelled in whole numbers of some forty digits, and gives a reason with three exact figures for
every instrument; what each guarded run pays once weighs most at fifty positions. Both read their request alike: the less that takes, the larger this."""

MAX_GROWTH = 25.0


def main() -> bool:
    """Print the table; True when every promise holds."""
    kept, seconds = True, {}
    print("desk against classic     N     ms    x classic")
    with as_in_a_container():
        for size, limit in LIMITS.items():
            classic, desk = portfolio_request(size), portfolio_request(size, conventions="DESK")
            ratio, seconds[size] = pair_ratio(partial(decide, desk), partial(decide, classic))
            kept &= ratio <= limit
            verdict = "ok" if ratio <= limit else "OVER THE LIMIT"
            print(f"                     {size:5d} {seconds[size] * 1e3:6.2f} {ratio:8.2f}   {verdict} (at most {limit})")
    growth = seconds[3000] / seconds[200]
    print(f"growth from 200 to 3000 positions: {growth:.1f} (at most {MAX_GROWTH:.0f})")
    return kept and growth <= MAX_GROWTH


def decide(body: bytes) -> bytes:
    """One decision."""
    return engine.simulate_json(body, run_id="rr_bench", correlation_id="c_bench")


if __name__ == "__main__":
    sys.exit(not main())
