"""What is kept of a book besides its files: plain values (the wire shows them)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

# A book's files, by their names below its folder. Of the whole:
BEGUN: Final = "begun"
START: Final = "start.json"
INDEX: Final = "index.json"
SHARED: Final = "shared.json"
TODO: Final = "todo"
SUMMARY: Final = "summary.json"
ALL_ORDERS: Final = "orders.csv.gz"
ALL_BLOCKS: Final = "blocks.jsonl.gz"
RUNS: Final = "runs.csv"
# Of a chunk, a folder each:
RESULTS: Final = "results"
ORDERS: Final = "orders"
BLOCKS: Final = "blocks"
TALLIES: Final = "tallies"

SYSTEM: Final = "system"
"""The actor of a book that a schedule started."""
SHOWN_OF_DIGEST: Final = 16
"""Hex digits that tell the few files apart that one chunk may come to."""


def foreign(tenant: str, objects: Iterable[str]) -> bool:
    """Whether any of these objects lies outside the tenant's part."""
    return any(not name.startswith(f"{tenant}/") for name in objects)


@dataclass(frozen=True, slots=True)
class ChunkRef:
    """A part of a manifest: bytes `start` up to `end` of an object, whole lines, the first of them the `first`-th of the object.

    `lines` are those about portfolios, which blank ones are not. Of a line that is too large the first bytes are there, as the last of a chunk.
    """

    number: int
    object: str
    start: int
    end: int
    first: int
    lines: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the index, and as a state machine hands it on."""
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The reference that `as_json` told."""
        return cls(**{name: told[name] for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class BookStart:
    """What a book is about: the files of its input, under an id that names its results for ever.

    `records` says which runs become runs of their own: NONE, REVIEW or ALL. Without a tenant a book is of this machine alone. `created_at` is the
    time of its first start, UTC, as text, however often it is started again. `digests` are the SHA-256 of objects, in hex, where they are stated.
    """

    book_id: str
    manifest: Sequence[str]
    shared: str
    tenant: str = ""
    records: str = "NONE"
    actor: str = SYSTEM
    created_at: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Where everything that the book comes to is kept."""
        return f"{self.tenant}/books/{self.book_id}" if self.tenant else f"books/{self.book_id}"

    def as_json(self) -> dict[str, Any]:
        """As a state machine hands it on."""
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The start that `as_json` told, in this release or in one before."""
        return cls(**{name: told[name] for name in cls.__slots__ if name in told})

    def own(self) -> Self:
        """The book over its own copy of what its portfolios share, without the manifest, which its index stands for, and without digests."""
        return replace(self, manifest=(), shared=self.of_whole(SHARED), digests={})

    def first(self) -> str:
        """The book as it was started the first time."""
        return self.of_whole(START)

    def begun(self) -> str:
        """When the execution of its first attempt began, as text, which tells that execution from every other."""
        return self.of_whole(BEGUN)

    def todo(self, attempt: int) -> str:
        """The references to the chunks that an attempt has to make, a JSON array."""
        return f"{self.folder}/{TODO}/{attempt:03}.json"

    def index(self) -> str:
        """The references to its chunks, a JSON array."""
        return self.of_whole(INDEX)

    def chunk(self, number: int, kind: str, sha256: str = "") -> str:
        """A file of a chunk. One that is named by what it holds, too, is never another's that decided the same chunk to another end."""
        return f"{self.folder}/{kind}/{number:06}" + (f"-{sha256[:SHOWN_OF_DIGEST]}" if sha256 else "")

    def of_whole(self, name: str) -> str:
        """A file of the whole book."""
        return f"{self.folder}/{name}"
