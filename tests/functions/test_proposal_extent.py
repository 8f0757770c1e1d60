"""Proposals that could bring more issues than anybody can be shown: refused before they are decided, which would take gigabytes."""

import json
from typing import Any

import pytest

from engine.contracts.proposals import parse_proposal
from engine.usecases.proposals.extent import MAX_ATTRIBUTE_ISSUES, refuse_boundless
from engine.usecases.refusals import Code, Refused
from tests.support.gateway import refused
from tests.support.lives import Lives
from tests.support.portfolios import a_proposal

LIMITS = {f"a{number:03d}:*": "0.5" for number in range(500)}


def holding(positions: int, attributes: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
    """So many holdings, under 500 limits by attribute, of which each states these."""
    request = a_proposal(positions, suitability_thresholds={"max_weight_by_attribute": LIMITS}, **options)
    for entry in request["shelf_entries"]:
        entry["attributes"] = attributes or {}
    return request


def bounded(request: dict[str, Any]) -> bool:
    try:
        refuse_boundless(parse_proposal(json.dumps(request).encode()))
    except Refused as refusal:
        return refusal.code != Code.RESPONSE_TOO_LARGE
    return True


@pytest.mark.parametrize(
    ("positions", "attributes", "options", "answered"),
    [
        (500, {}, {}, True),  # 500 × 500 attributes that are lacking are 250,000
        (501, {}, {}, False),
        (501, {"a000": "x"}, {}, True),  # 501 × 499 that are lacking, and one value: 250,000
        (501, {}, {"enable_suitability_scanner": False}, True),
    ],
)
def test_what_is_lacking_is_counted_before_anything_is_decided(
    positions: int, attributes: dict[str, str], options: dict[str, Any], answered: bool
) -> None:
    assert MAX_ATTRIBUTE_ISSUES == 250_000
    assert bounded(holding(positions, attributes, **options)) is answered


def test_every_way_to_decide_one_refuses_it(memory_lives: Lives) -> None:
    service, body = memory_lives.service, holding(501)
    assert refused(service.propose(body)) == (413, "RESPONSE_TOO_LARGE")
    assert refused(service.propose(body, form="artifact")) == (413, "RESPONSE_TOO_LARGE")
    assert refused(memory_lives.create(body)) == (413, "RESPONSE_TOO_LARGE")
