"""What the proof of starts takes for proof, and how it lays out what was built."""

import json
from pathlib import Path
from typing import Any

import pytest

from layers.bare import Unproved
from layers.opts import unpacked
from layers.proofs.starts import answered, wrote_nothing
from tests.infra.test_events import Fails


def laid(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_layers_are_one_tree_in_which_the_later_one_wins_and_nobody_writes(tmp_path: Path) -> None:
    first = laid(tmp_path / "first", {"python/a.py": "1", "python/deep/b.py": "1"})
    second = laid(tmp_path / "second", {"python/deep/b.py": "2", "python/c.py": "2"})
    opt = unpacked([first, second], tmp_path / "opt")
    assert {str(path.relative_to(opt)): path.read_text() for path in opt.rglob("*.py")} == {
        "python/a.py": "1",
        "python/deep/b.py": "2",
        "python/c.py": "2",
    }
    assert {path.stat().st_mode & 0o777 for path in (opt, opt / "python", opt / "python/deep")} == {0o555}
    assert (first / "python/deep/b.py").read_text() == "1"


def test_byte_code_that_a_start_made_is_found(tmp_path: Path) -> None:
    opt = unpacked([laid(tmp_path / "layer", {"python/a.py": "", "python/__pycache__/a.pyc": ""})], tmp_path / "opt")
    wrote_nothing([opt])
    (opt / "python/__pycache__").chmod(0o755)
    (opt / "python/__pycache__/b.pyc").write_text("")
    with pytest.raises(Unproved, match=r"made at the start: .*b\.pyc"):
        wrote_nothing([opt])


def http(status: int, **body: Any) -> str:
    return json.dumps({"statusCode": status, "body": json.dumps(body)})


@pytest.mark.parametrize(
    ("answer", "expected", "word"),
    [
        (http(200), 200, "200"),
        (http(404, code="NOT_FOUND"), "NOT_FOUND", "NOT_FOUND"),
        ('{"failed": 0, "unfinished": 0}', 0, "swept"),
        ('{"batchItemFailures": []}', {"batchItemFailures": []}, "done"),
        ('{"errorMessage": "Unauthorized", "errorType": "Exception"}', Fails("Unauthorized"), "Unauthorized"),
    ],
)
def test_an_answer_in_a_word(answer: str, expected: object, word: str) -> None:
    assert answered("event", answer, expected) == word


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(500, code="INTERNAL_SERVER_ERROR"), 200),
        (http(200), "NOT_FOUND"),
        (http(404, code="DPM_RUN_NOT_FOUND"), "NOT_FOUND"),
        ('{"failed": 1}', 0),
        ('{"batchItemFailures": [{"itemIdentifier": "m"}]}', {"batchItemFailures": []}),
        ('{"errorMessage": "Unable to import module", "errorType": "Runtime.ImportModuleError"}', 200),
        ('{"errorMessage": "Unable to import module", "errorType": "Runtime.ImportModuleError"}', Fails("Unauthorized")),
        ("Task timed out after 10.00 seconds", 200),
    ],
)
def test_any_other_answer_is_no_proof(answer: str, expected: object) -> None:
    with pytest.raises(Unproved, match=r"^event: "):
        answered("event", answer, expected)
