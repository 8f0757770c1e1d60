"""Where two JSON documents differ: the document, the member as a JSON pointer (RFC 6901), how, and both values."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from engine.contracts.violations import Path

AROUND: Final = 40
"""Bytes shown on each side of the first one that differs."""


class Mismatch(StrEnum):
    """How a recorded document differs from what it must be; SPELLING: the same values in other bytes."""

    VALUE = "VALUE"
    MISSING = "MISSING"
    UNEXPECTED = "UNEXPECTED"
    SPELLING = "SPELLING"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a document is not what it must be. A value that is absent, or not shown, is None."""

    document: str
    path: str
    reason: Mismatch
    recorded: Any = None
    expected: Any = None


def differences(document: str, recorded: bytes, expected: bytes) -> Iterator[Difference]:
    """Where two JSON texts differ, in the order of the recorded one; equal values in other bytes are one SPELLING."""
    if recorded == expected:
        return
    found = False
    for path, reason, there, here in _walk(orjson.loads(recorded), orjson.loads(expected), ()):
        found = True
        yield Difference(document, pointer(path), reason, there, here)
    if not found:
        length = min(len(recorded), len(expected))
        at = next((n for n in range(length) if recorded[n] != expected[n]), length)
        shown = slice(max(0, at - AROUND), at + AROUND)
        yield Difference(
            document, "", Mismatch.SPELLING, recorded[shown].decode(errors="replace"), expected[shown].decode(errors="replace")
        )


def _walk(recorded: Any, expected: Any, path: Path) -> Iterator[tuple[Path, Mismatch, Any, Any]]:
    match recorded, expected:
        case dict(), dict():
            for name in recorded | expected:
                yield from _member(recorded, expected, name, name in recorded, name in expected, (*path, name))
        case list(), list():
            for n in range(max(len(recorded), len(expected))):
                yield from _member(recorded, expected, n, n < len(recorded), n < len(expected), (*path, n))
        case _ if type(recorded) is not type(expected) or recorded != expected:
            yield path, Mismatch.VALUE, recorded, expected


def _member(recorded: Any, expected: Any, name: Any, there: bool, here: bool, path: Path) -> Iterator[tuple[Path, Mismatch, Any, Any]]:  # noqa: FBT001  (two facts of one place)
    if there and here:
        yield from _walk(recorded[name], expected[name], path)
    elif there:
        yield path, Mismatch.UNEXPECTED, recorded[name], None
    else:
        yield path, Mismatch.MISSING, None, expected[name]


def facts(document: str, recorded: Any, told: dict[tuple[str, ...], str]) -> Iterator[Difference]:
    """Where a document does not hold what is told of it, path by path."""
    for path, expected in told.items():
        found = recorded
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if found != expected:
            yield Difference(document, pointer(path), Mismatch.VALUE, found, expected)


def pointer(path: Path) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
