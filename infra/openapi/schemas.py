"""Models as components of the document: requests and answers apart, decimals by name, every property with a description and an example."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from engine.contracts.scalars import Amount, Fraction, NonNegative, Positive
from infra.openapi.bounds import DECIMALS as TIGHTER_DECIMALS
from infra.openapi.bounds import bounded, tightened
from infra.openapi.models import NAMES, Contract

Json = dict[str, Any]

ROOT: Final = "#/components/schemas/"
DECIMALS: Final[Mapping[str, tuple[Any, str]]] = {
    "Decimal": (Amount, "A decimal: a string, or a number taken by its shortest text. At most 18 integer and 28 significant digits."),
    "NonNegativeDecimal": (NonNegative, "A decimal from 0 up, as a string or a number."),
    "PositiveDecimal": (Positive, "A decimal above 0, as a string or a number."),
    "Share": (Fraction, "A decimal from 0 to 1, as a string or a number."),
}
_SOURCES: Final = re.compile(r" ?\((?:RFC-|practice |desk |dpm-|advisory-|rulings-)[^()]*\)")
_VALUES: Final = frozenset({"examples", "example", "default", "const", "enum"})
"""Keywords whose values are documents, not schemas."""

_TEXT, _NUMBER, _LIST, _OBJECT = ("string",), ("number", "integer"), ("array",), ("object",)
BOUNDED: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("pattern", "minLength", "maxLength"), _TEXT),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("minItems", "maxItems"), _LIST),
    **dict.fromkeys(("minProperties", "maxProperties", "propertyNames"), _OBJECT),
}
"""Keyword → the types that it bounds."""


class _Described(GenerateJsonSchema):
    """As pydantic makes them, with the promise of the model's docstring and without titles that repeat names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def dataclass_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().dataclass_schema(schema)
        return {**made, "description": _promise(schema["cls"])}


def _promise(model: type) -> str:
    """The first paragraph of the docstring, without where it comes from."""
    return _SOURCES.sub("", " ".join((model.__doc__ or "").split("\n\n")[0].split()))


def components(requests: Mapping[str, Contract], answers: Mapping[str, Contract]) -> tuple[Json, dict[str, Json], dict[str, Json]]:
    """All schemas by name; then, for every request and every answer, the reference to its own. A request's has `-Input` where both have one."""
    sent, sent_names = _made(requests)
    told, told_names = _made(answers)
    public = {name: NAMES.get(name, name) for name in sent}
    renamed = {name: f"{called}-Input" if called in told else called for name, called in public.items()}
    schemas = {name: _answered(schema) for name, schema in told.items()}
    schemas |= {renamed[name]: _moved(schema, renamed) for name, schema in tightened(sent)}
    schemas |= {name: {**_decimal(kind), "description": text, "examples": ["0.25"]} for name, (kind, text) in DECIMALS.items()}
    schemas |= {name: {**made, "description": text, "examples": ["25"]} for name, (made, text) in TIGHTER_DECIMALS.items()}
    for schema in schemas.values():
        for member in schema.get("properties", {}).values():
            if "$ref" in member and "description" not in member:  # pydantic drops one that says what its model says
                member["description"] = schemas[member["$ref"].removeprefix(ROOT)]["description"]
            if not {"$ref", "examples"} & member.keys():
                member["examples"] = [example_of(member, schemas)]
    return schemas, {key: _moved(one, renamed) for key, one in sent_names.items()}, told_names


def example_of(schema: Json, schemas: Mapping[str, Json]) -> Any:
    """A document that the schema describes: its own example, else one made of its members'."""
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(ROOT)], schemas)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas)
    match schema.get("type"):
        case "object":
            needed = schema.get("required", ())
            return {name: example_of(member, schemas) for name, member in schema.get("properties", {}).items() if name in needed}
        case "array":
            return [example_of(schema["items"], schemas)] if schema.get("maxItems") != 0 and "items" in schema else []
        case _:
            return None


def _made(contracts: Mapping[str, Contract]) -> tuple[dict[str, Json], dict[str, Json]]:
    """All definitions below these models, and by key the reference to each model's own."""
    inputs: list[tuple[str, Any, Contract]] = [(key, "validation", contract) for key, contract in contracts.items()]
    places, made = TypeAdapter.json_schemas(inputs, ref_template=ROOT + "{model}", schema_generator=_Described)
    schemas = {name: _named_decimals(_bounded(_walk(_untitled(schema), bounded))) for name, schema in made["$defs"].items()}
    return schemas, {key: {"$ref": places[key, "validation"]["$ref"]} for key in contracts}


