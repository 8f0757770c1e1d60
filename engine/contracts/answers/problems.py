"""The one shape of every refusal (RFC 9457)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, shown


@dataclass(slots=True, config=EXACT_MEMBERS)
class Violation:
    """One broken rule of the contract. The input itself is never echoed."""

    loc: Annotated[
        list[str | int],
        shown("Where: body, query, path or header first, then members and the numbers of rows.", ["body", "options", "max_turnover_pct"]),
    ]
    type: Annotated[str, shown("Which rule, as a stable word.", "less_than_equal")]
    msg: Annotated[str, shown("The rule in a sentence; wording may change.", "Input should be less than or equal to 1")]
    other_loc: Annotated[
        list[str | int] | None,
        shown("The second place of a duplicate; absent otherwise.", ["body", "shelf_entries", 1, "instrument_id"]),
    ] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class Problem:
    """Why a call was refused, or what went wrong: the one shape of every status from 400 up."""

    type: Annotated[Literal["about:blank"], shown("Always about:blank: `code` says what it is about.", "about:blank")]
    title: Annotated[str, shown("The code in a few words, the same for every problem of that code.", "Run not found")]
    status: Annotated[int, shown("The HTTP status.", 404, ge=400, le=599)]
    detail: Annotated[str, shown("The code, and behind a colon what else there is to say.", "DPM_RUN_NOT_FOUND")]
    code: Annotated[str, shown("What it is about, as a stable code.", "DPM_RUN_NOT_FOUND")]
    instance: Annotated[str, shown("The path that was called.", "/rebalance/runs/rr_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    correlation_id: Annotated[str, shown("The caller's X-Correlation-Id, else c_none.", "corr-1")]
    errors: Annotated[
        list[Violation] | None,
        Field(description="What a request breaks, at most 100 rules; absent where it breaks none.", min_length=1, max_length=100),
    ] = None
