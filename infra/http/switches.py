"""Groups of endpoints that a deployment can switch off. A closed one hides what is recorded; recording never stops."""

from enum import StrEnum
from typing import Final, Self

from engine.usecases.refusals import Code


class Switch(StrEnum):
    """Named as its variable without `_ENABLED`, and as its code without `_DISABLED`; with the title of the closed group's 404."""

    problem_title: str

    SUPPORT_APIS = "DPM_SUPPORT_APIS", "Look-ups are switched off"
    SUMMARY = "DPM_SUPPORTABILITY_SUMMARY_APIS", "The summary is switched off"
    SUPPORT_BUNDLE = "DPM_SUPPORT_BUNDLE_APIS", "Support bundles are switched off"
    ARTIFACTS = "DPM_ARTIFACTS", "Artifacts are switched off"
    ASYNC_OPERATIONS = "DPM_ASYNC_OPERATIONS", "Asynchronous operations are switched off"
    MANUAL_EXECUTION = "DPM_ASYNC_MANUAL_EXECUTION", "Manual execution is switched off"
    WORKFLOW = "DPM_WORKFLOW", "The review of runs is switched off"
    LINEAGE = "DPM_LINEAGE_APIS", "Lineage is switched off"
    IDEMPOTENCY_HISTORY = "DPM_IDEMPOTENCY_HISTORY_APIS", "The history of idempotency keys is switched off"
    PACK_ADMIN = "DPM_POLICY_PACK_ADMIN_APIS", "The administration of policy packs is switched off"
    PROPOSALS = "PROPOSAL_WORKFLOW_LIFECYCLE", "The life of proposals is switched off"
    PROPOSAL_SUPPORT = "PROPOSAL_SUPPORT_APIS", "Look-ups of proposals are switched off"
    PROPOSAL_OPERATIONS = "PROPOSAL_ASYNC_OPERATIONS", "Asynchronous operations on proposals are switched off"
    BOOKS = "BOOKS", "Books are switched off"

    def __new__(cls, name: str, title: str) -> Self:
        """The switch as text is its name alone."""
        switch = str.__new__(cls, name)
        switch._value_, switch.problem_title = name, title
        return switch

    @property
    def variable(self) -> str:
        """The environment variable that opens or closes it."""
        return f"{self}_ENABLED"

    @property
    def disabled(self) -> Code:
        """The code that a closed switch answers."""
        return Code[f"{self}_DISABLED"]


CLOSED_UNLESS_OPENED: Final = frozenset({Switch.WORKFLOW, Switch.LINEAGE, Switch.IDEMPOTENCY_HISTORY, Switch.PACK_ADMIN, Switch.BOOKS})
"""The others are open unless closed."""
