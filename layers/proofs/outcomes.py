"""`python -m layers.proofs.outcomes [FOLDER]`: the golden outcomes from the built layers, with the Python version they are built for.

The tests hold the recorded outcomes against the machine's own Python and packages; this holds them, byte for byte, against what is
deployed. Needs a Python 3.13 on the machine: without one nothing is proved, which is told, and is a failure where CI is set.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from layers.bare import VERSION, Unproved, answer, folders, proved

GOLDEN: Final = Path(__file__).parents[2] / "tests" / "golden"
PROGRAM: Final = """
import json
from tests.golden import outcomes, scenarios
print(json.dumps([{scenario.name: outcomes.digests(scenario) for scenario in scenarios.scenarios()}, outcomes.recorded()]))
"""


def prove(python: str, built: Path, golden: Path = GOLDEN) -> str:
    """Decide every golden scenario in a fresh process that sees the layers and the scenarios, and nothing else."""
    with TemporaryDirectory() as beside:
        (Path(beside) / "tests").mkdir()
        (Path(beside) / "tests" / "golden").symlink_to(golden)
        decided, recorded = json.loads(answer(python, [*folders(built), Path(beside)], PROGRAM))
    if moved := differing(decided, recorded):
        raise Unproved(f"other outcomes than recorded: {', '.join(moved)}")
    return f"{len(decided)} golden outcomes are the recorded bytes on a bare Python {VERSION}"


def differing(decided: Mapping[str, object], recorded: Mapping[str, object]) -> list[str]:
    """Names of scenarios on one side only or with other digests."""
    return sorted(name for name in decided.keys() | recorded.keys() if decided.get(name) != recorded.get(name))


if __name__ == "__main__":
    sys.exit(proved("golden outcomes", prove, sys.argv[1:]))
