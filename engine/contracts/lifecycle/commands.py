"""What is sent to move a proposal on: transitions and approvals (advisory-lifecycle 7, 8, advisory-practice 10)."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.lifecycle.bodies import parsed
from engine.contracts.scalars import Identifier, Text
from engine.contracts.validators import validator_of
from engine.records.proposal_history import ApprovalType, EventType, ProposalState

DEEPEST: Final = 20
"""Levels of a free object."""
LARGEST_INTEGER: Final = 2**63


def _kept_as_text(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A free object is stored as JSON text: what would not come back as it was is refused."""
    levels: list[Any] = [given]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in levels:
            if (isinstance(value, float) and not isfinite(value)) or (isinstance(value, int) and abs(value) >= LARGEST_INTEGER):
                raise PydanticCustomError("number_out_of_range", "A number of a free object is finite and has at most 64 bits")
            below += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        levels = below
        if not levels:
            return given
    raise PydanticCustomError("too_deep", "A free object has at most 20 levels")


FreeObject = Annotated[dict[str, Any], AfterValidator(_kept_as_text)]
Named = Annotated[int, Field(strict=True)]


@dataclass(slots=True, kw_only=True)
class ProposalStateTransitionRequest:
    """Something that happens to a proposal."""

    event_type: Annotated[
        EventType,
        Field(
            description="The step that is taken; which are allowed depends on the state and on the gate.",
            examples=["SUBMITTED_FOR_RISK_REVIEW"],
        ),
    ]
    actor_id: Annotated[Identifier | None, Field(description="The caller's own id; absent = the caller.", examples=["adviser_7"])] = None
    related_version_no: Annotated[Named | None, Field(description="The version that is meant; the current one.", examples=[1])] = None
    artifact_hash: Annotated[Text | None, Field(description="The hash of that version's artifact.", examples=["sha256:ab12…"])] = None
    reason: Annotated[
        FreeObject,
        Field(
            description="Free; `text` says which changes are asked for. At most 64 KB and 20 levels.", examples=[{"text": "Too much tech"}]
        ),
    ] = Field(default_factory=dict)
    expected_state: Annotated[ProposalState | None, Field(description="Where the caller believes it stands.", examples=["DRAFT"])] = None


@dataclass(slots=True, kw_only=True)
class ProposalApprovalRequest:
    """A reviewer's or the client's decision on a version."""

    approval_type: Annotated[
        ApprovalType, Field(description="Whose decision this is: of risk, of compliance or the client's consent.", examples=["COMPLIANCE"])
    ]
    approved: Annotated[bool, Field(strict=True, description="Yes or no; a no rejects the proposal.", examples=[True])]
    actor_id: Annotated[Identifier | None, Field(description="The caller's own id; absent = the caller.", examples=["reviewer_1"])] = None
    related_version_no: Annotated[
        Named | None, Field(description="The version that is decided on; required once there are several.", examples=[1])
    ] = None
    artifact_hash: Annotated[Text | None, Field(description="The hash of that version's artifact.", examples=["sha256:ab12…"])] = None
    details: Annotated[FreeObject, Field(description="Free. At most 64 KB and 20 levels.", examples=[{"ticket": "C-17"}])] = Field(
        default_factory=dict
    )
    expected_state: Annotated[ProposalState | None, Field(description="Where the caller believes it stands.", examples=["RISK_REVIEW"])] = (
        None
    )


TRANSITION: Final = TypeAdapter(ProposalStateTransitionRequest)
APPROVAL: Final = TypeAdapter(ProposalApprovalRequest)
_TRANSITION: Final = validator_of(TRANSITION)
_APPROVAL: Final = validator_of(APPROVAL)


def parse_transition(body: bytes) -> ProposalStateTransitionRequest:
    """Parse and validate a transition; raises `InvalidRequest` with every violation found."""
    request: ProposalStateTransitionRequest = parsed(_TRANSITION, body)
    return request


def parse_approval(body: bytes) -> ProposalApprovalRequest:
    """Parse and validate an approval; raises `InvalidRequest` with every violation found."""
    request: ProposalApprovalRequest = parsed(_APPROVAL, body)
    return request
