"""Too much of one thing: the caps on positions, issuers, liquidity tiers and attributes (advisory-engine 13, advisory-practice 7)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from engine.advisory.suitability import texts
from engine.advisory.suitability.issues import CONCENTRATION, HIGH, ISSUER, LIQUIDITY, MEDIUM, SLACK, Finding
from engine.contracts.options.proposals import ProposalThresholds
from engine.contracts.proposals import AdvisoryShelfEntry
from engine.numbers import ZERO, plain

FAR_ABOVE: Final = Decimal("1.25")
"""Beyond this multiple of its cap a concentration is HIGH."""

EVERY_OTHER: Final = "*"
Entries = Mapping[str, AdvisoryShelfEntry]
Weights = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of concentration: how one is named, in its key, its details and in words."""

    code: str
    dimension: str
    details: Callable[[str], dict[str, str]]
    summary: Callable[[str, Decimal], str]
    prefix: str = ""

    def breach(self, bucket: str, members: Collection[str], cap: Decimal, weight: Decimal) -> Finding:
        """The finding that the bucket is too large; HIGH beyond 1.25 × its cap."""
        details = {**self.details(bucket), "threshold": plain(cap), "measured": plain(weight)}
        severity, summary = HIGH if weight > FAR_ABOVE * cap else MEDIUM, self.summary(bucket, cap)
        key = f"{self.code}|{self.prefix}{bucket}"
        return Finding(key, f"SUIT_{self.code}", self.dimension, severity, summary, details, weight, members)


@dataclass(slots=True)
class Group:
    """Instruments that share a cap; `bound` is the cap with the slack."""

    kind: Kind
    bucket: str
    cap: Decimal
    bound: Decimal
    members: Collection[str]


def _named(detail: str, bucket: str) -> dict[str, str]:
    return {detail: bucket}


POSITION: Final = Kind("SINGLE_POSITION_MAX", CONCENTRATION, partial(_named, "instrument_id"), texts.position_too_large)
OF_ISSUER: Final = Kind("ISSUER_MAX", ISSUER, partial(_named, "issuer_id"), texts.issuer_too_large)
OF_TIER: Final = Kind("LIQUIDITY_MAX", LIQUIDITY, partial(_named, "liquidity_tier"), texts.tier_too_large)


def positions_above(weights: Weights, cap: Decimal) -> Iterator[Finding]:
    """A finding for every position above the cap by more than the slack."""
    bound = cap + SLACK
    for instrument_id, weight in weights.items():
        if weight > bound:
            yield POSITION.breach(instrument_id, (instrument_id,), cap, weight)


def groups_above(weights: Weights, groups: Iterable[Group]) -> Iterator[Finding]:
    """A finding for every group whose members weigh more than its cap and the slack together."""
    weight_of = weights.__getitem__
    for group in groups:
        weight = sum(map(weight_of, group.members), ZERO)
        if weight > group.bound:
            yield group.kind.breach(group.bucket, group.members, group.cap, weight)


def groups_of(entries: Collection[AdvisoryShelfEntry], thresholds: ProposalThresholds, largest: Decimal) -> list[Group]:
    """The groups of these instruments that have a cap: issuers by the head of their group where it is given, tiers, attribute values.

    Who states none of them belongs to none. No instrument weighs more than `largest`: groups too small to pass their cap are left out.
    """
    names, cap = [entry.instrument_id for entry in entries], thresholds.issuer_max_weight
    tiers = {str(tier): cap for tier, cap in thresholds.max_weight_by_liquidity_tier.items()}
    groups = _grouped(OF_ISSUER, [entry.ultimate_issuer_id or entry.issuer_id for entry in entries], names, lambda _: cap, largest)
    if tiers:
        groups += _grouped(OF_TIER, [entry.liquidity_tier for entry in entries], names, tiers.get, largest)
    for name, caps in caps_by_attribute(thresholds).items():
        kind = Kind("ATTRIBUTE_MAX", CONCENTRATION, partial(_attribute, name), partial(texts.attribute_too_large, name), f"{name}:")
        groups += _grouped(kind, [entry.attributes.get(name) for entry in entries], names, _cap_of_value(caps), largest)
    return groups


def caps_by_attribute(thresholds: ProposalThresholds) -> dict[str, dict[str, Decimal]]:
    """Attribute to value to cap; `*` stands for every value that is not named."""
    caps: dict[str, dict[str, Decimal]] = {}
    for key, cap in thresholds.max_weight_by_attribute.items():
        name, _, value = key.partition(":")
        caps.setdefault(name, {})[value] = cap
    return caps


def _attribute(name: str, value: str) -> dict[str, str]:
    return {"attribute": name, "value": value}


def _cap_of_value(caps: Mapping[str, Decimal]) -> Callable[[str], Decimal | None]:
    others = caps.get(EVERY_OTHER)
    return lambda value: caps.get(value, others)


def _grouped(
    kind: Kind, buckets: Sequence[str | None], names: Iterable[str], cap_of: Callable[[str], Decimal | None], largest: Decimal
) -> list[Group]:
    """The groups of these names that may pass their caps, each name in the bucket beside it or in none."""
    sizes = Counter(filter(None, buckets))
    most = largest * max(sizes.values(), default=0)
    caps = {bucket: cap for bucket in sizes if (cap := cap_of(bucket)) is not None and cap < most}
    if not caps:
        return []
    members = defaultdict[str | None, list[str]](list)
    for bucket, name in zip(buckets, names, strict=True):
        members[bucket].append(name)
    return [Group(kind, str(bucket), cap, cap + SLACK, members[bucket]) for bucket, cap in caps.items()]
