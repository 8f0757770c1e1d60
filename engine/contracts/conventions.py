"""One word that moves several defaults at once, and the choices that it moves (practice 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final


class Conventions(StrEnum):
    """Whose habits decide what is not stated: those of release 1.0, or those of a portfolio desk (practice 1)."""

    CLASSIC = "CLASSIC"
    DESK = "DESK"


class Funding(StrEnum):
    """Whether buys are ordered as they were sized, or reduced to the money there is (desk 1.3, practice 2)."""

    AS_SIZED = "AS_SIZED"
    REDUCE_BUYS = "REDUCE_BUYS"


class QuantityRounding(StrEnum):
    """Whether quantities are cut to lots, or rounded to the nearest lot that can be paid (desk 6.8)."""

    FLOOR = "FLOOR"
    NEAREST_AFFORDABLE = "NEAREST_AFFORDABLE"


class MoneyRounding(StrEnum):
    """Whether FX deals and costs keep all their digits, or are rounded to minor units (desk 7.3)."""

    UNROUNDED = "UNROUNDED"
    MINOR_UNITS = "MINOR_UNITS"


class TurnoverSharing(StrEnum):
    """Whether the turnover cap drops whole trades, or cuts all of them to a funded level (desk 6.5)."""

    GREEDY = "GREEDY"
    FUNDED = "FUNDED"


class FxPolicy(StrEnum):
    """Whether all foreign cash is swept into base, or only what base lacks (practice 6.3)."""

    SWEEP_ALL = "SWEEP_ALL"
    NEED_ONLY = "NEED_ONLY"


class Dependencies(StrEnum):
    """Whether a buy waits for the last sell in its currency, or for every order that pays it (practice 6.4)."""

    LAST_SELL = "LAST_SELL"
    COMPLETE = "COMPLETE"


class UnavailableWeight(StrEnum):
    """Whether weight that the shelf does not let be bought stays in cash, or goes to the other targets (practice 8.4)."""

    CASH = "CASH"
    REDISTRIBUTE = "REDISTRIBUTE"


class ExitsBelowMinimum(StrEnum):
    """Whether a full exit that is dust is left out, or sold all the same (practice 8.5)."""

    SUPPRESS = "SUPPRESS"
    SELL = "SELL"


class ProposalQuantities(StrEnum):
    """Whether a proposal trades what was typed, or what can be ordered (advisory-practice 2)."""

    AS_PROPOSED = "AS_PROPOSED"
    EXECUTABLE = "EXECUTABLE"


class ProposalWithdrawals(StrEnum):
    """Whether a withdrawal must be covered at once, or may be paid by the proposal's own sales (advisory-practice 5)."""

    AT_ONCE = "AT_ONCE"
    AFTER_SELLS = "AFTER_SELLS"


@dataclass(frozen=True, slots=True)
class Default:
    """What an option is where it is not stated, by conventions."""

    classic: Any
    desk: Any

    def under(self, conventions: str) -> Any:
        """The default of these conventions, an enum's member or its text."""
        return self.desk if conventions == Conventions.DESK else self.classic


DEFAULTS: Final[Mapping[str, Default]] = MappingProxyType(
    {
        "funding": Default(None, Funding.REDUCE_BUYS),
        "quantity_rounding": Default(QuantityRounding.FLOOR, QuantityRounding.NEAREST_AFFORDABLE),
        "money_rounding": Default(MoneyRounding.UNROUNDED, MoneyRounding.MINOR_UNITS),
        "turnover_policy": Default(TurnoverSharing.GREEDY, TurnoverSharing.FUNDED),
        "fx_policy": Default(FxPolicy.SWEEP_ALL, FxPolicy.NEED_ONLY),
        "dependencies": Default(Dependencies.LAST_SELL, Dependencies.COMPLETE),
        "unavailable_weight": Default(UnavailableWeight.CASH, UnavailableWeight.REDISTRIBUTE),
        "exits_below_minimum": Default(ExitsBelowMinimum.SUPPRESS, ExitsBelowMinimum.SELL),
        "explain": Default(classic=False, desk=True),
    }
)
"""Option → its defaults. An option is stated where it is away from the default of the conventions that stand beside it."""

PROPOSAL_DEFAULTS: Final[Mapping[str, Default]] = MappingProxyType(
    {
        "funding": DEFAULTS["funding"],
        "proposal_quantities": Default(ProposalQuantities.AS_PROPOSED, ProposalQuantities.EXECUTABLE),
        "proposal_withdrawals": Default(ProposalWithdrawals.AT_ONCE, ProposalWithdrawals.AFTER_SELLS),
    }
)
"""The same for the options of a proposal (advisory-practice 1)."""


def _by_conventions(defaults: Mapping[str, Default]) -> Mapping[Conventions, Mapping[str, Any]]:
    return {
        conventions: MappingProxyType({name: default.under(conventions) for name, default in defaults.items()})
        for conventions in Conventions
    }


DEFAULTS_UNDER: Final = _by_conventions(DEFAULTS)
PROPOSAL_DEFAULTS_UNDER: Final = _by_conventions(PROPOSAL_DEFAULTS)
"""Conventions → option → its default."""


def resolved(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON types together with what their conventions decide: CLASSIC is what absence has always meant, DESK is spelt out."""
    if options.get("conventions") != Conventions.DESK:
        return dict(options)
    return {name: default.desk for name, default in DEFAULTS.items()} | dict(options)
