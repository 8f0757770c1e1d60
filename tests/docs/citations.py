"""Where code, tests and documents cite what they obey: `RFC-0012`, `dpm-engine 9.4, S7, vector 10`, `practice 6.2`, `desk 6.8`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("engine", "infra", "functions", "layers", "tests", "docs", "template.yaml")
SUFFIXES: Final = frozenset({".py", ".jsonc", ".yaml", ".md"})
INDEX: Final = ROOT / "docs" / "specification.md"

_RFC: Final = re.compile(r"\bRFC-\d{4}\b")
_ITEM: Final = r"(?:[DLS]\d{1,2}|(?:reading|vector|proposal) \d{1,2}|\d{1,2}(?:\.\d{1,2})*)\b"
_PLACES: Final = re.compile(
    rf"\b(dpm-engine|dpm-service|advisory-engine|advisory-lifecycle|advisory-practice|practice|desk|rulings-2) ({_ITEM}(?:, {_ITEM})*)"
)
_UNSPELT: Final = re.compile(
    r"\b[DS]-\d{1,2}\b"
    r"|\((?:decisions )?(?:D|S(?!3\b))\d{1,2}[,):]"
    r"|\(vector \d"
    r"|(?<=[a-z] )\([1-9]\d?(?:\.\d{1,2})+(?:, \d{1,2}(?:\.\d{1,2})*)*\)"
)
"""A place without the name of what it stands in: of which specification is `S-7`, or `(9.2)`?"""


def citations(text: str) -> Iterator[str]:
    """Every citation of a text, each with the name of what it stands in: `dpm-engine S7`."""
    yield from _RFC.findall(text)
    for cited, places in _PLACES.findall(text):
        yield from (f"{cited} {place}" for place in places.split(", "))


def unspelt(text: str) -> list[str]:
    """The citations that nobody could look up. Calls and formulas are none: they have no blank before the bracket, or no dot."""
    return _UNSPELT.findall(text)


def files() -> Iterator[Path]:
    """Every file that may cite, but the index itself and this room."""
    for room in ROOMS:
        path = ROOT / room
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in SUFFIXES and file != INDEX and Path(__file__).parent not in file.parents:
                yield file
