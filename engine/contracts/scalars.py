r"""The scalar types of the wire: bounded decimals, identifiers, texts.

A decimal is a JSON string `-?[0-9]+(\\.[0-9]+)?` or a JSON number taken by its shortest round-trip text, with at most 18
integer digits and 28 significant digits once trailing zeros are dropped. All of it is checked inside pydantic-core:
a validator written in Python would cost a third of the parse.
"""

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

INTEGER_DIGITS: Final = 18
SIGNIFICANT_DIGITS: Final = 28
MAX_ROWS: Final = 10_000
MAX_LOTS: Final = 1_000
MAX_TRADES: Final = 500

_LIMIT: Final = Decimal(10) ** INTEGER_DIGITS


def _decimal_pattern() -> str:
    """One alternative per length of the integer part: what the fraction may hold depends on it."""
    no_integer = rf"0+(?:\.0*[0-9]{{0,{SIGNIFICANT_DIGITS}}}0*)?"
    lengths = (rf"0*[1-9][0-9]{{{n - 1}}}(?:\.[0-9]{{0,{SIGNIFICANT_DIGITS - n}}}0*)?" for n in range(1, INTEGER_DIGITS + 1))
    return rf"^-?(?:{'|'.join((no_integer, *lengths))})$"


_TEXT = core_schema.chain_schema(
    [
        core_schema.str_schema(strict=True, pattern=_decimal_pattern()),
        core_schema.decimal_schema(),
    ]
)
_INTEGER = core_schema.chain_schema([core_schema.int_schema(strict=True), core_schema.decimal_schema()])
_FLOAT = core_schema.no_info_after_validator_function(
    lambda number: Decimal(repr(number)), core_schema.float_schema(strict=True, allow_inf_nan=False)
)
_DECIMAL = core_schema.is_instance_schema(Decimal)


def _one_of(*choices: CoreSchema) -> CoreSchema:
    return core_schema.union_schema(
        list(choices),
        mode="left_to_right",
        custom_error_type="decimal_text",
        custom_error_message="Must be a plain decimal of at most 18 integer and 28 significant digits",
    )


_NUMBER = core_schema.json_or_python_schema(
    json_schema=_one_of(_TEXT, _INTEGER, _FLOAT), python_schema=_one_of(_TEXT, _INTEGER, _FLOAT, _DECIMAL)
)


class _DecimalSchema:
    """Annotation that gives a Decimal its bounds on the wire."""

    def __init__(self, ge: int | None = None, le: int | None = None) -> None:
        self.ge, self.le = ge, le

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        bounds = core_schema.decimal_schema(
            gt=None if self.ge is not None else -_LIMIT,
            ge=None if self.ge is None else Decimal(self.ge),
            lt=None if self.le is not None else _LIMIT,
            le=None if self.le is None else Decimal(self.le),
        )
        return core_schema.chain_schema([_NUMBER, bounds], serialization=core_schema.to_string_ser_schema(when_used="always"))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        number: dict[str, Any] = {"type": "number"}
        if self.ge is not None:
            number["minimum"] = self.ge
        if self.le is not None:
            number["maximum"] = self.le
        return {"anyOf": [{"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, number]}


Amount = Annotated[Decimal, _DecimalSchema()]
NonNegative = Annotated[Decimal, _DecimalSchema(ge=0)]
Fraction = Annotated[Decimal, _DecimalSchema(ge=0, le=1)]

Identifier = Annotated[str, Field(strict=True, min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Text = Annotated[str, Field(strict=True, max_length=1_000)]
