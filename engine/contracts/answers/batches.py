"""What a batch of scenarios comes to (RFC-0013)."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from engine.contracts.answers.scalars import NOW, Time
from engine.contracts.results.document import RebalanceResult, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, shown
from engine.contracts.results.state import ResultMoney


@dataclass(slots=True, config=EXACT_MEMBERS)
class BaseSnapshotIds:
    """What all scenarios share."""

    portfolio_snapshot_id: Annotated[str, shown("The given id, else the portfolio's.", "ps_1")]
    market_data_snapshot_id: Annotated[str, shown("The given id, else md.", "md_1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ScenarioMetrics:
    """What scenarios are compared by."""

    status: Annotated[RunStatus, shown("Of the scenario's run.", "READY")]
    security_intent_count: Annotated[int, shown("Orders in securities.", 3, ge=0)]
    gross_turnover_notional_base: Annotated[
        ResultMoney, shown("What those orders move together, in base.", {"amount": "64000.00", "currency": "EUR"})
    ]
    distance_after: Annotated[
        DecimalText | None, shown("How far from the target after the orders, 12 decimals; null without targets.", "0.001200000000")
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BatchRebalanceResult:
    """One portfolio under several sets of options, compared. It is an answer also when every scenario failed."""

    batch_run_id: Annotated[str, shown("The batch.", "batch_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    run_at_utc: Annotated[Time, shown("When it was done.", NOW)]
    base_snapshot_ids: Annotated[BaseSnapshotIds, shown("What all scenarios share.")]
    results: Annotated[dict[str, RebalanceResult], Field(description="Scenario to its result; those that succeeded.", examples=[{}])]
    comparison_metrics: Annotated[
        dict[str, ScenarioMetrics], Field(description="Scenario to its figures; those that succeeded.", examples=[{}])
    ]
    failed_scenarios: Annotated[
        dict[str, str],
        Field(
            description="Scenario to why it failed: INVALID_OPTIONS or SCENARIO_EXECUTION_ERROR, a colon, and what is wrong.",
            examples=[{"typo": "INVALID_OPTIONS: extra_forbidden max_turnover"}],
        ),
    ]
    warnings: Annotated[list[Literal["PARTIAL_BATCH_FAILURE"]], shown("PARTIAL_BATCH_FAILURE where a scenario failed.", [])]
