"""Which runs are reviewed, and by whom (RFC-0020)."""

from dataclasses import dataclass

from infra.settings.reading import Environ, flag, members


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """`statuses` of runs ask for a review; with `four_eyes` nobody approves a run of their own."""

    statuses: frozenset[str] = frozenset({"PENDING_REVIEW"})
    four_eyes: bool = False

    @classmethod
    def from_environ(cls, environ: Environ) -> "ReviewSettings":
        """Parse; PENDING_REVIEW alone unless told otherwise."""
        return cls(
            statuses=members(environ, "DPM_WORKFLOW_REQUIRES_REVIEW_FOR_STATUSES") or frozenset({"PENDING_REVIEW"}),
            four_eyes=flag(environ, "DPM_WORKFLOW_FOUR_EYES", default=False),
        )
