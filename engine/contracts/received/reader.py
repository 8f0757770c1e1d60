"""Bodies read by their contract, and quickly where nothing in them is in doubt (decision 0023)."""

import re
from collections import deque
from collections.abc import Callable
from functools import cached_property
from itertools import chain, repeat
from operator import attrgetter
from typing import Annotated, Any, Final, Generic, TypeVar, get_args, get_origin

import orjson
from msgspec import NODEFAULT, MsgspecError, Raw
from msgspec.json import Decoder
from msgspec.structs import FieldInfo, fields, force_setattr
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, SchemaValidator

from engine.contracts.received.columns import column_of, objects_of
from engine.contracts.received.rows import Check, Row, checks_of, default_of, is_addressed, is_left, taken_apart
from engine.contracts.scalars import STEPS
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, no_json, violations_of

Content = TypeVar("Content", bound=Row)

_DELETE: Final = b"\x7f"
_BACKSLASH: Final = b"\\"
_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")
_ESCAPED: Final = re.compile(rb"\\(?:[bfnrt]|u(?:00[0-9]|[dD]))")
"""Escapes of control characters and of halves of surrogate pairs, among others."""


class Reader(Generic[Content]):
    """Reads the bodies of a contract.

    msgspec reads first, by the same declaration, what cannot differ: objects, texts, whole numbers, choices. What it leaves as it was sent is
    read by the contract, a member of all rows at once. Where either finds anything, or a text might hold what the contract refuses, the
    contract reads the whole body as if nothing had been read: what is refused, and how, is its word alone.
    """

    def __init__(self, contract: type[Content]) -> None:
        self._decode = Decoder(contract).decode
        self._members = _Members(contract)
        self._as_sent = [f'{field.name}"'.encode() for field in fields(contract) if field.type is Raw]
        self._contract = contract

    def __call__(self, body: bytes) -> Content:
        """What the body holds; raises `InvalidRequest` with every violation of a member, and not of several members together."""
        return self.quickly(body) or self.by_contract(body)

    def quickly(self, body: bytes) -> Content | None:
        """What the body holds; None where it is in doubt."""
        if not _plain(body):
            return None
        for name in self._as_sent:
            if _stands_twice(name, body):
                return None
        try:
            content = self._decode(body)
            return content if self._members.read([content]) else None
        except (MsgspecError, ValidationError, PydanticCustomError, UnicodeDecodeError, RecursionError):
            return None

    def by_contract(self, body: bytes) -> Content:
        """The same by the contract alone."""
        refuse_non_finite_literals(body)
        try:
            content: Content = self._validator.validate_json(body)
        except ValidationError as error:
            raise InvalidRequest(violations_of(error)) from None
        return content

    @cached_property
    def _validator(self) -> SchemaValidator:
        """Built for the first body that is in doubt: many a process never sees one."""
        return validator_of(TypeAdapter(self._contract))


class _Members:
    """The members of one kind of row that are not yet what the contract makes of them."""

    def __init__(self, row: type[Row]) -> None:
        self._addressed: list[Callable[[Row], str]] = []
        self._left: list[_Left | _AsSent] = []
        self._below: list[tuple[Callable[[Row], Any], Callable[[list[Any]], list[Row]], _Members, list[Check], list[Check]]] = []
        for field in fields(row):
            declared = row.declared[field.name]
            if is_addressed(declared):
                self._addressed.append(attrgetter(field.name))
            elif field.type is Raw:
                self._left.append(_AsSent(row, field))
            elif is_left(declared):
                self._left.append(_Left(row, field))
            elif (kind := _row_in(field.type)) is not None:
                self._below.append((attrgetter(field.name), _rows_of(field.type), _Members(kind), *checks_of(declared)))

    def read(self, rows: list[Row]) -> bool:
        """Put the contract's values in their places. False where a row is in doubt; raises what the contract or a check of a row raises."""
        for get in self._addressed:
            if not STEPS.isdisjoint(map(get, rows)):
                return False
        for member in self._left:
            member.read(rows)
        for get, rows_of, members, before, after in self._below:
            below = rows_of(list(map(get, rows)))
            if not below:
                continue
            for check in before:
                deque(map(check, below), maxlen=0)
            if not members.read(below):
                return False
            for check in after:
                deque(map(check, below), maxlen=0)
        return True


class _Left:
    """A member whose values are left to the contract."""

    def __init__(self, row: type[Row], field: FieldInfo) -> None:
        self._get = attrgetter(field.name)
        self._name = repeat(field.name)
        self._default = default_of(field)
        self._read = column_of(_with_rules(row.declared[field.name]))

    def read(self, rows: list[Row]) -> None:
        """Let the contract read the values of all rows in one, but for those that were not sent."""
        values, default = list(map(self._get, rows)), self._default
        if default is not NODEFAULT:
            sent = [value for value in values if value is not default]
            if not sent:
                return
            if len(sent) < len(values):
                rows, values = [row for row, value in zip(rows, values, strict=True) if value is not default], sent
        deque(map(force_setattr, rows, self._name, self._read(values)), maxlen=0)


class _AsSent:
    """A member that msgspec left as it was sent."""

    def __init__(self, row: type[Row], field: FieldInfo) -> None:
        self._get = attrgetter(field.name)
        self._name = field.name
        self._read = objects_of(_with_rules(row.declared[field.name]))

    def read(self, rows: list[Row]) -> None:
        """Let the contract read what was sent: the other rows have their default."""
        rows = [row for row in rows if type(self._get(row)) is Raw]
        for row, value in zip(rows, self._read(list(map(self._get, rows))), strict=True):
            force_setattr(row, self._name, value)


def refuse_non_finite_literals(body: bytes) -> None:
    """NaN and Infinity are no JSON, also where the contract ignores the member that holds them."""
    if body.rfind(b"NaN") >= 0 or body.rfind(b"Infinity") >= 0:  # a third of what `in` takes
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise no_json(error) from None


def _with_rules(declared: Any) -> Any:
    """A declared type with its rules alone, so that members of one kind share what reads them."""
    kind, rules = taken_apart(declared)
    return Annotated[kind, *rules] if rules else kind


def _plain(body: bytes) -> bool:
    """Whether no text of the body can hold a character that is not printed, or half of one."""
    return _DELETE not in body and (_BACKSLASH not in body or not _ESCAPED.search(body)) and (body.isascii() or not _CONTROL.search(body))


def _stands_twice(name: bytes, body: bytes) -> bool:
    """Whether a member that is left as it was sent may hide another of its name, which nobody would have looked at."""
    last = body.rfind(name)
    return last >= 0 and body.rfind(name, 0, last) >= 0


def _row_in(kind: Any) -> type[Row] | None:
    """The kind of rows that a type holds, if any."""
    if isinstance(kind, type) and issubclass(kind, Row):
        return kind
    return next(filter(None, map(_row_in, get_args(kind))), None)


def _rows_of(kind: Any) -> Callable[[list[Any]], list[Row]]:
    """How rows are taken out of the values of a member: of lists, of objects, or where there is one."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _rows_of(get_args(kind)[0])
    if origin is list:
        return lambda values: values[0] if len(values) == 1 else list(chain.from_iterable(values))
    if origin is dict:
        return lambda values: [row for rows in values for row in rows.values()]
    if all(get_origin(part) is None for part in get_args(kind)):
        return lambda values: [row for row in values if row is not None]
    raise TypeError(f"Rows in {kind} are not found")
