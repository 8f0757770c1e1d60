"""The gate that counts, and limits that are looser than the deployment's (advisory-lifecycle L1)."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from engine.contracts.choices import IssueSeverity
from engine.contracts.options.proposals import ProposalThresholds
from engine.contracts.shelf import LiquidityTier
from engine.records.proposal_history import Gate
from engine.workflow.proposal_gates import gate_that_counts, looser_than, stricter
from tests.engine.workflow.proposals import WITH_COMPLIANCE, WITH_RISK, answer, ask, current, move, proposal, vote

COUNTS = """
decided                     presumed  scanned  looser  unvalued   counts
EXECUTION_READY             no        yes      no      no         EXECUTION_READY
EXECUTION_READY             yes       yes      no      no         CLIENT_CONSENT_REQUIRED
CLIENT_CONSENT_REQUIRED     no        yes      no      no         CLIENT_CONSENT_REQUIRED
RISK_REVIEW_REQUIRED        yes       yes      no      no         RISK_REVIEW_REQUIRED
COMPLIANCE_REVIEW_REQUIRED  no        yes      no      no         COMPLIANCE_REVIEW_REQUIRED
BLOCKED                     no        yes      no      no         BLOCKED
EXECUTION_READY             yes       no       no      no         COMPLIANCE_REVIEW_REQUIRED
CLIENT_CONSENT_REQUIRED     no        no       no      no         COMPLIANCE_REVIEW_REQUIRED
RISK_REVIEW_REQUIRED        no        no       no      no         COMPLIANCE_REVIEW_REQUIRED
RISK_REVIEW_REQUIRED        no        yes      yes     no         COMPLIANCE_REVIEW_REQUIRED
BLOCKED                     no        no       yes     no         BLOCKED
CLIENT_CONSENT_REQUIRED     no        yes      no      yes        BLOCKED
COMPLIANCE_REVIEW_REQUIRED  no        no       yes     yes        BLOCKED
"""


@pytest.mark.parametrize("row", COUNTS.strip().splitlines()[1:])
def test_whoever_asks_for_a_proposal_does_not_control_its_gate(row: str) -> None:
    decided, presumed, scanned, looser, unvalued, counts = row.split()
    facts = {"consent_presumed": presumed, "scanned": scanned, "looser": looser, "unvalued": unvalued}
    assert gate_that_counts(Gate(decided), "READY", **{name: said == "yes" for name, said in facts.items()}) == counts


def test_a_blocked_proposal_blocks_whatever_its_gate_says() -> None:
    assert (
        gate_that_counts(Gate.EXECUTION_READY, "BLOCKED", consent_presumed=False, scanned=True, looser=False, unvalued=False) == "BLOCKED"
    )


def test_the_gates_stand_from_the_strictest_to_the_mildest() -> None:
    strict_first = ["BLOCKED", "COMPLIANCE_REVIEW_REQUIRED", "RISK_REVIEW_REQUIRED", "CLIENT_CONSENT_REQUIRED", "EXECUTION_READY"]
    for one, other in product(strict_first, repeat=2):
        assert stricter(Gate(one), Gate(other)) == strict_first[min(strict_first.index(one), strict_first.index(other))]


def limits(**changes: Any) -> ProposalThresholds:
    return replace(ProposalThresholds(), **changes)


def attributes(**caps: str) -> ProposalThresholds:
    return limits(max_weight_by_attribute={key.replace("_", ":"): Decimal(cap) for key, cap in caps.items()})


def tiers(**caps: str) -> ProposalThresholds:
    return limits(max_weight_by_liquidity_tier={LiquidityTier(tier): Decimal(cap) for tier, cap in caps.items()})


@pytest.mark.parametrize(
    ("stricter_one", "milder_one"),
    [
        (limits(single_position_max_weight=Decimal("0.10")), limits(single_position_max_weight=Decimal("0.11"))),
        (limits(issuer_max_weight=Decimal("0.2")), limits(issuer_max_weight=Decimal("0.20001"))),
        (limits(cash_band_max_weight=Decimal("0.05")), limits(cash_band_max_weight=Decimal("0.06"))),
        (limits(cash_band_min_weight=Decimal("0.01")), limits(cash_band_min_weight=Decimal("0.00"))),
        (limits(data_quality_issue_severity=IssueSeverity.HIGH), limits(data_quality_issue_severity=IssueSeverity.MEDIUM)),
        (limits(data_quality_issue_severity=IssueSeverity.MEDIUM), limits(data_quality_issue_severity=IssueSeverity.LOW)),
        (tiers(L4="0.10", L5="0.05"), tiers(L4="0.10", L5="0.06")),
        (tiers(L4="0.10", L5="0.05"), tiers(L4="0.10")),
        (attributes(sector_TECH="0.3"), attributes(sector_TECH="0.4")),
        (attributes(sector_TECH="0.3"), attributes()),
    ],
)
def test_a_limit_that_is_milder_or_missing_is_looser(stricter_one: ProposalThresholds, milder_one: ProposalThresholds) -> None:
    assert looser_than(milder_one, stricter_one)
    assert not looser_than(stricter_one, milder_one)
    assert not looser_than(stricter_one, stricter_one)


def star(cap: str, **others: str) -> ProposalThresholds:
    own = attributes(**others).max_weight_by_attribute
    return limits(max_weight_by_attribute={**own, "sector:*": Decimal(cap)})


@pytest.mark.parametrize(
    ("asked", "deployed", "looser"),
    [
        # TECH by the row for all: 0.3 is what the deployment wants
        (star("0.3"), attributes(sector_TECH="0.3"), False),
        (star("0.4"), attributes(sector_TECH="0.3"), True),
        # a row of its own takes TECH out of the row for all
        (star("0.3", sector_TECH="0.9"), star("0.3"), True),
        (star("0.3", sector_TECH="0.2"), star("0.3"), False),
        # TECH alone does not stand for all the others
        (attributes(sector_TECH="0.3"), star("0.3"), True),
        # where the deployment gives TECH more, asking the same of it as of all is stricter
        (star("0.3"), star("0.3", sector_TECH="0.9"), False),
        # an attribute that the deployment does not limit
        (attributes(region_EU="0.99"), attributes(), False),
    ],
)
def test_limits_of_attributes_hold_for_all_values_without_their_own(
    asked: ProposalThresholds, deployed: ProposalThresholds, looser: bool
) -> None:
    assert looser_than(asked, deployed) == looser


@pytest.mark.parametrize("event", ["CANCELLED", "EXPIRED"])
def test_a_blocked_version_can_be_ended(event: str) -> None:
    blocked = current(gate=Gate.BLOCKED)
    assert answer(ask(proposal("RISK_REVIEW", version=blocked), move(event))) == event


def test_a_blocked_version_can_be_rejected_and_not_approved() -> None:
    standing = proposal("RISK_REVIEW", version=current(gate=Gate.BLOCKED))
    assert answer(ask(standing, vote("RISK"))) == "GATE_BLOCKED"
    assert answer(ask(standing, vote("RISK", approved=False))) == "REJECTED"
    assert answer(ask(standing, move("REJECTED"))) == "REJECTED"
    assert answer(ask(standing, move("CHANGES_REQUESTED"))) == "GATE_BLOCKED"


def test_what_risk_approved_is_not_enough_where_compliance_must_look() -> None:
    gate = current(gate=Gate.COMPLIANCE_REVIEW_REQUIRED)
    assert answer(ask(proposal("DRAFT", version=gate), move("SUBMITTED_FOR_RISK_REVIEW"))) == "GATE_REQUIRES_COMPLIANCE_REVIEW"
    waiting = proposal("AWAITING_CLIENT_CONSENT", version=gate, counted=WITH_RISK)
    assert answer(ask(waiting, vote("CLIENT_CONSENT"))) == "GATE_APPROVAL_MISSING"
    assert answer(ask(replace(waiting, counted=WITH_COMPLIANCE), vote("CLIENT_CONSENT"))) == "EXECUTION_READY"


def test_what_compliance_approved_is_enough_where_risk_must_look() -> None:
    waiting = proposal("AWAITING_CLIENT_CONSENT", version=current(gate=Gate.RISK_REVIEW_REQUIRED), counted=WITH_COMPLIANCE)
    assert answer(ask(waiting, vote("CLIENT_CONSENT"))) == "EXECUTION_READY"


def test_a_review_is_not_jumped_even_where_gates_are_not_enforced() -> None:
    draft = proposal("DRAFT", version=current(gate=Gate.RISK_REVIEW_REQUIRED))
    assert answer(ask(draft, move("SUBMITTED_FOR_CLIENT_CONSENT"), enforce_gates=False)) == "GATE_REVIEW_REQUIRED"
