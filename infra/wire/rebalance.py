"""What callers ask to be decided at once, and how the wire shows what was (RFC-0013, RFC-0016)."""

from typing import Final

from engine.records.runs import Source
from engine.usecases.analyze import AnalyzeCall
from engine.usecases.simulate import SimulateCall, Simulated
from infra.http.endpoints import Request
from infra.http.messages import Response

REPLAYED: Final = {"Idempotent-Replayed": "true"}


def simulate_asked(request: Request) -> SimulateCall:
    """One portfolio, once per idempotency key."""
    return SimulateCall(
        actor=request.identity.actor,
        source=Source.API,
        idempotency_key=request.idempotency_key(),
        correlation_id=request.correlation_id(),
        policy_pack_id=request.policy_pack_id(),
        body=request.body(),
        fits=request.fits,
        in_time=request.in_time,
    )


def simulated_answer(run: Simulated) -> Response:
    """The result's bytes as recorded, and whether an earlier call recorded them."""
    return Response(200, run.result, REPLAYED if run.replayed else {}, facts={"run_id": run.run_id, "replayed": int(run.replayed)})


def analyze_asked(request: Request) -> AnalyzeCall:
    """One portfolio under several sets of options."""
    return AnalyzeCall(
        actor=request.identity.actor,
        correlation_id=request.correlation_id(),
        policy_pack_id=request.policy_pack_id(),
        body=request.body(),
        fits=request.fits,
        in_time=request.in_time,
    )


def analyzed_answer(result: bytes) -> Response:
    """The batch result."""
    return Response(200, result)
