import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from layers.bare import LAYERS, Unproved
from layers.proofs.solver import prove

FAKE_SOLVER = "import sys, types\nsys.modules['cvxpy'] = types.SimpleNamespace(__file__={path!r})\n"
ANSWER = '{"target": {"strategy": {"certificate": "KKT_EXACT"}, "targets": [{"final_weight": "%s"}]}}'


@pytest.fixture
def built(tmp_path: Path) -> Callable[[str, str], str]:
    for layer in LAYERS:
        (tmp_path / layer / "python").mkdir(parents=True)

    def with_engine(solver_file: str, weight: str) -> str:
        source = FAKE_SOLVER.format(path=str(tmp_path / solver_file))
        source += f"def simulate_json(body, run_id, correlation_id): return {(ANSWER % weight).encode()!r}\n"
        (tmp_path / "EngineLayer" / "python" / "engine.py").write_text(source)
        return prove(sys.executable, tmp_path)

    return with_engine


def test_a_layer_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unproved, match="SolverLayer"):
        prove(sys.executable, tmp_path)


def test_right_weights_from_the_layer_are_a_proof(built: Callable[[str, str], str]) -> None:
    assert "imports and solves" in built("SolverLayer/python/cvxpy/__init__.py", "0.333333333333")


def test_a_wrong_weight_is_no_proof(built: Callable[[str, str], str]) -> None:
    with pytest.raises(Unproved, match=r"0\.3333'"):
        built("SolverLayer/python/cvxpy/__init__.py", "0.3333")


def test_a_solver_from_elsewhere_is_no_proof(built: Callable[[str, str], str]) -> None:
    with pytest.raises(Unproved, match="elsewhere"):
        built("elsewhere/cvxpy/__init__.py", "0.333333333333")


def test_an_engine_that_cannot_be_imported_is_no_proof(built: Callable[[str, str], str], tmp_path: Path) -> None:
    built("SolverLayer/python/cvxpy/__init__.py", "0.333333333333")
    (tmp_path / "EngineLayer" / "python" / "engine.py").write_text("import what_the_layer_lacks\n")
    with pytest.raises(Unproved, match="what_the_layer_lacks"):
        prove(sys.executable, tmp_path)
