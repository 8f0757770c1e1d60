"""No body needs more memory than its function has: each function that takes one answers every bomb in a process as small as itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.http.body import BodyLimits
from tests.functions.bombs import ENDPOINTS, LIMITS, beyond_every_limit, within

ROOT = Path(__file__).parents[2]
SECOND = 1.0
LARGE = 1_000_000


class Shot(NamedTuple):
    """How one body was answered."""

    body: str
    status: int
    cpu_seconds: float


def fired(function: str, folder: Path, *most_bytes: str) -> list[Shot]:
    """The answers of a function to every body of the folder; it must outlive them all."""
    process = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "tests.functions.bombs", function, str(folder), *most_bytes],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2_000:]
    return [Shot(*json.loads(line)) for line in process.stdout.splitlines()]


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bombs")
    for name, body in beyond_every_limit():
        (folder / name).write_bytes(body)
    return folder


@pytest.mark.parametrize("function", ENDPOINTS)
def test_a_bomb_is_refused_within_a_second(function: str, bombs: Path) -> None:
    shots = fired(function, bombs)
    assert len(shots) == len(ENDPOINTS[function]) * len(list(bombs.iterdir()))
    assert {shot.status for shot in shots} <= {413, 415}
    assert [shot for shot in shots if shot.cpu_seconds > SECOND] == []


def by_limit() -> Iterator[Any]:
    """Every limit; what a body as large as a gateway takes comes to is `make large`'s: it takes seconds to read and decide."""
    for (function, plain), limits in LIMITS:
        yield pytest.param((function, plain), limits, id=f"{function}-{plain}", marks=[pytest.mark.large] if plain > LARGE else [])


@pytest.mark.parametrize(("endpoints", "limits"), list(by_limit()))
def test_what_the_limits_let_through_fits_too(endpoints: tuple[str, int], limits: BodyLimits, tmp_path: Path) -> None:
    for name, body in within(limits):
        (tmp_path / name).write_bytes(body)
    function, plain = endpoints
    shots = fired(function, tmp_path, str(plain))
    assert {shot.status for shot in shots} <= {200, 202, 404, 422}
    assert 422 in {shot.status for shot in shots}
