"""How much exact arithmetic a question may cost: counted, never timed, so that the answer is the same everywhere (RFC-0012)."""

from dataclasses import dataclass
from typing import Final


class EffortSpent(Exception):  # noqa: N818  (an end that is foreseen, no error)
    """The effort that was granted is used up."""


@dataclass(slots=True)
class Effort:
    """Numbers that exact pivots may still rewrite; None is without limit."""

    left: int | None = None

    def spend(self, numbers: int) -> None:
        """Count a pivot by the numbers that it rewrites. Raises when more is spent than there was."""
        if self.left is not None:
            self.left -= numbers
            if self.left < 0:
                raise EffortSpent


UNLIMITED: Final = Effort()
