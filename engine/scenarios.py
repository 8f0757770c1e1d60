"""What-if analysis: every scenario decided on its own over shared, once indexed snapshots (RFC-0013)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from engine.admission import admit
from engine.contracts import EngineOptions, InvalidRequest, parse_options
from engine.contracts.batches import BatchRebalanceRequest
from engine.numbers import arithmetic, total
from engine.rebalance import decide
from engine.result.amounts import money
from engine.result.document import Decision
from engine.snapshots import Snapshots

PARTIAL_FAILURE: Final = "PARTIAL_BATCH_FAILURE"
DEFAULT_MARKET_ID: Final = "md"


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A decided scenario: requested and effective options, the decision and its bytes as they are recorded and answered."""

    name: str
    run_id: str
    correlation_id: str
    request_hash: str
    requested: EngineOptions
    options: EngineOptions
    decision: Decision
    result: bytes

    def with_result(self, decision: Decision, result: bytes) -> "ScenarioRun":
        """The same scenario with another decision, as an earlier execution recorded it."""
        return replace(self, decision=decision, result=result)


@dataclass(frozen=True, slots=True)
class ScenarioFailure:
    """A scenario that could not be decided, and why."""

    name: str
    reason: str


Outcome = ScenarioRun | ScenarioFailure


def scenario_run_id(owner_id: str, name: str) -> str:
    """The run id of a scenario that may be executed more than once: the same for every execution (dpm-service 17.5)."""
    return "rr_" + hashlib.sha256(f"{owner_id}|{name}".encode()).hexdigest()[:32]


def batch_run_id_of(operation_id: str) -> str:
    """The id of the batch that an operation runs, the same for every execution."""
    return "batch_" + hashlib.sha256(operation_id.encode()).hexdigest()[:32]


def decide_scenarios(
    request: BatchRebalanceRequest,
    *,
    batch_run_id: str,
    correlation_id: str,
    run_id_of: Callable[[str], str],
    shape: Callable[[EngineOptions], EngineOptions] = lambda options: options,
    on_defect: Callable[[Exception], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Decide the scenarios one after the other, names ascending. `shape` is the policy pack, applied to valid options.

    A scenario with invalid options, or with an unforeseen defect, which is told, fails alone; raises MemoryError. `correlation_id` is the caller's or, absent, the batch's.
    """
    with arithmetic():
        snapshots = Snapshots.of(request)
    for name in sorted(request.scenarios):
        try:
            requested = parse_options(request.scenarios[name].options)
            options = shape(requested)
            admit(request, options)
        except InvalidRequest as invalid:
            yield ScenarioFailure(name, invalid_options(invalid))
            continue
        run_id, correlation = run_id_of(name), f"{correlation_id}:{name}"
        request_hash = f"{batch_run_id}:{name}"
        try:
            with arithmetic():
                decision = decide(snapshots, options, run_id, correlation, request_hash)
            result = decision.to_json()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  (one scenario's defect must not take the others along: dpm-engine 16.5)
            on_defect(error)
            yield ScenarioFailure(name, f"SCENARIO_EXECUTION_ERROR: {type(error).__name__}")
            continue
        yield ScenarioRun(name, run_id, correlation, request_hash, requested, options, decision, result)


def invalid_options(invalid: InvalidRequest) -> str:
    """The first violation as the batch reports it: an unknown member, and what the specification names by a code, with its path.

    Paths lead from the options, or from the body where what the scenarios share is at fault.
    """
    first = invalid.violations[0]
    shared = first.loc[:1] == ("body",)
    path = ".".join(map(str, first.loc[1:] if shared else first.loc)).removeprefix("options.")
    if shared or first.type == "extra_forbidden" or first.type.isupper():
        return f"INVALID_OPTIONS: {first.type} {path}"
    message = f"Value error, {first.msg}" if first.type == "value_error" else first.msg
    return f"INVALID_OPTIONS: {message}"


def render_batch(request: BatchRebalanceRequest, outcomes: list[Outcome], *, batch_run_id: str, finished_at: datetime) -> bytes:
    """The batch result; every scenario's bytes stand in it as they were recorded."""
    runs = [outcome for outcome in outcomes if isinstance(outcome, ScenarioRun)]
    failures = {outcome.name: outcome.reason for outcome in outcomes if isinstance(outcome, ScenarioFailure)}
    return orjson.dumps(
        {
            "batch_run_id": batch_run_id,
            "run_at_utc": finished_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "base_snapshot_ids": base_snapshot_ids(request),
            "results": {run.name: orjson.Fragment(run.result) for run in runs},
            "comparison_metrics": {run.name: metrics(run.decision, request) for run in runs},
            "failed_scenarios": failures,
            "warnings": [PARTIAL_FAILURE] if failures else [],
        }
    )


def base_snapshot_ids(request: BatchRebalanceRequest) -> Mapping[str, str]:
    """The ids that name what the scenarios share."""
    portfolio = request.portfolio_snapshot
    return {
        "portfolio_snapshot_id": portfolio.snapshot_id or portfolio.portfolio_id,
        "market_data_snapshot_id": request.market_data_snapshot.snapshot_id or DEFAULT_MARKET_ID,
    }


def metrics(decision: Decision, request: BatchRebalanceRequest) -> dict[str, Any]:
    """What compares scenarios: status, security trades and their summed notional in base."""
    with arithmetic():
        turnover = total(decision.notionals)
    return {
        "status": decision.status,
        "security_intent_count": len(decision.notionals),
        "gross_turnover_notional_base": money(turnover, request.portfolio_snapshot.base_currency),
        "distance_after": decision.distance_after,
    }
