"""Where books lie."""

from dataclasses import dataclass

from infra.settings.reading import Environ, text


@dataclass(frozen=True, slots=True)
class BookSettings:
    """The bucket of manifests, shared documents and results, and the state machine that runs books; empty in memory."""

    bucket: str = ""
    machine: str = ""

    @classmethod
    def from_environ(cls, environ: Environ) -> "BookSettings":
        """Parse; what production lacks the guardrails tell."""
        return cls(bucket=text(environ, "BOOKS_BUCKET"), machine=text(environ, "BOOK_MACHINE_ARN"))
