"""How far a portfolio is from its target, before and after the orders (practice 9)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import Final

from msgspec import Struct

from engine.numbers import FOUR_PLACES, ONE, ZERO
from engine.result.amounts import Json
from engine.simulation.rules import SOFT, Checked, Rule, RuleRow
from engine.targets.plan import Targets
from engine.valuation import State

MAX_SHOWN: Final = 5
HALF_A_PLACE: Final = FOUR_PLACES / 2
"""What is no larger is shown as nothing."""

NOTHING: Final = "0.0000"
NOTHING_BELOW_ZERO: Final = "-0.0000"
FEW: Final = 200
"""Names that are sorted sooner than the first of them are picked."""


class Gaps(Struct):
    """A state's weights less the final weights, unrounded: `sizes` are those of its rows and then of other instruments with a weight.

    `distance` is half the sum of the sizes, cash included.
    """

    state: State
    weights: Mapping[str, Decimal]
    sizes: list[Decimal]
    cash: Decimal
    distance: Decimal

    @classmethod
    def of(cls, state: State, weights: Mapping[str, Decimal], wanted: Sequence[Decimal], in_cash: Decimal) -> "Gaps":
        """Measure a state; `wanted` begins with the weights of its rows, `in_cash` is what the final weights leave of 1."""
        sizes = [abs((share or ZERO) - weight) for share, weight in zip(state.shares, wanted)]  # noqa: B905  (rows are added at the end)
        if not weights.keys() <= state.by_instrument.keys():
            sizes += [abs(weights[name]) for name in _unheld(weights, state)]
        cash = sum(state.cash_values.values(), ZERO) / state.divisor - in_cash
        return cls(state, weights, sizes, cash, sum(sizes, abs(cash)) / 2)

    @property
    def names(self) -> list[str]:
        """The instruments of the sizes."""
        held = list(self.state.by_instrument)
        return held if len(held) == len(self.sizes) else held + _unheld(self.weights, self.state)

    def shown(self, name: str) -> str:
        """The gap of one instrument, which may have neither a row nor a weight."""
        row = self.state.by_instrument.get(name)
        return _shown((ZERO if row is None else row.base_value / self.state.divisor) - self.weights.get(name, ZERO))


def _unheld(weights: Mapping[str, Decimal], state: State) -> list[str]:
    rows = state.by_instrument
    return [name for name, weight in weights.items() if weight and name not in rows]


class Distance(Struct):
    """The gaps before and after."""

    before: Gaps
    after: Gaps

    @classmethod
    def of(cls, before: State, after: State | None, targets: Targets, *, modelled: bool) -> "Distance | None":
        """Measure both states against the final weights; None where there is nothing to compare with: no targets, nor a model."""
        if not targets.traced or not (targets.weights or modelled):
            return None
        weights, rows = targets.weights, (after or before).by_instrument  # rows are only ever added
        in_cash, wanted = ONE - sum(weights.values(), ZERO), [weights.get(name, ZERO) for name in rows]
        measured = Gaps.of(before, weights, wanted, in_cash)
        return cls(measured, measured if after is None else Gaps.of(after, weights, wanted, in_cash))


def target_reached(distance: Distance, limit: Decimal) -> Rule:
    """The distance after the orders within a limit; soft."""

    def rule(_: Checked) -> Sequence[RuleRow]:
        measured = distance.after.distance
        passed = measured <= limit
        row = RuleRow(
            "DISTANCE_TO_TARGET",
            SOFT,
            passed=passed,
            measured=measured,
            at_most=limit,
            reason="OK" if passed else "TARGET_NOT_REACHED",
            hint="See distance.largest and explanation.reasons for what keeps the portfolio from its target.",
        )
        return [row]

    return rule


def render_distance(distance: Distance) -> Json:
    """The block of the result, 4 decimals."""
    before, after = distance.before, distance.after
    return {
        "before": _shown(before.distance),
        "after": _shown(after.distance),
        "cash_before": _shown(before.cash),
        "cash_after": _shown(after.cash),
        "largest": [{"instrument_id": name, "before": before.shown(name), "after": gap} for name, gap in _largest(after, after.names)],
    }


def _largest(gaps: Gaps, names: list[str]) -> list[tuple[str, str]]:
    """The instruments with the largest gaps as they are shown, then by id. Few are rounded for it: most are shown as nothing, or too small."""
    rows = [(size, name) for size, name in zip(gaps.sizes, names, strict=True) if size > HALF_A_PLACE]
    if not rows:
        return [(name, NOTHING) for name in _first(MAX_SHOWN, names)]
    if len(rows) > MAX_SHOWN:
        least = nlargest(MAX_SHOWN, [size for size, _ in rows])[-1] - FOUR_PLACES  # what is smaller is shown as less than any of these
        rows = [row for row in rows if row[0] >= least]
    large = [name for _, name in sorted([(-size.quantize(FOUR_PLACES), name) for size, name in rows])[:MAX_SHOWN]]
    found = [(name, gaps.shown(name)) for name in large]
    if len(large) < MAX_SHOWN:
        found += [(name, NOTHING) for name in _first(MAX_SHOWN - len(large), [name for name in names if name not in large])]
    return found


def _first(count: int, names: list[str]) -> list[str]:
    return sorted(names)[:count] if len(names) <= FEW else nsmallest(count, names)


def _shown(share: Decimal) -> str:
    text = str(share.quantize(FOUR_PLACES))
    return NOTHING if text == NOTHING_BELOW_ZERO else text
