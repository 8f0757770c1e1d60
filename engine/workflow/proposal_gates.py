"""The gate of a version: which one counts, and what it lets happen (advisory-lifecycle L1, L4).

Whoever asks for a proposal never controls what controls it: options that would make the gate milder make it stricter.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.contracts.choices import IssueSeverity
from engine.records.proposal_history import ApprovalType, EventType, Gate
from engine.workflow.proposal_commands import Question
from engine.workflow.proposal_objections import (
    GATE_APPROVAL_MISSING,
    GATE_BLOCKED,
    GATE_REQUIRES_COMPLIANCE_REVIEW,
    GATE_REVIEW_REQUIRED,
    Objection,
)
from engine.workflow.proposal_states import ALWAYS_OPEN, EXECUTION

if TYPE_CHECKING:  # who lets proposals expire needs no models
    from engine.contracts.options.proposals import ProposalThresholds

RANK: Final = {gate: rank for rank, gate in enumerate(Gate)}
"""The strictest gate has the lowest."""

SEVERITY_RANK: Final = {severity: rank for rank, severity in enumerate(IssueSeverity)}
"""The mildest severity has the lowest."""

NEEDS_APPROVAL: Final = EXECUTION | {EventType.CLIENT_CONSENT_RECORDED}
"""What a review must have come before."""

ENOUGH: Final[Mapping[Gate, frozenset[ApprovalType]]] = {
    Gate.COMPLIANCE_REVIEW_REQUIRED: frozenset({ApprovalType.COMPLIANCE}),
    Gate.RISK_REVIEW_REQUIRED:       frozenset({ApprovalType.RISK, ApprovalType.COMPLIANCE}),
}  # fmt: skip
"""The approvals of which one is enough. Other gates need none."""

NEEDS_NO_REVIEW: Final = frozenset({Gate.CLIENT_CONSENT_REQUIRED, Gate.EXECUTION_READY})
"""Gates under which the client may be asked at once."""


def gate_objection(question: Question) -> Objection | None:
    """What the gate of the current version has against an event."""
    event, gate = question.event, question.proposal.current.gate
    enforced = question.safeguards.enforce_gates
    if enforced and gate is Gate.BLOCKED and event not in ALWAYS_OPEN:
        return GATE_BLOCKED
    if enforced and gate is Gate.COMPLIANCE_REVIEW_REQUIRED and event is EventType.SUBMITTED_FOR_RISK_REVIEW:
        return GATE_REQUIRES_COMPLIANCE_REVIEW
    if event is EventType.SUBMITTED_FOR_CLIENT_CONSENT and gate not in NEEDS_NO_REVIEW:
        return GATE_REVIEW_REQUIRED
    if enforced and event in NEEDS_APPROVAL and gate in ENOUGH:
        given = {approval.approval_type for approval in question.proposal.counted}
        return None if given & ENOUGH[gate] else GATE_APPROVAL_MISSING
    return None


def stricter(one: Gate, other: Gate) -> Gate:
    """The stricter of two gates."""
    return min(one, other, key=RANK.__getitem__)


def gate_that_counts(decided: Gate, status: str, *, consent_presumed: bool, scanned: bool, looser: bool, unvalued: bool) -> Gate:
    """The gate of a version, whatever its request did about it.

    `decided` is the artifact's gate and `status` its proposal's. `consent_presumed`: the request says that the client agreed already.
    `scanned`: suitability was looked at. `looser`: by milder limits than the deployment's. `unvalued`: something held has no value.
    """
    gate = decided
    if consent_presumed and gate is Gate.EXECUTION_READY:
        gate = Gate.CLIENT_CONSENT_REQUIRED
    if not scanned or looser:
        gate = stricter(gate, Gate.COMPLIANCE_REVIEW_REQUIRED)
    if unvalued or status == Gate.BLOCKED:
        gate = Gate.BLOCKED
    return gate


def looser_than(asked: "ProposalThresholds", deployed: "ProposalThresholds") -> bool:
    """Whether some limit that was asked for lets pass what the deployment's would not."""
    tiers, attributes = asked.max_weight_by_liquidity_tier, asked.max_weight_by_attribute
    named = {*attributes, *deployed.max_weight_by_attribute}
    caps = [
        (asked.single_position_max_weight, deployed.single_position_max_weight),
        (asked.issuer_max_weight, deployed.issuer_max_weight),
        *((tiers.get(tier), cap) for tier, cap in deployed.max_weight_by_liquidity_tier.items()),
        *((_cap_of(key, attributes), _cap_of(key, deployed.max_weight_by_attribute)) for key in named),
        (asked.cash_band_max_weight, deployed.cash_band_max_weight),
    ]
    return (
        any(cap is not None and (limit is None or limit > cap) for limit, cap in caps)
        or asked.cash_band_min_weight < deployed.cash_band_min_weight
        or SEVERITY_RANK[asked.data_quality_issue_severity] < SEVERITY_RANK[deployed.data_quality_issue_severity]
    )


def _cap_of(key: str, caps: Mapping[str, Decimal]) -> Decimal | None:
    """The limit of an `attribute:value`: its own, else that of all values without one."""
    return caps.get(key, caps.get(f"{key.partition(':')[0]}:*"))
