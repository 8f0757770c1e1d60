"""Canonical text and its digest: the identity of a request, a snapshot, an artifact (RFC-0016, dpm-engine 1.4).

The models are built for requests only: who checks the hash of an artifact never pays for them.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson

from engine.contracts.conventions import DEFAULTS, PROPOSAL_DEFAULTS, Conventions, Default, resolved
from engine.contracts.violations import Path

if TYPE_CHECKING:
    from engine.contracts import EngineOptions
    from engine.contracts.batches import BatchRebalanceRequest
    from engine.contracts.proposals import ProposalSimulateRequest
    from engine.contracts.received.rows import Row
    from engine.contracts.requests import RebalanceRequest

Json = dict[str, Any]
Members = Mapping[str, Any]

OPTIONS: Final = "options"
PACK: Final = "policy_pack"
_PLAUSIBILITY: Final[Members] = {
    "enabled": True,
    "max_order_weight": "1",
    "min_model_weight": "0.5",
    "value_tolerance": "0.2",
    "fx_tolerance": "0.01",
    "max_market_data_age_days": 7,
    "accept": [],
}

SINCE_1_0: Final[Mapping[Path, Members]] = MappingProxyType(
    {
        (OPTIONS,): {
            "mode": "FULL",
            "raise_cash": None,
            "drift_bands": None,
            "directives": [],
            "cash_reserve": {},
            "available_cash": "BOOKED",
            "odd_lot_exit": True,
            "fx_min_deal": None,
            "costs": None,
            "max_cost_ratio": None,
            "conventions": "CLASSIC",
            "plausibility": _PLAUSIBILITY,
            "fx_hub": None,
            "max_distance_after": None,
            **DEFAULTS,
        },
        (PACK,): {
            "trading_policy": {
                "conventions": None,
                "funding": None,
                "quantity_rounding": None,
                "odd_lot_exit": None,
                "money_rounding": None,
                "turnover_policy": None,
                "fx_policy": None,
                "dependencies": None,
                "unavailable_weight": None,
                "exits_below_minimum": None,
                "explain": None,
                "fx_hub": None,
                "max_distance_after": None,
                "plausibility": None,
            },
            "cash_policy": {"available_cash": None, "fx_min_deal": None, "cash_reserve": {}},
        },
    }
)
"""Path → the members that joined it after release 1.0, with their defaults as JSON: at its default such a member is not written.

A path leads through the request, as `("options",)`, or through a policy pack, below `PACK`. A new object stands here once, where it joined:
whoever gives it gives all its members. A `Default` depends on the conventions beside its member. Rows say themselves which of their members
joined later (`engine/contracts/received/rows.py`).
"""

PROPOSAL_SINCE_1_0: Final[Mapping[Path, Members]] = MappingProxyType(
    {
        (OPTIONS,): {
            "cash_reserve": {},
            "fx_min_deal": None,
            "costs": None,
            "conventions": "CLASSIC",
            "plausibility": _PLAUSIBILITY,
            "fx_hub": None,
            "cost_disclosure": None,
            "client_profile": None,
            **PROPOSAL_DEFAULTS,
        },
        (OPTIONS, "suitability_thresholds"): {"max_weight_by_attribute": {}},
    }
)
"""The same for an advisor's request (advisory-practice 1)."""


SHARED_IN_BOOKS: Final = ("market_data_snapshot", "model_portfolio", "shelf_entries")


def canonical(document: Any) -> bytes:
    r"""The canonical text of a JSON document: keys sorted by code point, no blanks, non-ASCII as \uXXXX."""
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits
        return _in_ascii(document)
    return text if text.isascii() else _in_ascii(orjson.loads(text))


def _in_ascii(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=_read_again).encode("ascii")


def _read_again(text: orjson.Fragment) -> Any:
    """What stands in a document as text already."""
    return json.loads(orjson.dumps(text))


def digest(text: bytes) -> str:
    """`sha256:` and the lower-case hex SHA-256 of the bytes."""
    return "sha256:" + hashlib.sha256(text).hexdigest()


def without(document: Any, *names: str) -> Any:
    """The document without the named members, at any depth."""
    if isinstance(document, dict):
        return {key: without(value, *names) for key, value in document.items() if key not in names}
    if isinstance(document, list):
        return [without(value, *names) for value in document]
    return document


def canonical_request(request: "RebalanceRequest") -> bytes:
    """The canonical text of a validated request: defaults filled in, unknown members gone, decimals as given.

    Members added after 1.0 take part only when given, so that a release never turns a pending retry into a conflict.
    """
    return _request_text(request, SINCE_1_0)


def referring(request: Json) -> bytes:
    """The canonical text of a request as a book's run is decided from it: what the book shares stands in it as the digest of its own text."""
    return canonical(request | {name: digest(canonical(request[name])) for name in SHARED_IN_BOOKS})


def request_document(request: "RebalanceRequest | BatchRebalanceRequest") -> Json:
    """The validated request as JSON types, as it enters the canonical text."""
    return document_of(request)


def canonical_proposal(request: "ProposalSimulateRequest") -> bytes:
    """The canonical text of an advisor's validated request, whose digest is its request hash (advisory-engine 4)."""
    return _request_text(request, PROPOSAL_SINCE_1_0)


def submission_hash(inputs: bytes, around: Json) -> str:
    """The request hash of a version: of the canonical text of what decides it, and of what was sent around that (advisory-lifecycle 5)."""
    return digest(canonical(around | {"simulate_request": orjson.Fragment(inputs)}))


def canonical_rows(rows: "Row | Sequence[Row]") -> bytes:
    """The canonical text of validated rows, or of one with all below it: written at once, since JSON types of it cost more than the text."""
    text = _writer()(rows)
    return text if text.isascii() else canonical(orjson.loads(text))


def _request_text(request: "RebalanceRequest | ProposalSimulateRequest", since: Mapping[Path, Members]) -> bytes:
    write = _writer()
    rows = {name: orjson.Fragment(write(getattr(request, name))) for name in request.__struct_fields__ if name != OPTIONS}
    return canonical(rows | {OPTIONS: document_of(request.options, (OPTIONS,), since)})


@cache
def _writer() -> Callable[[Any], bytes]:
    from msgspec.json import Encoder  # noqa: PLC0415  (see the module's promise)

    return Encoder(order="sorted").encode


def options_document(options: "EngineOptions") -> Json:
    """Validated options as JSON types, as they stand in their request."""
    return document_of(options, within=(OPTIONS,))


def effective_document(options: "EngineOptions") -> Json:
    """The options that a run was decided under as JSON types: what their conventions decided is spelt out."""
    return resolved(options_document(options))


def document_of(value: Any, within: Path = (), since: Mapping[Path, Members] = SINCE_1_0) -> Json:
    """A validated value as JSON types, without the members of `since` that stand at their default; `within` is the value's own path."""
    from msgspec import to_builtins  # noqa: PLC0415  (see the module's promise)

    document: Json = to_builtins(value)
    depth = len(within)
    for path, members in since.items():
        if path[:depth] == within and (holder := _object_at(path[depth:], document)):
            _leave_out(members, holder)
    return document


def _object_at(path: Path, document: Json) -> Any:
    """The object at a path; none where it, or one above it, is absent."""
    found: Any = document
    for name in path:
        found = found and found.get(name)
    return found


def _leave_out(members: Members, holder: Json) -> None:
    conventions = holder.get("conventions", Conventions.CLASSIC)
    for name, default in members.items():
        if holder[name] == (default.under(conventions) if isinstance(default, Default) else default):
            del holder[name]
