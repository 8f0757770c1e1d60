"""No member of a JSON object stands twice: which of the two counts would depend on who reads it."""

import json
from collections.abc import Iterator
from typing import Any, Final

import orjson

from engine.contracts.violations import DuplicateMembers, Path, Violation

_MAX_NAME: Final = 128
_DEEPEST: Final = 200
"""Levels; the contracts' parser refuses deeper bodies whatever they hold."""


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were sent, all of them."""


def refuse_duplicates(body: bytes) -> None:
    """Raise `DuplicateMembers` with the place of every member that repeats a name of its object. What is no JSON passes: its parser refuses it."""
    if _keeps_every_member(body):
        return
    try:
        document = json.loads(body, object_pairs_hook=_Members, parse_int=len, parse_float=len)  # the figures are not looked at
    except (ValueError, RecursionError):
        return
    if found := [Violation(place, "duplicate_member", "The member stands twice in its object") for place in _repeated(document)]:
        raise DuplicateMembers(found)


def _keeps_every_member(body: bytes) -> bool:
    """Whether a parser that keeps one member of each name keeps all of them, by counting: each loses a colon with it.

    False where this cannot tell: colons written as escapes, and figures beyond a double, which this parser does not take.
    """
    try:
        kept = orjson.dumps(orjson.loads(body))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return False
    return kept.count(b":") == body.count(b":") and b"\\u003" not in body


def _repeated(document: Any) -> Iterator[Path]:
    """Depth first, with one path for all: a place of its own for every value would cost their number times their depth."""
    path: list[str | int] = []
    levels = [_below(document)]
    while levels:
        step = next(levels[-1], None)
        if step is None:
            levels.pop()
            if path:
                path.pop()
            continue
        name, value, repeats = step
        if repeats:
            yield ("body", *path, name)
        if isinstance(value, list) and len(levels) < _DEEPEST:
            path.append(name)
            levels.append(_below(value))


def _below(value: Any) -> Iterator[tuple[str | int, Any, bool]]:
    """The name or index of each value in an array or object, the value, and whether its name stood before."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, member in value:
            yield name[:_MAX_NAME].encode(errors="replace").decode(), member, name in seen  # half a surrogate pair cannot be answered
            seen.add(name)
    elif isinstance(value, list):
        for index, row in enumerate(value):
            yield index, row, False
