"""What the sections of an artifact are written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

from engine.advisory.document import ProposalDecision
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import ProposalSimulateRequest
from engine.market import Market
from engine.valuation import State

CASH_FLOW: Final = "CASH_FLOW"
SECURITY_TRADE: Final = "SECURITY_TRADE"
FX_SPOT: Final = "FX_SPOT"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """A decided proposal and its result, read back.

    The result's figures are those on the wire; weights, which it rounds, come from the states.
    """

    decision: ProposalDecision
    result: Json
    _by_kind: Mapping[str, list[Json]]

    @classmethod
    def of(cls, decision: ProposalDecision, result: Json) -> Self:
        """Sort the intents by kind, for all who ask for them."""
        by_kind: dict[str, list[Json]] = {kind: [] for kind in (CASH_FLOW, SECURITY_TRADE, FX_SPOT)}
        for intent in result["intents"]:
            by_kind[intent["intent_type"]].append(intent)
        return cls(decision, result, by_kind)

    def intents(self, kind: str) -> list[Json]:
        """The intents of a kind, in result order."""
        return self._by_kind[kind]

    @property
    def before(self) -> State:
        """The portfolio as it is."""
        return self.decision.course.before

    @property
    def after(self) -> State:
        """The portfolio as it would be."""
        return self.decision.course.after

    @property
    def request(self) -> ProposalSimulateRequest:
        """What was asked."""
        return self.decision.progress.request

    @property
    def options(self) -> ProposalOptions:
        """How it was to be decided."""
        return self.decision.progress.options

    @property
    def market(self) -> Market:
        """Prices and rates."""
        return self.decision.progress.market

    @property
    def base(self) -> str:
        """The portfolio's currency."""
        return self.before.base

    @property
    def worth(self) -> Fraction:
        """What the portfolio is worth with the money that comes or goes; as it is where figures leave the range of decimals."""
        return Fraction(self.decision.progress.worth if self.decision.course.in_range else self.before.total)

    @property
    def rows(self) -> int:
        """How many weight changes and suitability highlights are shown (advisory-engine S22)."""
        return self.options.drift_top_contributors_limit
