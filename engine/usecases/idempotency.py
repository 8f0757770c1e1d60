"""What calls under an idempotency key have in common: one of them makes the answer, all get it, and none is made in vain (RFC-0016)."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from engine.ports.outside import StoreUnavailable
from engine.usecases.refusals import Code, Refused

ATTEMPTS: Final = 4
"""A lost race is settled in the second attempt; the others are for ids drawn twice and claims that expire meanwhile."""

HASH_MISMATCH: Final = "request hash mismatch"

Answer = TypeVar("Answer")


class Waiting(Protocol):
    """A call whose caller waits for it; what is told of it says whether an answer can still get there."""

    @property
    def fits(self) -> Callable[[bytes], bool]:
        """Whether this answer is small enough."""

    @property
    def in_time(self) -> Callable[[], bool]:
        """Whether recording it may still begin."""


def settled(attempt: Callable[[], Answer | None], unavailable: Code) -> Answer:
    """What an attempt answers. None is a race lost or an id taken: the next attempt meets the winner.

    Raises StoreUnavailable with `unavailable` when no attempt comes to an end.
    """
    for _ in range(ATTEMPTS):
        answer = attempt()
        if answer is not None:
            return answer
    raise StoreUnavailable(unavailable)


def refuse_conflict(first: object, asked: object) -> None:
    """Let a call pass that asks for what the key stands for already."""
    if first != asked:
        raise Refused(Code.IDEMPOTENCY_KEY_CONFLICT, HASH_MISMATCH)


def refuse_unheard(call: Waiting, answer: bytes) -> None:
    """Let an answer pass that can reach its caller; asked before anything is recorded."""
    if not call.fits(answer):
        raise Refused(Code.RESPONSE_TOO_LARGE)
    if not call.in_time():
        raise Refused(Code.EXECUTION_TIME_EXCEEDED)
