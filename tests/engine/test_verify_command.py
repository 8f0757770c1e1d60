"""`python -m engine verify FILE`: exit 0 for a verified run, 1 for any other verdict, 2 for what is no evidence."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import Streams, main
from tests.engine.test_verdicts import BODY, artifact_in, bundle, recorded

HEAD, DOCUMENTS = recorded(BODY)
ARTIFACT = artifact_in(DOCUMENTS)
FORGED = ARTIFACT.replace(DOCUMENTS.result, DOCUMENTS.result.replace(b'"quantity":"10"', b'"quantity":"11"', 1))
OLD = ARTIFACT.replace(b'"engine_version":"' + HEAD.engine_version.encode(), b'"engine_version":"0.9.0')


def ask(body: bytes, *arguments: str) -> tuple[int, bytes, bytes]:
    out, errors = io.BytesIO(), io.BytesIO()
    return main(["verify", "-", *arguments], Streams(io.BytesIO(body), out, errors)), out.getvalue(), errors.getvalue()


@pytest.mark.parametrize("file", [ARTIFACT, bundle(HEAD, DOCUMENTS), bundle(HEAD, DOCUMENTS, artifact=None)])
def test_a_verified_run(file: Any) -> None:
    code, told, errors = ask(file)
    assert (code, errors) == (0, b"")
    assert told.startswith(b"VERIFIED  rr_7  recorded by engine ")
    assert told.count(b"\n") == 1


def test_a_forged_run() -> None:
    code, told, errors = ask(FORGED)
    assert (code, errors) == (1, b"")
    assert told.decode().splitlines()[1:] == ["result /before/positions/0/quantity  VALUE", 'recorded  "11"', 'expected  "10"']
    code, told, _ = ask(FORGED, "--json")
    assert code == 1
    assert json.loads(told)["difference"] == {
        "document": "result",
        "path": "/before/positions/0/quantity",
        "reason": "VALUE",
        "recorded": "11",
        "expected": "10",
    }


def test_a_run_of_another_engine_is_not_called_verified() -> None:
    code, told, _ = ask(OLD, "--json")
    verdict = json.loads(told)
    assert code == 1
    assert verdict["verdict"] == "DIFFERS"  # its hash was made for the other version
    assert verdict["difference"]["path"] == "/evidence/hashes/artifact_hash"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"\nnot JSON", b" at line 2 column 1\n"),  # where the word begins
        (
            DOCUMENTS.result,
            b"body.result  missing  Field required\nbody.request  missing  Field required\nbody.options  missing  Field required\n",
        ),
    ],
)
def test_what_is_no_evidence(file: bytes, told: bytes) -> None:
    code, out, errors = ask(file)
    assert (code, out) == (2, b"")
    assert errors.endswith(told)


def test_the_module_is_the_command(tmp_path: Path) -> None:
    file = tmp_path / "artifact.json"
    for text, code in ((ARTIFACT, 0), (FORGED, 1), (b"[]", 2)):
        file.write_bytes(text)
        done = subprocess.run([sys.executable, "-m", "engine", "verify", str(file)], capture_output=True, check=False)  # noqa: S603  (our own program)
        assert done.returncode == code


@pytest.mark.parametrize("option", [{"target_method": "SOLVER"}, {"compare_target_methods": True}])
def test_who_has_no_solver_is_told_so_and_blames_no_evidence(option: dict[str, Any], tmp_path: Path) -> None:
    request = BODY | {"options": BODY["options"] | option}
    file = tmp_path / "artifact.json"
    file.write_bytes(artifact_in(recorded(request)[1]))
    code = f"import runpy, sys; sys.modules['cvxpy'] = None; sys.argv = ['engine', 'verify', {str(file)!r}]; runpy.run_module('engine', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)  # noqa: S603  (our own program)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"the run was decided with a solver, which is not installed here\n"
