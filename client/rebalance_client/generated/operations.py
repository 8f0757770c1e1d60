"""Every operation of the API as a method; made by client/generate.py, so that nothing here is written by hand."""

from collections.abc import Mapping
from typing import Any, Final

from rebalance_client.answers import Answer, segment
from rebalance_client.generated import wire

RELEASE: Final = "1.2.0"
"""The release whose document this was made from."""


class Operations:
    """What the API can be asked for. `Client` sends it."""

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Any = None,
    ) -> Answer[Any]:
        raise NotImplementedError

    def landing(self, *, correlation_id: str | None = None) -> Answer[wire.Landing]:
        """The API in a few words and its links, as this deployment is reached.

        GET /
        """
        return self._send("GET", "/", headers={"X-Correlation-Id": correlation_id})

    def health(self, *, correlation_id: str | None = None) -> Answer[wire.Health]:
        """That this deployment answers, and as which release.

        No store is asked.

        GET /health
        """
        return self._send("GET", "/health", headers={"X-Correlation-Id": correlation_id})

    def openapi(self, *, correlation_id: str | None = None, if_none_match: str | None = None) -> Answer[dict[str, Any]]:
        """The API as OpenAPI 3.1, for tools; kept for minutes and asked for again by its digest.

        GET /openapi.json
        """
        return self._send("GET", "/openapi.json", headers={"X-Correlation-Id": correlation_id, "If-None-Match": if_none_match})

    def analyze(
        self, body: wire.BatchRebalanceRequest, *, correlation_id: str | None = None, policy_pack_id: str | None = None
    ) -> Answer[wire.BatchRebalanceResult]:
        """Decides one portfolio under up to twenty sets of options.

        A scenario that fails harms no other.

        POST /rebalance/analyze
        """
        return self._send(
            "POST", "/rebalance/analyze", headers={"X-Correlation-Id": correlation_id, "X-Policy-Pack-Id": policy_pack_id}, body=body
        )

    def analyze_async(
        self,
        body: wire.BatchRebalanceRequest,
        *,
        idempotency_key: str | None = None,
        correlation_id: str | None = None,
        policy_pack_id: str | None = None,
    ) -> Answer[wire.DpmAsyncAcceptedResponse]:
        """Accepts a batch: it will be executed, or visibly fail.

        Sent again under the same key, the same request gets the first answer, byte for byte.

        POST /rebalance/analyze/async
        """
        return self._send(
            "POST",
            "/rebalance/analyze/async",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id, "X-Policy-Pack-Id": policy_pack_id},
            body=body,
        )

    def books(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        status: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.BookListResponse]:
        """The caller's tenant's books, the newest first.

        GET /rebalance/books
        """
        return self._send(
            "GET",
            "/rebalance/books",
            query={"from": from_, "to": to, "status": status, "limit": limit, "cursor": cursor},
            headers={"X-Correlation-Id": correlation_id},
        )

    def book_start(
        self, body: wire.BookRequest, *, idempotency_key: str, correlation_id: str | None = None
    ) -> Answer[wire.BookAcceptedResponse]:
        """Accepts a book: it will be run, or visibly fail.

        Sent again under the same key, the same request gets the same book.

        POST /rebalance/books
        """
        return self._send(
            "POST", "/rebalance/books", headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id}, body=body
        )

    def book_uploads(self, body: wire.UploadRequest, *, correlation_id: str | None = None) -> Answer[wire.BookUploadsResponse]:
        """Addresses to send the files of a book to, within the tenant's part, a size, and a digest where one is stated.

        POST /rebalance/books/uploads
        """
        return self._send("POST", "/rebalance/books/uploads", headers={"X-Correlation-Id": correlation_id}, body=body)

    def book(self, book_id: str, *, correlation_id: str | None = None) -> Answer[wire.BookStatusResponse]:
        """Where it stands: what is made, how fast, what is left, and where its files are fetched.

        GET /rebalance/books/{book_id}
        """
        return self._send("GET", f"/rebalance/books/{segment(book_id)}", headers={"X-Correlation-Id": correlation_id})

    def book_cancel(self, book_id: str, *, correlation_id: str | None = None) -> Answer[wire.BookStatusResponse]:
        """No chunk is begun any more; what is made stays.

        A book that has ended stays as it is.

        POST /rebalance/books/{book_id}/cancel
        """
        return self._send("POST", f"/rebalance/books/{segment(book_id)}/cancel", headers={"X-Correlation-Id": correlation_id})

    def book_redrive(self, book_id: str, *, correlation_id: str | None = None) -> Answer[wire.BookStatusResponse]:
        """One attempt more, over the chunks that are missing.

        POST /rebalance/books/{book_id}/redrive
        """
        return self._send("POST", f"/rebalance/books/{segment(book_id)}/redrive", headers={"X-Correlation-Id": correlation_id})

    def book_run(self, book_id: str, rebalance_run_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunLookupResponse]:
        """Makes a run of a book one of its own, to be looked up, reviewed and bundled like any other.

        Repeating it changes nothing.

        POST /rebalance/books/{book_id}/runs/{rebalance_run_id}
        """
        return self._send(
            "POST", f"/rebalance/books/{segment(book_id)}/runs/{segment(rebalance_run_id)}", headers={"X-Correlation-Id": correlation_id}
        )

    def book_summary(self, book_id: str, *, correlation_id: str | None = None) -> Answer[wire.BookSummary]:
        """Counts, turnover, blocks and failures of the whole book.

        GET /rebalance/books/{book_id}/summary
        """
        return self._send("GET", f"/rebalance/books/{segment(book_id)}/summary", headers={"X-Correlation-Id": correlation_id})

    def idempotency_history(
        self, idempotency_key: str, *, correlation_id: str | None = None
    ) -> Answer[wire.DpmRunIdempotencyHistoryResponse]:
        """Every run under an idempotency key, oldest first.

        GET /rebalance/idempotency/{idempotency_key}/history
        """
        return self._send("GET", f"/rebalance/idempotency/{segment(idempotency_key)}/history", headers={"X-Correlation-Id": correlation_id})

    def lineage(
        self,
        entity_id: str,
        *,
        from_: str | None = None,
        to: str | None = None,
        edge_type: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmLineageResponse]:
        """The edges of a run, operation, correlation id or idempotency key, oldest first.

        Unknown ids have none.

        GET /rebalance/lineage/{entity_id}
        """
        return self._send(
            "GET",
            f"/rebalance/lineage/{segment(entity_id)}",
            query={"from": from_, "to": to, "edge_type": edge_type, "limit": limit, "cursor": cursor},
            headers={"X-Correlation-Id": correlation_id},
        )

    def operations(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        operation_type: str | None = None,
        status: str | None = None,
        correlation_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        x_correlation_id: str | None = None,
    ) -> Answer[wire.DpmAsyncOperationListResponse]:
        """Accepted batches, the newest first.

        GET /rebalance/operations
        """
        return self._send(
            "GET",
            "/rebalance/operations",
            query={
                "from": from_,
                "to": to,
                "operation_type": operation_type,
                "status": status,
                "correlation_id": correlation_id,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"X-Correlation-Id": x_correlation_id},
        )

    def operation_by_correlation(
        self, correlation_id: str, *, x_correlation_id: str | None = None
    ) -> Answer[wire.DpmAsyncOperationStatusResponse]:
        """The newest operation of a correlation id.

        GET /rebalance/operations/by-correlation/{correlation_id}
        """
        return self._send(
            "GET", f"/rebalance/operations/by-correlation/{segment(correlation_id)}", headers={"X-Correlation-Id": x_correlation_id}
        )

    def operation(self, operation_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmAsyncOperationStatusResponse]:
        """Where it stands, with what came of it.

        GET /rebalance/operations/{operation_id}
        """
        return self._send("GET", f"/rebalance/operations/{segment(operation_id)}", headers={"X-Correlation-Id": correlation_id})

    def execute_operation(self, operation_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmAsyncOperationStatusResponse]:
        """Executes an operation that is PENDING and answers where it ended; a failure is an answer too.

        POST /rebalance/operations/{operation_id}/execute
        """
        return self._send("POST", f"/rebalance/operations/{segment(operation_id)}/execute", headers={"X-Correlation-Id": correlation_id})

    def packs(
        self, *, correlation_id: str | None = None, policy_pack_id: str | None = None, tenant_policy_pack_id: str | None = None
    ) -> Answer[wire.DpmPolicyPackCatalogResponse]:
        """All packs, and the one that a call with these headers would get.

        GET /rebalance/policies/catalog
        """
        return self._send(
            "GET",
            "/rebalance/policies/catalog",
            headers={
                "X-Correlation-Id": correlation_id,
                "X-Policy-Pack-Id": policy_pack_id,
                "X-Tenant-Policy-Pack-Id": tenant_policy_pack_id,
            },
        )

    def delete_pack(self, policy_pack_id: str, *, correlation_id: str | None = None, if_match: str | None = None) -> Answer[None]:
        """Takes a pack out; runs that it shaped keep what they know of it.

        DELETE /rebalance/policies/catalog/{policy_pack_id}
        """
        return self._send(
            "DELETE",
            f"/rebalance/policies/catalog/{segment(policy_pack_id)}",
            headers={"X-Correlation-Id": correlation_id, "If-Match": if_match},
        )

    def pack(self, policy_pack_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmPolicyPackDefinition]:
        """One pack with its revision as the entity tag.

        GET /rebalance/policies/catalog/{policy_pack_id}
        """
        return self._send("GET", f"/rebalance/policies/catalog/{segment(policy_pack_id)}", headers={"X-Correlation-Id": correlation_id})

    def put_pack(
        self, policy_pack_id: str, body: wire.DpmPolicyPackUpsertRequest, *, correlation_id: str | None = None, if_match: str | None = None
    ) -> Answer[wire.DpmPolicyPackMutationResponse]:
        """Creates a pack or replaces it whole; `If-Match` guards what others wrote meanwhile.

        PUT /rebalance/policies/catalog/{policy_pack_id}
        """
        return self._send(
            "PUT",
            f"/rebalance/policies/catalog/{segment(policy_pack_id)}",
            headers={"X-Correlation-Id": correlation_id, "If-Match": if_match},
            body=body,
        )

    def effective_pack(
        self, *, correlation_id: str | None = None, policy_pack_id: str | None = None, tenant_policy_pack_id: str | None = None
    ) -> Answer[wire.DpmEffectivePolicyPackResolution]:
        """The pack that a call with these headers would get.

        GET /rebalance/policies/effective
        """
        return self._send(
            "GET",
            "/rebalance/policies/effective",
            headers={
                "X-Correlation-Id": correlation_id,
                "X-Policy-Pack-Id": policy_pack_id,
                "X-Tenant-Policy-Pack-Id": tenant_policy_pack_id,
            },
        )

    def proposal_list(
        self,
        *,
        portfolio_id: str | None = None,
        state: str | None = None,
        created_by: str | None = None,
        created_from: str | None = None,
        created_to: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.ProposalListResponse]:
        """The caller's tenant's proposals, the newest first.

        GET /rebalance/proposals
        """
        return self._send(
            "GET",
            "/rebalance/proposals",
            query={
                "portfolio_id": portfolio_id,
                "state": state,
                "created_by": created_by,
                "created_from": created_from,
                "created_to": created_to,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def proposal_create(
        self, body: wire.ProposalCreateRequest, *, idempotency_key: str, correlation_id: str | None = None
    ) -> Answer[wire.ProposalCreateResponse]:
        """Opens a proposal with its first version, in DRAFT.

        Sent again under the same key, the same request gets the proposal as it is now.

        POST /rebalance/proposals
        """
        return self._send(
            "POST", "/rebalance/proposals", headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id}, body=body
        )

    def proposal_artifact(
        self, body: wire.ProposalSimulateRequest, *, idempotency_key: str, correlation_id: str | None = None
    ) -> Answer[wire.ProposalArtifact]:
        """Decides what an adviser proposes and packs it to be shown, reviewed and proved.

        Sent again under the same key, the same request gets the first answer, byte for byte. A key stands for the proposal and its artifact alike, and is kept for a day where the deployment says nothing else.

        POST /rebalance/proposals/artifact
        """
        return self._send(
            "POST",
            "/rebalance/proposals/artifact",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_create_async(
        self, body: wire.ProposalCreateRequest, *, idempotency_key: str, correlation_id: str | None = None
    ) -> Answer[wire.ProposalAsyncAcceptedResponse]:
        """Accepts a new proposal; each call makes an operation of its own, and those of one key one proposal.

        POST /rebalance/proposals/async
        """
        return self._send(
            "POST",
            "/rebalance/proposals/async",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_key(self, idempotency_key: str, *, correlation_id: str | None = None) -> Answer[wire.ProposalIdempotencyLookupResponse]:
        """The proposal that an idempotency key opened.

        GET /rebalance/proposals/idempotency/{idempotency_key}
        """
        return self._send(
            "GET", f"/rebalance/proposals/idempotency/{segment(idempotency_key)}", headers={"X-Correlation-Id": correlation_id}
        )

    def proposal_operation_by_correlation(
        self, correlation_id: str, *, x_correlation_id: str | None = None
    ) -> Answer[wire.ProposalAsyncOperationStatusResponse]:
        """The newest operation of a correlation id.

        GET /rebalance/proposals/operations/by-correlation/{correlation_id}
        """
        return self._send(
            "GET",
            f"/rebalance/proposals/operations/by-correlation/{segment(correlation_id)}",
            headers={"X-Correlation-Id": x_correlation_id},
        )

    def proposal_operation(
        self, operation_id: str, *, correlation_id: str | None = None
    ) -> Answer[wire.ProposalAsyncOperationStatusResponse]:
        """Where it stands, with what it made.

        GET /rebalance/proposals/operations/{operation_id}
        """
        return self._send("GET", f"/rebalance/proposals/operations/{segment(operation_id)}", headers={"X-Correlation-Id": correlation_id})

    def proposal_simulate(
        self, body: wire.ProposalSimulateRequest, *, idempotency_key: str, correlation_id: str | None = None
    ) -> Answer[wire.ProposalResult]:
        """Decides what an adviser proposes.

        Sent again under the same key, the same request gets the first answer, byte for byte. A key stands for the proposal and its artifact alike, and is kept for a day where the deployment says nothing else.

        POST /rebalance/proposals/simulate
        """
        return self._send(
            "POST",
            "/rebalance/proposals/simulate",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_config(self, *, correlation_id: str | None = None) -> Answer[wire.ProposalConfiguration]:
        """What this deployment insists on, and whether its store answers.

        Never a 503.

        GET /rebalance/proposals/supportability/config
        """
        return self._send("GET", "/rebalance/proposals/supportability/config", headers={"X-Correlation-Id": correlation_id})

    def proposal(
        self, proposal_id: str, *, include_evidence: bool | None = None, correlation_id: str | None = None
    ) -> Answer[wire.ProposalDetailResponse]:
        """A proposal with its current version.

        GET /rebalance/proposals/{proposal_id}
        """
        return self._send(
            "GET",
            f"/rebalance/proposals/{segment(proposal_id)}",
            query={"include_evidence": include_evidence},
            headers={"X-Correlation-Id": correlation_id},
        )

    def proposal_approvals(self, proposal_id: str, *, correlation_id: str | None = None) -> Answer[wire.ProposalApprovalsResponse]:
        """All approvals, given and refused, oldest first.

        GET /rebalance/proposals/{proposal_id}/approvals
        """
        return self._send("GET", f"/rebalance/proposals/{segment(proposal_id)}/approvals", headers={"X-Correlation-Id": correlation_id})

    def proposal_approval(
        self, proposal_id: str, body: wire.ProposalApprovalRequest, *, idempotency_key: str | None = None, correlation_id: str | None = None
    ) -> Answer[wire.ProposalStateTransitionResponse]:
        """Records the decision of risk, compliance or the client; a no rejects the proposal.

        POST /rebalance/proposals/{proposal_id}/approvals
        """
        return self._send(
            "POST",
            f"/rebalance/proposals/{segment(proposal_id)}/approvals",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_lineage(self, proposal_id: str, *, correlation_id: str | None = None) -> Answer[wire.ProposalLineageResponse]:
        """One row for every version, numbers ascending.

        GET /rebalance/proposals/{proposal_id}/lineage
        """
        return self._send("GET", f"/rebalance/proposals/{segment(proposal_id)}/lineage", headers={"X-Correlation-Id": correlation_id})

    def proposal_transition(
        self,
        proposal_id: str,
        body: wire.ProposalStateTransitionRequest,
        *,
        idempotency_key: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.ProposalStateTransitionResponse]:
        """Submits, asks for changes, requests execution, executes, cancels, rejects or lets expire.

        Which scope is needed depends on the event.

        POST /rebalance/proposals/{proposal_id}/transitions
        """
        return self._send(
            "POST",
            f"/rebalance/proposals/{segment(proposal_id)}/transitions",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_add_version(
        self, proposal_id: str, body: wire.ProposalVersionRequest, *, idempotency_key: str | None = None, correlation_id: str | None = None
    ) -> Answer[wire.ProposalCreateResponse]:
        """Decides anew; the proposal begins again at DRAFT, and earlier approvals do not count for the new version.

        POST /rebalance/proposals/{proposal_id}/versions
        """
        return self._send(
            "POST",
            f"/rebalance/proposals/{segment(proposal_id)}/versions",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_add_version_async(
        self, proposal_id: str, body: wire.ProposalVersionRequest, *, idempotency_key: str | None = None, correlation_id: str | None = None
    ) -> Answer[wire.ProposalAsyncAcceptedResponse]:
        """Accepts a version; what is wrong with it, its operation says.

        POST /rebalance/proposals/{proposal_id}/versions/async
        """
        return self._send(
            "POST",
            f"/rebalance/proposals/{segment(proposal_id)}/versions/async",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_version(
        self,
        proposal_id: str,
        version_no: int,
        *,
        include_evidence: bool | None = None,
        correlation_id: str | None = None,
        if_none_match: str | None = None,
    ) -> Answer[wire.ProposalVersionDetail]:
        """A version by its number, with its artifact.

        GET /rebalance/proposals/{proposal_id}/versions/{version_no}
        """
        return self._send(
            "GET",
            f"/rebalance/proposals/{segment(proposal_id)}/versions/{segment(version_no)}",
            query={"include_evidence": include_evidence},
            headers={"X-Correlation-Id": correlation_id, "If-None-Match": if_none_match},
        )

    def proposal_checks(
        self, proposal_id: str, version_no: int, *, correlation_id: str | None = None
    ) -> Answer[wire.ProposalChecksResponse]:
        """All checks, oldest first.

        GET /rebalance/proposals/{proposal_id}/versions/{version_no}/checks
        """
        return self._send(
            "GET",
            f"/rebalance/proposals/{segment(proposal_id)}/versions/{segment(version_no)}/checks",
            headers={"X-Correlation-Id": correlation_id},
        )

    def proposal_check(
        self,
        proposal_id: str,
        version_no: int,
        body: wire.ProposalCheckRequest,
        *,
        idempotency_key: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.ProposalExecutionCheck]:
        """Decides the version again on the market of now and says what moved.

        It changes no state.

        POST /rebalance/proposals/{proposal_id}/versions/{version_no}/checks
        """
        return self._send(
            "POST",
            f"/rebalance/proposals/{segment(proposal_id)}/versions/{segment(version_no)}/checks",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id},
            body=body,
        )

    def proposal_verification(
        self, proposal_id: str, version_no: int, *, correlation_id: str | None = None
    ) -> Answer[wire.ProposalVerificationResponse]:
        """Decides a recorded version again and compares byte by byte.

        GET /rebalance/proposals/{proposal_id}/versions/{version_no}/verification
        """
        return self._send(
            "GET",
            f"/rebalance/proposals/{segment(proposal_id)}/versions/{segment(version_no)}/verification",
            headers={"X-Correlation-Id": correlation_id},
        )

    def proposal_events(self, proposal_id: str, *, correlation_id: str | None = None) -> Answer[wire.ProposalWorkflowTimelineResponse]:
        """Everything that happened to a proposal, oldest first.

        GET /rebalance/proposals/{proposal_id}/workflow-events
        """
        return self._send(
            "GET", f"/rebalance/proposals/{segment(proposal_id)}/workflow-events", headers={"X-Correlation-Id": correlation_id}
        )

    def runs(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        status: str | None = None,
        request_hash: str | None = None,
        portfolio_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmRunListResponse]:
        """Recorded runs, the newest first.

        GET /rebalance/runs
        """
        return self._send(
            "GET",
            "/rebalance/runs",
            query={
                "from": from_,
                "to": to,
                "status": status,
                "request_hash": request_hash,
                "portfolio_id": portfolio_id,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def run_by_correlation(self, correlation_id: str, *, x_correlation_id: str | None = None) -> Answer[wire.DpmRunLookupResponse]:
        """The newest run of a correlation id.

        GET /rebalance/runs/by-correlation/{correlation_id}
        """
        return self._send(
            "GET", f"/rebalance/runs/by-correlation/{segment(correlation_id)}", headers={"X-Correlation-Id": x_correlation_id}
        )

    def bundle_by_correlation(
        self,
        correlation_id: str,
        *,
        include_artifact: bool | None = None,
        include_async_operation: bool | None = None,
        include_idempotency_history: bool | None = None,
        scenario: str | None = None,
        x_correlation_id: str | None = None,
    ) -> Answer[wire.DpmRunSupportBundleResponse]:
        """Of the newest run of a correlation id.

        The run, its artifact, operation, reviews, edges and the history of its key, in one answer.

        GET /rebalance/runs/by-correlation/{correlation_id}/support-bundle
        """
        return self._send(
            "GET",
            f"/rebalance/runs/by-correlation/{segment(correlation_id)}/support-bundle",
            query={
                "include_artifact": include_artifact,
                "include_async_operation": include_async_operation,
                "include_idempotency_history": include_idempotency_history,
                "scenario": scenario,
            },
            headers={"X-Correlation-Id": x_correlation_id},
        )

    def review_by_correlation(self, correlation_id: str, *, x_correlation_id: str | None = None) -> Answer[wire.DpmRunWorkflowResponse]:
        """Of the newest run of a correlation id.

        GET /rebalance/runs/by-correlation/{correlation_id}/workflow
        """
        return self._send(
            "GET", f"/rebalance/runs/by-correlation/{segment(correlation_id)}/workflow", headers={"X-Correlation-Id": x_correlation_id}
        )

    def review_action_by_correlation(
        self, correlation_id: str, body: wire.DpmRunWorkflowActionRequest, *, x_correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowResponse]:
        """As by run; refused where the correlation id names several runs.

        POST /rebalance/runs/by-correlation/{correlation_id}/workflow/actions
        """
        return self._send(
            "POST",
            f"/rebalance/runs/by-correlation/{segment(correlation_id)}/workflow/actions",
            headers={"X-Correlation-Id": x_correlation_id},
            body=body,
        )

    def review_history_by_correlation(
        self, correlation_id: str, *, x_correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowHistoryResponse]:
        """Of the newest run of a correlation id.

        GET /rebalance/runs/by-correlation/{correlation_id}/workflow/history
        """
        return self._send(
            "GET",
            f"/rebalance/runs/by-correlation/{segment(correlation_id)}/workflow/history",
            headers={"X-Correlation-Id": x_correlation_id},
        )

    def bundle_by_operation(
        self,
        operation_id: str,
        *,
        include_artifact: bool | None = None,
        include_async_operation: bool | None = None,
        include_idempotency_history: bool | None = None,
        scenario: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmRunSupportBundleResponse]:
        """Of a scenario's run, the first by name unless one is named.

        The run, its artifact, operation, reviews, edges and the history of its key, in one answer.

        GET /rebalance/runs/by-operation/{operation_id}/support-bundle
        """
        return self._send(
            "GET",
            f"/rebalance/runs/by-operation/{segment(operation_id)}/support-bundle",
            query={
                "include_artifact": include_artifact,
                "include_async_operation": include_async_operation,
                "include_idempotency_history": include_idempotency_history,
                "scenario": scenario,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def run_by_request_hash(self, request_hash: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunLookupResponse]:
        """The newest run that decided this request.

        GET /rebalance/runs/by-request-hash/{request_hash}
        """
        return self._send("GET", f"/rebalance/runs/by-request-hash/{segment(request_hash)}", headers={"X-Correlation-Id": correlation_id})

    def idempotency_key(self, idempotency_key: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunIdempotencyLookupResponse]:
        """The run that used an idempotency key last.

        GET /rebalance/runs/idempotency/{idempotency_key}
        """
        return self._send("GET", f"/rebalance/runs/idempotency/{segment(idempotency_key)}", headers={"X-Correlation-Id": correlation_id})

    def bundle_by_key(
        self,
        idempotency_key: str,
        *,
        include_artifact: bool | None = None,
        include_async_operation: bool | None = None,
        include_idempotency_history: bool | None = None,
        scenario: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmRunSupportBundleResponse]:
        """Of the run that used an idempotency key last.

        The run, its artifact, operation, reviews, edges and the history of its key, in one answer.

        GET /rebalance/runs/idempotency/{idempotency_key}/support-bundle
        """
        return self._send(
            "GET",
            f"/rebalance/runs/idempotency/{segment(idempotency_key)}/support-bundle",
            query={
                "include_artifact": include_artifact,
                "include_async_operation": include_async_operation,
                "include_idempotency_history": include_idempotency_history,
                "scenario": scenario,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def review_by_key(self, idempotency_key: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunWorkflowResponse]:
        """Of the run that used an idempotency key last.

        GET /rebalance/runs/idempotency/{idempotency_key}/workflow
        """
        return self._send(
            "GET", f"/rebalance/runs/idempotency/{segment(idempotency_key)}/workflow", headers={"X-Correlation-Id": correlation_id}
        )

    def review_action_by_key(
        self, idempotency_key: str, body: wire.DpmRunWorkflowActionRequest, *, correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowResponse]:
        """As by run, of the run that used an idempotency key last.

        POST /rebalance/runs/idempotency/{idempotency_key}/workflow/actions
        """
        return self._send(
            "POST",
            f"/rebalance/runs/idempotency/{segment(idempotency_key)}/workflow/actions",
            headers={"X-Correlation-Id": correlation_id},
            body=body,
        )

    def review_history_by_key(
        self, idempotency_key: str, *, correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowHistoryResponse]:
        """Of the run that used an idempotency key last.

        GET /rebalance/runs/idempotency/{idempotency_key}/workflow/history
        """
        return self._send(
            "GET", f"/rebalance/runs/idempotency/{segment(idempotency_key)}/workflow/history", headers={"X-Correlation-Id": correlation_id}
        )

    def run(
        self, rebalance_run_id: str, *, correlation_id: str | None = None, if_none_match: str | None = None
    ) -> Answer[wire.DpmRunLookupResponse]:
        """A recorded run with the very result that was answered.

        GET /rebalance/runs/{rebalance_run_id}
        """
        return self._send(
            "GET",
            f"/rebalance/runs/{segment(rebalance_run_id)}",
            headers={"X-Correlation-Id": correlation_id, "If-None-Match": if_none_match},
        )

    def artifact(
        self, rebalance_run_id: str, *, correlation_id: str | None = None, if_none_match: str | None = None
    ) -> Answer[wire.DpmRunArtifactResponse]:
        """A run in one document with everything that deciding it again needs, and the hashes that prove it.

        GET /rebalance/runs/{rebalance_run_id}/artifact
        """
        return self._send(
            "GET",
            f"/rebalance/runs/{segment(rebalance_run_id)}/artifact",
            headers={"X-Correlation-Id": correlation_id, "If-None-Match": if_none_match},
        )

    def bundle(
        self,
        rebalance_run_id: str,
        *,
        include_artifact: bool | None = None,
        include_async_operation: bool | None = None,
        include_idempotency_history: bool | None = None,
        scenario: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmRunSupportBundleResponse]:
        """The run, its artifact, operation, reviews, edges and the history of its key, in one answer.

        GET /rebalance/runs/{rebalance_run_id}/support-bundle
        """
        return self._send(
            "GET",
            f"/rebalance/runs/{segment(rebalance_run_id)}/support-bundle",
            query={
                "include_artifact": include_artifact,
                "include_async_operation": include_async_operation,
                "include_idempotency_history": include_idempotency_history,
                "scenario": scenario,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def verification(self, rebalance_run_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunVerificationResponse]:
        """Decides a recorded run again and compares byte by byte.

        GET /rebalance/runs/{rebalance_run_id}/verification
        """
        return self._send("GET", f"/rebalance/runs/{segment(rebalance_run_id)}/verification", headers={"X-Correlation-Id": correlation_id})

    def review(self, rebalance_run_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunWorkflowResponse]:
        """Where the review of a run stands.

        GET /rebalance/runs/{rebalance_run_id}/workflow
        """
        return self._send("GET", f"/rebalance/runs/{segment(rebalance_run_id)}/workflow", headers={"X-Correlation-Id": correlation_id})

    def review_action(
        self, rebalance_run_id: str, body: wire.DpmRunWorkflowActionRequest, *, correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowResponse]:
        """Records a reviewer's decision; the run itself never changes.

        POST /rebalance/runs/{rebalance_run_id}/workflow/actions
        """
        return self._send(
            "POST", f"/rebalance/runs/{segment(rebalance_run_id)}/workflow/actions", headers={"X-Correlation-Id": correlation_id}, body=body
        )

    def review_history(self, rebalance_run_id: str, *, correlation_id: str | None = None) -> Answer[wire.DpmRunWorkflowHistoryResponse]:
        """All decisions of reviewers, oldest first.

        GET /rebalance/runs/{rebalance_run_id}/workflow/history
        """
        return self._send(
            "GET", f"/rebalance/runs/{segment(rebalance_run_id)}/workflow/history", headers={"X-Correlation-Id": correlation_id}
        )

    def simulate(
        self, body: wire.RebalanceRequest, *, idempotency_key: str, correlation_id: str | None = None, policy_pack_id: str | None = None
    ) -> Answer[wire.RebalanceResult]:
        """Decides and records one run.

        READY, PENDING_REVIEW and BLOCKED are all answers. Sent again under the same key, the same request gets the first answer, byte for byte.

        POST /rebalance/simulate
        """
        return self._send(
            "POST",
            "/rebalance/simulate",
            headers={"Idempotency-Key": idempotency_key, "X-Correlation-Id": correlation_id, "X-Policy-Pack-Id": policy_pack_id},
            body=body,
        )

    def summary(self, *, correlation_id: str | None = None) -> Answer[wire.DpmSupportabilitySummaryResponse]:
        """Counts and bounds of the caller's tenant.

        GET /rebalance/supportability/summary
        """
        return self._send("GET", "/rebalance/supportability/summary", headers={"X-Correlation-Id": correlation_id})

    def decisions(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        rebalance_run_id: str | None = None,
        action: str | None = None,
        actor_id: str | None = None,
        reason_code: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        correlation_id: str | None = None,
    ) -> Answer[wire.DpmWorkflowDecisionListResponse]:
        """Decisions of reviewers, the newest first.

        GET /rebalance/workflow/decisions
        """
        return self._send(
            "GET",
            "/rebalance/workflow/decisions",
            query={
                "from": from_,
                "to": to,
                "rebalance_run_id": rebalance_run_id,
                "action": action,
                "actor_id": actor_id,
                "reason_code": reason_code,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"X-Correlation-Id": correlation_id},
        )

    def decisions_by_correlation(
        self, correlation_id: str, *, x_correlation_id: str | None = None
    ) -> Answer[wire.DpmRunWorkflowHistoryResponse]:
        """All decisions on the newest run of a correlation id, oldest first.

        GET /rebalance/workflow/decisions/by-correlation/{correlation_id}
        """
        return self._send(
            "GET", f"/rebalance/workflow/decisions/by-correlation/{segment(correlation_id)}", headers={"X-Correlation-Id": x_correlation_id}
        )
