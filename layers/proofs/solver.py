"""`python -m layers.proofs.solver [FOLDER]`: solves from the built layers alone, with the Python version they are built for.

Fails when the layers lack something that solving needs, which no test with the developer's own packages can notice. Needs a
Python 3.13 on the machine: without one nothing is proved, which is told, and is a failure where CI is set.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

from layers.bare import VERSION, Unproved, answer, folders, proved

THIRDS: Final = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "USD", "cash_balances": [{"currency": "USD", "amount": "1000"}]},
    "market_data_snapshot": {"prices": [{"instrument_id": i, "price": "10", "currency": "USD"} for i in "ABC"]},
    "model_portfolio": {"targets": [{"instrument_id": i, "weight": "0.5"} for i in "ABC"]},
    "shelf_entries": [{"instrument_id": i, "status": "APPROVED"} for i in "ABC"],
    "options": {"target_method": "SOLVER"},
}
"""Three wishes of a half: the certified answer is a third each."""

PROGRAM: Final = """
import sys, engine
answer = engine.simulate_json(sys.stdin.buffer.read(), run_id="rr_proof", correlation_id="c_proof").decode()
print(sys.modules["cvxpy"].__file__)
print(answer)
"""


def prove(python: str, built: Path) -> str:
    """Solve in a fresh process that sees the layers and nothing else."""
    start, path = time.perf_counter(), folders(built)
    solver, result = answer(python, path, PROGRAM, json.dumps(THIRDS).encode()).splitlines()
    if not Path(solver).is_relative_to(path[-1]):
        raise Unproved(f"cvxpy came from {solver}")
    target = json.loads(result)["target"]
    if target["strategy"].get("certificate") != "KKT_EXACT" or {row["final_weight"] for row in target["targets"]} != {"0.333333333333"}:
        raise Unproved(f"wrong answer: {target}")
    return f"imports and solves in {time.perf_counter() - start:.1f} s on a bare Python {VERSION}"


if __name__ == "__main__":
    sys.exit(proved("solver layer", prove, sys.argv[1:]))
