"""`engine.ports.books.BookFiles` in S3: one tenant's part of the bucket of books."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import Any, BinaryIO, Final, cast

from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.books import Overtaken
from engine.ports.outside import StoreUnavailable
from engine.records.runs import tenant_of
from engine.usecases.refusals import Code
from infra.aws.table import code_of

BLOCK: Final = 1 << 18
IN_MEMORY: Final = 64 << 20
"""Bytes of a file that is written piece by piece until it goes to the disk."""

ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
THERE_ALREADY: Final = frozenset({"412", "PreconditionFailed"})
BEING_WRITTEN: Final = frozenset({"409", "ConditionalRequestConflict"})
"""Somebody writes the file just now, who may not come to an end: that it will be there is not said."""
RACES: Final = 3
CONTENT: Final = "content-sha256"
"""Under which a file that is replaced says what it holds, in hex: its ETag does not, where the bucket encrypts it."""


@dataclass(frozen=True, slots=True)
class S3BookFiles:
    """Files of one tenant; every name begins with it. Raises StoreUnavailable for an outage of S3."""

    s3: Any
    bucket: str
    tenant: str

    def size(self, name: str) -> int:
        return int(self._asked("head_object", name)["ContentLength"])

    def read(self, name: str) -> bytes:
        return b"".join(self.stream(name))

    def part(self, name: str, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        return b"".join(self._pieces(self._asked("get_object", name, Range=f"bytes={start}-{end - 1}")))

    def stream(self, name: str) -> Iterator[bytes]:
        return self._pieces(self._asked("get_object", name))

    def keep(self, name: str, content: bytes) -> None:
        for race in range(1, RACES + 1):
            try:
                self.s3.put_object(Bucket=self.bucket, Key=self._key(name), Body=content, IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) in BEING_WRITTEN and race < RACES:
                    continue
                if code_of(error) not in THERE_ALREADY:
                    raise _down(error) from error
            except (BotoCoreError, OSError) as error:
                raise _down(error) from error
            return

    def version(self, name: str) -> str | None:
        try:
            return str(self._asked("head_object", name)["ETag"])
        except LookupError:
            return None

    @contextmanager
    def replacing(self, name: str, version: str | None) -> Iterator[BinaryIO]:
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        with SpooledTemporaryFile(IN_MEMORY) as file:
            yield cast("BinaryIO", file)
            file.seek(0)
            content = {CONTENT: file_digest(cast("Any", file), "sha256").hexdigest()}
            file.seek(0)
            try:
                self.s3.put_object(Bucket=self.bucket, Key=self._key(name), Body=file, Metadata=content, **condition)
            except ClientError as error:
                if code_of(error) not in THERE_ALREADY | BEING_WRITTEN | ABSENT:
                    raise _down(error) from error
                if self._noted(name) != content:
                    raise Overtaken(name) from error
            except (BotoCoreError, OSError) as error:
                raise _down(error) from error

    def _noted(self, name: str) -> dict[str, str]:
        """What was noted on the file as it is now: what we wrote ourselves is there although nobody heard of it, and was sent again."""
        try:
            return dict(self._asked("head_object", name)["Metadata"])
        except LookupError:
            return {}

    def aside(self) -> AbstractContextManager[BinaryIO]:
        return TemporaryFile()

    def has(self, name: str) -> bool:
        try:
            self._asked("head_object", name)
        except LookupError:
            return False
        return True

    def _asked(self, call: str, name: str, **more: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.s3, call)(Bucket=self.bucket, Key=self._key(name), **more)
        except ClientError as error:
            if code_of(error) in ABSENT:
                raise LookupError(f"BOOK_FILE_MISSING: {name}") from error
            raise _down(error) from error
        except (BotoCoreError, OSError) as error:
            raise _down(error) from error
        return answer

    def _pieces(self, answer: dict[str, Any]) -> Iterator[bytes]:
        try:
            yield from answer["Body"].iter_chunks(BLOCK)
        except (BotoCoreError, OSError) as error:
            raise _down(error) from error

    def _key(self, name: str) -> str:
        """The name, if it is in the tenant's part; ValueError `BOOK_FILE_NAME` otherwise."""
        tenant, _, rest = name.partition("/")
        if tenant != tenant_of(self.tenant) or not rest or {"", ".", ".."} & set(rest.split("/")):
            raise ValueError(f"BOOK_FILE_NAME: {name}")
        return name


def _down(_: Exception) -> StoreUnavailable:
    return StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE)
