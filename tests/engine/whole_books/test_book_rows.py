"""Rows of orders and of parts of blocks: written together where nothing in them is special, each by itself where something is."""

import csv
import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

from engine.books.orders import BlockRow, as_csv, as_json_lines

CELLS = st.text(st.sampled_from(["a", "B", "7", " ", "!", ",", '"', "\n", "é", "€", "[", "]"]), max_size=5)
NAMES = st.text(st.sampled_from(["a", "B", "7", " ", "!", ",", '"', "\\", "é", "€", "[", "]"]), min_size=1, max_size=4)
FIGURES = st.integers(1, 99).map(str)
PARTS = st.builds(BlockRow, st.sampled_from(["READY", "PENDING_REVIEW"]), NAMES, NAMES, NAMES, NAMES, NAMES, NAMES, FIGURES, FIGURES)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4)))
@example([["a", "b"], ["c", "d,e"]])
@example([["a,b", "c"], ["d", "e\n"]])
def test_csv_says_what_the_rows_say(rows: list[list[str]]) -> None:
    written = as_csv(rows)
    assert list(csv.reader(io.StringIO(written.decode(), newline=""))) == rows
    assert written == by_rows(rows)


def by_rows(rows: list[list[str]]) -> bytes:
    """The rows as they are written cell by cell."""
    return b"".join(b",".join(map(cell, row)) + b"\n" for row in rows)


def cell(text: str) -> bytes:
    """A cell within quotes where it holds a comma, a quote or an end of line (RFC 4180)."""
    special = any(character in text for character in ',"\n')
    return ('"' + text.replace('"', '""') + '"' if special else text).encode()


@given(st.lists(PARTS))
@example([BlockRow("READY", "],[", "],[", "],[", "],[", "],[", "],[", "1", "1")] * 2)
@example([BlockRow("READY", name, "BUY", "USD", "pf", "rr", "oi", "1", "1") for name in ("AB!", "AB C", "AB", "A")])
def test_parts_of_blocks_stand_in_ascending_order_each_on_a_line(rows: list[BlockRow]) -> None:
    lines = as_json_lines([tuple(row) for row in rows]).splitlines(keepends=True)
    assert [tuple(json.loads(line)) for line in lines] == sorted(rows)
    assert all(line == json.dumps(json.loads(line), separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for line in lines)
