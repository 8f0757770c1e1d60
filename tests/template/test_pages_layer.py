import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from layers.bare import Unproved
from layers.proofs.pages import ROOT, prove


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Layers as they are built, from this checkout and its packages; each template lies in a file of its own."""
    for layer in ("RuntimeLayer", "EngineLayer", "SolverLayer"):
        (tmp_path / layer).mkdir()
    (tmp_path / "RuntimeLayer/python").symlink_to(sysconfig.get_path("purelib"))
    (tmp_path / "SolverLayer/python").mkdir()
    for room in ("engine", "infra"):
        shutil.copytree(ROOT / room, tmp_path / "EngineLayer/python" / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_page_of_the_layers_is_the_checkouts(built: Path) -> None:
    assert "the page of a run is the same" in prove(sys.executable, built)


def test_a_template_that_the_layer_lacks_is_no_proof(built: Path) -> None:
    (built / "EngineLayer/python/infra/pages/templates/style.css").unlink()
    with pytest.raises(Unproved, match="TemplateNotFound"):
        prove(sys.executable, built)


def test_another_page_is_no_proof(built: Path) -> None:
    style = built / "EngineLayer/python/infra/pages/templates/style.css"
    style.write_text(style.read_text() + "\n")
    with pytest.raises(Unproved, match="another page"):
        prove(sys.executable, built)
