"""The engine is pure, as its sources and a fresh interpreter show: no environment, clock, randomness, no float, no heavy import.

The walls that import-linter checks are about modules; here are the calls that an allowed module would still permit.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clarabel
import pytest

ENGINE = Path("engine")
DOOR = ENGINE / "__main__.py"
SOLVER = ENGINE / "targets" / "solver.py"
SOURCES = sorted(ENGINE.rglob("*.py"))

IMPURE_MODULES = frozenset(
    {"asyncio", "ctypes", "getpass", "logging", "multiprocessing", "os", "platform", "random", "secrets", "shutil", "signal", "socket"}
    | {"subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "zoneinfo", "calendar", "locale", "pathlib", "argparse"}
)
ALLOWED_AT_THE_DOOR = frozenset({"argparse", "pathlib", "signal", "sys"})
CLOCKS = frozenset(
    {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns", "getenv", "environ", "urandom", "uuid4", "getrandbits"}
)
IMPURE_BUILTINS = frozenset({"open", "input", "print", "hash", "id", "eval", "exec", "__import__", "globals", "vars", "breakpoint"})
TIME_LIMIT = re.compile(r"time_?limit|max_?time|time_?out|deadline|wall_?clock|max_?seconds", re.IGNORECASE)
HEAVY = (
    "numpy",
    "cvxpy",
    "clarabel",
    "scipy",
    "osqp",
    "boto3",
    "botocore",
    "aws_lambda_powertools",
    "moto",
    "jinja2",
    "infra",
    "functions",
)


def impurities(source: str, allowed: frozenset[str] = frozenset()) -> Iterator[str]:
    """What in a source could make one decision differ from the next."""
    for node in ast.walk(ast.parse(source)):
        for module in imported(node):
            if module in IMPURE_MODULES - allowed:
                yield f"line {getattr(node, 'lineno', 0)} imports {module}"
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield f"line {node.lineno} reads {node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS:
            yield f"line {node.lineno} calls {node.func.id}"


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name.partition(".")[0] for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def floats(source: str) -> Iterator[str]:
    """Where a source makes a float: a literal or a conversion."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno} holds {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"line {node.lineno} converts to float"


def time_limits(source: str) -> Iterator[str]:
    """Names and texts of a source that bound a computation by time."""
    for node in ast.walk(ast.parse(source)):
        named = (getattr(node, "arg", None), getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "value", None))
        yield from (name for name in named if isinstance(name, str) and " " not in name and TIME_LIMIT.search(name))


def found_in(paths: list[Path], search: Callable[[Path], Iterator[str]]) -> dict[Path, list[str]]:
    return {path: found for path in paths if (found := list(search(path)))}


def test_the_sources_are_found() -> None:
    assert {"rebalance.py", "numbers.py", "__main__.py"} <= {path.name for path in SOURCES}
    assert SOLVER in SOURCES


def test_no_source_of_the_engine_reads_environment_clock_or_chance() -> None:
    assert found_in(SOURCES, lambda path: impurities(path.read_text(), ALLOWED_AT_THE_DOOR if path == DOOR else frozenset())) == {}


def test_no_source_but_the_numerical_solver_makes_floats() -> None:
    assert found_in(SOURCES, lambda path: floats(path.read_text())).keys() == {SOLVER}


def test_no_computation_is_bounded_by_time() -> None:
    assert found_in(SOURCES, lambda path: time_limits(path.read_text())) == {}
    assert clarabel.DefaultSettings().time_limit == float("inf")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", ["line 1 imports os"]),
        ("def f():\n    from os import environ", ["line 2 imports os"]),
        ("import urllib.request", ["line 1 imports urllib"]),
        ("from datetime import datetime\nx = datetime.now()", ["line 2 reads now"]),
        ("from datetime import date as d\nx = d.today", ["line 2 reads today"]),
        ("x = hash('a')", ["line 1 calls hash"]),
        ("f = open('a')", ["line 1 calls open"]),
        ("from engine.numbers import ZERO\nimport decimal", []),
    ],
)
def test_an_impurity_is_found(source: str, found: list[Any]) -> None:
    assert list(impurities(source)) == found


def test_a_float_and_a_time_limit_are_found() -> None:
    assert list(floats("x = 0.1\ny = float(x)")) == ["line 1 holds 0.1", "line 2 converts to float"]
    assert len(set(time_limits("solve(time_limit=5)\nsettings = {'max_time': 1}\noptions.timeout = 2"))) == 3


def test_a_heuristic_request_loads_no_solver_no_aws_and_no_adapter() -> None:
    program = """
import sys
from pathlib import Path
from engine import simulate_json
simulate_json(Path("events/first_request.json").read_bytes(), run_id="rr_1", correlation_id="c_1")
print(*sorted(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)  # noqa: S603  (our own program)

    loaded = {module.partition(".")[0] for module in done.stdout.split()}
    assert "engine" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert "engine.ports.runs" not in done.stdout.split()
