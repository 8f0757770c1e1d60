r"""The scalar types of the wire: bounded decimals, identifiers, texts.

A decimal is a JSON string `-?[0-9]+(\\.[0-9]+)?` or a JSON number taken by its shortest round-trip text, with at most 18
integer digits and 28 significant digits once trailing zeros are dropped; a text has at most 64 characters.
All of it is checked inside pydantic-core: a validator written in Python would cost a third of the parse. A text's
bounds stand in its pattern, since comparing decimals would cost as much as making them.
"""

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

STRICT_MEMBERS: Final = ConfigDict(extra="forbid")
"""For objects among the options: an unknown member is refused."""

INTEGER_DIGITS: Final = 18
SIGNIFICANT_DIGITS: Final = 28
DECIMAL_CHARACTERS: Final = 64
MAX_ROWS: Final = 10_000
MAX_LOTS: Final = 1_000
MAX_FLOWS: Final = 1_000

_MAX_AMOUNT: Final = 10**INTEGER_DIGITS


def _one_of(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_BELOW_ONE: Final = rf"0+(?:\.0*[0-9]{{1,{SIGNIFICANT_DIGITS}}}0*)?"
_FROM_ONE: Final = _one_of(  # one alternative per length of the integer part: what the fraction may hold depends on it
    *(rf"0*[1-9][0-9]{{{n - 1}}}(?:\.[0-9]{{1,{SIGNIFICANT_DIGITS - n}}}0*)?" for n in range(1, INTEGER_DIGITS + 1))
)
_FRACTION_ABOVE_ZERO: Final = rf"0+\.0*[1-9][0-9]{{0,{SIGNIFICANT_DIGITS - 1}}}0*"
_ZERO: Final = r"-0+(?:\.0+)?"
_ONE: Final = r"0*1(?:\.0+)?"
SIGNED: Final = f"^-?{_one_of(_BELOW_ONE, _FROM_ONE)}$"
NOT_NEGATIVE: Final = f"^{_one_of(_BELOW_ONE, _FROM_ONE, _ZERO)}$"
ABOVE_ZERO: Final = f"^{_one_of(_FRACTION_ABOVE_ZERO, _FROM_ONE)}$"
UP_TO_ONE: Final = f"^{_one_of(_BELOW_ONE, _ONE, _ZERO)}$"

_INTEGER = core_schema.chain_schema([core_schema.int_schema(strict=True), core_schema.decimal_schema()])
_FLOAT = core_schema.no_info_after_validator_function(
    lambda number: Decimal(repr(number)), core_schema.float_schema(strict=True, allow_inf_nan=False)
)
_DESCRIBING: Final = ("description", "examples")
_DECIMAL = core_schema.is_instance_schema(Decimal)


class _DecimalSchema:
    """Annotation that gives a Decimal its bounds on the wire: a pattern for texts, the same bounds for numbers."""

    def __init__(self, pattern: str, **bounds: int) -> None:
        self.pattern, self.bounds = pattern, bounds

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(
            Decimal, core_schema.str_schema(strict=True, max_length=DECIMAL_CHARACTERS, pattern=self.pattern)
        )
        limits: dict[str, Any] = {name: Decimal(bound) for name, bound in self.bounds.items()}
        bounds = core_schema.decimal_schema(**limits)

        def decimal(*numbers: CoreSchema) -> CoreSchema:
            return core_schema.union_schema(
                [text, *(core_schema.chain_schema([number, bounds]) for number in numbers)],
                mode="left_to_right",
                custom_error_type="decimal_text",
                custom_error_message="Must be a plain decimal of at most 18 integer and 28 significant digits",
                custom_error_context={"pattern": SIGNED, "max_length": DECIMAL_CHARACTERS, **self.bounds},
            )

        return core_schema.json_or_python_schema(
            json_schema=decimal(_INTEGER, _FLOAT),
            python_schema=decimal(_DECIMAL, _INTEGER, _FLOAT),  # a strict float would take a Decimal too, and its digits
            serialization=core_schema.to_string_ser_schema(when_used="always"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        words = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
        number = {"type": "number"} | {words[name]: bound for name, bound in self.bounds.items()}
        told = {word: value for word, value in handler(schema).items() if word in _DESCRIBING}
        return {"anyOf": [{"type": "string", "pattern": self.pattern, "maxLength": DECIMAL_CHARACTERS}, number]} | told


ATTRIBUTE_AND_VALUE: Final = "^[^:]+:[^:]+$"
"""As the document says it of keys that name a group; who validates them says it in words."""

Amount = Annotated[Decimal, _DecimalSchema(SIGNED, gt=-_MAX_AMOUNT, lt=_MAX_AMOUNT)]
NonNegative = Annotated[Decimal, _DecimalSchema(NOT_NEGATIVE, ge=0, lt=_MAX_AMOUNT)]
Positive = Annotated[Decimal, _DecimalSchema(ABOVE_ZERO, gt=0, lt=_MAX_AMOUNT)]
Fraction = Annotated[Decimal, _DecimalSchema(UP_TO_ONE, ge=0, le=1)]

_CHARACTER: Final = r"[^\x00-\x1f\x7f-\x9f]"
_NO_DOT: Final = r"[^\x00-\x1f\x7f-\x9f.]"
PRINTED: Final = f"^{_CHARACTER}*$"
STEPS: Final = frozenset({".", ".."})
ADDRESSED: Final = f"^(?:[.]{{0,2}}{_NO_DOT}|[.]{{3}}){_CHARACTER}*$"
"""What may stand in a path, where the `STEPS` would lead elsewhere."""

Identifier = Annotated[str, Field(strict=True, min_length=1, max_length=128, pattern=PRINTED)]
AddressedId = Annotated[str, Field(strict=True, min_length=1, max_length=128, pattern=ADDRESSED)]
Text = Annotated[str, Field(strict=True, max_length=1_000)]
FreeText = Annotated[str, Field(strict=True, max_length=1_000, pattern=PRINTED)]
