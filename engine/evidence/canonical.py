"""Canonical text and its digest: the identity of a request, a snapshot, an artifact (RFC-0016, dpm-engine 1.4).

The models are built for requests only: who checks the hash of an artifact never pays for them.
"""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson

from engine.contracts.conventions import DEFAULTS, PROPOSAL_DEFAULTS, Conventions, Default, resolved
from engine.contracts.violations import Path

if TYPE_CHECKING:
    from engine.contracts import EngineOptions
    from engine.contracts.batches import BatchRebalanceRequest
    from engine.contracts.proposals import ProposalSimulateRequest
    from engine.contracts.requests import RebalanceRequest

Json = dict[str, Any]
Members = Mapping[str, Any]

EACH: Final = "*"
PACK: Final = "policy_pack"
_SNAPSHOTS: Final[Mapping[Path, Members]] = {
    ("portfolio_snapshot",): {"as_of": None, "open_orders": [], "cash_flows": []},
    ("market_data_snapshot",): {"as_of": None},
    ("market_data_snapshot", "prices", EACH): {"basis": "UNIT", "accrued": "0", "multiplier": "1"},
}
_PLAUSIBILITY: Final[Members] = {
    "enabled": True,
    "max_order_weight": "1",
    "min_model_weight": "0.5",
    "value_tolerance": "0.2",
    "fx_tolerance": "0.01",
    "max_market_data_age_days": 7,
    "accept": [],
}
_LOTS: Final[Members] = {"lot_size": None, "min_quantity": None}

SINCE_1_0: Final[Mapping[Path, Members]] = MappingProxyType(
    {
        **_SNAPSHOTS,
        ("shelf_entries", EACH): _LOTS,
        ("options",): {
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

A path leads through the request, as `("options",)` or `("shelf_entries", EACH)` for every row, or through a policy pack, below `PACK`. A new
object stands here once, where it joined: whoever gives it gives all its members. A `Default` depends on the conventions beside its member.
"""

PROPOSAL_SINCE_1_0: Final[Mapping[Path, Members]] = MappingProxyType(
    {
        **_SNAPSHOTS,
        ("shelf_entries", EACH): {
            **_LOTS,
            "ultimate_issuer_id": None,
            "ongoing_cost_pct": None,
            "product_risk": None,
            "knowledge_required": None,
            "min_holding_years": None,
        },
        ("options",): {
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
        ("options", "suitability_thresholds"): {"max_weight_by_attribute": {}},
        ("proposed_trades", EACH): {"sell_all": None, "proceeds_of": None, "priority": None},
    }
)
"""The same for an advisor's request (advisory-practice 1)."""


SHARED_IN_BOOKS: Final = ("market_data_snapshot", "model_portfolio", "shelf_entries")


def canonical(document: Any) -> bytes:
    r"""The canonical text of a JSON document: keys sorted by code point, no blanks, non-ASCII as \uXXXX."""
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bits: a scenario's options are hashed before they are checked
        return _in_ascii(document)
    return text if text.isascii() else _in_ascii(orjson.loads(text))


def _in_ascii(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


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
    return canonical(request_document(request))


def referring(request: Json) -> bytes:
    """The canonical text of a request as a book's run is decided from it: what the book shares stands in it as the digest of its own text."""
    return canonical(request | {name: digest(canonical(request[name])) for name in SHARED_IN_BOOKS})


def request_document(request: "RebalanceRequest | BatchRebalanceRequest") -> Json:
    """The validated request as JSON types, as it enters the canonical text."""
    return document_of(request)


def canonical_proposal(request: "ProposalSimulateRequest") -> bytes:
    """The canonical text of an advisor's validated request, whose digest is its request hash (advisory-engine 4)."""
    return canonical(proposal_document(request))


def submission_hash(inputs: bytes, around: Json) -> str:
    """The request hash of a version: of the canonical text of what decides it, and of what was sent around that (advisory-lifecycle 5)."""
    return digest(canonical(around | {"simulate_request": orjson.Fragment(inputs)}))


def proposal_document(request: "ProposalSimulateRequest") -> Json:
    """An advisor's validated request as JSON types, as it enters the canonical text."""
    return document_of(request, since=PROPOSAL_SINCE_1_0)


def options_document(options: "EngineOptions") -> Json:
    """Validated options as JSON types, as they stand in their request."""
    return document_of(options, within=("options",))


def effective_document(options: "EngineOptions") -> Json:
    """The options that a run was decided under as JSON types: what their conventions decided is spelt out."""
    return resolved(options_document(options))


def document_of(value: Any, within: Path = (), since: Mapping[Path, Members] = SINCE_1_0) -> Json:
    """A validated value as JSON types, without the members of `since` that stand at their default; `within` is the value's own path."""
    from msgspec import to_builtins  # noqa: PLC0415  (see the module's promise)

    document: Json = to_builtins(value)
    depth = len(within)
    for path, members in since.items():
        if path[:depth] == within:
            _leave_out(members, _objects_at(path[depth:], document))
    return document


def _objects_at(path: Path, document: Json) -> list[Json]:
    """The objects at a path; none where one above them is absent."""
    found: list[Any] = [document]
    for name in path:
        if name == EACH:
            found = [row for rows in found for row in (rows.values() if isinstance(rows, dict) else rows)]
        else:
            found = [row[name] for row in found if row.get(name)]
    return found


def _leave_out(members: Members, objects: list[Json]) -> None:
    for name, default in members.items():
        by_conventions = isinstance(default, Default)
        for row in objects:
            if row[name] == (default.under(row.get("conventions", Conventions.CLASSIC)) if by_conventions else default):
                del row[name]
