"""What the specification asks of the document, schema by schema and call by call (dpm-service 15)."""

from typing import Any

import pytest

from tests.openapi.test_examples import OPERATIONS, found
from tests.support.described import committed

SCHEMAS = committed()["components"]["schemas"]
RUN_ROW = "rebalance_run_id correlation_id request_hash idempotency_key portfolio_id status created_at"
USE = "rebalance_run_id correlation_id request_hash created_at"
OPERATION_ROW = "operation_id operation_type status is_executable correlation_id created_at started_at finished_at"
POLICIES = "turnover_policy tax_policy settlement_policy constraint_policy workflow_policy idempotency_policy"
PROPERTIES = {
    "DpmRunLookupResponse": "rebalance_run_id correlation_id request_hash portfolio_id created_at result",
    "DpmRunListResponse": "items next_cursor",
    "DpmRunListItemResponse": RUN_ROW,
    "DpmRunIdempotencyLookupResponse": "idempotency_key request_hash rebalance_run_id created_at",
    "DpmRunIdempotencyHistoryResponse": "idempotency_key history",
    "DpmRunIdempotencyHistoryItem": USE,
    "DpmAsyncAcceptedResponse": "operation_id operation_type status correlation_id created_at status_url execute_url",
    "DpmAsyncOperationStatusResponse": f"{OPERATION_ROW} result error",
    "DpmAsyncOperationListResponse": "items next_cursor",
    "DpmAsyncOperationListItemResponse": OPERATION_ROW,
    "DpmSupportabilitySummaryResponse": "store_backend retention_days run_count operation_count workflow_decision_count lineage_edge_count "
    "run_status_counts operation_status_counts workflow_action_counts workflow_reason_code_counts oldest_run_created_at "
    "newest_run_created_at oldest_operation_created_at newest_operation_created_at",
    "DpmRunSupportBundleResponse": "run artifact async_operation workflow_history lineage idempotency_history",
    "DpmRunArtifactResponse": "artifact_id artifact_version rebalance_run_id correlation_id portfolio_id status request_snapshot "
    "before_summary after_summary order_intents rule_outcomes diagnostics result evidence",
    "DpmRunWorkflowActionRequest": "action reason_code comment actor_id",
    "DpmRunWorkflowResponse": "run_id run_status workflow_status requires_review latest_decision",
    "DpmRunWorkflowHistoryResponse": "run_id decisions",
    "DpmWorkflowDecisionListResponse": "items next_cursor",
    "DpmLineageResponse": "entity_id edges",
    "DpmEffectivePolicyPackResolution": "enabled selected_policy_pack_id source",
    "DpmPolicyPackCatalogResponse": "enabled total selected_policy_pack_id selected_policy_pack_present selected_policy_pack_source items",
    "DpmPolicyPackDefinition": f"policy_pack_id version {POLICIES}",
    "DpmPolicyPackUpsertRequest": f"version {POLICIES}",
    "DpmPolicyPackMutationResponse": "item",
    "DpmPolicyPackTurnoverPolicy": "max_turnover_pct",
    "DpmPolicyPackTaxPolicy": "enable_tax_awareness max_realized_capital_gains",
    "DpmPolicyPackSettlementPolicy": "enable_settlement_awareness settlement_horizon_days",
    "DpmPolicyPackConstraintPolicy": "single_position_max_weight group_constraints",
    "DpmPolicyPackWorkflowPolicy": "enable_workflow_gates workflow_requires_client_consent client_consent_already_obtained",
    "DpmPolicyPackIdempotencyPolicy": "replay_enabled",
}
PACKED, SHOWN = "X-Policy-Pack-Id X-Tenant-Id", "X-Policy-Pack-Id X-Tenant-Policy-Pack-Id X-Tenant-Id"
PARTS = "include_artifact include_async_operation include_idempotency_history"
PAGE = "from to limit cursor"
RUNS = "/rebalance/runs"
BY = {"": "{rebalance_run_id}", "_by_correlation": "by-correlation/{correlation_id}", "_by_key": "idempotency/{idempotency_key}"}
CALLS = [
    ("POST /rebalance/simulate", "RebalanceRequest", "200 RebalanceResult", f"{PACKED} Idempotency-Key", "409 422"),
    ("POST /rebalance/analyze", "BatchRebalanceRequest", "200 BatchRebalanceResult", PACKED, ""),
    ("POST /rebalance/analyze/async", "BatchRebalanceRequest", "202 DpmAsyncAcceptedResponse", f"X-Correlation-Id {PACKED}", "404"),
    ("POST /rebalance/operations/{operation_id}/execute", "", "200 DpmAsyncOperationStatusResponse", "", "404 409"),
    (f"GET {RUNS}/{{rebalance_run_id}}/artifact", "", "200 DpmRunArtifactResponse", "", "404"),
    (f"GET {RUNS}", "", "200 DpmRunListResponse", f"{PAGE} status request_hash portfolio_id", ""),
    ("GET /rebalance/operations", "", "200 DpmAsyncOperationListResponse", f"{PAGE} operation_type status correlation_id", ""),
    (
        "GET /rebalance/workflow/decisions",
        "",
        "200 DpmWorkflowDecisionListResponse",
        f"{PAGE} rebalance_run_id action actor_id reason_code",
        "",
    ),
    *((f"GET {RUNS}/{path}/support-bundle", "", "200 DpmRunSupportBundleResponse", PARTS, "404") for path in BY.values()),
    (f"GET {RUNS}/by-operation/{{operation_id}}/support-bundle", "", "200 DpmRunSupportBundleResponse", PARTS, "404"),
    (f"GET {RUNS}/by-request-hash/{{request_hash}}", "", "200 DpmRunLookupResponse", "", "404"),
    ("GET /rebalance/supportability/summary", "", "200 DpmSupportabilitySummaryResponse", "", ""),
    ("GET /rebalance/lineage/{entity_id}", "", "200 DpmLineageResponse", f"{PAGE} edge_type", ""),
    ("GET /rebalance/idempotency/{idempotency_key}/history", "", "200 DpmRunIdempotencyHistoryResponse", "", "404"),
    *((f"GET {RUNS}/{path}/workflow", "", "200 DpmRunWorkflowResponse", "", "404") for path in BY.values()),
    *((f"GET {RUNS}/{path}/workflow/history", "", "200 DpmRunWorkflowHistoryResponse", "", "404") for path in BY.values()),
    *(
        (f"POST {RUNS}/{path}/workflow/actions", "DpmRunWorkflowActionRequest", "200 DpmRunWorkflowResponse", "X-Correlation-Id", "404 409")
        for path in BY.values()
    ),
    ("GET /rebalance/workflow/decisions/by-correlation/{correlation_id}", "", "200 DpmRunWorkflowHistoryResponse", "", "404"),
    ("GET /rebalance/policies/effective", "", "200 DpmEffectivePolicyPackResolution", SHOWN, ""),
    ("GET /rebalance/policies/catalog", "", "200 DpmPolicyPackCatalogResponse", SHOWN, "503"),
    ("GET /rebalance/policies/catalog/{policy_pack_id}", "", "200 DpmPolicyPackDefinition", "", "404"),
    ("PUT /rebalance/policies/catalog/{policy_pack_id}", "DpmPolicyPackUpsertRequest", "200 DpmPolicyPackMutationResponse", "", "404 503"),
    ("DELETE /rebalance/policies/catalog/{policy_pack_id}", "", "204 ", "", "404"),
]
TAGS = {
    "simulate": "DPM Simulation",
    "analyze": "DPM What-If Analysis",
    "analyze_async": "DPM What-If Analysis",
    "execute_operation": "DPM Run Supportability",
    "packs": "DPM Run Supportability",
    "runs": "DPM Run Supportability",
    "proposal_simulate": "Advisory Simulation",
    "proposal_artifact": "Advisory Simulation",
    "proposal_create": "Advisory Proposal Lifecycle",
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_schema_has_the_properties_that_are_asked_for(name: str) -> None:
    assert set(PROPERTIES[name].split()) <= set(SCHEMAS[name]["properties"])


@pytest.mark.parametrize(("route", "request_schema", "answer", "parameters", "statuses"), CALLS, ids=[call[0] for call in CALLS])
def test_a_call_is_described_as_asked(route: str, request_schema: str, answer: str, parameters: str, statuses: str) -> None:
    method, path = route.split()
    operation: Any = committed()["paths"][path][method.lower()]
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "/")
    status, told = answer.split(" ")
    content = operation["responses"][status].get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "/")
    assert (sent.rpartition("/")[2], content.rpartition("/")[2]) == (request_schema, told)
    named = {one["name"]: one for one in operation["parameters"]}
    assert set(parameters.split()) <= set(named)
    assert all(one["description"] and one["schema"] for one in named.values())
    for documented in statuses.split():
        assert operation["responses"][documented]["description"]
        assert found(operation["responses"][documented])["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_an_acceptance_tells_its_correlation_id_in_a_header() -> None:
    header = OPERATIONS["analyze_async"]["responses"]["202"]["headers"]["X-Correlation-Id"]
    assert header["description"]
    assert header["schema"] == {"type": "string"}


def test_the_document_is_called_and_parted_as_asked() -> None:
    assert committed()["openapi"].startswith("3.1")
    assert committed()["info"]["title"] == "Private Banking Rebalance API"
    assert {name: OPERATIONS[name]["tags"] for name in TAGS} == {name: [tag] for name, tag in TAGS.items()}
