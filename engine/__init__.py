"""The rebalance engine as a library: bytes in, bytes out, nothing else touched.

`simulate_json` decides one rebalance. A request that breaks its contract raises `InvalidRequest` with every violation;
domain outcomes (READY, PENDING_REVIEW, BLOCKED) are results, never exceptions.
"""

from engine.contracts import InvalidRequest, Violation, parse_request
from engine.rebalance import rebalance
from engine.version import ENGINE_VERSION

__all__ = ["ENGINE_VERSION", "InvalidRequest", "Violation", "simulate_json"]


def simulate_json(body: bytes, *, run_id: str, correlation_id: str) -> bytes:
    """Decide one rebalance (RFC-0001): a request as JSON bytes in, the result as JSON bytes out.

    The caller draws the ids. Raises `InvalidRequest`; equal arguments give equal bytes on any machine.
    """
    return rebalance(parse_request(body), run_id=run_id, correlation_id=correlation_id).to_json()
