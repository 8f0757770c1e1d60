"""Why a command on a proposal is not carried out, by the codes and words of the specification (advisory-lifecycle 3)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Objection:
    """A no, by its code of `engine.usecases.refusals.Code`, and what stands behind the code's colon.

    `of_body` says that the fault is in what the body names, where the same code can also be about the path.
    """

    code: str
    because: str = ""
    of_body: bool = False


def scope_required(scope: str) -> Objection:
    """The caller lacks a scope."""
    return Objection("SCOPE_REQUIRED", scope)


# Who
PERSON_REQUIRED: Final = Objection("USER_IDENTITY_REQUIRED")
FOUR_EYES_REQUIRED: Final = Objection("FOUR_EYES_REQUIRED")

# What the caller believes
EXPECTED_STATE_REQUIRED: Final = Objection("STATE_CONFLICT", "expected_state is required")
EXPECTED_STATE_MISMATCH: Final = Objection("STATE_CONFLICT", "expected_state mismatch")
VERSION_REQUIRED: Final = Objection("STATE_CONFLICT", "related_version_no is required")
VERSION_MISMATCH: Final = Objection("STATE_CONFLICT", "version mismatch")
NAMED_VERSION_NOT_FOUND: Final = Objection("PROPOSAL_VERSION_NOT_FOUND", of_body=True)
VERSION_NOT_FOUND: Final = Objection("PROPOSAL_VERSION_NOT_FOUND")
CONTENT_MISMATCH: Final = Objection("STATE_CONFLICT", "content mismatch")
HASH_REQUIRED: Final = Objection("STATE_CONFLICT", "artifact_hash is required")

# What the state allows
APPROVAL_RECORD_REQUIRED: Final = Objection("APPROVAL_RECORD_REQUIRED")
INVALID_TRANSITION: Final = Objection("INVALID_TRANSITION")
INVALID_APPROVAL_STATE: Final = Objection("INVALID_APPROVAL_STATE")
REASON_REQUIRED: Final = Objection("REASON_REQUIRED")
EXECUTION_ALREADY_REQUESTED: Final = Objection("STATE_CONFLICT", "execution already requested")
EXECUTION_IN_PROGRESS: Final = Objection("EXECUTION_IN_PROGRESS")
NO_VERSION_AT_THE_END: Final = Objection("PROPOSAL_TERMINAL_STATE", "cannot create version")
NO_CHECK_AT_THE_END: Final = Objection("PROPOSAL_TERMINAL_STATE", "cannot check")

# What the version allows
GATE_BLOCKED: Final = Objection("GATE_BLOCKED")
GATE_REQUIRES_COMPLIANCE_REVIEW: Final = Objection("GATE_REQUIRES_COMPLIANCE_REVIEW")
GATE_REVIEW_REQUIRED: Final = Objection("GATE_REVIEW_REQUIRED")
GATE_APPROVAL_MISSING: Final = Objection("GATE_APPROVAL_MISSING")
APPROVED_CONTENT_DIFFERS: Final = Objection("EVIDENCE_CORRUPT")
"""No fault of the caller's: what was approved is not what would be executed. The use case raises `EvidenceCorrupt`, and an alarm rings."""
PROPOSAL_EXPIRED: Final = Objection("PROPOSAL_EXPIRED")
EXECUTION_CHECK_REQUIRED: Final = Objection("EXECUTION_CHECK_REQUIRED")

# What a version may be
VERSION_LIMIT: Final = Objection("PROPOSAL_VERSION_LIMIT")
SIMULATION_DISABLED: Final = Objection("PROPOSAL_SIMULATION_DISABLED", "set options.enable_proposal_simulation=true")
PORTFOLIO_CONTEXT_MISMATCH: Final = Objection("PORTFOLIO_CONTEXT_MISMATCH")
VALID_UNTIL_BOUNDS: Final = Objection("VALID_UNTIL_BOUNDS")