def _decimal(kind: Any) -> Json:
    made: Json = TypeAdapter(kind).json_schema()
    return made


_DECIMAL_BY_TEXT: Final = {json.dumps(_decimal(kind)["anyOf"]): {"$ref": ROOT + name} for name, (kind, _) in DECIMALS.items()}


def _walk(schema: Any, change: Any) -> Any:
    """The schema with every schema in it changed, from the inside out; documents in it stay as they are."""
    if isinstance(schema, list):
        return [_walk(part, change) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {}
    for name, part in schema.items():
        if name in _VALUES:
            parts[name] = deepcopy(part)
        elif name in {"properties", "$defs"}:
            parts[name] = {member: _walk(one, change) for member, one in part.items()}
        else:
            parts[name] = _walk(part, change)
    return change(parts)


def _untitled(schema: Json) -> Json:
    """Without titles, which repeat names, and without where a description comes from: pydantic takes an enumeration's from its docstring."""

    def plain(part: Json) -> Json:
        return {name: _SOURCES.sub("", value) if name == "description" else value for name, value in part.items() if name != "title"}

    changed: Json = _walk(schema, plain)
    return changed


def _bounded(schema: Json) -> Json:
    """Bounds that stand beside alternatives stand in the one that they bound."""

    def inward(part: Json) -> Json:
        beside = {keyword: bound for keyword, bound in part.items() if keyword in BOUNDED and "anyOf" in part}
        choices = [
            {**choice, **{keyword: bound for keyword, bound in beside.items() if choice.get("type") in BOUNDED[keyword]}}
            for choice in part.get("anyOf", ())
        ]
        return {**{name: value for name, value in part.items() if name not in beside}, "anyOf": choices} if beside else part

    changed: Json = _walk(schema, inward)
    return changed


def _named_decimals(schema: Json) -> Json:
    """Decimals are two schemas, for texts and for numbers, wherever they stand: they get their name instead."""

    def named(part: Json) -> Json:
        choices = part.get("anyOf")
        if not choices or len(choices) < 2:  # noqa: PLR2004  (a text and a number)
            return part
        name = _DECIMAL_BY_TEXT.get(json.dumps(choices[:2]))
        if name is None:
            return part
        rest = {key: value for key, value in part.items() if key != "anyOf"}
        return {**name, **rest} if len(choices) == 2 else {"anyOf": [name, *choices[2:]], **rest}  # noqa: PLR2004

    changed: Json = _walk(schema, named)
    return changed


def _answered(schema: Json) -> Json:
    """What an answer may leave out is never null there."""
    members = schema.get("properties", {})
    for name in [name for name in members if name not in schema.get("required", ())]:
        member = {key: value for key, value in members[name].items() if key != "default"}
        choices = [choice for choice in member.pop("anyOf", []) if choice != {"type": "null"}]
        members[name] = (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {}) | member
    return schema


def _moved(schema: Json, renamed: Mapping[str, str]) -> Json:
    """The schema with its references under other names."""

    def moved(part: Json) -> Json:
        if "$ref" in part:
            part = {**part, "$ref": ROOT + renamed[part["$ref"].removeprefix(ROOT)]} if _ours(part["$ref"], renamed) else part
        if "discriminator" in part and "mapping" in part["discriminator"]:
            mapping = {
                value: ROOT + renamed.get(ref.removeprefix(ROOT), ref.removeprefix(ROOT))
                for value, ref in part["discriminator"]["mapping"].items()
            }
            part = {**part, "discriminator": {**part["discriminator"], "mapping": mapping}}
        return part

    changed: Json = _walk(schema, moved)
    return changed


def _ours(reference: str, renamed: Mapping[str, str]) -> bool:
    return reference.removeprefix(ROOT) in renamed


def parts_of(schema: Any) -> Iterator[Json]:
    """Every schema in a schema, itself first."""
    if isinstance(schema, list):
        for one in schema:
            yield from parts_of(one)
    if isinstance(schema, dict):
        yield schema
        for name, part in schema.items():
            if name in _VALUES:
                continue
            yield from parts_of(list(part.values()) if name in {"properties", "$defs"} else part)
