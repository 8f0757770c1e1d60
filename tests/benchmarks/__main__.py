"""`make bench`: every promise on speed, measured one after the other as ratios within this run; exit status 1 if one is broken."""

import importlib
import sys
import time

PROMISES = (
    ("engine_bytes", "the engine, bytes to bytes, against the least that any implementation must do"),
    ("desk", "desk conventions with their reasons against the same book without"),
    ("proposals", "an advisor's proposal against the least that any implementation must do, and its artifact against both"),
    ("books", "a line of a book against its portfolio decided on its own"),
    ("batch", "twenty scenarios against one simulate"),
    ("solver", "the certified target stage against building and solving the same problem afresh"),
    ("handler", "the warm simulate function above its engine"),
    ("lookup", "the reading functions, warm and cold"),
    ("pages", "a page against the artifact that it shows"),
    ("units", "what calls write and read in DynamoDB and S3"),
    ("cost", "what a million simulates cost"),
    ("cold", "the cold start of simulate"),
    ("starts", "what every function carries, and the cost of its start"),
    ("operations", "the worker's rate over the local stack"),
)


def main() -> int:
    """Run them all, then say which held."""
    verdicts = []
    for name, promise in PROMISES:
        print(f"\n── {promise} ".ljust(100, "─"), flush=True)
        start = time.perf_counter()
        held = importlib.import_module(f"tests.benchmarks.{name}").main()
        verdicts.append((held, name, time.perf_counter() - start))
    print("\n── promises ".ljust(101, "─"))
    for held, name, seconds in verdicts:
        print(f"{'kept  ' if held else 'BROKEN'} {name:14} measured in {seconds:5.1f} s")
    return 0 if all(held for held, _, _ in verdicts) else 1


sys.exit(main())
