"""Runs and proposals to make pages of, decided and recorded by the engine under fixed ids at a fixed time: the same bytes on every machine."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Final

from engine.advisory.artifact import compose
from engine.advisory.proposal import propose
from engine.contracts.proposals import parse_proposal
from engine.evidence.artifacts import artifact_of
from engine.evidence.canonical import canonical_proposal, digest
from engine.policy_packs import PackRules
from engine.records.runs import Source
from engine.report.proposal_page import proposal_page
from engine.report.rows import Page
from engine.report.run_page import run_page
from engine.usecases.packs import PackResolution
from engine.usecases.simulate import SimulateCall, SimulateRun
from infra.local.example import ROOT, example_request
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks

Json = dict[str, Any]

NOW: Final = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def first() -> Json:
    request: Json = json.loads((ROOT / "events/first_request.json").read_bytes())
    return request


def without_a_price() -> Json:
    request = deepcopy(first())
    del request["market_data_snapshot"]["prices"][0]
    return request


def nothing() -> Json:
    """An empty portfolio and an empty model."""
    portfolio = {"portfolio_id": "pf_0", "base_currency": "USD"}
    return {
        "portfolio_snapshot": portfolio,
        "market_data_snapshot": {},
        "model_portfolio": {"targets": []},
        "shelf_entries": [],
        "options": {},
    }


REQUESTS: Final[dict[str, Callable[[], Json]]] = {
    "ready": first,
    "review": lambda: json.loads(example_request()),
    "blocked": without_a_price,
    "nothing": nothing,
}


@cache
def artifact(name: str) -> bytes:
    """The artifact of one of the requests."""
    return artifact_of_request(REQUESTS[name]())


def artifact_of_request(request: Json) -> bytes:
    """The artifact of a request's run."""
    numbers = count(1)
    store = MemoryRunStore(MemoryTables(), clock=lambda: NOW)
    simulate = SimulateRun(
        store, PackResolution(PackRules(), EnvironmentPacks("")), lambda: NOW, lambda kind: f"{kind}_{next(numbers):032x}"
    )
    call = SimulateCall("desk", Source.API, "key-1", "desk-7", "", json.dumps(request).encode(), lambda _: True, lambda: True)
    recorded = store.run("bank", simulate("bank", call).run_id)
    assert recorded is not None
    documents = recorded.documents()
    assert documents is not None
    return artifact_of(recorded.head, documents)


def proposed() -> Json:
    request: Json = json.loads((ROOT / "events/first_proposal.json").read_bytes())
    return request


def too_much() -> Json:
    """More is bought than there is money for, and nothing may be reduced; the client's profile does not suit."""
    request = proposed()
    request["options"] |= {"funding": "AS_SIZED", "costs": None}
    request["proposed_trades"] = [{"side": "BUY", "instrument_id": "MSFT", "quantity": "9000"}]
    return request


PROPOSALS: Final[dict[str, Callable[[], Json]]] = {
    "proposal": proposed,
    "proposal-blocked": too_much,
    "proposal-nothing": lambda: {
        "portfolio_snapshot": {"portfolio_id": "pf_0", "base_currency": "USD"},
        "market_data_snapshot": {},
        "shelf_entries": [],
    },
}


@cache
def proposal(name: str) -> bytes:
    """The artifact of one of the proposals."""
    return proposal_of_request(PROPOSALS[name]())


def proposal_of_request(request: Json) -> bytes:
    """The artifact of a proposal."""
    parsed = parse_proposal(json.dumps(request).encode())
    request_hash = digest(canonical_proposal(parsed))
    decision = propose(parsed, run_id="pr_1a2b3c4d", correlation_id="desk-7", request_hash=request_hash, idempotency_key="key-1")
    return compose(decision, NOW)


def paged(name: str) -> tuple[Page, Json]:
    """The page of a run or a proposal, and the document that it is made of."""
    document: Json = json.loads(artifact(name) if name in REQUESTS else proposal(name))
    return (run_page if name in REQUESTS else proposal_page)(document), document
