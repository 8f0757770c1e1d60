"""What the API answered: the document, and what its headers say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar
from urllib.parse import quote

Value = TypeVar("Value")
NOT_MODIFIED: Final = 304


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """An answer of 2xx, or 304 without a value. `headers` are by their names in lower case; `replayed` says that an earlier call made it."""

    value: Value
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def replayed(self) -> bool:
        """Whether an earlier call under the same key was answered so."""
        return self.headers.get("idempotent-replayed") == "true"

    @property
    def unchanged(self) -> bool:
        """Whether what the caller holds, by the tag that it sent in `if_none_match`, is what there is."""
        return self.status == NOT_MODIFIED

    @property
    def correlation_id(self) -> str | None:
        """The id by which the service knows this piece of work."""
        return self.headers.get("x-correlation-id")


class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """The API refused: `code` is stable, `document` the whole problem (RFC 9457)."""

    def __init__(self, status: int, document: Mapping[str, object]) -> None:
        self.status = status
        self.code = str(document.get("code") or "UNKNOWN")
        self.document = document
        super().__init__(f"{status} {document.get('detail') or self.code}")


class Unreachable(Exception):  # noqa: N818  (named for what happened)
    """No answer after every attempt; with an idempotency key the same call may be made again without doing anything twice."""


class BookFailed(Exception):  # noqa: N818  (named for what happened)
    """The book ended without a summary. The message says why: its id, how it ended, and its fault."""


class Unsendable(ValueError):  # noqa: N818  (named for what is so)
    """The call cannot be sent as it stands, whoever is asked how often: its address is none, or a header cannot hold what it shall."""


def segment(text: object) -> str:
    """A part of a path, whatever it holds."""
    return quote(str(text), safe="")
