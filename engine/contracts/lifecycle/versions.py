"""What an adviser sends for a proposal, or a version of one, that lives (advisory-lifecycle 5, 6, advisory-practice 10)."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts.lifecycle.bodies import parsed
from engine.contracts.proposals import ProposalSimulateRequest, proposal_violations
from engine.contracts.scalars import Identifier
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, Path, Violation

Words = Annotated[str, Field(strict=True)]
End = Annotated[datetime, Field(strict=True)]

SIMULATED: Final = "simulate_request"


@dataclass(slots=True)
class ProposalMetadata:
    """What people call a proposal by; never changed after its creation."""

    title: Annotated[Words | None, Field(description="For people.", examples=["Autumn review"])] = None
    advisor_notes: Annotated[
        Words | None, Field(description="The adviser's own; shown with the proposal alone.", examples=["Call first"])
    ] = None
    jurisdiction: Annotated[Words | None, Field(description="Whose law the advice is under.", examples=["CH"])] = None
    mandate_id: Annotated[Words | None, Field(description="The mandate that the advice belongs to.", examples=["mandate_1"])] = None


@dataclass(slots=True)
class ProposalVersionRequest:
    """A further version of a proposal."""

    simulate_request: Annotated[ProposalSimulateRequest, Field(description="What decides it.")]
    created_by: Annotated[Identifier | None, Field(description="The caller's own id; absent = the caller.", examples=["adviser_7"])] = None
    valid_until: Annotated[
        End | None,
        Field(
            description="Its end, with an offset, at most 90 days from now; null is the deployment's.", examples=["2026-04-30T17:00:00Z"]
        ),
    ] = None


@dataclass(slots=True)
class ProposalCreateRequest(ProposalVersionRequest):
    """A new proposal with its first version."""

    metadata: Annotated[ProposalMetadata, Field(description="What people call it by; 32 KB at most.")] = Field(
        default_factory=ProposalMetadata
    )


VERSION: Final = TypeAdapter(ProposalVersionRequest)
CREATE: Final = TypeAdapter(ProposalCreateRequest)
_VERSION: Final = validator_of(VERSION)
_CREATE: Final = validator_of(CREATE)


def parse_create(body: bytes) -> ProposalCreateRequest:
    """Parse and validate a new proposal; raises `InvalidRequest` with every violation found."""
    request: ProposalCreateRequest = parsed(_CREATE, body)
    _refuse_violations(request)
    return request


def parse_version(body: bytes) -> ProposalVersionRequest:
    """Parse and validate a further version; raises `InvalidRequest` with every violation found."""
    request: ProposalVersionRequest = parsed(_VERSION, body)
    _refuse_violations(request)
    return request


def _refuse_violations(request: ProposalVersionRequest) -> None:
    if found := proposal_violations(request.simulate_request):
        raise InvalidRequest([below(SIMULATED, violation) for violation in found])


def below(member: str, violation: Violation) -> Violation:
    """The violation of an object that stands as a member of the body."""

    def moved(path: Path) -> Path:
        return (path[0], member, *path[1:])

    return Violation(
        moved(violation.loc), violation.type, violation.msg, None if violation.other_loc is None else moved(violation.other_loc)
    )
