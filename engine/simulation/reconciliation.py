"""Value before and after must agree: orders move value, they do not make it (RFC-0005)."""

from decimal import Decimal
from typing import Final, Self

from msgspec import Struct

from engine.simulation.rules import HARD, RuleRow

ABSOLUTE: Final = Decimal("0.5")
RELATIVE: Final = Decimal("0.0005")


class Reconciliation(Struct):
    """Totals in base; they agree when their absolute difference is at most 0.5 + 0.05 % of the absolute total before."""

    before: Decimal
    after: Decimal
    base: str
    difference: Decimal
    tolerance: Decimal
    agrees: bool
    known_flows: Decimal | None = None
    costs: Decimal | None = None
    unexplained: Decimal | None = None

    @classmethod
    def of(
        cls,
        before: Decimal,
        after: Decimal,
        base: str,
        known_flows: Decimal | None = None,
        *,
        start: Decimal | None = None,
        proposed_flows: Decimal | None = None,
        costs: Decimal | None = None,
    ) -> Self:
        """Compare two totals, the first with the cash flows that add to it and without what the orders cost (practice 7.2, desk 8.2).

        `start` stands for the first where that one is valued in another way than the second.
        """
        expected = before if start is None else start
        for flows in (known_flows, proposed_flows):
            expected = expected if flows is None else expected + flows
        expected = expected if costs is None else expected - costs
        difference, tolerance = abs(after - expected), ABSOLUTE + abs(expected) * RELATIVE
        unexplained = None if costs is None else after - expected
        return cls(before, after, base, difference, tolerance, difference <= tolerance, known_flows, costs, unexplained)

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
