"""How far a portfolio is from its target, before and after the orders (practice 9)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nlargest, nsmallest
from typing import Final

from engine.numbers import FOUR_PLACES, ONE, ZERO
from engine.result.amounts import Json
from engine.simulation.rules import SOFT, Checked, Rule, RuleRow
from engine.targets.plan import Targets
from engine.valuation import State

MAX_SHOWN: Final = 5
HALF_A_PLACE: Final = FOUR_PLACES / 2


@dataclass(slots=True)
class Gaps:
    """A state's weights less the final weights, unrounded, as their `sizes` by `names`; `distance` is half the sum of those, cash included."""

    state: State
    weights: Mapping[str, Decimal]
    names: list[str]
    sizes: list[Decimal]
    cash: Decimal
    distance: Decimal

    @classmethod
    def of(cls, state: State, weights: Mapping[str, Decimal], wanted: Sequence[Decimal], in_cash: Decimal) -> "Gaps":
        """Measure a state; `wanted` begins with the weights of its rows, `in_cash` is what the final weights leave of 1."""
        rows, shares = state.by_instrument, state.shares
        names, sizes = list(rows), [abs((share or ZERO) - weight) for share, weight in zip(shares, wanted, strict=False)]
        if not weights.keys() <= rows.keys():
            unheld = [name for name, weight in weights.items() if weight and name not in rows]
            names += unheld
            sizes += [abs(weights[name]) for name in unheld]
        cash = sum(state.cash_values.values(), ZERO) / state.divisor - in_cash
        return cls(state, weights, names, sizes, cash, sum(sizes, abs(cash)) / 2)

    def of_instrument(self, name: str) -> Decimal:
        """The gap of one instrument, which may have neither a row nor a weight."""
        row = self.state.by_instrument.get(name)
        return (ZERO if row is None else row.base_value / self.state.divisor) - self.weights.get(name, ZERO)


@dataclass(slots=True)
class Distance:
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

    def rule(_: Checked) -> Iterator[RuleRow]:
        measured = distance.after.distance
        passed = measured <= limit
        yield RuleRow(
            "DISTANCE_TO_TARGET",
            SOFT,
            passed=passed,
            measured=measured,
            at_most=limit,
            reason="OK" if passed else "TARGET_NOT_REACHED",
            hint="See distance.largest and explanation.reasons for what keeps the portfolio from its target.",
        )

    return rule


def render_distance(distance: Distance) -> Json:
    """The block of the result, 4 decimals."""
    before, after = distance.before, distance.after
    return {
        "before": _shown(before.distance),
        "after": _shown(after.distance),
        "cash_before": _shown(before.cash),
        "cash_after": _shown(after.cash),
        "largest": [
            {"instrument_id": name, "before": _shown(before.of_instrument(name)), "after": _shown(after.of_instrument(name))}
            for name in _largest(after)
        ],
    }


def _largest(gaps: Gaps) -> list[str]:
    """The instruments with the largest gaps as they are shown, then by id. Few are rounded for it: most are shown as nothing, or too small."""
    rows = [(size, name) for size, name in zip(gaps.sizes, gaps.names, strict=True) if size > HALF_A_PLACE]
    if len(rows) > MAX_SHOWN:
        least = nlargest(MAX_SHOWN, [size for size, _ in rows])[-1] - FOUR_PLACES  # what is smaller is shown as less than any of these
        rows = [row for row in rows if row[0] >= least]
    found = [name for _, name in sorted((-size.quantize(FOUR_PLACES), name) for size, name in rows)[:MAX_SHOWN]]
    if len(found) < MAX_SHOWN:
        found += nsmallest(MAX_SHOWN - len(found), gaps.names if not found else [name for name in gaps.names if name not in found])
    return found


def _shown(share: Decimal) -> str:
    return str(share.quantize(FOUR_PLACES) + ZERO)
