"""What a deployment's life of proposals is configured to be, and whether its store can be used (advisory-lifecycle 4)."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from engine.ports.outside import StoreUnavailable
from engine.ports.proposals import ProposalStore
from infra.http.endpoints import Endpoint, Request
from infra.http.messages import Response
from infra.http.switches import Switch
from infra.settings.container import Settings
from infra.wire.answers import answer

NOBODY: Final = "pp_"
"""The id of no proposal: asking for it asks only whether the store answers."""

Readiness = Callable[[str], StrEnum | None]
"""For a tenant, why the store cannot be used; None where it can."""


def readiness(proposals: ProposalStore) -> Readiness:
    """Whether the store answers now."""

    def failure(tenant: str) -> StrEnum | None:
        try:
            proposals.head(tenant, NOBODY)
        except StoreUnavailable as outage:
            return outage.code
        return None

    return failure


def configuration(settings: Settings, failure: Readiness) -> Endpoint:
    """`GET /rebalance/proposals/supportability/config`: an answer whatever state the store is in, never a 503."""

    def shown(request: Request) -> Response:
        broken, life = failure(request.identity.tenant), settings.proposals
        guards = life.safeguards
        document = {
            "store_backend": life.backend,
            "backend_ready": broken is None,
            "backend_init_error": broken,
            "lifecycle_enabled": Switch.PROPOSALS not in settings.closed,
            "support_apis_enabled": Switch.PROPOSAL_SUPPORT not in settings.closed,
            "async_operations_enabled": Switch.PROPOSAL_OPERATIONS not in settings.closed,
            "store_evidence_bundle": life.evidence,
            "require_expected_state": guards.require_expected_state,
            "allow_portfolio_id_change_on_new_version": guards.portfolio_may_change,
            "require_proposal_simulation_flag": guards.require_simulation_flag,
            "enforce_gates": guards.enforce_gates,
            "reset_state_on_new_version": guards.reset_on_new_version,
            "approvals_require_record": guards.approvals_need_record,
            "approvals_name_hash": guards.approvals_name_hash,
            "four_eyes": guards.four_eyes,
            "validity_hours": life.validity_hours,
            "execution_check_minutes": guards.execution_check_minutes,
        }
        return answer(document)

    return shown
