"""The index of specifications: what is cited is in it, what is in it is cited, and the files that it names exist."""

import re
from collections import Counter
from typing import Final

import pytest

from tests.docs.citations import INDEX, ROOT, citations, files, unspelt

ROW: Final = re.compile(r"^\| (RFC-\d{4}|(?:dpm-\w+|advisory-\w+|practice|desk|rulings-2) [^|]+?) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS: Final = ROW.findall(INDEX.read_text())


def test_every_citation_is_in_the_index() -> None:
    indexed = {cited for cited, _, _ in ROWS}
    missing = {f"{file.relative_to(ROOT)}: {cited}" for file in files() for cited in citations(file.read_text()) if cited not in indexed}
    assert sorted(missing) == []


def test_every_row_of_the_index_is_cited_once_in_it_and_somewhere_else() -> None:
    cited = {citation for file in files() for citation in citations(file.read_text())}
    assert sorted({name for name, _, _ in ROWS} - cited) == []
    assert [name for name, times in Counter(name for name, _, _ in ROWS).items() if times > 1] == []


def test_every_row_is_one_sentence_and_names_files_that_exist() -> None:
    for cited, sentence, built in ROWS:
        assert sentence.endswith("."), cited
        paths = re.findall(r"`([^`]+)`", built)
        assert paths, cited
        assert [path for path in paths if not (ROOT / path).exists()] == [], cited


def test_no_citation_leaves_out_what_it_stands_in() -> None:
    assert [f"{file.relative_to(ROOT)}: {found}" for file in files() for found in unspelt(file.read_text())] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(RFC-0012, dpm-engine 9.4.2, S7, vector 10)", ["RFC-0012", "dpm-engine 9.4.2", "dpm-engine S7", "dpm-engine vector 10"]),
        ("by dpm-service 17.6 and dpm-service D4.", ["dpm-service 17.6", "dpm-service D4"]),
        ("(practice 6.2, 7, desk 6.8, vector 29)", ["practice 6.2", "practice 7", "desk 6.8", "desk vector 29"]),
        ("(rulings-2 reading 4); in practice, a desk", ["rulings-2 reading 4"]),
        ("(advisory-practice 4, advisory-engine S20)", ["advisory-practice 4", "advisory-engine S20"]),
        ("(advisory-lifecycle 7, 8, L4)", ["advisory-lifecycle 7", "advisory-lifecycle 8", "advisory-lifecycle L4"]),
        ("RFC 9110, 12.5.3; S3; dpm-engine", []),
    ],
)
def test_what_counts_as_a_citation(text: str, found: list[str]) -> None:
    assert list(citations(text)) == found


@pytest.mark.parametrize("text", ["wins (S7)", "given up (D4)", "as ruled (S-40).", "in whole units (9.2, 9.3)", "each once (vector 7)"])
def test_what_counts_as_half_a_citation(text: str) -> None:
    assert unspelt(text)


@pytest.mark.parametrize(
    "text", ["in S3 (or memory)", "Decimal(0.5)", "scale (0.3 / 0.6)", "(dpm-engine S7, vector 10)", "(RFC 9562, 5.7)"]
)
def test_what_does_not(text: str) -> None:
    assert not unspelt(text)
