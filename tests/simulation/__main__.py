"""Simulate from the command line: `python -m tests.simulation SEED` replays one, `--seeds N` plays that many from SEED on."""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.play import CASTS, Broken, play
from tests.simulation.world import WORLDS


def main() -> int:
    """Print the figures; 1 when a promise did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, default="memory")
    parser.add_argument("--cast", choices=CASTS, default="operations")
    asked = parser.parse_args()
    started, steps, ends, faults = time.perf_counter(), 0, Counter[str](), Counter[str]()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        try:
            played = play(seed, asked.steps, asked.world, cast=asked.cast)
        except Broken as broken:
            print(broken)
            return 1
        steps += played.steps
        ends.update(played.ends)
        faults.update(played.faults)
        if asked.seeds > 1:
            print(f"\r{seed - asked.seed + 1} of {asked.seeds} seeds", end="", file=sys.stderr, flush=True)
    print(f"{steps} steps of {asked.seeds} seeds in {time.perf_counter() - started:.1f} s; ends {dict(ends)}; faults {dict(faults)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
