"""What the stages notice on their way: the diagnostics of a run, in the order in which they were met."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.contracts import EngineOptions
from engine.numbers import plain


@dataclass(slots=True)
class GroupEvent:
    """A group brought to its cap: its weight before, what was released and who received which share of it."""

    key: str
    weight_before: Decimal
    cap: Decimal
    released: Decimal
    recipients: dict[str, Decimal]

    def as_json(self) -> dict[str, Any]:
        """The event as it goes over the wire; without recipients the group blocks the run."""
        return {
            "constraint_key": self.key,
            "group_weight_before": plain(self.weight_before),
            "max_weight": plain(self.cap),
            "released_weight": plain(self.released),
            "recipients": {name: plain(share) for name, share in self.recipients.items()},
            "status": "CAPPED" if self.recipients else "BLOCKED",
        }


@dataclass(slots=True)
class Notes:
    """Collected by the stages, read by rules, gate and result. Data-quality entries are distinct, first met first."""

    warnings: list[str] = field(default_factory=list)
    price_missing: dict[str, None] = field(default_factory=dict)
    fx_missing: dict[str, None] = field(default_factory=dict)
    shelf_missing: dict[str, None] = field(default_factory=dict)
    suppressed: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    group_events: list[GroupEvent] = field(default_factory=list)
    tax_events: list[dict[str, Any]] = field(default_factory=list)
    cash_ladder: list[dict[str, Any]] = field(default_factory=list)
    ladder_breaches: list[dict[str, Any]] = field(default_factory=list)
    ineffective_constraints: list[str] = field(default_factory=list)

    def warn(self, code: str) -> None:
        """Add a warning; it may repeat."""
        self.warnings.append(code)

    def warn_once(self, code: str) -> None:
        """Add a warning unless it is there already."""
        if code not in self.warnings:
            self.warnings.append(code)

    def missing_count(self, options: EngineOptions) -> int:
        """How many missing data block under these options; a missing shelf entry always does (RFC-0003)."""
        return (
            len(self.shelf_missing)
            + (len(self.price_missing) if options.block_on_missing_prices else 0)
            + (len(self.fx_missing) if options.block_on_missing_fx else 0)
        )

    def data_blocks(self, options: EngineOptions) -> bool:
        """Whether missing data forbid a decision."""
        return self.missing_count(options) > 0
