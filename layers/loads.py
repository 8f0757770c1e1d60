"""`python -m layers.loads [FOLDER]`: what each function loads before its first event, from what was built; fails above `layers/budgets.py`.

Counted, not timed: our modules and those of our libraries, and the bytes of their files, are the same on every machine, so that a budget
holds or does not. What a start takes is measured by `make bench`. Needs a Python 3.13 on the machine: without one nothing is proved,
which is told, and is a failure where CI is set.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.template import Template
from layers.bare import VERSION, Unproved, proved
from layers.budgets import BUDGETS, NEVER, Budget
from layers.opts import Opts

FUNCTION: Final = "AWS::Serverless::Function"
PROGRAM: Final = """
import app, json, os, sys
ours = tuple(os.environ["PYTHONPATH"].split(os.pathsep))
files = [module.__file__ for module in list(sys.modules.values()) if (getattr(module, "__file__", None) or "").startswith(ours)]
print(json.dumps([len(files), sum(map(os.path.getsize, set(files))), sorted({name.partition(".")[0] for name in sys.modules})]))
"""
TAIL: Final = 2_000
"""How much is told of a function that does not start."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a start loads of ours: how many modules, and the bytes of their files; and whose modules there are besides."""

    modules: int
    size: int
    packages: frozenset[str]


def environment(template: Template, name: str) -> dict[str, str]:
    """A function's variables as on Lambda, where it connects its adapters while it starts; every resource by its name in the template."""
    given = template.properties(name, lambda resource, _: resource).get("Environment", {}).get("Variables", {})
    return {key: str(value) for key, value in given.items()} | {
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",  # nobody is asked anything there
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }


def loaded(python: str, template: Template, name: str, opts: Opts) -> Loaded:
    """What a function of the built template loads in a fresh process that sees its layers and its code, and nothing else."""
    path = [template.folder / template.properties(name)["CodeUri"], opts.of(template, name) / "python"]
    environ = environment(template, name) | {"PYTHONPATH": os.pathsep.join(str(folder.resolve()) for folder in path)}
    run = subprocess.run([python, "-S", "-B", "-c", PROGRAM], env=environ, cwd="/", capture_output=True, check=False)  # noqa: S603  (found by `interpreter`)
    if run.returncode:
        raise Unproved(f"{name}: {run.stderr.decode(errors='replace')[-TAIL:]}")
    modules, size, packages = json.loads(run.stdout.splitlines()[-1])
    return Loaded(modules, size, frozenset(packages))


def over(name: str, found: Loaded, budget: Budget | None) -> Iterator[str]:
    """Where a function passes its budget."""
    if budget is None:
        yield f"{name}: no budget in layers/budgets.py"
        return
    if found.modules > budget.modules:
        yield f"{name}: {found.modules} modules, {budget.modules} are allowed"
    if found.size > budget.kilobytes * 1_000:
        yield f"{name}: {found.size / 1e3:,.0f} kB of modules, {budget.kilobytes:,} are allowed"
    if unwanted := sorted(found.packages & NEVER):
        yield f"{name}: loads {', '.join(unwanted)} before anybody asks for it"


def prove(python: str, built: Path) -> str:
    """Count for every function, print the table, and refuse what passes a budget."""
    template = Template.load(built.resolve() / "template.yaml")
    with Opts.made(built) as opts:
        found = {name: loaded(python, template, name, opts) for name, _ in template.of_type(FUNCTION)}
    print(f"{'loaded at the start':26}{'modules':>9}{'of':>6}{'kB':>9}{'of':>8}")  # noqa: T201  (a command line prints)
    for name, counted in sorted(found.items()):
        budget = BUDGETS.get(name, Budget(0, 0, 0, 0))
        print(f"{name:26}{counted.modules:>9}{budget.modules:>6}{counted.size / 1e3:>9,.0f}{budget.kilobytes:>8,}")  # noqa: T201  (a command line prints)
    if passed := [line for name, counted in found.items() for line in over(name, counted, BUDGETS.get(name))]:
        raise Unproved("; ".join(passed))
    return f"{len(found)} functions load no more than their budgets on a bare Python {VERSION}"


if __name__ == "__main__":
    sys.exit(proved("loads", prove, sys.argv[1:]))
