"""Groups of endpoints that a deployment can switch off. A closed gate hides what is recorded; recording never stops."""

from enum import StrEnum
from typing import Final


class Gate(StrEnum):
    """Named as its variable without `_ENABLED`, and as its code without `_DISABLED`."""

    SUPPORT_APIS = "DPM_SUPPORT_APIS"
    SUMMARY = "DPM_SUPPORTABILITY_SUMMARY_APIS"
    SUPPORT_BUNDLE = "DPM_SUPPORT_BUNDLE_APIS"
    ARTIFACTS = "DPM_ARTIFACTS"
    ASYNC_OPERATIONS = "DPM_ASYNC_OPERATIONS"
    MANUAL_EXECUTION = "DPM_ASYNC_MANUAL_EXECUTION"
    WORKFLOW = "DPM_WORKFLOW"
    LINEAGE = "DPM_LINEAGE_APIS"
    IDEMPOTENCY_HISTORY = "DPM_IDEMPOTENCY_HISTORY_APIS"
    PACK_ADMIN = "DPM_POLICY_PACK_ADMIN_APIS"

    @property
    def variable(self) -> str:
        """The environment variable that opens or closes it."""
        return f"{self}_ENABLED"

    @property
    def disabled(self) -> str:
        """The code that a closed gate answers."""
        return f"{self}_DISABLED"


CLOSED_UNLESS_OPENED: Final = frozenset({Gate.WORKFLOW, Gate.LINEAGE, Gate.IDEMPOTENCY_HISTORY, Gate.PACK_ADMIN})
"""The others are open unless closed."""
