"""A line of a book, its bytes in and its result line out, against the same portfolio decided on its own: what a book shares is read once."""

import json
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import orjson

import engine
from engine.books.chunk import ChunkOutcome, decide_chunk
from engine.books.shared import SharedBook
from tests.benchmarks.containers import as_in_a_container
from tests.benchmarks.engine_bytes import pair_ratio
from tests.benchmarks.portfolios import portfolio_request
from tests.support.books import line_of, shared_of

POSITIONS: Final = 50
LINES: Final = 10
"""Portfolios that are decided between two looks at the clock, no two alike; each time they are a chunk of their own."""

GOAL: Final = 0.7
LIMITS: Final = {"CLASSIC": 1.05, "DESK": 1.05}
"""Conventions → times `simulate_json`: what holds, with some room. A line is spared reading market, model, shelf and options. Its request is
named by digests and hashed, its orders become rows and its outcome part of a tally besides; compressing what it comes to is left out."""


def main() -> bool:
    """Print the table; True when every promise holds."""
    kept = True
    print("a line of a book against simulate     ms    lines a second    x simulate")
    with as_in_a_container():
        for conventions, limit in LIMITS.items():
            requests = [portfolio(number, conventions) for number in range(LINES)]
            shared, lines = SharedBook.of(shared_of(requests[0])), list(map(line_of, requests))
            bodies = list(map(orjson.dumps, requests))
            ratio, seconds = pair_ratio(partial(decide_lines, shared, lines), partial(decide_alone, bodies))
            kept &= ratio <= limit
            verdict = f"OVER THE LIMIT (at most {limit})" if ratio > limit else f"ok (at most {limit})"
            goal = f", over the goal of {GOAL}" if ratio > GOAL else ""
            told = seconds / LINES
            print(f"{conventions:>29} {told * 1e3:13.3f} {1 / told:17,.0f} {ratio:13.3f}   {verdict}{goal}")
    return kept


def portfolio(number: int, conventions: str) -> dict[str, Any]:
    """A request of fifty positions; some are larger the higher its number is."""
    request: dict[str, Any] = json.loads(portfolio_request(POSITIONS, conventions=conventions))
    request["portfolio_snapshot"]["portfolio_id"] = f"pf_{number}"
    for at, row in enumerate(request["portfolio_snapshot"]["positions"]):
        row["quantity"] = str(int(row["quantity"]) + number * (at % 7))
    return request


def decide_lines(shared: SharedBook, lines: Sequence[bytes]) -> None:
    """The lines as a chunk, but for compression and whatever keeps it."""
    for _ in decide_chunk(shared, "bk_bench", lines, ChunkOutcome()):
        pass


def decide_alone(bodies: Sequence[bytes]) -> None:
    """The same portfolios one by one."""
    for body in bodies:
        engine.simulate_json(body, run_id="rr_bench", correlation_id="c_bench")


if __name__ == "__main__":
    sys.exit(not main())
