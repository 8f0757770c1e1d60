"""What is wrong with a request: values with a place and a stable type, never the input itself."""

import operator
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # the doors that validate nothing but a header need no pydantic
    from json import JSONDecodeError

    from pydantic_core import ValidationError

Path = tuple[str | int, ...]

ABSENT: Final = object()
"""What validation finds in the place of a required member that is missing."""
MAX_REPORTED: Final = 100
MAX_LISTED: Final = 100_000
"""Of the errors of one validation: pydantic lists all or none, at 600 bytes each, and a request can hold a million."""
_WIRE_TYPES: Final = {"unexpected_keyword_argument": "extra_forbidden", "dataclass_type": "model_attributes_type"}
_PLAIN: Final = r"-?[0-9]+(\.[0-9]+)?"
_MAX_NAME: Final = 128
_DOTS: Final = (".", "..")
_BOUNDS: Final = {
    "gt": ("greater_than", "greater than", operator.gt),
    "ge": ("greater_than_equal", "greater than or equal to", operator.ge),
    "lt": ("less_than", "less than", operator.lt),
    "le": ("less_than_equal", "less than or equal to", operator.le),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of the contract.

    `loc` starts with body, query, path or header. `other_loc` is the second place of a duplicate.
    """

    loc: Path
    type: str
    msg: str
    other_loc: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """The violation as it goes over the wire."""
        shown: dict[str, Any] = {"loc": list(self.loc), "type": self.type, "msg": self.msg}
        if self.other_loc is not None:
            shown["other_loc"] = list(self.other_loc)
        return shown


class InvalidRequest(ValueError):  # noqa: N818  (named for what the caller is told)
    """The request breaks its contract; `violations` says where, at most 100 of them."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)[:MAX_REPORTED]
        first = self.violations[0]
        super().__init__(f"{first.type} at {'.'.join(map(str, first.loc))}")


class DuplicateMembers(InvalidRequest):
    """An object of the request has two members of one name."""


def violations_of(error: "ValidationError", prefix: Path = ("body",)) -> list[Violation]:
    """Translate pydantic's report. Messages are its standard texts, which hold bounds but no input."""
    if error.error_count() > MAX_LISTED:
        return [Violation(prefix, "too_many_errors", f"More than {MAX_LISTED} places break the contract")]
    rows = error.errors(include_url=False, include_input=True)
    return [_violation(row, prefix) for row in rows[:MAX_REPORTED]]


def no_json(error: "JSONDecodeError") -> InvalidRequest:
    """What is told of a body that a reader of JSON refused: what it met, and in which line and column; never what stands there."""
    return InvalidRequest([Violation(("body",), "json_invalid", f"Invalid JSON: {error.msg} at line {error.lineno} column {error.colno}")])


def _violation(row: Any, prefix: Path) -> Violation:
    kind, message = row["type"], row["msg"]
    if row["input"] is ABSENT:
        kind, message = "missing", "Field required"
    elif kind == "decimal_text":
        kind, message = _decimal_fault(row["input"], row["ctx"], message)
    elif kind == "string_pattern_mismatch" and r"\x00" in row.get("ctx", {}).get("pattern", ""):
        message = "An id is neither . nor .." if row["input"] in _DOTS else "String should hold no control characters"
    elif kind == "json_invalid":
        message = f"Invalid JSON: {row['ctx']['error']}"
    elif kind == "unexpected_keyword_argument":
        message = "Unknown members are not permitted"
    path = tuple(part[:_MAX_NAME] if isinstance(part, str) else part for part in row["loc"])
    return Violation((*prefix, *path), _WIRE_TYPES.get(kind, kind), message)


def _decimal_fault(value: object, allowed: Mapping[str, Any], message: str) -> tuple[str, str]:
    """What keeps the input from being a decimal within its bounds, told like pydantic's own errors."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return "decimal_type", "Decimal input should be a string or a number"
    if isinstance(value, str) and len(value) > allowed["max_length"]:
        return "string_too_long", f"Decimal text should have at most {allowed['max_length']} characters"
    text = str(value).strip().lower().lstrip("+-")
    if text in {"nan", "inf", "infinity"}:
        return "finite_number", "Input should be a finite number"
    if not isinstance(value, str) or re.fullmatch(allowed["pattern"], value):
        return _broken_bound(Decimal(str(value)), allowed)
    if re.fullmatch(_PLAIN, value):
        return "decimal_max_digits", message
    return "decimal_parsing", message


def _broken_bound(value: Decimal, allowed: Mapping[str, Any]) -> tuple[str, str]:
    broken = (name for name, (_, _, holds) in _BOUNDS.items() if name in allowed and not holds(value, allowed[name]))
    name = next(broken)
    kind, words, _ = _BOUNDS[name]
    return kind, f"Input should be {words} {allowed[name]}"


def duplicates(keys: Sequence[Hashable], path: Path, member: str) -> Iterator[Violation]:
    """Every later row whose key an earlier row has already; both places are named."""
    first: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        earlier = first.setdefault(key, index)
        if earlier != index:
            yield Violation(
                ("body", *path, earlier, member),
                "duplicate",
                f"Duplicate {member}",
                other_loc=("body", *path, index, member),
            )
