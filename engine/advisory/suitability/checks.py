"""What else can be the matter with a state: cash, holdings that the bank does not want, and what is not known (advisory-engine 13)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from engine.advisory.suitability import texts
from engine.advisory.suitability.issues import CASH, GOVERNANCE, HIGH, MEDIUM, SLACK, Finding, Holding, missing
from engine.advisory.suitability.limits import Limit
from engine.contracts.options.proposals import ProposalThresholds
from engine.contracts.shelf import ShelfStatus
from engine.market import Market
from engine.numbers import ZERO, plain
from engine.valuation import State

UNWANTED: Final = frozenset({ShelfStatus.BANNED, ShelfStatus.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a state is held against."""

    thresholds: ProposalThresholds
    limits: Collection[Limit]
    attributes: Collection[str]
    allow_restricted: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """A state as the scanner sees it: what is held long, the weight of cash, and the weights of what was held before."""

    holdings: Collection[Holding]
    cash: Decimal
    earlier: Mapping[str, Decimal]


def concentrations(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Buckets above their caps."""
    for limit in criteria.limits:
        yield from limit.breaches(scanned.holdings)


def cash_band(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Cash outside its band by more than the slack; MEDIUM."""
    least, most = criteria.thresholds.cash_band_min_weight, criteria.thresholds.cash_band_max_weight
    if scanned.cash < least - SLACK or scanned.cash > most + SLACK:
        details = {"threshold_min": plain(least), "threshold_max": plain(most), "measured": plain(scanned.cash)}
        yield Finding("CASH_BAND", "SUIT_CASH_BAND", CASH, MEDIUM, texts.cash_outside(least, most), details)


def governance(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """Holdings that the bank does not want, or whose weight should not grow; growth is measured against the state before."""
    for instrument_id, entry, weight in scanned.holdings:
        if entry is None or entry.status is ShelfStatus.APPROVED:
            continue
        if entry.status in UNWANTED:
            if weight > SLACK:
                yield _unwanted(instrument_id, entry.status, weight)
        elif weight > (before := scanned.earlier.get(instrument_id, ZERO)) + SLACK:
            permitted = criteria.allow_restricted and entry.status is ShelfStatus.RESTRICTED
            summary = texts.grown(instrument_id, entry.status.value, permitted=permitted)
            yield increase(instrument_id, entry.status, before, weight, summary, allow_restricted=criteria.allow_restricted)


def increase(instrument_id: str, status: ShelfStatus, before: Decimal, after: Decimal, summary: str, *, allow_restricted: bool) -> Finding:
    """More of what is SELL_ONLY or RESTRICTED; HIGH unless a restriction is lifted."""
    details = {
        "instrument_id": instrument_id,
        "shelf_status": status.value,
        "measured_before": plain(before),
        "measured_after": plain(after),
    }
    severity = HIGH
    if status is ShelfStatus.RESTRICTED:
        details["allow_restricted"] = "true" if allow_restricted else "false"
        severity = MEDIUM if allow_restricted else HIGH
    issue_id = f"SUIT_GOVERNANCE_{status.value}_INCREASE"
    return Finding(f"GOVERNANCE|{instrument_id}|{status.value}", issue_id, GOVERNANCE, severity, summary, details)


def _unwanted(instrument_id: str, status: ShelfStatus, weight: Decimal) -> Finding:
    details = {"instrument_id": instrument_id, "shelf_status": status.value, "measured": plain(weight)}
    issue_id, summary = f"SUIT_GOVERNANCE_{status.value}", texts.held(instrument_id, status.value)
    return Finding(f"GOVERNANCE|{instrument_id}|{status.value}", issue_id, GOVERNANCE, HIGH, summary, details)


def data_quality(scanned: Scanned, criteria: Criteria) -> Iterator[Finding]:
    """What the shelf does not state of a holding: its issuer, its tier, an attribute that has a limit, or anything at all."""
    severity = criteria.thresholds.data_quality_issue_severity.value
    for instrument_id, entry, _ in scanned.holdings:
        if entry is None:
            yield missing("MISSING_SHELF", instrument_id, "shelf_entry", severity, texts.not_on_shelf(instrument_id))
            continue
        if not entry.issuer_id:
            yield missing("MISSING_ISSUER", instrument_id, "issuer_id", severity, texts.lacks(instrument_id, "issuer"))
        if not entry.liquidity_tier:
            summary = texts.lacks(instrument_id, "liquidity tier")
            yield missing("MISSING_LIQUIDITY_TIER", instrument_id, "liquidity_tier", severity, summary)
        for name in criteria.attributes:
            if not entry.attributes.get(name):
                summary = texts.lacks(instrument_id, f"attribute {name}")
                yield missing(f"MISSING_ATTRIBUTE_{name}", instrument_id, f"attributes.{name}", severity, summary)


CHECKS: Final[tuple[Callable[[Scanned, Criteria], Iterator[Finding]], ...]] = (concentrations, cash_band, governance, data_quality)
"""What is looked for in a state, before and after alike."""


def unvalued(after: State, market: Market) -> Iterator[Finding]:
    """Whatever the proposal leaves in the portfolio without a price, or without a rate for it; always HIGH (advisory-practice 7)."""
    prices, rates = market.prices, market.base_rates
    for row in after.positions:
        if row.quantity:
            price = prices.get(row.instrument_id)
            if price is None:
                yield missing("UNVALUED", row.instrument_id, "price", HIGH, texts.not_valued(row.instrument_id, "price"))
            elif price.currency not in rates:
                yield missing("UNVALUED", row.instrument_id, "fx_rate", HIGH, texts.not_valued(row.instrument_id, "rate"))
