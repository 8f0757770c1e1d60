"""What starts a book: which objects it is made of, and how it is to be run. The body of a call and the input of a state machine alike."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from engine.contracts.scalars import STRICT_MEMBERS
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, Violation, violations_of

MAX_OBJECTS: Final = 100
MAX_CONCURRENCY: Final = 1_000
USUAL_CONCURRENCY: Final = 100
USUAL_TOLERANCE: Final = 10
USUAL_CHUNK_LINES: Final = 250
DIGEST_PREFIX: Final = "sha256:"
OBJECT_UNKNOWN: Final = "BOOK_OBJECT_UNKNOWN"


class RecordedRuns(StrEnum):
    """Which runs of a book become runs of their own, found and reviewed like any other."""

    NONE = "NONE"
    REVIEW = "REVIEW"
    ALL = "ALL"


def _no_step(name: str) -> str:
    if {".", ".."} & set(name.split("/")):
        raise PydanticCustomError("string_pattern_mismatch", "A name holds no step . or ..")
    return name


def _hex(digest: str) -> str:
    return digest.removeprefix(DIGEST_PREFIX)


ObjectName = Annotated[str, Field(strict=True, max_length=512, pattern=r"^[A-Za-z0-9_.=-]+(/[A-Za-z0-9_.=-]+)+$"), AfterValidator(_no_step)]
StatedDigest = Annotated[str, Field(strict=True, pattern=rf"^({DIGEST_PREFIX})?[0-9a-f]{{64}}$"), AfterValidator(_hex)]


@dataclass(slots=True, config=STRICT_MEMBERS)
class BookRequest:
    """A book to be run. Unknown members are refused."""

    manifest: Annotated[
        list[ObjectName],
        Field(
            description="Objects of JSON Lines, a portfolio a line; 1 to 100, their names beginning with the tenant.",
            min_length=1,
            max_length=MAX_OBJECTS,
            examples=[["bank-a/uploads/up_1/manifest.jsonl"]],
        ),
    ]
    shared: Annotated[ObjectName, Field(description="The object that all portfolios share.", examples=["bank-a/uploads/up_1/shared.json"])]
    records: Annotated[
        RecordedRuns,
        Field(description="Which runs are kept as runs of their own: none, those that ask for a review, all.", examples=["REVIEW"]),
    ] = RecordedRuns.NONE
    chunk_lines: Annotated[int, Field(description="Portfolios of a chunk, 1 to 1,000.", ge=1, le=1_000, examples=[250])] = USUAL_CHUNK_LINES
    max_concurrency: Annotated[
        int, Field(description="Chunks that are decided at once, 1 to 1,000.", ge=1, le=MAX_CONCURRENCY, examples=[100])
    ] = USUAL_CONCURRENCY
    tolerated_failure_percentage: Annotated[
        int, Field(description="Share of chunks that may be lost before the book stops, in percent.", ge=0, le=100, examples=[10])
    ] = USUAL_TOLERANCE
    digests: Annotated[
        dict[ObjectName, StatedDigest],
        Field(
            description="SHA-256 of objects of this book, in hex, after `sha256:` or alone: one that is another by then is not run, "
            "`BOOK_DIGEST_MISMATCH`.",
            max_length=MAX_OBJECTS + 1,
            examples=[{"bank-a/uploads/up_1/shared.json": "9f2c" * 16}],
        ),
    ] = Field(default_factory=dict)


BOOK_REQUEST: Final = TypeAdapter(BookRequest)
_BODY: Final = validator_of(BOOK_REQUEST)


def parse_book(body: bytes) -> BookRequest:
    """Parse and validate what a caller sends; raises `InvalidRequest`."""
    try:
        request: BookRequest = _BODY.validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    return consistent(request)


def consistent(request: BookRequest) -> BookRequest:
    """The request, if every digest is of an object that it names; raises `InvalidRequest` with the others."""
    unknown = sorted(request.digests.keys() - {*request.manifest, request.shared})
    if unknown:
        text = "No object of this book has this name"
        raise InvalidRequest([Violation(("body", "digests", name), OBJECT_UNKNOWN, text) for name in unknown])
    return request


def book_document(request: BookRequest) -> dict[str, Any]:
    """The request as JSON types, defaults filled in."""
    document: dict[str, Any] = BOOK_REQUEST.dump_python(request, mode="json")
    return document
