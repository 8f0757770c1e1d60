"""Deciding a recorded run again, from its canonical request and effective options alone (RFC-0019)."""

import re
from decimal import Decimal
from typing import Any, Final

import orjson
from pydantic import ValidationError

from engine.admission import admit
from engine.contracts.requests import REQUEST, RebalanceRequest, shared_violations
from engine.contracts.violations import InvalidRequest, Place, violations_of
from engine.rebalance import rebalance
from engine.records.runs import RunDocuments, RunHead
from engine.result.document import Decision

_WITH_EXPONENT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?E[+-]?[0-9]{1,5}", re.ASCII)


def recompute(head: RunHead, documents: RunDocuments) -> Decision:
    """This engine's decision on what the run was decided from, under the run's own ids. Raises InvalidRequest."""
    request = recorded_request(documents)
    return rebalance(request, run_id=head.run_id, correlation_id=head.correlation_id, request_hash=head.request_hash)


def recorded_request(documents: RunDocuments) -> RebalanceRequest:
    """The request as it was decided: what was sent, with the options as the policy pack left them.

    A canonical text writes small decimals with an exponent, as `1E-7`, which the contract refuses in a caller's text: here they are read.
    Raises InvalidRequest for texts that no run can have recorded.
    """
    document = orjson.loads(documents.request) | {"options": orjson.loads(documents.options)}
    try:
        request = REQUEST.validate_python(document)
    except ValidationError as error:
        request = _with_exponents(document, error)
    if found := shared_violations(request):
        raise InvalidRequest(found)
    admit(request, request.options)
    return request


def _with_exponents(document: Any, refusal: ValidationError) -> RebalanceRequest:
    for row in refusal.errors(include_url=False, include_context=False):
        if row["type"] == "decimal_text" and isinstance(row["input"], str) and _WITH_EXPONENT.fullmatch(row["input"]):
            _replace(document, row["loc"], Decimal(row["input"]))
    try:
        return REQUEST.validate_python(document)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None


def _replace(document: Any, place: Place, value: Decimal) -> None:
    *above, last = place
    for part in above:
        document = document[part]
    document[last] = value
