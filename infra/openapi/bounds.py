r"""Bounds that validators keep, as the document tells them: a validator in Python has no JSON Schema of its own.

Pydantic's says less than it checks in two more places: the pattern of a map's keys, which bounds nothing as `patternProperties`, and the size of
a map that a validator follows. `tests/openapi/test_bounds.py` holds all of it to the code. What no schema can say of single members is in
their descriptions: that one of several says how much, that a pair is ordered.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.contracts.scalars import ABOVE_ZERO, DECIMAL_CHARACTERS, INTEGER_DIGITS, SIGNED

Json = dict[str, Any]

_LARGEST: Final = 10**INTEGER_DIGITS


def _decimal(pattern: str, number: Json) -> Json:
    return {"anyOf": [{"type": "string", "pattern": pattern, "maxLength": DECIMAL_CHARACTERS}, number]}


def _below(digits: int, places: int) -> str:
    """Texts of a whole number of so many digits at most, with so many places at most behind the point."""
    return rf"0*[1-9][0-9]{{0,{digits - 1}}}(?:\.[0-9]{{1,{places}}}0*)?"


_NOTHING: Final = r"-?0+(?:\.0+)?"
_BELOW_ONE: Final = r"0+\.0*[0-9]{1,28}0*"
_UP_TO_500: Final = rf"^(?:{_NOTHING}|{_BELOW_ONE}|0*(?:[1-9][0-9]?|[1-4][0-9][0-9])(?:\.[0-9]{{1,25}}0*)?|0*500(?:\.0+)?)$"
_LOT_BELOW_ONE: Final = "|".join(rf"0+\.0{{{zeros}}}[1-9][0-9]{{0,{11 - zeros}}}0*" for zeros in range(12))
_LOT: Final = rf"^(?:{_LOT_BELOW_ONE}|{_below(9, 12)}|0*1000000000(?:\.0+)?)$"

DECIMALS: Final[Mapping[str, tuple[Json, str]]] = {
    "BasisPoints": (
        _decimal(_UP_TO_500, {"type": "number", "minimum": 0, "maximum": 500}),
        "A decimal from 0 to 500, as a string or a number.",
    ),
    "LotSize": (
        _decimal(_LOT, {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000_000}),
        "A decimal above 0 and up to 1,000,000,000, of 12 places at most, as a string or a number.",
    ),
    "NonZeroDecimal": (
        _decimal(
            "^-?" + ABOVE_ZERO.removeprefix("^"),
            {"type": "number", "exclusiveMinimum": -_LARGEST, "exclusiveMaximum": _LARGEST, "not": {"const": 0}},
        ),
        "A decimal other than 0, as a string or a number.",
    ),
    "WholeOrText": (
        _decimal(SIGNED, {"type": "integer", "exclusiveMinimum": -_LARGEST, "exclusiveMaximum": _LARGEST}),
        "A decimal as a string, or a whole number.",
    ),
    "PositiveWholeOrText": (
        _decimal(ABOVE_ZERO, {"type": "integer", "minimum": 1, "exclusiveMaximum": _LARGEST}),
        "A decimal above 0 as a string, or a whole number.",
    ),
}
"""Decimals that validators bound further, by the name that the document gives them."""

TIGHTER: Final[Mapping[tuple[str, str], str]] = {
    ("AdvisoryShelfEntry", "lot_size"): "LotSize",
    ("CashFlow", "amount"): "NonZeroDecimal",
    ("CommissionRow", "rate_bps"): "BasisPoints",
    ("CostSchedule", "fx_spread_bps"): "BasisPoints",
    ("CostSchedule", "fx_spread_bps_by_currency"): "BasisPoints",
    ("Money", "amount"): "PositiveWholeOrText",
    ("ProposedCashFlow", "amount"): "WholeOrText",
    ("ProposedTrade", "quantity"): "PositiveWholeOrText",
    ("ShelfEntry", "lot_size"): "LotSize",
    ("TransactionTaxRow", "rate_bps"): "BasisPoints",
}
"""By model of a request and member, which decimal stands in place of a wider one. Money is of a proposed trade alone."""

_STEPLESS: Final = r"(?:[A-Za-z0-9_=-][A-Za-z0-9_.=-]*|[.][A-Za-z0-9_=-][A-Za-z0-9_.=-]*|[.]{2}[A-Za-z0-9_.=-]+)"
OBJECT_NAME: Final = f"^{_STEPLESS}(?:/{_STEPLESS})+$"
"""Names of a book's objects: no segment is a step `.` or `..`."""
PATTERNS: Final[Mapping[str, str]] = {"^[A-Za-z0-9_.=-]+(/[A-Za-z0-9_.=-]+)+$": OBJECT_NAME}
"""Patterns of texts that a validator bounds further."""

LONGEST_KEY: Final = 1_000
"""Of `attribute:value`, as of every other text."""


def tightened(schemas: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The schemas of requests by name, with the decimals that their members take."""
    for name, schema in schemas.items():
        members = {
            member: _of_decimal(part, TIGHTER[name, member]) if (name, member) in TIGHTER else part
            for member, part in schema.get("properties", {}).items()
        }
        yield name, {**schema, "properties": members} if members else schema


def _of_decimal(part: Any, decimal: str) -> Any:
    if isinstance(part, list):
        return [_of_decimal(one, decimal) for one in part]
    if not isinstance(part, dict):
        return part
    if str(part.get("$ref", "")).endswith("Decimal"):
        return {**part, "$ref": f"{part['$ref'].rpartition('/')[0]}/{decimal}"}
    return {name: _of_decimal(one, decimal) for name, one in part.items()}


def bounded(part: Json) -> Json:
    """A schema of a map bounds its keys and its size in the words for that; a pattern is all that is checked."""
    if part.get("pattern") in PATTERNS:
        return {**part, "pattern": PATTERNS[part["pattern"]]}
    if part.get("type") != "object":
        return part
    rest = {name: value for name, value in part.items() if name not in {"patternProperties", "maxLength"}}
    if "maxLength" in part:
        rest["maxProperties"] = part["maxLength"]
    if len(found := part.get("patternProperties", {})) == 1:
        ((pattern, values),) = found.items()
        rest |= {
            "additionalProperties": values,
            "propertyNames": {**part.get("propertyNames", {}), "pattern": PATTERNS.get(pattern, pattern)},
        }
    elif ":" in part.get("propertyNames", {}).get("pattern", ""):
        rest["propertyNames"] = {"maxLength": LONGEST_KEY, **part["propertyNames"]}
    return rest
