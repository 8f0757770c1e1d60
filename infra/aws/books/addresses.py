"""`engine.ports.book_runs.BookAddresses` in S3: what lies in one tenant's part of the bucket of books, and signed ways to it."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import Upload
from engine.records.runs import tenant_of
from engine.usecases.refusals import Code

TAGGED: Final = "<Tagging><TagSet><Tag><Key>kind</Key><Value>upload</Value></Tag></TagSet></Tagging>"
"""What the bucket erases after some days: a book keeps its own copy of what its portfolios share."""


@dataclass(frozen=True, slots=True)
class S3BookAddresses:
    """Every name begins with the tenant. Signing asks nobody; whoever signed must be allowed to do what the address is for."""

    s3: Any
    bucket: str
    tenant: str

    def names(self, folder: str) -> frozenset[str]:
        prefix = f"{self._own(folder)}/"
        try:
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            return frozenset(row["Key"].removeprefix(prefix) for page in pages for row in page.get("Contents", ()))
        except (ClientError, BotoCoreError, OSError) as error:
            raise StoreUnavailable(Code.BOOK_STORE_UNAVAILABLE) from error

    def link(self, name: str, *, seconds: int) -> str | None:
        wanted = {"Bucket": self.bucket, "Key": self._own(name)}
        return str(self.s3.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds))

    def upload(self, name: str, *, most: int, sha256: str | None, seconds: int) -> Upload:
        fields = {"tagging": TAGGED}
        if sha256 is not None:
            fields |= {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": _base64(sha256)}
        conditions: list[Any] = [["content-length-range", 1, most], *({field: value} for field, value in fields.items())]
        made = self.s3.generate_presigned_post(self.bucket, self._own(name), Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds)
        return Upload(name, made["url"], made["fields"], most)

    def _own(self, name: str) -> str:
        """The name, if it is in the tenant's part; ValueError `BOOK_FILE_NAME` otherwise."""
        if not name.startswith(f"{tenant_of(self.tenant)}/"):
            raise ValueError(f"BOOK_FILE_NAME: {name}")
        return name


def _base64(digest: str) -> str:
    """A hex digest as S3 writes it."""
    return base64.b64encode(bytes.fromhex(digest)).decode()
