"""Where books lie."""

from dataclasses import dataclass

from infra.settings.reading import Environ, at_least, text


@dataclass(frozen=True, slots=True)
class BookSettings:
    """The bucket of manifests, shared documents and results, and the state machine that runs books; empty in memory.

    `chunk_concurrency` is what is reserved for chunks, `at_once` how many books of a tenant may be under way; 0 bounds neither.
    """

    bucket: str = ""
    machine: str = ""
    chunk_concurrency: int = 0
    at_once: int = 0

    @classmethod
    def from_environ(cls, environ: Environ) -> "BookSettings":
        """Parse; what production lacks the guardrails tell."""
        return cls(
            bucket=text(environ, "BOOKS_BUCKET"),
            machine=text(environ, "BOOK_MACHINE_ARN"),
            chunk_concurrency=at_least(environ, "BOOK_CHUNK_CONCURRENCY", 0) or 0,
            at_once=at_least(environ, "BOOKS_AT_ONCE", 0) or 0,
        )
