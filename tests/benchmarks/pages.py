"""What a page weighs beside the canonical text of the artifact that it shows, and what its making costs beside deciding the run."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from engine.evidence.canonical import canonical
from engine.report.run_page import run_page
from infra.pages.render import render
from tests.pages.decided import REQUESTS, artifact_of_request
from tests.support.portfolios import a_request

MAX_RATIO: Final = 6.0


def book(positions: int) -> dict[str, Any]:
    """As many orders as positions, each with its reasons."""
    request = a_request(positions)
    request["portfolio_snapshot"]["cash_balances"][0]["amount"] = str(positions * 100)
    return request | {"options": {"conventions": "DESK"}}


BOOKS: Final[dict[str, Callable[[], dict[str, Any]]]] = {**REQUESTS, "50 orders": lambda: book(50), "3,000 orders": lambda: book(3_000)}


def main() -> bool:
    """Print the figures; True when no page is larger than promised."""
    ratios = []
    for name, request in BOOKS.items():
        start = time.perf_counter()
        artifact = artifact_of_request(request())
        decided = time.perf_counter()
        page = render(run_page(json.loads(artifact)))
        made = time.perf_counter()
        size = len(canonical(json.loads(artifact)))
        ratios.append(len(page) / size)
        took = f"made in {(made - decided) * 1e3:.0f} ms, decided in {(decided - start) * 1e3:.0f} ms"
        print(f"page of {name}: {len(page):,} bytes for {size:,}, ratio {ratios[-1]:.2f} (at most {MAX_RATIO:.0f}), {took}")
    return max(ratios) <= MAX_RATIO


if __name__ == "__main__":
    sys.exit(not main())
