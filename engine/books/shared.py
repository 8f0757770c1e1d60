"""What the portfolios of a book share, made ready once: indexed, named by digest, with the options that occur."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self, TypeVar

from engine.contracts import EngineOptions
from engine.contracts.books.shared import BookShared, parse_shared, placed
from engine.contracts.packs import PACK_CONTENT, parse_pack_id
from engine.contracts.received.rows import Row
from engine.contracts.recorded import recorded
from engine.contracts.requests import parse_options
from engine.contracts.snapshots import ModelTarget
from engine.contracts.violations import InvalidRequest, Violation
from engine.evidence.canonical import canonical, canonical_rows, digest, effective_document, options_document
from engine.policy_packs import PackSource, PolicyPack
from engine.records.runs import PackTrace
from engine.snapshots import MarketAndShelf

Value = TypeVar("Value")
MAX_REMEMBERED: Final = 256
"""Sets of options; a book in which every line has options of its own must not fill the memory."""
MAX_REMEMBERED_SIZE: Final = 10_000
"""Characters of a set that is remembered."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is shared, as it stands in a canonical request that names it in full, and its digest, which stands in a book's requests."""

    text: bytes
    digest: str

    @classmethod
    def of(cls, rows: Row | Sequence[Row]) -> Self:
        """The part that validated rows are."""
        text = canonical_rows(rows)
        return cls(text, digest(text))


@dataclass(frozen=True, slots=True)
class Model:
    """A model's targets, and the part of a request that they are."""

    targets: Sequence[ModelTarget]
    part: Part


@dataclass(frozen=True, slots=True)
class OptionSet:
    """Options as a line asks for them, in canonical text, and as the book's policy pack leaves them."""

    requested: bytes
    effective: EngineOptions

    def effective_text(self) -> bytes:
        """The effective options, canonical."""
        return canonical(effective_document(self.effective))


@dataclass(slots=True)
class SharedBook:
    """A shared document in use: one for all lines of a book, in one process. Raises nothing once it is made."""

    market_and_shelf: MarketAndShelf
    models: Mapping[str, Model]
    market: Part
    shelf: Part
    base_options: Mapping[str, Any]
    pack: PolicyPack | None = None
    trace: PackTrace | None = None
    _options: dict[str, OptionSet] = field(default_factory=dict)
    _effective: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, body: bytes) -> Self:
        """The shared document in use. Raises `InvalidRequest` with everything that is wrong with it, its policy pack last."""
        shared = parse_shared(body)
        pack, trace = applied_pack(shared)
        return cls(
            market_and_shelf=MarketAndShelf.of(shared.market_data_snapshot, shared.shelf_entries, for_many=True),
            models={name: Model(model.targets, Part.of(model)) for name, model in shared.models.items()},
            market=Part.of(shared.market_data_snapshot),
            shelf=Part.of(shared.shelf_entries),
            base_options=shared.options,
            pack=pack,
            trace=trace,
        )

    def options(self, own: Mapping[str, Any]) -> OptionSet:
        """The shared options with a line's own over them, and then the pack; raises `InvalidRequest` for what is wrong with a line's own."""
        key = json.dumps(own, sort_keys=True) if own else "{}"  # tells a figure beyond all doubles from null, and writes any integer
        found = self._options.get(key)
        if found is None:
            found = self._option_set({**self.base_options, **own})
            _remember(self._options, key, found)
        return found

    def effective_options(self, requested: Any) -> bytes:
        """What the pack leaves of options as a line's request states them, canonical; raises `InvalidRequest` for what are none."""
        if not isinstance(requested, dict):
            raise InvalidRequest([Violation(("body", "request", "options"), "missing", "Field required")])
        key = json.dumps(requested, sort_keys=True)
        found = self._effective.get(key)
        if found is None:
            found = self._option_set(requested).effective_text()
            _remember(self._effective, key, found)
        return found

    def _option_set(self, document: Mapping[str, Any]) -> OptionSet:
        try:
            requested = parse_options(document)
        except InvalidRequest as invalid:
            raise InvalidRequest(placed(invalid, ("body", "options"))) from None
        effective = requested if self.pack is None else self.pack.applied_to(requested)
        return OptionSet(canonical(options_document(requested)), effective)


def _remember(known: dict[str, Value], key: str, found: Value) -> None:
    """Remember one more, unless it is large, after forgetting all where there would be too many."""
    if len(key) <= MAX_REMEMBERED_SIZE:
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        known[key] = found


def applied_pack(shared: BookShared) -> tuple[PolicyPack | None, PackTrace | None]:
    """The pack that shapes a book and what its runs keep of it: the catalog's where one stands there, else the document's own."""
    told = shared.catalog_pack
    if told is not None:
        pack = _defined(told.definition, told.revision, ("body", "catalog_pack", "definition"))
        return pack, pack.trace(PackSource(told.source))
    stated = stated_pack(shared)
    return stated, None if stated is None else stated.trace(PackSource.REQUEST)


def stated_pack(shared: BookShared) -> PolicyPack | None:
    """The pack that whoever wrote the document states, which counts as revision 0: its digest names what it says."""
    return None if shared.policy_pack is None else _defined(shared.policy_pack, 0, ("body", "policy_pack"))


def _defined(definition: Mapping[str, Any], revision: int, place: tuple[str, ...]) -> PolicyPack:
    stated = dict(definition)
    try:
        pack_id = parse_pack_id(str(stated.pop("policy_pack_id", "")))
        return PolicyPack(pack_id, recorded(PACK_CONTENT, stated), revision)
    except InvalidRequest as invalid:
        found = [replace(violation, loc=violation.loc[1:]) for violation in invalid.violations]  # they begin with body or path
        raise InvalidRequest(placed(InvalidRequest(found), place)) from None
