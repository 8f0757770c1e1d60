"""Modules and what is in them, where docstrings and documents name them: they are there."""

import re
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
NAME: Final = re.compile(r"`((?:engine|infra|layers|tests)(?:\.\w+)+)(?:\(\))?`")
READ: Final = sorted(
    path
    for pattern in ("engine/**/*.py", "infra/**/*.py", "layers/**/*.py", "functions/**/*.py", "tests/**/*.py", "docs/**/*.md", "*.md")
    for path in ROOT.glob(pattern)
)
NAMED: Final = sorted({(found, str(path.relative_to(ROOT))) for path in READ for found in NAME.findall(path.read_text(encoding="utf-8"))})


@pytest.mark.parametrize(("name", "where"), NAMED)
def test_what_is_named_is_there(name: str, where: str) -> None:
    assert resolve_name(name) is not None, where


def test_names_are_found_and_others_are_not() -> None:
    assert len(NAMED) > 20
    with pytest.raises(AttributeError):
        resolve_name("engine.ports.RunStore")
