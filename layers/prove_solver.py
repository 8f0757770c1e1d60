"""`python -m layers.prove_solver [FOLDER]`: solves from the built layers alone, with the Python version they are built for.

Fails when the layers lack something that solving needs, which no test with the developer's own packages can notice. Needs a
Python 3.13 on the machine: without one nothing is proved, which is told, and is a failure where CI is set.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

VERSION: Final = "3.13"
BUILT: Final = Path(".aws-sam/build")
LAYERS: Final = ("RuntimeLayer", "EngineLayer", "SolverLayer")
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


def interpreter() -> str | None:
    """A Python of the runtime's version that really starts (a pyenv shim may not): on the path, else among pyenv's."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(map(str, versions.glob(f"{VERSION}.*/bin/python{VERSION}")))
    for python in filter(None, [shutil.which(f"python{VERSION}"), *reversed(installed)]):
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603  (found above)
            return python
    return None


def prove(python: str, built: Path) -> str | None:
    """Solve in a fresh process that sees the layers and nothing else; what is wrong, or None."""
    folders = [(built / layer / "python").resolve() for layer in LAYERS]
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        return f"not built: {', '.join(missing)}"
    run = subprocess.run(  # noqa: S603  (an interpreter found above, on our own program)
        [python, "-S", "-B", "-c", PROGRAM],
        input=json.dumps(THIRDS).encode(),
        env={"PYTHONPATH": os.pathsep.join(map(str, folders))},
        cwd="/",
        capture_output=True,
        check=False,
    )
    if run.returncode:
        return run.stderr.decode(errors="replace")
    solver, answer = run.stdout.decode().splitlines()
    if not Path(solver).is_relative_to(folders[-1]):
        return f"cvxpy came from {solver}"
    target = json.loads(answer)["target"]
    if target["strategy"].get("certificate") != "KKT_EXACT" or {row["final_weight"] for row in target["targets"]} != {"0.333333333333"}:
        return f"wrong answer: {target}"
    return None


def main(arguments: list[str]) -> int:
    """0 when the layers solve, 1 when they do not, 2 where the proof is due and impossible."""
    python = interpreter()
    if python is None:
        print(f"solver layer: NOT PROVED, there is no Python {VERSION} on this machine", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2 if os.environ.get("CI") else 0
    start = time.perf_counter()
    wrong = prove(python, Path(arguments[0]) if arguments else BUILT)
    if wrong:
        print(f"solver layer: {wrong}", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 1
    print(f"solver layer: imports and solves in {time.perf_counter() - start:.1f} s on a bare Python {VERSION}")  # noqa: T201  (a command line prints)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
