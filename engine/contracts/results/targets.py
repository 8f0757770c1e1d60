"""Who may be traded, the targets, and the proofs of the solver (dpm-engine 15, RFC-0002, RFC-0012)."""

from typing import Annotated, Literal

from pydantic.dataclasses import dataclass

from engine.contracts.results.scalars import EXACT_MEMBERS, DecimalText, FractionText, WeightText, shown
from engine.contracts.results.state import ResultMoney

TargetTag = Literal["CAPPED_BY_MAX_WEIGHT", "REDISTRIBUTED_RECIPIENT", "IMPLICIT_SELL_TO_ZERO", "LOCKED_POSITION"]
TargetStatus = Literal["READY", "PENDING_REVIEW", "BLOCKED"]
Method = Literal["HEURISTIC", "SOLVER"]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ExcludedInstrument:
    """An instrument that may not be traded as wanted."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_9")]
    reason_code: Annotated[str, shown("SHELF_STATUS_… of a model target, LOCKED_DUE_TO_… of a holding.", "LOCKED_DUE_TO_SUSPENDED")]
    details: Annotated[None, shown("Always null.", None)]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Coverage:
    """Share of needed data that was given; 1.0000 when nothing was needed."""

    price_coverage_pct: Annotated[WeightText, shown("Priced of the instruments held or wanted.", "1.0000")]
    fx_coverage_pct: Annotated[WeightText, shown("Quoted of the currency pairs that values and lot costs need.", "1.0000")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class UniverseData:
    """Who may be bought or sold."""

    universe_id: Annotated[str, shown("u_ and the run id.", "u_rr_0192")]
    eligible_for_buy: Annotated[list[str], shown("Tradeable model targets.", ["EQ_US_1"])]
    eligible_for_sell: Annotated[list[str], shown("Model targets and holdings that may be sold.", ["EQ_US_1"])]
    excluded: Annotated[list[ExcludedInstrument], shown("Model rows, then holdings.", [])]
    coverage: Annotated[Coverage, shown("How well the data covered what was needed.")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class TargetRow:
    """From the model's weight to the weight that orders aim at."""

    instrument_id: Annotated[str, shown("The instrument.", "EQ_US_1")]
    model_weight: Annotated[DecimalText, shown("As the model gave it; 0 where the model has no row.", "0.60")]
    final_weight: Annotated[DecimalText, shown("Unrounded; the solver's has 12 decimals.", "0.5333333333333333333333333334")]
    final_value: Annotated[ResultMoney, shown("Total value × final weight, in base.", {"amount": "53333.33", "currency": "USD"})]
    tags: Annotated[list[TargetTag], shown("How the weight came about.", ["CAPPED_BY_MAX_WEIGHT"])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class BindingLimit:
    """A limit that is tight at the optimum."""

    constraint: Annotated[
        str, shown("cash_band.max, cash_band.min, long_only:<id>, single_position_max:<id> or group:<key>.", "single_position_max:EQ_US_1")
    ]
    shadow_price: Annotated[DecimalText, shown("Fall of the squared distance per unit of relaxation, 12 decimals.", "0.333333333333")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class SolverStrategy:
    """How the solver chose the targets, with its certificate."""

    method: Annotated[Literal["SOLVER"], shown("The method.", "SOLVER")]
    certificate: Annotated[Literal["KKT_EXACT"], shown("The optimum satisfies its conditions exactly, in rationals.", "KKT_EXACT")]
    objective: Annotated[DecimalText, shown("Σ(final − model)² at the exact optimum, 12 decimals.", "0.083333333333")]
    binding: Annotated[list[BindingLimit], shown("Every tight limit.", [])]
    prices: Annotated[
        Literal["LEAST_IN_ORDER"] | None,
        shown(
            "Of several sets of prices the one whose first is the least, of what is left the second, and so on; absent where there is one set, "
            "or Bland's rule chose.",
            "LEAST_IN_ORDER",
        ),
    ] = None
    rounding_shortfall: Annotated[
        DecimalText | None, shown("Invested weight that rounding to 12 decimals left short; absent when nothing is.", "0.000000000001")
    ] = None


@dataclass(slots=True, config=EXACT_MEMBERS)
class NoStrategy:
    """The heuristic, a refused run, or nothing to optimise: no members."""


@dataclass(slots=True, config=EXACT_MEMBERS)
class TargetData:
    """The targets of the run."""

    target_id: Annotated[str, shown("t_ and the run id.", "t_rr_0192")]
    strategy: Annotated[SolverStrategy | NoStrategy, shown("How the solver chose; empty otherwise.")]
    targets: Annotated[list[TargetRow], shown("Model rows, then other eligible ones; empty when there are no targets.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class MethodComparison:
    """The other target method beside the chosen one."""

    primary_method: Annotated[Method, shown("The chosen method.", "HEURISTIC")]
    primary_status: Annotated[TargetStatus, shown("Its outcome.", "READY")]
    alternate_method: Annotated[Method, shown("The other method.", "SOLVER")]
    alternate_status: Annotated[TargetStatus, shown("Its outcome.", "READY")]
    tolerance: Annotated[DecimalText, shown("Weight difference worth reporting.", "0.0001")]
    differing_instruments: Annotated[list[str], shown("Instruments beyond the tolerance, ascending.", ["EQ_US_1"])]
    alternate_warnings: Annotated[list[str], shown("Warnings of the other method, distinct, ascending.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ConflictingLimit:
    """One limit of a conflict; without any one limit of a minimal one the others can hold together."""

    constraint: Annotated[
        str, shown("cash_band.min, cash_band.max, single_position_max, group:<key>, locked_weight or long_only.", "cash_band.min")
    ]
    relaxation: Annotated[
        DecimalText | None,
        shown(
            "Smallest relaxation that alone makes the problem feasible; null where there is none, or where it takes too long.",
            "0.300000000000",
        ),
    ]


@dataclass(slots=True, config=EXACT_MEMBERS)
class CertificateRow:
    """One inequality of the proof."""

    constraint: Annotated[str, shown("The limit, or limit:<instrument>.", "cash_band.max")]
    sense: Annotated[Literal[">=", "<="], shown("Direction of the inequality.", ">=")]
    bound: Annotated[DecimalText, shown("Its bound for tradeable weights.", "0.800000000000")]
    multiplier: Annotated[FractionText, shown("How many times it is added, or subtracted for <=.", "1")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class InfeasibilityCertificate:
    """Farkas: the weighted rows cancel every weight and leave 0 >= gap, which is false."""

    gap: Annotated[FractionText, shown("What remains, above zero.", "3/10")]
    rows: Annotated[list[CertificateRow], shown("The inequalities.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class Infeasibility:
    """Why no weights satisfy every limit."""

    minimal: Annotated[
        bool,
        shown("Whether none of them can be left out. False where to examine each takes too many steps: counted, never timed.", *[True]),
    ]
    conflict: Annotated[list[ConflictingLimit], shown("Limits that cannot hold together.", [])]
    certificate: Annotated[InfeasibilityCertificate, shown("The exact proof.")]
