"""The texts that answers about records share."""

from typing import Annotated, Any, Final

from pydantic import Field, WithJsonSchema

from engine.contracts.results.scalars import shown

Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""An instant in UTC with its offset; its fraction is dropped when it is zero."""
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]

NOW: Final = "2026-03-31T22:00:00.123456+00:00"
HASH: Final = "sha256:" + "9f2c" * 16
RUN: Final = "rr_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"
OPERATION: Final = "dop_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"
PROPOSAL: Final = "pp_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8"

NEXT_CURSOR: Final[Any] = shown("Where the list goes on, for `cursor`; null at its end. Opaque.", RUN)
