"""Where a caller may put what a book is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.contracts.books.uploads import UploadFile, UploadRequest
from engine.ports.book_runs import BookAddresses
from engine.ports.outside import Clock, Ids
from engine.records.book_runs import Upload
from engine.records.books import SHARED

SECONDS: Final = 900
MANIFEST_BYTES: Final = 5_000_000_000
"""What S3 takes in one piece."""
SHARED_BYTES: Final = 200_000_000
"""A shared document is in memory whole."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Addresses for the files of one book, until when they hold. Nothing is kept of them: what nobody sends never was."""

    upload_id: str
    expires_at: datetime
    manifest: tuple[Upload, ...]
    shared: Upload


@dataclass(frozen=True, slots=True)
class OfferUploads:
    """`POST /rebalance/books/uploads`: bound to names of the tenant, to a size, and to a digest where one is stated."""

    addresses_of: Callable[[str], BookAddresses]
    clock: Clock
    ids: Ids

    def __call__(self, tenant: str, request: UploadRequest) -> Uploads:
        """New names, as many as are asked for."""
        upload_id, addresses = self.ids("up"), self.addresses_of(tenant)
        several = len(request.manifest) > 1

        def offered(name: str, file: UploadFile, most: int) -> Upload:
            return addresses.upload(f"{tenant}/uploads/{upload_id}/{name}", most=most, sha256=file.sha256, seconds=SECONDS)

        manifest = [
            offered(f"manifest-{number:03}.jsonl" if several else "manifest.jsonl", file, MANIFEST_BYTES)
            for number, file in enumerate(request.manifest, start=1)
        ]
        shared = offered(SHARED, request.shared, SHARED_BYTES)
        return Uploads(upload_id, self.clock() + timedelta(seconds=SECONDS), tuple(manifest), shared)
