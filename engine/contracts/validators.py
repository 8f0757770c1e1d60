"""Validators whose errors hold no more of a request than the values that are wrong.

Where a required member is missing, pydantic hangs the whole object around it on the error, as Python objects: nine missing
members on nine levels cost a body nine times over. Here a member that is missing takes `ABSENT` instead, which none of our
types accepts, so that the error holds that; `violations_of` tells it as missing.
"""

from typing import Any

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from engine.contracts.violations import ABSENT


def validator_of(contract: TypeAdapter[Any]) -> SchemaValidator:
    """The contract's validator, with values and violations as its own."""
    return SchemaValidator(_with_absent(contract.core_schema), _use_prebuilt=False)  # a class's own validator knows no ABSENT


def _with_absent(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_absent(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    built = {name: _with_absent(part) for name, part in schema.items() if name != "metadata"}
    if built.get("type") == "dataclass-field" and built["schema"]["type"] != "default":
        built["schema"] = {"type": "default", "schema": built["schema"], "default": ABSENT, "validate_default": True}
    return built
