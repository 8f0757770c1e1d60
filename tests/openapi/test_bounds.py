"""What validators keep, and pydantic has no schema for: the document takes exactly what the code takes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from engine.contracts.batches import parse_batch
from engine.contracts.books.start import parse_book
from engine.contracts.packs import PACK_CONTENT
from engine.contracts.proposals import parse_proposal
from engine.contracts.requests import parse_options, parse_request
from engine.contracts.violations import InvalidRequest
from infra.http.query import path_parameter
from infra.openapi.bounds import TIGHTER
from tests.support.described import committed, valid
from tests.support.portfolios import a_proposal, a_request, batch

Body = dict[str, Any]
MANY = {f"a:{number}": "0.1" for number in range(501)}
COMMISSION = {"commission": [{"rate_bps": "0"}]}


PARSERS: dict[str, Callable[[bytes], Any]] = {
    "RebalanceRequest": parse_request,
    "BatchRebalanceRequest": parse_batch,
    "ProposalSimulateRequest": parse_proposal,
    "BookRequest": parse_book,
    "DpmPolicyPackUpsertRequest": PACK_CONTENT.validate_json,
}


def shelf(**entry: Any) -> Body:
    request = a_request(1)
    request["shelf_entries"][0] |= entry
    return request


def flow(amount: Any) -> Body:
    request = a_request(1)
    request["portfolio_snapshot"]["cash_flows"] = [{"currency": "USD", "amount": amount, "day": 0}]
    return request


def options(**given: Any) -> Body:
    return a_proposal(1, **given)


def trade(**given: Any) -> Body:
    return a_proposal(1) | {"proposed_trades": [{"side": "BUY", "instrument_id": "I00000", **given}]}


def brought(amount: Any) -> Body:
    return a_proposal(1) | {"proposed_cash_flows": [{"currency": "USD", "amount": amount}]}


def spread(basis_points: Any) -> Body:
    return options(costs={"fx_spread_bps_by_currency": {"EUR": basis_points}})


def commission(basis_points: Any) -> Body:
    return options(costs={"commission": [{"rate_bps": basis_points}]})


def duty(basis_points: Any) -> Body:
    return options(costs={"transaction_tax": [{"rate_bps": basis_points}]})


def scenarios(*names: str) -> Body:
    return batch() | {"scenarios": {name: {"options": {}} for name in names}}


def book(name: str) -> Body:
    return {"manifest": ["bank-a/m.jsonl"], "shared": name}


CASES: dict[str, tuple[str, Callable[[Any], Body], list[Any], list[Any]]] = {
    "a lot": (
        "RebalanceRequest",
        lambda lot: shelf(lot_size=lot),
        ["1000000000", 10**9, "1000000000.0", "0.000000000001", "0.1234567890120", "007.5", 0.5, "999999999.999999999999"],
        ["0", 0, "0.0", "1000000000.1", 10**9 + 1, "0.0000000000001", "1.0000000000001", "-1", "1e3"],
    ),
    "a flow": ("RebalanceRequest", flow, ["1", "-0.01", -1, 0.5], ["0", "-0", "0.00", 0, "-0.0"]),
    "money of an adviser": ("ProposalSimulateRequest", brought, ["-50000.5", -50_000, "0", 0], [-50_000.5, "1e5", None]),
    "a quantity": ("ProposalSimulateRequest", lambda of: trade(quantity=of), ["0.5", 40], [0.5, 0, "0", -1]),
    "a notional": (
        "ProposalSimulateRequest",
        lambda of: trade(notional={"amount": of, "currency": "USD"}),
        ["4000.5", 4_000],
        [4000.5, "0", "-1", 0],
    ),
    "a priority": ("ProposalSimulateRequest", lambda rank: trade(quantity="1", priority=rank), [1, 99, None], [0, 100]),
    "basis points of a spread": (
        "ProposalSimulateRequest",
        spread,
        ["500", 500, "0", "-0.0", "499.9", "0.01", "99"],
        ["500.1", 501, "-1", "510"],
    ),
    "basis points of a commission": ("ProposalSimulateRequest", commission, ["500.00", 25, "12.5"], ["501", 500.5, "1000", "-0.1"]),
    "basis points of a duty": ("ProposalSimulateRequest", duty, ["0500", "450"], ["600", 1000]),
    "names of attributes": (
        "RebalanceRequest",
        lambda name: shelf(attributes={name: "x"}),
        ["sector", "", "n" * 1000],
        ["a\nb", "\x7f", "n" * 1001],
    ),
    "currencies of a reserve": (
        "ProposalSimulateRequest",
        lambda name: options(cash_reserve={name: "1"}),
        ["EUR", "n" * 128],
        ["", "E\tR", "n" * 129],
    ),
    "limits by attribute": (
        "ProposalSimulateRequest",
        lambda caps: options(suitability_thresholds={"max_weight_by_attribute": caps}),
        [{"a:*": "1"}, dict(list(MANY.items())[:500])],
        [MANY, {"a": "1"}, {f"a:{'n' * 999}": "1"}],
    ),
    "groups of a pack": (
        "DpmPolicyPackUpsertRequest",
        lambda names: {"version": "1", "constraint_policy": {"group_constraints": {name: {"max_weight": "1"} for name in names}}},
        [["a:b"], list(MANY)[:500]],
        [list(MANY), ["a:b:c"], [":b"]],
    ),
    "scenarios": (
        "BatchRebalanceRequest",
        lambda names: scenarios(*names),
        [["a"], [f"s_{number}" for number in range(20)]],
        [[], ["A"], ["n" * 65], [f"s_{number}" for number in range(21)]],
    ),
    "names of objects that have digests": (
        "BookRequest",
        lambda name: book("bank-a/x") | {"digests": {name: "ab" * 32}},
        ["bank-a/x"],
        ["bank-a/../x", "x"],
    ),
    "names of objects": (
        "BookRequest",
        book,
        ["bank-a/x", "a/.b", "a/..b/c", "a/b..", "a/...", "=/_"],
        ["a", "a/..", "./a", "a/./b", "../a/b", "a//b", "a/", "/a"],
    ),
}


def taken(model: str, body: Body) -> tuple[bool, bool]:
    """Whether the code takes a body, and whether the document does."""
    text = json.dumps(body)
    try:
        PARSERS[model](text.encode())
        by_code = True
    except (InvalidRequest, ValidationError):
        by_code = False
    try:
        valid({"$ref": f"#/components/schemas/{model}"}, json.loads(text))
    except AssertionError:
        return by_code, False
    return by_code, True


@pytest.mark.parametrize("name", CASES)
def test_the_document_takes_what_the_code_takes(name: str) -> None:
    model, made, good, bad = CASES[name]
    assert [taken(model, made(value)) for value in good] == [(True, True)] * len(good)
    assert [taken(model, made(value)) for value in bad] == [(False, False)] * len(bad)


def test_options_of_scenarios_and_of_runs_have_the_keys_that_are_taken() -> None:
    schema = committed()["components"]["schemas"]["EngineOptions"]
    for name in ("cash_reserve", "max_overdraft_by_ccy"):
        with pytest.raises(InvalidRequest):
            parse_options({name: {"E\nR": "1"}})
        with pytest.raises(AssertionError):
            valid({"$ref": "#/components/schemas/EngineOptions"}, {name: {"E\nR": "1"}})
        assert "patternProperties" not in schema["properties"][name]


def test_every_decimal_that_is_bounded_further_is_a_members() -> None:
    schemas = committed()["components"]["schemas"]
    for (model, member), decimal in TIGHTER.items():
        assert f"/{decimal}" in json.dumps(schemas[model]["properties"][member])


@pytest.mark.parametrize(("segment", "taken"), [("a", True), (".a", True), ("..a", True), ("...", True), (".", False), ("..", False)])
def test_no_segment_of_a_path_is_a_step(segment: str, taken: bool) -> None:
    operations = committed()["paths"]
    for path, name in (
        ("/rebalance/runs/{rebalance_run_id}", "rebalance_run_id"),
        ("/rebalance/policies/catalog/{policy_pack_id}", "policy_pack_id"),
    ):
        (parameter,) = (one for one in operations[path]["get"]["parameters"] if one["name"] == name)
        by_code, by_document = True, True
        try:
            path_parameter({"pathParameters": {name: segment}}, name)
        except InvalidRequest:
            by_code = False
        try:
            valid(parameter["schema"], segment)
        except AssertionError:
            by_document = False
        assert (by_code, by_document) == (taken, taken)
