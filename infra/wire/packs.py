"""What callers ask of the policy pack catalog, and how the wire shows it (RFC-0022, dpm-service 12.5)."""

import re
from typing import Final

import orjson

from engine.contracts import InvalidRequest, Violation
from engine.contracts.packs import parse_pack, parse_pack_id
from engine.policy_packs import PolicyPack, Selection
from engine.usecases.packs import PackPut, PackRemoval, PackWish, ShownCatalog
from infra.http.endpoints import Request
from infra.http.headers import single
from infra.http.messages import Response
from infra.http.query import path_parameter
from infra.wire.answers import Document, answer

_REVISION: Final = re.compile(r'(?:W/)?"?(\d{1,10})"?')


def wish_asked(request: Request) -> PackWish:
    """What the headers say of packs."""
    return PackWish(of_tenant=single(request.headers, "X-Tenant-Policy-Pack-Id"), requested=request.policy_pack_id())


def pack_asked(request: Request) -> str:
    """The pack that the path names."""
    return parse_pack_id(path_parameter(request.event, "policy_pack_id"))


def put_asked(request: Request) -> PackPut:
    """A pack to create or replace."""
    stated = PolicyPack(pack_asked(request), parse_pack(request.body()), revision=0)
    return PackPut(stated, _if_match(request), request.identity.actor)


def removal_asked(request: Request) -> PackRemoval:
    """A pack to take out."""
    return PackRemoval(pack_asked(request), _if_match(request), request.identity.actor)


def effective_answer(selection: Selection) -> Response:
    """The pack that a call would get."""
    return answer(
        {"enabled": selection.enabled, "selected_policy_pack_id": selection.policy_pack_id, "source": selection.source},
    )


def catalog_answer(catalog: ShownCatalog) -> Response:
    """All packs, and the one that a call would get."""
    packs, selection = catalog.packs, catalog.selection
    return answer(
        {
            "enabled": selection.enabled,
            "total": len(packs),
            "selected_policy_pack_id": selection.policy_pack_id,
            "selected_policy_pack_present": any(pack.policy_pack_id == selection.policy_pack_id for pack in packs),
            "selected_policy_pack_source": selection.source,
            "items": [pack.definition() for pack in packs],
        }
    )


def pack_answer(pack: PolicyPack) -> Response:
    """One pack, with its revision as the entity tag."""
    return _tagged(pack, pack.definition())


def put_answer(pack: PolicyPack) -> Response:
    """The pack as it stands now."""
    return _tagged(pack, {"item": pack.definition()})


def removed_answer(_: None) -> Response:
    """204: nothing is left to show."""
    return Response(204, b"")


def _tagged(pack: PolicyPack, document: Document) -> Response:
    return Response(200, orjson.dumps(document), {"ETag": f'"{pack.revision}"'})


def _if_match(request: Request) -> int | None:
    """The revision that the caller saw; None for any (`*`) or no header."""
    given = single(request.headers, "If-Match")
    if given is None or given == "*":
        return None
    revision = _REVISION.fullmatch(given)
    if revision is None:
        raise InvalidRequest([Violation(("header", "If-Match"), "string_pattern_mismatch", "The header holds one revision in quotes")])
    return int(revision[1])
