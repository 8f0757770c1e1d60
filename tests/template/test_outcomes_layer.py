import sys
from pathlib import Path

import pytest

from layers.bare import LAYERS, Unproved
from layers.proofs.outcomes import prove

SCENARIOS = """
import engine
def scenarios():
    return [type("One", (), {"name": "one"}), type("Two", (), {"name": "two"})]
"""
OUTCOMES = """
import engine
def digests(scenario):
    return {"result": engine.decide(scenario.name)}
def recorded():
    return {"one": {"result": "ONE"}, "two": {"result": "TWO"}}
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for layer in LAYERS:
        (tmp_path / layer / "python").mkdir(parents=True)
    golden = tmp_path / "golden"
    golden.mkdir()
    (golden / "scenarios.py").write_text(SCENARIOS)
    (golden / "outcomes.py").write_text(OUTCOMES)
    (tmp_path / "EngineLayer" / "python" / "engine.py").write_text("def decide(name): return name.upper()\n")
    return tmp_path


def test_the_recorded_outcomes_from_the_layer_are_a_proof(built: Path) -> None:
    assert "2 golden outcomes are the recorded bytes" in prove(sys.executable, built, built / "golden")


def test_an_outcome_that_differs_is_named(built: Path) -> None:
    (built / "EngineLayer" / "python" / "engine.py").write_text("def decide(name): return 'ONE'\n")
    with pytest.raises(Unproved, match="than recorded: two"):
        prove(sys.executable, built, built / "golden")


def test_a_record_without_a_scenario_is_named(built: Path) -> None:
    (built / "golden" / "outcomes.py").write_text(OUTCOMES.replace('"two": {', '"two": {"result": "TWO"}, "three": {'))
    with pytest.raises(Unproved, match="than recorded: three"):
        prove(sys.executable, built, built / "golden")


def test_an_engine_that_the_layer_lacks_is_no_proof(built: Path) -> None:
    (built / "EngineLayer" / "python" / "engine.py").unlink()
    with pytest.raises(Unproved, match="No module named 'engine'"):
        prove(sys.executable, built, built / "golden")
