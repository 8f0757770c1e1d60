"""The objects of a request: declared once, for both who reads them (decision 0023)."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import partial, reduce
from itertools import repeat
from operator import or_
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from msgspec import NODEFAULT, Meta, Raw, Struct, field, to_builtins
from msgspec.structs import FieldInfo as Member
from msgspec.structs import fields
from pydantic import AfterValidator, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from engine.contracts.scalars import ADDRESSED, PRINTED

Check = Callable[[Any], Any]
Value = TypeVar("Value")

_SCALARS: Final = (str, int, bool, NoneType, Decimal)
_UNIONS: Final = (UnionType, Union)
_BOUNDS: Final = ("min_length", "max_length", "ge", "le")
_OF_ROWS: Final = ("__pydantic_config__", "declared")

BUILT_LATE: Final = ConfigDict(defer_build=True)
"""For contracts by which only what is recorded is read, or described."""


class Row(Struct, forbid_unknown_fields=True, gc=False):
    """An object of a request, its members declared as pydantic is told of them.

    What pydantic makes of the declaration is the contract: what is accepted, what is refused with which words, what the API's document says.
    msgspec is told of the same members what `sent` makes of them. The collector of cycles passes rows over: none of them leads back to itself.
    Where members joined after release 1.0, the class says `omit_defaults=True`: at their default they are not written, but those that `always` are.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict()
    declared: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    _documented: ClassVar[CoreSchema]

    def __init_subclass__(cls, **settings: Any) -> None:
        """Keep what is declared, and tell msgspec what is sent."""
        super().__init_subclass__(**settings)
        own = {name: kind for name, kind in cls.__annotations__.items() if name not in _OF_ROWS}
        cls.declared = MappingProxyType({**cls.declared, **own})
        cls.__annotations__ = {name: sent(kind) for name, kind in own.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """What pydantic reads: an object with the declared members, made by the class itself."""
        schemas = {name: handler.generate_schema(kind) for name, kind in cls.declared.items()}
        for member in fields(cls):
            if (default := default_of(member)) is not NODEFAULT:
                schemas[member.name] = core_schema.with_default_schema(schemas[member.name], default=default)
            elif member.default_factory is not NODEFAULT:
                schemas[member.name] = core_schema.with_default_schema(schemas[member.name], default_factory=member.default_factory)
        members = core_schema.dataclass_args_schema(
            cls.__name__,
            [core_schema.dataclass_field(name, schema) for name, schema in schemas.items()],
            extra_behavior=cls.__pydantic_config__.get("extra"),
        )
        cls._documented = core_schema.dataclass_schema(cls, members, list(schemas))
        return core_schema.no_info_after_validator_function(
            lambda read: cls(**read[0]),
            members,
            serialization=core_schema.plain_serializer_function_ser_schema(_whole),
            ref=f"{cls.__module__}.{cls.__qualname__}",
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """As a dataclass with these members is described."""
        return handler(cls._documented)


def always(default: Value) -> Value:
    """A default that is written: of a member that release 1.0 had, in a row that others joined."""
    return field(default_factory=repeat(default).__next__)


def always_new(make: Callable[[], Value]) -> Value:
    """The same of a list or an object that each row has of its own."""
    return field(default_factory=partial(make))


def default_of(member: Member) -> Any:
    """The default that rows share, however it is declared; NODEFAULT where each has its own, or must be sent."""
    make = member.default_factory
    if make is NODEFAULT or isinstance(make, type | partial):
        return member.default
    return cast("Callable[[], Any]", make)()


def _whole(value: Any) -> Any:
    """JSON types with all members, also those that are not written at their default."""
    if isinstance(value, Row):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    return list(map(_whole, value)) if isinstance(value, list) else to_builtins(value)


def sent(declared: Any) -> Any:
    """What msgspec takes for a declared type: of objects no more than the contract does; anything, as it was sent, where it cannot tell."""
    kind, rules = taken_apart(declared)
    if get_origin(kind) is Literal:
        return kind
    origin, parts, bounds = get_origin(kind), tuple(map(sent, get_args(kind))), _bounds(rules)
    if Raw in parts or (asks_more(rules) and not (_is_plain(kind) or _is_row(kind))):
        return Raw
    if origin in _UNIONS:
        return reduce(or_, (part if part is NoneType else _bounded(part, bounds) for part in parts))
    if origin in (list, dict):
        return _bounded(origin[parts], bounds)
    if kind is Decimal:
        return str | int | float
    if _is_scalar(kind) or _is_row(kind):
        return _bounded(kind, bounds)
    return Raw


def is_left(declared: Any) -> bool:
    """Whether the contract has to look at what msgspec makes of a declared type: at every decimal, and where more is asked than bounds.

    Of rows not: what is asked of them are `checks_of` them.
    """
    kind, rules = taken_apart(declared)
    return kind is Decimal or (asks_more(rules) and not _is_row(kind)) or any(map(is_left, get_args(kind)))


def checks_of(declared: Any) -> tuple[list[Check], list[Check]]:
    """What is asked of the rows in a declared type before their members are read, and after. A check raises PydanticCustomError."""
    kind, rules = taken_apart(declared)
    before: list[Check] = []
    after: list[Check] = []
    for rule in rules if _is_row(kind) else ():
        if isinstance(rule, BeforeValidator | AfterValidator):
            (before if isinstance(rule, BeforeValidator) else after).append(cast("Check", rule.func))
    for part in get_args(kind):
        for found, inner in zip((before, after), checks_of(part), strict=True):
            found.extend(inner)
    return before, after


def is_addressed(declared: Any) -> bool:
    """Whether a member is a text that may stand in a path, and no more is asked of it."""
    kind, rules = taken_apart(declared)
    others = [rule for rule in rules if getattr(rule, "pattern", None) != ADDRESSED]
    return kind is str and len(others) < len(rules) and not asks_more(others)


def taken_apart(declared: Any) -> tuple[Any, list[Any]]:
    """A type and the rules that are noted on it."""
    kind, *notes = get_args(declared) if get_origin(declared) is Annotated else (declared,)
    return kind, [rule for note in notes for rule in (note.metadata if isinstance(note, FieldInfo) else (note,))]


def asks_more(rules: Iterable[Any]) -> bool:
    """Whether rules ask for more than bounds, and that no character is other than printed."""
    return any(not _bounds([rule]) and not isinstance(rule, Strict) and getattr(rule, "pattern", None) != PRINTED for rule in rules)


def _is_scalar(kind: Any) -> bool:
    if get_origin(kind) in _UNIONS:
        return all(_is_scalar(taken_apart(part)[0]) for part in get_args(kind))
    return kind in _SCALARS or (isinstance(kind, type) and issubclass(kind, StrEnum))


def _is_plain(kind: Any) -> bool:
    """Whether it holds nothing but scalars."""
    if get_origin(kind) in (list, dict, *_UNIONS):
        return all(_is_plain(taken_apart(part)[0]) for part in get_args(kind))
    return _is_scalar(kind)


def _is_row(kind: Any) -> bool:
    """Whether it is a kind of rows, or one or none."""
    if get_origin(kind) in _UNIONS:
        return all(part is NoneType or _is_row(part) for part in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, Row)


def _bounds(rules: Iterable[Any]) -> dict[str, Any]:
    return {name: getattr(rule, name) for rule in rules for name in _BOUNDS if hasattr(rule, name)}


def _bounded(kind: Any, bounds: Mapping[str, Any]) -> Any:
    return Annotated[kind, Meta(**bounds)] if bounds else kind
