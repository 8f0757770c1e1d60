"""Too much of one thing: the caps on positions, issuers, liquidity tiers and attributes (advisory-engine 13, advisory-practice 7)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.advisory.suitability import texts
from engine.advisory.suitability.issues import CONCENTRATION, HIGH, ISSUER, LIQUIDITY, MEDIUM, SLACK, Finding, Holding
from engine.contracts.options.proposals import ProposalThresholds
from engine.contracts.proposals import AdvisoryShelfEntry
from engine.numbers import ZERO, plain

FAR_ABOVE: Final = Decimal("1.25")
"""Beyond this multiple of its cap a concentration is HIGH."""

EVERY_OTHER: Final = "*"
Entries = Mapping[str, AdvisoryShelfEntry]


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of limit. `bucket` says in which bucket an instrument falls, `cap` what a bucket may weigh, `details` how one is named."""

    code: str
    dimension: str
    bucket: Callable[[str, AdvisoryShelfEntry | None], str | None]
    cap: Callable[[str], Decimal | None]
    details: Callable[[str], dict[str, str]]
    summary: Callable[[str, Decimal], str]
    prefix: str = ""

    def key(self, bucket: str) -> str:
        """The key of the issue that the bucket is too large."""
        return f"{self.code}|{self.prefix}{bucket}"

    def breaches(self, holdings: Iterable[Holding]) -> Iterator[Finding]:
        """A finding for every bucket above its cap by more than the slack; HIGH beyond 1.25 × the cap."""
        weights: dict[str, Decimal] = {}
        for instrument_id, entry, weight in holdings:
            bucket = self.bucket(instrument_id, entry)
            if bucket:
                weights[bucket] = weights.get(bucket, ZERO) + weight
        for bucket, weight in weights.items():
            cap = self.cap(bucket)
            if cap is not None and weight > cap + SLACK:
                yield self._breach(bucket, cap, weight)

    def _breach(self, bucket: str, cap: Decimal, weight: Decimal) -> Finding:
        details = {**self.details(bucket), "threshold": plain(cap), "measured": plain(weight)}
        severity = HIGH if weight > FAR_ABOVE * cap else MEDIUM
        return Finding(self.key(bucket), f"SUIT_{self.code}", self.dimension, severity, self.summary(bucket, cap), details, weight)


def limits_of(thresholds: ProposalThresholds) -> list[Limit]:
    """The limits in force."""
    tiers: Mapping[str, Decimal] = {str(tier): cap for tier, cap in thresholds.max_weight_by_liquidity_tier.items()}
    return [
        Limit(
            "SINGLE_POSITION_MAX",
            CONCENTRATION,
            bucket=lambda instrument_id, _: instrument_id,
            cap=lambda _: thresholds.single_position_max_weight,
            details=lambda instrument_id: {"instrument_id": instrument_id},
            summary=texts.position_too_large,
        ),
        Limit(
            "ISSUER_MAX",
            ISSUER,
            bucket=lambda _, entry: (entry.ultimate_issuer_id or entry.issuer_id) if entry else None,
            cap=lambda _: thresholds.issuer_max_weight,
            details=lambda issuer: {"issuer_id": issuer},
            summary=texts.issuer_too_large,
        ),
        Limit(
            "LIQUIDITY_MAX",
            LIQUIDITY,
            bucket=lambda _, entry: entry.liquidity_tier if entry else None,
            cap=tiers.get,
            details=lambda tier: {"liquidity_tier": str(tier)},
            summary=texts.tier_too_large,
        ),
        *(_of_attribute(name, caps) for name, caps in caps_by_attribute(thresholds).items()),
    ]


def caps_by_attribute(thresholds: ProposalThresholds) -> dict[str, dict[str, Decimal]]:
    """Attribute to value to cap; `*` stands for every value that is not named."""
    caps: dict[str, dict[str, Decimal]] = {}
    for key, cap in thresholds.max_weight_by_attribute.items():
        name, _, value = key.partition(":")
        caps.setdefault(name, {})[value] = cap
    return caps


def keys_of(instruments: Iterable[str], entries: Entries, limits: Iterable[Limit]) -> set[str]:
    """The keys of all concentrations that these instruments are part of."""
    known = [(name, entries.get(name)) for name in set(instruments)]
    return {limit.key(bucket) for limit in limits for name, entry in known if (bucket := limit.bucket(name, entry))}


def _of_attribute(name: str, caps: Mapping[str, Decimal]) -> Limit:
    others = caps.get(EVERY_OTHER)
    return Limit(
        "ATTRIBUTE_MAX",
        CONCENTRATION,
        bucket=lambda _, entry: entry.attributes.get(name) if entry else None,
        cap=lambda value: caps.get(value, others),
        details=lambda value: {"attribute": name, "value": value},
        summary=lambda value, cap: texts.attribute_too_large(name, value, cap),
        prefix=f"{name}:",
    )
