"""How far the client's portfolio is from the reference model, before and after the proposal (advisory-engine 12)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Final, Self

from msgspec import Struct

from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import ReferenceModel, weights_of
from engine.notes import Notes
from engine.numbers import ZERO, plain, total
from engine.result.amounts import Json, texts
from engine.valuation import CASH, State

HALF: Final = Decimal("0.5")
BASE_MISMATCH: Final = "REFERENCE_MODEL_BASE_CURRENCY_MISMATCH"


class Bucket(Struct):
    """A bucket's weights, unrounded: in the model, before and after; and how far either is from the model, with its size."""

    key: str
    model: Decimal
    before: Decimal
    after: Decimal
    gap_before: Decimal
    gap_after: Decimal
    size_before: Decimal
    size_after: Decimal
    improvement: Decimal

    @classmethod
    def of(cls, key: str, model: Decimal, before: Decimal, after: Decimal) -> Self:
        """Measure both weights against the model's; an improvement is positive where the drift became smaller."""
        gap_before, gap_after = before - model, after - model
        size_before, size_after = abs(gap_before), abs(gap_after)
        return cls(key, model, before, after, gap_before, gap_after, size_before, size_after, size_before - size_after)

    @property
    def largest(self) -> Decimal:
        """The larger of the weights before and after."""
        return max(self.before, self.after)


class Dimension(Struct):
    """One way to cut the portfolio: buckets, keys ascending, and half the sum of their drifts before and after."""

    buckets: list[Bucket]
    total_before: Decimal
    total_after: Decimal

    @classmethod
    def of(cls, keys: Iterable[str], model: Mapping[str, Decimal], before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> Self:
        """Measure every bucket that the model or either state has; a side without it counts 0."""
        buckets = [
            Bucket.of(key, model.get(key, ZERO), before.get(key, ZERO), after.get(key, ZERO))
            for key in sorted({*keys, *model, *before, *after})
        ]
        drifts = (total([bucket.size_before for bucket in buckets]), total([bucket.size_after for bucket in buckets]))
        return cls(buckets, HALF * drifts[0], HALF * drifts[1])


class Drift(Struct):
    """The member `drift_analysis`, and its totals by asset class, unrounded."""

    document: Json
    asset_class_before: Decimal
    asset_class_after: Decimal


def measure_drift(
    before: State,
    after: State,
    traded: Iterable[str],
    model: ReferenceModel | None,
    options: ProposalOptions,
    notes: Notes,
) -> Drift | None:
    """Measure both states against the model: weights as shares of one, nothing rounded.

    None without a model, when drift is switched off, and with a warning where the model's base currency is another than the portfolio's.
    `traded` are the instruments of executed trades.
    """
    if model is None or not options.enable_drift_analytics:
        return None
    if model.base_currency != before.base:
        notes.warn(BASE_MISMATCH)
        return None
    by_class, by_instrument = weights_of(model)
    classes = Dimension.of((CASH,), by_class, _by_class(before), _by_class(after))
    instruments = None
    if options.enable_instrument_drift and by_instrument:
        instruments = Dimension.of(traded, by_instrument, _by_instrument(before), _by_instrument(after))
    most = options.drift_top_contributors_limit
    document = {
        "reference_model": {"model_id": model.model_id, "as_of": model.as_of, "base_currency": model.base_currency},
        "asset_class": _render(classes, most),
        "instrument": None if instruments is None else _render(instruments, most),
        "highlights": _highlights((instruments or classes).buckets, most, options.drift_unmodeled_exposure_threshold),
    }
    return Drift(document, classes.total_before, classes.total_after)


def _by_class(state: State) -> dict[str, Decimal]:
    divisor = state.divisor
    return {name: amount / divisor for name, amount in state.by_asset_class.items()}


def _by_instrument(state: State) -> dict[str, Decimal]:
    return dict(zip(state.by_instrument, state.shares, strict=True))


def _render(dimension: Dimension, most: int) -> Json:
    """The dimension, whose buckets all stand in one list and the farthest from the model in another; the rows of both are the same."""
    rows = {bucket.key: _row(bucket) for bucket in dimension.buckets}
    before, after, delta = texts(dimension.total_before, dimension.total_after, dimension.total_after - dimension.total_before)
    return {
        "drift_total_before": before,
        "drift_total_after": after,
        "drift_total_delta": delta,
        "top_contributors_before": [rows[bucket.key] for bucket in _first(most, dimension.buckets, "size_before")],
        "buckets": list(rows.values()),
    }


def _row(bucket: Bucket) -> Json:
    model, before, after = texts(bucket.model, bucket.before, bucket.after)
    gap_before, gap_after, improvement = texts(bucket.gap_before, bucket.gap_after, bucket.improvement)
    return {
        "bucket": bucket.key,
        "model_weight": model,
        "portfolio_weight_before": before,
        "portfolio_weight_after": after,
        "drift_before": gap_before,
        "drift_after": gap_after,
        "abs_drift_before": gap_before.removeprefix("-"),
        "abs_drift_after": gap_after.removeprefix("-"),
        "improvement": improvement,
    }


def _first(most: int, buckets: list[Bucket], by: str, *, largest: bool = True) -> list[Bucket]:
    """The first ones by a member, the largest first or the smallest; what is equal keeps its order."""
    return sorted(buckets, key=attrgetter(by), reverse=largest)[:most]


def _highlights(buckets: list[Bucket], most: int, threshold: Decimal) -> Json:
    """What the proposal brought nearer to the model and what it took away from it, and what the model does not have; each list cut.

    Buckets come with keys ascending, and what is equal keeps its order.
    """
    better = [bucket for bucket in buckets if bucket.improvement > 0]
    worse = [bucket for bucket in buckets if bucket.improvement < 0]
    foreign = [bucket for bucket in buckets if not bucket.model and bucket.largest >= threshold]
    return {
        "largest_improvements": [_moved(bucket) for bucket in _first(most, better, "improvement")],
        "largest_deteriorations": [_moved(bucket) for bucket in _first(most, worse, "improvement", largest=False)],
        "unmodeled_exposures": [_exposed(bucket) for bucket in _first(most, foreign, "largest")],
    }


def _moved(bucket: Bucket) -> Json:
    return {"bucket": bucket.key, "improvement": plain(bucket.improvement)}


def _exposed(bucket: Bucket) -> Json:
    before, after, largest = texts(bucket.before, bucket.after, bucket.largest)
    return {
        "bucket": bucket.key,
        "portfolio_weight_before": before,
        "portfolio_weight_after": after,
        "max_portfolio_weight": largest,
    }
