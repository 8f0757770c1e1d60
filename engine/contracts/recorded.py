"""Our own documents, read back: what was written out of a contract is taken again."""

import re
from decimal import Decimal
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from engine.contracts.violations import InvalidRequest, Path, violations_of

Content = TypeVar("Content")

_WITH_EXPONENT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?E[+-]?[0-9]{1,5}", re.ASCII)


def recorded(contract: TypeAdapter[Content], document: Any) -> Content:
    """What a document of ours holds. Raises InvalidRequest for one that the contract cannot have written.

    Small decimals are written with an exponent, as `1E-7`, which the contract refuses in a caller's text: here they are read.
    """
    try:
        return contract.validate_python(document)
    except ValidationError as error:
        _read_exponents(document, error)
    try:
        return contract.validate_python(document)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None


def _read_exponents(document: Any, refusal: ValidationError) -> None:
    for row in refusal.errors(include_url=False, include_context=False):
        if row["type"] == "decimal_text" and isinstance(row["input"], str) and _WITH_EXPONENT.fullmatch(row["input"]):
            _replace(document, row["loc"], Decimal(row["input"]))


def _replace(document: Any, path: Path, value: Decimal) -> None:
    *above, last = path
    for part in above:
        document = document[part]
    document[last] = value
