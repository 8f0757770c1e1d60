"""Query and path parameters: page, period and filters, checked by pydantic's own rules and named by its own types.

Unknown parameters are ignored. An instant is an ISO-8601 date-time, a bare date or a Unix number; without an offset it is UTC (dpm-service S4).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import unquote

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from engine.contracts.violations import InvalidRequest, Violation, violations_of
from engine.records.pages import Period
from engine.usecases.refusals import Code, Refused
from infra.http.messages import Event

LIMIT_DEFAULT: Final = 50
MAX_LIMIT: Final = 200

Parameters = Mapping[str, CoreSchema]
Given = dict[str, Any]

TEXT: Final = core_schema.str_schema()
FLAG: Final = core_schema.bool_schema()
PAGE: Final[Parameters] = {
    "limit": core_schema.with_default_schema(core_schema.int_schema(ge=1, le=MAX_LIMIT), default=LIMIT_DEFAULT),
    "cursor": TEXT,
}


def one_of(*choices: str) -> CoreSchema:
    """A parameter that takes these values only."""
    return core_schema.literal_schema(list(choices))


def flag(*, default: bool) -> CoreSchema:
    """A boolean in any of its spellings: true, 1, yes, on, t, y and their opposites, in any case."""
    return core_schema.with_default_schema(FLAG, default=default)


def _instant(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


INSTANT: Final = core_schema.no_info_after_validator_function(_instant, core_schema.datetime_schema())
PERIOD: Final[Parameters] = {"from": INSTANT, "to": INSTANT}


class Query:
    """The parameters that an endpoint knows."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        fields = {name: core_schema.typed_dict_field(schema, required=False) for name, schema in parameters.items()}
        self._known = SchemaValidator(core_schema.typed_dict_schema(fields))
        self._names = frozenset(fields)

    def __call__(self, event: Event) -> Given:
        """Those that were given, and the defaults. Raises InvalidRequest, also for a parameter that is given twice and differs."""
        many = event.get("multiValueQueryStringParameters") or {}
        given = {name: dict.fromkeys(values or ()) for name, values in many.items() if name in self._names}
        twice = [_given_twice(name) for name, values in given.items() if len(values) > 1]
        if twice:
            raise InvalidRequest(twice)
        try:
            return cast("Given", self._known.validate_python({name: next(iter(values)) for name, values in given.items() if values}))
        except ValidationError as error:
            raise InvalidRequest(violations_of(error, prefix=("query",))) from None


def period_of(given: Given) -> Period:
    """The instants between `from` and `to`, both inclusive."""
    return Period(given.get("from"), given.get("to"))


def path_parameter(event: Event, name: str) -> str:
    """A segment of the path, which a REST API passes on as it was sent. No id holds a slash: such a path leads nowhere; none is dots alone."""
    value = unquote(str((event.get("pathParameters") or {})[name]))
    if "/" in value:
        raise Refused(Code.NOT_FOUND)
    if value in {".", ".."}:
        raise InvalidRequest([Violation(("path", name), "string_pattern_mismatch", "The parameter may not be '.' or '..'")])
    return value


def _given_twice(name: str) -> Violation:
    return Violation(("query", name), "multiple_values", "The parameter may be given once only")
