"""Documents as gzip JSON: small ones inline in their owner's item, larger ones in S3 before the item that points at them.

A document's attribute is `{sha256, size, gz}` (inline) or `{sha256, size, key}`; digest and size are of the plain bytes and are checked
on every read. The same bytes always compress to the same bytes.
"""

import gzip
import zlib
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.usecases.refusals import Code
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.table import code_of

INLINE_DEFAULT: Final = 4096
MAX_INLINE_BYTES: Final = 64 * 1024
"""Compressed bytes. At the default, writing inline costs what an S3 PUT costs; at the most, the documents of an item stay far below its 400 KB."""

RACES: Final = 3

GONE: Final = frozenset({"NoSuchKey", "404", "InvalidRange", "416"})
"""What S3 answers where an object, or the part that was asked for, is not there."""

LISTED_AT_ONCE: Final = 1_000
"""Keys that S3 lists or deletes in one call."""


class Payloads:
    """Keeps documents for the records that own them. Raises StoreUnavailable for an outage of S3."""

    def __init__(
        self, s3: Any, bucket: str, *, inline_max_bytes: int = INLINE_DEFAULT, unavailable: Code = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE
    ) -> None:
        if not 0 <= inline_max_bytes <= MAX_INLINE_BYTES:
            raise ValueError("DPM_INLINE_PAYLOAD_MAX_BYTES")
        self.s3 = s3
        self.bucket = bucket
        self.inline_max_bytes = inline_max_bytes
        self.unavailable = unavailable

    def keep(self, tenant: str, kind: str, owner_id: str, document: bytes) -> Item:
        """Store a document and return the attribute that names it. Storing the same document again changes nothing."""
        digest, packed = sha256(document).hexdigest(), gzip.compress(document, compresslevel=6, mtime=0)
        described: Item = {"sha256": digest, "size": len(document)}
        if len(packed) <= self.inline_max_bytes:
            return described | {"gz": packed}
        name = keys.payload(tenant, kind, owner_id, digest)
        self.put(name, packed)
        return described | {"key": name}

    def put(self, name: str, packed: bytes) -> None:
        """Store packed bytes under a key that follows from them; what is there already stays."""
        for _ in range(RACES):
            try:
                self.s3.put_object(Bucket=self.bucket, Key=name, Body=packed, ContentType="application/gzip", IfNoneMatch="*")
            except ClientError as error:
                if code_of(error) == "ConditionalRequestConflict":  # the same document is just being written
                    continue
                if code_of(error) not in {"PreconditionFailed", "412"}:  # it is there already: the key is its digest
                    raise StoreUnavailable(self.unavailable) from error
            except (BotoCoreError, OSError) as error:
                raise StoreUnavailable(self.unavailable) from error
            return
        raise StoreUnavailable(self.unavailable)

    def read(self, attribute: Item) -> bytes:
        """The document, byte for byte. EvidenceCorrupt when it is missing or differs from its digest, or when nothing says what it is."""
        name = str(attribute.get("key", attribute.get("sha256")))
        try:
            packed = attribute["gz"] if "gz" in attribute else self.fetch(name)
            return unpacked(packed, int(attribute["size"]), bytes.fromhex(attribute["sha256"]))
        except (zlib.error, KeyError, TypeError, ValueError) as error:
            raise EvidenceCorrupt(name) from error

    def link(self, attribute: Item, seconds: int) -> str | None:
        """A presigned address that serves the document as JSON, valid for `seconds`; None for a small one, which lies in its owner's item.

        Whoever fetches it sees S3's own check of the object, not ours of its digest.
        """
        if "key" not in attribute:
            return None
        served = {"ResponseContentType": "application/json", "ResponseContentEncoding": "gzip"}
        wanted = {"Bucket": self.bucket, "Key": attribute["key"], **served}
        return str(self.s3.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds))

    def listed(self, *, after: str, most: int) -> tuple[list[tuple[str, datetime]], str]:
        """Up to `most` documents (1,000 per call of S3) that follow a key, with their times, and the key to go on after; empty at the end."""
        found: list[tuple[str, datetime]] = []
        while len(found) < most:
            page = self._asked("list_objects_v2", StartAfter=after, MaxKeys=min(LISTED_AT_ONCE, most - len(found)))
            found += [(stored["Key"], stored["LastModified"]) for stored in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return found, ""
            after = found[-1][0]
        return found, after

    def remove(self, names: Sequence[str]) -> None:
        """Delete documents by their keys; those that are gone already count as deleted."""
        for start in range(0, len(names), LISTED_AT_ONCE):
            objects = [{"Key": name} for name in names[start : start + LISTED_AT_ONCE]]
            if self._asked("delete_objects", Delete={"Objects": objects, "Quiet": True}).get("Errors"):
                raise StoreUnavailable(self.unavailable)

    def fetch(self, name: str, first: int = 0, last: int | None = None) -> bytes:
        """An object as it is stored, from one byte to another, both inclusive. EvidenceCorrupt where it, or its first byte, is missing."""
        part = {} if last is None else {"Range": f"bytes={first}-{last}"}
        try:
            body: bytes = self.s3.get_object(Bucket=self.bucket, Key=name, **part)["Body"].read()
        except ClientError as error:
            if code_of(error) in GONE:
                raise EvidenceCorrupt(name) from error
            raise StoreUnavailable(self.unavailable) from error
        except (BotoCoreError, OSError) as error:
            raise StoreUnavailable(self.unavailable) from error
        return body

    def _asked(self, call: str, **request: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.s3, call)(Bucket=self.bucket, **request)
        except (ClientError, BotoCoreError, OSError) as error:
            raise StoreUnavailable(self.unavailable) from error
        return answer


def unpacked(packed: bytes, size: int, digest: bytes | None = None) -> bytes:
    """The plain bytes of a gzip member. ValueError or zlib.error when they are not of this size and, where told, of this SHA-256."""
    plain = zlib.decompressobj(wbits=31).decompress(packed, size + 1)  # one byte more than promised is enough to refuse
    if len(plain) != size or (digest is not None and sha256(plain).digest() != digest):
        raise ValueError("not what was stored")
    return plain
