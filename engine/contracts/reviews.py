"""What a reviewer sends (RFC-0020)."""

from typing import Annotated, Final, Literal

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engine.contracts.scalars import Identifier, Text
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, no_json, violations_of


@dataclass(slots=True)
class DpmRunWorkflowActionRequest:
    """One action on a run."""

    action: Annotated[Literal["APPROVE", "REJECT", "REQUEST_CHANGES"], Field(description="What the reviewer does.", examples=["APPROVE"])]
    reason_code: Annotated[
        str,
        Field(
            strict=True,
            max_length=128,
            pattern=r"^[A-Z][A-Z0-9_]*$",
            description="Why, as a stable code.",
            examples=["REVIEW_APPROVED"],
        ),
    ]
    actor_id: Annotated[Identifier | None, Field(description="The caller's own id; absent = the caller.", examples=["reviewer_001"])] = None
    comment: Annotated[Text | None, Field(description="Free text for people.", examples=["Checked against the mandate."])] = None


ACTION: Final = TypeAdapter(DpmRunWorkflowActionRequest)
_BODY: Final = validator_of(ACTION)


def parse_action(body: bytes) -> DpmRunWorkflowActionRequest:
    """Parse and validate an action; raises `InvalidRequest`, also for NaN and Infinity, which are no JSON."""
    try:
        orjson.loads(body)
        action: DpmRunWorkflowActionRequest = _BODY.validate_json(body)
    except orjson.JSONDecodeError as error:
        raise no_json(error) from None
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    return action
