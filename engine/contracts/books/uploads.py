"""What is to be uploaded for a book."""

from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engine.contracts.books.start import MAX_OBJECTS
from engine.contracts.scalars import STRICT_MEMBERS
from engine.contracts.validators import validator_of
from engine.contracts.violations import InvalidRequest, violations_of


@dataclass(slots=True, config=STRICT_MEMBERS)
class UploadFile:
    """A file that is to be sent."""

    sha256: Annotated[
        str | None,
        Field(
            strict=True,
            pattern="^[0-9a-f]{64}$",
            description="SHA-256 of its bytes, in hex: others are not taken then.",
            examples=["9f2c" * 16],
        ),
    ] = None


@dataclass(slots=True, config=STRICT_MEMBERS)
class UploadRequest:
    """The files of one book. Unknown members are refused."""

    manifest: Annotated[
        list[UploadFile],
        Field(
            default_factory=lambda: [UploadFile()],
            description="Objects of the manifest, 1 to 100; one where nothing is said.",
            min_length=1,
            max_length=MAX_OBJECTS,
        ),
    ]
    shared: Annotated[UploadFile, Field(default_factory=UploadFile, description="The shared document.")]


UPLOADS: Final = TypeAdapter(UploadRequest)
_BODY: Final = validator_of(UPLOADS)


def parse_uploads(body: bytes) -> UploadRequest:
    """Parse and validate what a caller sends; raises `InvalidRequest`."""
    try:
        request: UploadRequest = _BODY.validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None
    return request
