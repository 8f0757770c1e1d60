"""Paying a proposal with all the money there is, in whatever currency (advisory-practice 4)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from engine.advisory.values import AdvisedTrade, Funding
from engine.contracts.options.proposals import ProposalOptions
from engine.costs import Charges
from engine.market import Market


def plan_funded(
    start: Mapping[str, Decimal],  # noqa: ARG001
    buys: Sequence[AdvisedTrade],  # noqa: ARG001
    sells: Sequence[AdvisedTrade],  # noqa: ARG001
    leaving: Iterable[str],  # noqa: ARG001
    worth: Decimal,  # noqa: ARG001
    market: Market,  # noqa: ARG001
    options: ProposalOptions,  # noqa: ARG001
    charges: Charges,  # noqa: ARG001
    *,
    as_sized: bool,  # noqa: ARG001
) -> Funding | None:
    """Not built yet: every currency is funded from one source."""
    return None
