"""What callers ask of the policy pack catalog, and how the wire shows it (RFC-0022, dpm-service 12.5)."""

import re
from typing import Any, Final

import orjson

from engine.contracts import InvalidRequest, Violation
from engine.contracts.packs import parse_pack, parse_pack_id
from engine.policy_packs import PackRules, PolicyPack, Selection
from engine.usecases.packs import PackCatalogUse
from infra.http import headers as http
from infra.http.door import Request
from infra.http.headers import Response
from infra.http.query import path_parameter
from infra.http.switches import Switch

_REVISION: Final = re.compile(r'(?:W/)?"?(\d{1,10})"?')


class PackCalls:
    """The five calls on policy packs."""

    def __init__(self, rules: PackRules, use: PackCatalogUse) -> None:
        self._rules, self._use = rules, use

    def effective(self, request: Request) -> Response:
        """Which pack a call with these headers would get; the catalog is not asked."""
        return _answer(_selected(self._selection(request)))

    def catalog(self, request: Request) -> Response:
        """All packs, and the one that a call with these headers would get."""
        selection, packs = self._selection(request), self._use.packs(request.identity.tenant)
        return _answer(
            {
                "enabled": selection.enabled,
                "total": len(packs),
                "selected_policy_pack_id": selection.policy_pack_id,
                "selected_policy_pack_present": any(pack.policy_pack_id == selection.policy_pack_id for pack in packs),
                "selected_policy_pack_source": selection.source,
                "items": [pack.definition() for pack in packs],
            }
        )

    def one(self, request: Request) -> Response:
        """One pack, with its revision as the entity tag."""
        pack = self._use.pack(request.identity.tenant, _pack_id(request))
        return _answer(pack.definition(), pack)

    def put(self, request: Request) -> Response:
        """Create or replace a pack."""
        stated = PolicyPack(_pack_id(request), parse_pack(request.body()), revision=0)
        expected = _if_match(request)
        request.require_open(Switch.PACK_ADMIN)
        kept = self._use.put(request.identity.tenant, stated, expected=expected, actor=request.identity.actor)
        return _answer({"item": kept.definition()}, kept)

    def delete(self, request: Request) -> Response:
        """Take a pack out."""
        pack_id, expected = _pack_id(request), _if_match(request)
        request.require_open(Switch.PACK_ADMIN)
        self._use.remove(request.identity.tenant, pack_id, expected=expected, actor=request.identity.actor)
        return Response(204, b"")

    def _selection(self, request: Request) -> Selection:
        given = http.single(request.headers, "X-Tenant-Policy-Pack-Id")
        return self._rules.select(request.policy_pack_id(), request.identity.tenant, given)


def _selected(selection: Selection) -> dict[str, Any]:
    return {
        "enabled": selection.enabled,
        "selected_policy_pack_id": selection.policy_pack_id,
        "source": selection.source,
    }


def _pack_id(request: Request) -> str:
    return parse_pack_id(path_parameter(request.event, "policy_pack_id"))


def _if_match(request: Request) -> int | None:
    """The revision that the caller saw; None for any (`*`) or no header."""
    given = http.single(request.headers, "If-Match")
    if given is None or given == "*":
        return None
    revision = _REVISION.fullmatch(given)
    if revision is None:
        raise InvalidRequest([Violation(("header", "If-Match"), "string_pattern_mismatch", "The header holds one revision in quotes")])
    return int(revision[1])


def _answer(document: dict[str, Any], pack: PolicyPack | None = None) -> Response:
    headers = {"ETag": f'"{pack.revision}"'} if pack else {}
    return Response(200, orjson.dumps(document), headers)
