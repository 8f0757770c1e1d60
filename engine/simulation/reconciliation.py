"""Value before and after must agree: orders move value, they do not make it (RFC-0005)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from engine.simulation.rules import HARD, RuleRow

ABSOLUTE: Final = Decimal("0.5")
RELATIVE: Final = Decimal("0.0005")


@dataclass(slots=True)
class Reconciliation:
    """Totals in base; they agree when their absolute difference is at most 0.5 + 0.05 % of the absolute total before."""

    before: Decimal
    after: Decimal
    base: str
    difference: Decimal
    tolerance: Decimal
    agrees: bool
    known_flows: Decimal | None = None

    @classmethod
    def of(cls, before: Decimal, after: Decimal, base: str, known_flows: Decimal | None = None) -> Self:
        """Compare two totals, the first with the cash flows that are known to add to it (practice 7.2)."""
        expected = before if known_flows is None else before + known_flows
        difference, tolerance = abs(after - expected), ABSOLUTE + abs(expected) * RELATIVE
        return cls(before, after, base, difference, tolerance, difference <= tolerance, known_flows)

    def failure(self) -> RuleRow:
        """The rule row of a mismatch."""
        return RuleRow(
            "RECONCILIATION",
            HARD,
            passed=False,
            measured=self.difference,
            at_most=self.tolerance,
            reason="VALUE_MISMATCH",
            hint="Check prices, FX rates and market values.",
        )
