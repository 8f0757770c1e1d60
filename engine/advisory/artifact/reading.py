"""A decided result read back: the engine writes rows as text at once, which sections read and hashes need with their keys sorted."""

from typing import Any, Final

import orjson

Json = dict[str, Any]

HOLDERS: Final = frozenset({dict, orjson.Fragment})
"""What may be or hold written rows."""


def read_back(document: Json, known: dict[orjson.Fragment, Any] | None = None) -> Json:
    """The document with its written rows as JSON types; a list that stands in several places is read once.

    Text is looked for among members, not in lists of objects. `known` are the lists that are read already, and what stands for them.
    """
    read = {} if known is None else known
    return {name: _read(member, read) if type(member) in HOLDERS else member for name, member in document.items()}


def _read(value: Json | orjson.Fragment, known: dict[orjson.Fragment, Any]) -> Any:
    if isinstance(value, dict):
        return read_back(value, known)
    if value not in known:
        known[value] = orjson.loads(orjson.dumps(value))
    return known[value]
