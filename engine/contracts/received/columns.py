"""What the contract makes of the values of a member, of many rows at once; what it made of the same before is taken as it was (decision 0023)."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Final, get_args

from msgspec import Raw
from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, core_schema

from engine.contracts.received.rows import taken_apart
from engine.contracts.scalars import DECIMAL_CHARACTERS, Amount

MOST_TEXTS: Final = 4_096
"""Of a kind, that are remembered at once: prices, rates and weights of a day stand in one request after the other."""

MOST_OBJECTS: Final = 64
LARGEST_OBJECT: Final = 4_096
"""Bytes. Callers and desks send the same options again and again."""


class Column:
    """Reads values of one kind as its contract does, a list at a time.

    Texts that the contract took are remembered with what it made of them, a scalar that nobody can change. Nothing else is: not what was
    refused, not numbers, of which 1 and 1.0 would be one key, not long texts.
    """

    def __init__(self, kind: Any) -> None:
        self._read: Callable[[Sequence[Any]], Sequence[Any]] = _list_of(kind).validate_python
        self._known: dict[str, Any] = {}

    def read(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the contract makes of each; raises ValidationError where it refuses one."""
        try:
            return list(map(self._known.__getitem__, values))
        except (KeyError, TypeError):  # new, or no text
            return self._new_ones(values)

    def _new_ones(self, values: Sequence[Any]) -> Sequence[Any]:
        known = self._known
        try:
            length, new = len("".join(values)), [text for text in values if text not in known]
        except TypeError:  # a number among them
            return self._read(values)
        if length > len(values) * DECIMAL_CHARACTERS or len(values) > MOST_TEXTS:
            return self._read(values)
        if len(known) + len(new) > MOST_TEXTS:  # another one: who reads beside us goes on with the old one
            known, new = {}, list(values)
        read = self._read(new)
        known.update(zip(new, read, strict=True))
        self._known = known
        return read if len(new) == len(values) else list(map(known.__getitem__, values))


def objects_of(declared: Any) -> Callable[[Sequence[Raw]], Sequence[Any]]:
    """How objects are read that msgspec left as they were sent: frozen ones of few bytes once, and the same is given to all who send them again."""
    contract = _list_of(declared).validate_json

    def one(text: bytes) -> Any:
        return contract(b"[%b]" % text)[0]

    if not _is_frozen(declared):
        return lambda values: contract(b"[%b]" % b",".join(values))
    again = lru_cache(MOST_OBJECTS)(one)
    return lambda values: [(again if len(text) <= LARGEST_OBJECT else one)(text) for text in map(bytes, values)]


def _is_frozen(declared: Any) -> bool:
    kind, _ = taken_apart(declared)
    settings = getattr(kind, "__dataclass_params__", None)
    return settings is not None and bool(settings.frozen)


@cache
def column_of(kind: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What reads a list of this kind. One for all members of it: a decimal's pattern takes as long to build as a row to read.

    Amounts of any sign are each client's own, holdings and balances: they hardly come again, and remembering them costs more than it saves.
    """
    return _list_of(kind).validate_python if Amount in (kind, *get_args(kind)) else Column(kind).read


def _list_of(kind: Any) -> SchemaValidator:
    return SchemaValidator(core_schema.list_schema(TypeAdapter(kind).core_schema))
