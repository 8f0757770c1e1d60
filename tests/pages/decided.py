"""Runs to make pages of, decided and recorded by the engine under fixed ids at a fixed time: the same bytes on every machine."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any, Final

from engine.evidence.artifacts import artifact_of
from engine.policy_packs import PackRules
from engine.records.runs import Source
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
