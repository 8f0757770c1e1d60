"""Who looks on while something is decided, so that what is decided can be counted: the engine itself knows no clock and no log."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

Decided = TypeVar("Decided")


class Watch(Protocol):
    """Looks on. It changes nothing, and never raises of its own."""

    def deciding(self, decide: Callable[[], Decided]) -> Decided:
        """What `decide` gives; how long that took, and what came of it, may be counted."""

    def happened(self, event_type: str) -> None:
        """Something happened to a proposal, and is written."""


class Unwatched:
    """Nobody looks on."""

    def deciding(self, decide: Callable[[], Decided]) -> Decided:
        """What `decide` gives."""
        return decide()

    def happened(self, event_type: str) -> None:
        """Nobody hears of it."""


UNWATCHED: Final = Unwatched()
