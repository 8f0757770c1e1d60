"""Deciding a recorded run again, from its canonical request and effective options alone (RFC-0019)."""

import orjson

from engine.admission import admit
from engine.contracts.recorded import recorded
from engine.contracts.requests import REQUEST, RebalanceRequest, shared_violations
from engine.contracts.violations import InvalidRequest
from engine.rebalance import rebalance
from engine.records.runs import RunDocuments, RunHead
from engine.result.document import Decision


def recompute(head: RunHead, documents: RunDocuments) -> Decision:
    """This engine's decision on what the run was decided from, under the run's own ids. Raises InvalidRequest."""
    request = recorded_request(documents)
    return rebalance(request, run_id=head.run_id, correlation_id=head.correlation_id, request_hash=head.request_hash)


def recorded_request(documents: RunDocuments) -> RebalanceRequest:
    """The request as it was decided: what was sent, with the options as the policy pack left them.

    Raises InvalidRequest for texts that no run can have recorded.
    """
    document = orjson.loads(documents.request) | {"options": orjson.loads(documents.options)}
    request = recorded(REQUEST, document)
    if found := shared_violations(request):
        raise InvalidRequest(found)
    admit(request, request.options)
    return request
