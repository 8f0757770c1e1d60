"""`python -m layers.proofs.pages [FOLDER]`: the page of a run from the built layers, templates and all, with the Python version they are for.

The page must be, byte for byte, what this checkout makes of the same run. Needs a Python 3.13 on the machine: without one nothing is
proved, which is told, and is a failure where CI is set.
"""

import sys
from pathlib import Path
from typing import Final

from layers.bare import VERSION, Unproved, answer, folders, proved

ROOT: Final = Path(__file__).parents[2]
REQUEST: Final = ROOT / "events" / "first_request.json"
PROGRAM: Final = """
import sys, engine
from hashlib import sha256
from infra.pages.answers import page_of_run
result = engine.simulate_json(sys.stdin.buffer.read(), run_id="rr_proof", correlation_id="c_proof")
ids = b'{"rebalance_run_id":"rr_proof","correlation_id":"c_proof","idempotency_key":"k","portfolio_id":"p","request_hash":"h","result":'
page = page_of_run(ids + result + b"}", "rr_proof").body
print(sha256(page).hexdigest(), len(page))
"""


def prove(python: str, built: Path) -> str:
    """Make the page in a fresh process that sees the layers and nothing else, and in one that sees this checkout."""
    request = REQUEST.read_bytes()
    made = answer(python, folders(built), PROGRAM, request).split()
    here = answer(sys.executable, [ROOT, *map(Path, filter(None, sys.path))], PROGRAM, request).split()
    if made != here:
        raise Unproved(f"another page than this checkout's: {' '.join(made)} bytes for {' '.join(here)}")
    return f"the page of a run is the same {int(made[1]):,} bytes on a bare Python {VERSION}"


if __name__ == "__main__":
    sys.exit(proved("pages", prove, sys.argv[1:]))
