"""The scalar types of results. Every decimal is a string: nothing a reader parses loses digits (dpm-engine 1.3)."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

EXACT_MEMBERS: Final = ConfigDict(extra="forbid")
"""A result has the members that its model names and no others."""

DECIMAL: Final = r"^-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$"

DecimalText = Annotated[str, Field(pattern=DECIMAL)]
"""A decimal, unrounded, trailing zeros kept; scientific where it is tiny or huge."""
WeightText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{4}$")]
"""A weight, half-even at 4 decimals."""
FractionText = Annotated[str, Field(pattern=r"^-?[0-9]+(/[0-9]+)?$")]
"""An exact rational: numerator, or numerator/denominator."""


def shown(description: str, *examples: Any, **bounds: Any) -> Any:
    """Describe a member of a result, with an example unless its own members have theirs."""
    return Field(description=description, examples=list(examples) or None, **bounds)
