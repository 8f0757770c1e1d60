"""What is looked for in a state, before and after alike, and what the checks know of the instruments (advisory-engine 13)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self, cast

from engine.advisory.suitability import texts
from engine.advisory.suitability.issues import CASH, GOVERNANCE, HIGH, MEDIUM, SLACK, Finding, missing
from engine.advisory.suitability.limits import Group, Weights, caps_by_attribute, groups_above, groups_of, positions_above
from engine.contracts.options.proposals import ProposalOptions, ProposalThresholds
from engine.contracts.proposals import AdvisoryShelfEntry
from engine.contracts.shelf import ShelfStatus
from engine.market import Market
from engine.numbers import plain
from engine.valuation import State, Valued

APPROVED: Final = ShelfStatus.APPROVED
UNWANTED: Final = frozenset({ShelfStatus.BANNED, ShelfStatus.SUSPENDED})


@dataclass(slots=True)
class Criteria:
    """What both states are held against, worked out once.

    No instrument weighs more than `largest` in either; `groups` share a cap and may pass it, `watched` are not freely traded, `unknown` is what
    the shelf does not state of an instrument and should.
    """

    thresholds: ProposalThresholds
    allow_restricted: bool
    largest: Decimal
    groups: Collection[Group]
    watched: Collection[AdvisoryShelfEntry]
    unknown: Mapping[str, Collection[Finding]]

    @classmethod
    def of(cls, rows: Sequence[Valued], options: ProposalOptions, largest: Decimal) -> Self:
        """Read what the shelf says of the rows of the state after, which has the instruments of both."""
        thresholds = options.suitability_thresholds
        attributes, severity = caps_by_attribute(thresholds).keys(), thresholds.data_quality_issue_severity.value
        known = cast("list[AdvisoryShelfEntry]", [row.entry for row in rows if row.entry])  # a proposal's shelf has no others
        unknown: dict[str, Collection[Finding]] = {}
        if len(known) < len(rows):
            for name in [row.instrument_id for row in rows if row.entry is None]:
                unknown[name] = [missing("MISSING_SHELF", name, "shelf_entry", severity, texts.not_on_shelf(name))]
        for entry in known if attributes else [entry for entry in known if not (entry.issuer_id and entry.liquidity_tier)]:
            unknown[entry.instrument_id] = list(_unknown(entry, attributes, severity))
        watched = [entry for entry in known if entry.status is not APPROVED]
        return cls(thresholds, options.allow_restricted, largest, groups_of(known, thresholds, largest), watched, unknown)


def _unknown(entry: AdvisoryShelfEntry, attributes: Iterable[str], severity: str) -> Iterator[Finding]:
    """What an entry does not state: its issuer, its tier, an attribute that has a limit."""
    name = entry.instrument_id
    if not entry.issuer_id:
        yield missing("MISSING_ISSUER", name, "issuer_id", severity, texts.lacks(name, "issuer"))
    if not entry.liquidity_tier:
        yield missing("MISSING_LIQUIDITY_TIER", name, "liquidity_tier", severity, texts.lacks(name, "liquidity tier"))
    for attribute in attributes:
        if not entry.attributes.get(attribute):
            summary = texts.lacks(name, f"attribute {attribute}")
            yield missing(f"MISSING_ATTRIBUTE_{attribute}", name, f"attributes.{attribute}", severity, summary)


@dataclass(slots=True)
class Scanned:
    """A state as the scanner sees it: the weights of all instruments of both states, 0 where not held long, and of cash.

    `earlier` are the weights of the state before.
    """

    weights: Weights
    cash: Decimal
    earlier: Weights


def concentrations(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Positions and groups above their caps."""
    cap = criteria.thresholds.single_position_max_weight
    if criteria.largest > cap:
        yield from positions_above(scanned.weights, cap)
    yield from groups_above(scanned.weights, criteria.groups)


def cash_band(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Cash outside its band by more than the slack; MEDIUM."""
    least, most = criteria.thresholds.cash_band_min_weight, criteria.thresholds.cash_band_max_weight
    if scanned.cash < least - SLACK or scanned.cash > most + SLACK:
        details = {"threshold_min": plain(least), "threshold_max": plain(most), "measured": plain(scanned.cash)}
        yield Finding("CASH_BAND", "SUIT_CASH_BAND", CASH, MEDIUM, texts.cash_outside(least, most), details)


def governance(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Holdings that the bank does not want, or whose weight should not grow; growth is measured against the state before."""
    for entry in criteria.watched:
        name, status, weight = entry.instrument_id, entry.status, scanned.weights[entry.instrument_id]
        if status in UNWANTED:
            if weight > SLACK:
                details = {"instrument_id": name, "shelf_status": status.value, "measured": plain(weight)}
                yield _governed(entry, f"SUIT_GOVERNANCE_{status.value}", HIGH, texts.held(name, status.value), details)
        elif weight > scanned.earlier[name] + SLACK:
            yield increase(entry, scanned.earlier[name], weight, texts.GROWS, allow_restricted=criteria.allow_restricted)


def increase(entry: AdvisoryShelfEntry, before: Decimal, after: Decimal, wording: texts.Wording, *, allow_restricted: bool) -> Finding:
    """More of what is SELL_ONLY or RESTRICTED: HIGH, but MEDIUM where restricted ones are allowed."""
    name, status = entry.instrument_id, entry.status
    details = {"instrument_id": name, "shelf_status": status.value, "measured_before": plain(before), "measured_after": plain(after)}
    severity, sentence = HIGH, wording.refused
    if status is ShelfStatus.RESTRICTED:
        details["allow_restricted"] = "true" if allow_restricted else "false"
        if allow_restricted:
            severity, sentence = MEDIUM, wording.permitted
    return _governed(entry, f"SUIT_GOVERNANCE_{status.value}_INCREASE", severity, sentence.format(name, status.value), details)


def _governed(entry: AdvisoryShelfEntry, issue_id: str, severity: str, summary: str, details: Mapping[str, str]) -> Finding:
    return Finding(f"GOVERNANCE|{entry.instrument_id}|{entry.status.value}", issue_id, GOVERNANCE, severity, summary, details)


def data_quality(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """What the shelf does not state of a holding: its issuer, its tier, an attribute that has a limit, or anything at all."""
    for name, findings in criteria.unknown.items():
        if scanned.weights[name]:
            yield from findings


CHECKS: Final[tuple[Callable[[Scanned, Criteria], Iterator[Finding]], ...]] = (concentrations, cash_band, governance, data_quality)


def unvalued(after: State, market: Market) -> Iterator[Finding]:
    """Whatever the proposal leaves in the portfolio without a price, or without a rate for it; always HIGH (advisory-practice 7)."""
    prices, rates = market.prices, market.base_rates
    if after.by_instrument.keys() <= prices.keys() and {prices[name].currency for name in after.by_instrument} <= rates.keys():
        return
    for row in after.positions:
        if row.quantity:
            price = prices.get(row.instrument_id)
            if price is None:
                yield missing("UNVALUED", row.instrument_id, "price", HIGH, texts.not_valued(row.instrument_id, "price"))
            elif price.currency not in rates:
                yield missing("UNVALUED", row.instrument_id, "fx_rate", HIGH, texts.not_valued(row.instrument_id, "rate"))
