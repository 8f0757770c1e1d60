"""What each function carries and what its start costs, as a ratio to what any function on AWS with pydantic must load."""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from infra.local.stack import TEMPLATE
from infra.template import Template
from layers.budgets import BUDGETS
from layers.loads import FUNCTION, environment
from layers.size import BUILT, sizes
from tests.benchmarks.cold import ENVIRON, FLOOR, LEAVE, ROOT

ROUNDS = 5


def cpu_seconds(code: str, environ: Mapping[str, str], compiled: str) -> float:
    """User and system time of a fresh process, with bytecode at hand as in the layers."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept | dict(environ) | {"PYTHONPYCACHEPREFIX": compiled}, check=True)  # noqa: S603  (our own command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def carried() -> Mapping[str, float]:
    """Unzipped megabytes of each function, where `make build` was run."""
    return {name: sum(parts.values()) / 1e6 for name, parts in sizes(Template.load(BUILT)).items()} if BUILT.exists() else {}


def main() -> bool:
    """Print the least of alternating rounds for every function; True when each keeps its budget."""
    template = Template.load(TEMPLATE)
    starts = {
        name: (
            f"import sys; sys.path[:0] = [{str(ROOT / function['CodeUri'])!r}, {str(ROOT)!r}]; import app{LEAVE}",
            environment(template, name),
        )
        for name, function in template.of_type(FUNCTION)
    }
    sides = {"floor": (FLOOR, ENVIRON), **starts}
    with tempfile.TemporaryDirectory() as compiled:
        for code, environ in sides.values():
            cpu_seconds(code, environ, compiled)
        rounds = [{name: cpu_seconds(code, environ, compiled) for name, (code, environ) in sides.items()} for _ in range(ROUNDS)]
    least = {name: min(one[name] for one in rounds) for name in sides}
    megabytes, kept = carried(), True
    print(f"the floor: {least['floor'] * 1e3:.0f} ms of CPU; least of {ROUNDS} rounds")
    print(f"{'function':26}{'MB':>7}{'of':>5}{'CPU ms':>9}{'ratio':>8}{'of':>6}")
    for name in sorted(starts):
        budget, ratio = BUDGETS[name], least[name] / least["floor"]
        within = ratio <= budget.ratio and megabytes.get(name, 0) <= budget.megabytes
        kept = kept and within
        size = f"{megabytes[name]:.1f}" if name in megabytes else "-"
        print(
            f"{name:26}{size:>7}{budget.megabytes:>5}{least[name] * 1e3:>9.0f}{ratio:>8.2f}{budget.ratio:>6.2f}"
            + ("" if within else "  OVER")
        )
    return kept


if __name__ == "__main__":
    sys.exit(not main())
