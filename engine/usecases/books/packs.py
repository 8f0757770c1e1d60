"""Which policy pack a book is decided under: the bank's own, whatever whoever starts the book states (RFC-0022)."""

from dataclasses import dataclass
from typing import Final

import orjson
from pydantic import TypeAdapter

from engine.books.shared import stated_pack
from engine.contracts.books.shared import BookShared, CatalogPack, parse_shared
from engine.contracts.violations import InvalidRequest
from engine.evidence.canonical import canonical
from engine.policy_packs import PackSource, PolicyPack
from engine.usecases.books.refused import BookFault, BookRefused
from engine.usecases.packs import AppliedPack, PackResolution

_ID: Final = "policy_pack_id"
_PACK: Final = TypeAdapter(CatalogPack)
_CATALOG_PACK: Final = "catalog_pack"
_MEMBER: Final = b'"catalog_pack"'
_BLANKS: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class PackOfBook:
    """Puts the catalog's pack into a shared document, resolved as for a single run, with the id that the document names as its wish.

    Where packs are off, or none applies, a pack that the document states counts as it stands there.
    """

    resolve: PackResolution

    def __call__(self, tenant: str, content: bytes) -> bytes:
        """The document as the book keeps it, byte for byte what was sent but for the pack at its end.

        Raises InvalidRequest for a document that is none. Raises BookRefused: `BOOK_PACK_DIFFERS` for a pack that is stated and is not what the
        catalog holds, `DPM_POLICY_PACK_NOT_FOUND` for one that it does not know, since a book is never decided under less than was stated.
        """
        shared = parse_shared(content)
        if not self.resolve.rules.enabled:
            stated_pack(shared)
            return _unchanged(shared, content)
        stated = None if _names_one(shared) else stated_pack(shared)
        applied = self._applied(tenant, _wish(shared))
        if applied.pack is None:
            if shared.policy_pack is not None:
                raise BookRefused(BookFault.PACK_NOT_FOUND)
            return _unchanged(shared, content)
        if stated is not None and stated.content != applied.pack.content:
            raise BookRefused(BookFault.PACK_DIFFERS)
        return _with(content, shared, _told(applied.pack, applied.selection.source))

    def _applied(self, tenant: str, wish: str) -> AppliedPack:
        try:
            return self.resolve(tenant, wish)
        except InvalidRequest:  # strict: the catalog does not know it
            raise BookRefused(BookFault.PACK_NOT_FOUND) from None


def _wish(shared: BookShared) -> str:
    """The id that the document names."""
    return "" if shared.policy_pack is None else str(shared.policy_pack.get(_ID, ""))


def _names_one(shared: BookShared) -> bool:
    """Whether the document names a pack and states nothing of it."""
    return shared.policy_pack is not None and shared.policy_pack.keys() == {_ID} and bool(_wish(shared).strip())


def _told(pack: PolicyPack, source: PackSource) -> bytes:
    return canonical({"definition": pack.definition(), "revision": pack.revision, "source": source.value})


def _unchanged(shared: BookShared, content: bytes) -> bytes:
    """The document as it is; nobody but the service says that a pack is the catalog's."""
    if shared.catalog_pack is not None:
        raise BookRefused(BookFault.PACK_DIFFERS)
    return content


def _with(content: bytes, shared: BookShared, told: bytes) -> bytes:
    """The document with its pack as the last member; as it is where it was some book's copy, of the same pack."""
    if shared.catalog_pack is not None:
        if shared.catalog_pack != _PACK.validate_python(orjson.loads(told)):
            raise BookRefused(BookFault.PACK_DIFFERS)
        return content
    if _MEMBER in content and _CATALOG_PACK in orjson.loads(content):  # as null: a second one would make the copy unreadable
        raise BookRefused(BookFault.PACK_DIFFERS)
    return b'%b,"catalog_pack":%b}' % (content.rstrip(_BLANKS).removesuffix(b"}"), told)
