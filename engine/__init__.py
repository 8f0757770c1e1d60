"""The rebalance engine as a library: bytes in, bytes out, nothing else touched.

`simulate_json` decides one rebalance, `analyze_json` several what-if scenarios over one portfolio; `propose_json` says what an advisor's
proposal comes to, `proposal_artifact_json` proves it besides. A request that breaks its contract raises `InvalidRequest` with every
violation; domain outcomes (READY, PENDING_REVIEW, BLOCKED) are results, never exceptions. The models and the mathematics are loaded by the
first decision: who imports `engine.records.runs` to look a run up never pays for them.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from engine.contracts.violations import InvalidRequest, Violation
from engine.version import ENGINE_VERSION

__all__ = ["ENGINE_VERSION", "InvalidRequest", "Violation", "analyze_json", "proposal_artifact_json", "propose_json", "simulate_json"]


def simulate_json(body: bytes, *, run_id: str, correlation_id: str) -> bytes:
    """Decide one rebalance (RFC-0001): a request as JSON bytes in, the result as JSON bytes out.

    The caller draws the ids. Raises `InvalidRequest`; equal arguments give equal bytes on any machine.
    """
    return _simulation()(body, run_id, correlation_id)


@cache
def _simulation() -> Callable[[bytes, str, str], bytes]:
    from engine.admission import admit  # noqa: PLC0415  (see the module's promise)
    from engine.contracts.requests import parse_request  # noqa: PLC0415
    from engine.rebalance import rebalance  # noqa: PLC0415

    def simulate(body: bytes, run_id: str, correlation_id: str) -> bytes:
        request = parse_request(body)
        admit(request, request.options)
        return rebalance(request, run_id=run_id, correlation_id=correlation_id).to_json()

    return simulate


def analyze_json(body: bytes, *, batch_run_id: str, finished_at: datetime, correlation_id: str | None = None) -> bytes:
    """Decide a what-if batch (RFC-0013): one result per scenario, with the metrics that compare them.

    Run ids follow from the batch's id and the scenario's name. Raises `InvalidRequest` for everything but a scenario's own
    options, which fail that scenario alone.
    """
    from engine.contracts.batches import parse_batch  # noqa: PLC0415  (see the module's promise)
    from engine.scenarios import decide_scenarios, render_batch, scenario_run_id  # noqa: PLC0415

    request = parse_batch(body)
    outcomes = list(
        decide_scenarios(
            request,
            batch_run_id=batch_run_id,
            correlation_id=correlation_id or batch_run_id,
            run_id_of=lambda name: scenario_run_id(batch_run_id, name),
        )
    )
    return render_batch(request, outcomes, batch_run_id=batch_run_id, finished_at=finished_at)


def propose_json(body: bytes, *, run_id: str, correlation_id: str) -> bytes:
    """Say what a proposal comes to (RFC-0014): a request as JSON bytes in, the result as JSON bytes out.

    The caller draws the ids. Raises `InvalidRequest`; equal arguments give equal bytes on any machine. The feature switch among
    the options is the service's business.
    """
    return _proposals()(body, run_id, correlation_id)


@cache
def _proposals() -> Callable[[bytes, str, str], bytes]:
    from engine.advisory.proposal import propose  # noqa: PLC0415  (see the module's promise)
    from engine.contracts.proposals import parse_proposal  # noqa: PLC0415

    def proposed(body: bytes, run_id: str, correlation_id: str) -> bytes:
        return propose(parse_proposal(body), run_id=run_id, correlation_id=correlation_id).to_json()

    return proposed


def proposal_artifact_json(
    body: bytes, *, run_id: str, correlation_id: str, created_at: datetime, idempotency_key: str | None = None
) -> bytes:
    """Say what a proposal comes to, for people and with what proves it: a request as JSON bytes in, the artifact as JSON bytes out.

    The request is named by its hash. `created_at` is aware; it stands in the artifact and in none of its hashes. Raises `InvalidRequest`;
    equal arguments give equal bytes on any machine, and `engine.evidence.verification.verify_file` proves them.
    """
    return _artifacts()(body, run_id, correlation_id, created_at, idempotency_key)


@cache
def _artifacts() -> Callable[[bytes, str, str, datetime, str | None], bytes]:
    from engine.advisory.artifact import compose  # noqa: PLC0415  (see the module's promise)
    from engine.advisory.proposal import propose  # noqa: PLC0415
    from engine.contracts.proposals import parse_proposal  # noqa: PLC0415
    from engine.evidence.canonical import canonical_proposal, digest  # noqa: PLC0415

    def composed(body: bytes, run_id: str, correlation_id: str, created_at: datetime, idempotency_key: str | None) -> bytes:
        request = parse_proposal(body)
        text = canonical_proposal(request)
        decision = propose(
            request, run_id=run_id, correlation_id=correlation_id, request_hash=digest(text), idempotency_key=idempotency_key
        )
        return compose(decision, created_at, text)

    return composed
