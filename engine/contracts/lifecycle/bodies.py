"""How the bodies of a proposal's life are read."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import SchemaValidator

from engine.contracts.received.reader import refuse_non_finite_literals
from engine.contracts.violations import InvalidRequest, violations_of


def parsed(validator: SchemaValidator, body: bytes) -> Any:
    """What a body holds by its contract. Raises `InvalidRequest` with every violation found."""
    refuse_non_finite_literals(body)
    try:
        return validator.validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
