"""Lives of proposals over HTTP: who takes part in them, and what is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Self

from engine.workflow.proposal_commands import Safeguards
from infra.settings.proposals import ProposalSettings
from tests.support.gateway import IDENTITY, Reply
from tests.support.portfolios import a_proposal
from tests.support.samples import HandClock
from tests.support.service import Service

ADVISER = IDENTITY | {"scopes": "advisory.run advisory.read"}
RISK = IDENTITY | {"actor": "risk-1", "scopes": "advisory.approve.risk"}
COMPLIANCE = IDENTITY | {"actor": "compliance-1", "scopes": "advisory.approve.compliance"}
BOTH = IDENTITY | {"actor": "officer-1", "scopes": "advisory.approve"}
EXECUTOR = IDENTITY | {"actor": "desk-1", "scopes": "advisory.execute"}
MACHINE = IDENTITY | {"actor": "robot-1", "person": "false", "scopes": "advisory.run advisory.approve advisory.execute"}
STRANGER = ADVISER | {"tenant": "bank-b"}

REVIEWS = {"RISK": "SUBMITTED_FOR_RISK_REVIEW", "COMPLIANCE": "SUBMITTED_FOR_COMPLIANCE_REVIEW"}
PATH = "/rebalance/proposals"


def oversold() -> dict[str, Any]:
    """One unit of an instrument is held, and five are to be sold: BLOCKED."""
    return a_proposal() | {"proposed_trades": [{"side": "SELL", "instrument_id": "I00000", "quantity": "5"}]}


def for_risk() -> dict[str, Any]:
    """A first unit of an instrument without an issuer: a new issue of MEDIUM severity, which is risk's to look at."""
    request = a_proposal()
    price = {"instrument_id": "NEW", "price": "10", "currency": "USD"}
    market = request["market_data_snapshot"] | {"prices": [*request["market_data_snapshot"]["prices"], price]}
    shelf = [*request["shelf_entries"], {"instrument_id": "NEW", "status": "APPROVED", "liquidity_tier": "L1"}]
    trades = [{"side": "BUY", "instrument_id": "NEW", "quantity": "1"}]
    return request | {"market_data_snapshot": market, "shelf_entries": shelf, "proposed_trades": trades}


def for_compliance() -> dict[str, Any]:
    """A request that switches the scanner off, which counts as one that compliance must see."""
    return a_proposal(enable_suitability_scanner=False)


@dataclass
class Lives:
    """The life of proposals, as its partners meet it."""

    service: Service
    keys: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def clock(self) -> HandClock:
        return self.service.clock

    def under(self, **safeguards: Any) -> Self:
        """The same proposals where the deployment insists on something else; settings of proposals by their names, too."""
        known = {name: value for name, value in safeguards.items() if name in ProposalSettings.__slots__}
        life = self.service.settings.proposals
        guards = replace(life.safeguards, **{name: value for name, value in safeguards.items() if name in Safeguards.__slots__})
        assert len(safeguards) == len(known) + sum(name in Safeguards.__slots__ for name in safeguards)
        return replace(self, service=self.service.but(proposals=replace(life, safeguards=guards, **known)))

    def post(self, path: str, body: Any, caller: Any = ADVISER, **headers: str | None) -> Reply:
        """To a path below the proposals. Underscores in the names of headers stand for hyphens; one that is None is left out."""
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        return self.service.call("POST", f"{PATH}{path}", body, {"Content-Type": "application/json"} | sent, caller)

    def get(self, path: str = "", caller: Any = ADVISER, headers: dict[str, Any] | None = None, **query: Any) -> Reply:
        return self.service.get(f"{PATH}{path}", caller, headers, **query)

    def create(self, request: Any = None, caller: Any = ADVISER, key: str | None = "", headers: Any = None, **members: Any) -> Reply:
        """A new proposal, under a key of its own unless told; without one for None."""
        body = {"simulate_request": a_proposal() if request is None else request} | members
        key = f"create {next(self.keys)}" if key == "" else key
        return self.post("", body, caller, Idempotency_Key=key, **(headers or {}))

    def opened(self, request: Any = None, **members: Any) -> str:
        """The id of a new proposal."""
        return str(ok(self.create(request, **members)).json["proposal"]["proposal_id"])

    def add_version(self, proposal_id: str, request: Any = None, caller: Any = ADVISER, headers: Any = None, **members: Any) -> Reply:
        body = {"simulate_request": a_proposal() if request is None else request} | members
        return self.post(f"/{proposal_id}/versions", body, caller, **(headers or {}))

    def move(
        self, proposal_id: str, event: str, expected: str | None = None, caller: Any = ADVISER, headers: Any = None, **body: Any
    ) -> Reply:
        """A transition, expected where the proposal stands unless told."""
        sent = {"event_type": event, "expected_state": expected or self.state(proposal_id)} | body
        return self.post(f"/{proposal_id}/transitions", sent, caller, **(headers or {}))

    def vote(self, proposal_id: str, kind: str, caller: Any, expected: str | None = None, headers: Any = None, **body: Any) -> Reply:
        """An approval of the current version, given unless told otherwise."""
        version_no = self.summary(proposal_id)["current_version_no"]
        sent = {"approval_type": kind, "approved": True, "related_version_no": version_no}
        sent |= {"expected_state": expected or self.state(proposal_id)} | body
        return self.post(f"/{proposal_id}/approvals", sent, caller, **(headers or {}))

    def check(self, proposal_id: str, body: Any = None, version_no: int = 1, caller: Any = ADVISER, **headers: str) -> Reply:
        """A check on the market that the proposal was made on, unless told."""
        sent = {"market_data_snapshot": a_proposal()["market_data_snapshot"]} if body is None else body
        return self.post(f"/{proposal_id}/versions/{version_no}/checks", sent, caller, **headers)

    def summary(self, proposal_id: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.get(f"/{proposal_id}")).json["proposal"]
        return found

    def state(self, proposal_id: str) -> str:
        return str(self.summary(proposal_id)["current_state"])

    def events(self, proposal_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ok(self.get(f"/{proposal_id}/workflow-events")).json["events"]
        return found

    def approvals(self, proposal_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ok(self.get(f"/{proposal_id}/approvals")).json["approvals"]
        return found

    def ready(self, proposal_id: str = "", review: str = "COMPLIANCE") -> str:
        """A proposal that was reviewed and consented to."""
        proposal_id = proposal_id or self.opened()
        ok(self.move(proposal_id, REVIEWS[review]))
        ok(self.vote(proposal_id, review, BOTH))
        ok(self.vote(proposal_id, "CLIENT_CONSENT", ADVISER))
        return proposal_id


def ok(reply: Reply) -> Reply:
    assert reply.status in {200, 202}, reply.body
    return reply


def at_once(calls: int, ask: Callable[[int], Reply]) -> list[Reply]:
    with ThreadPoolExecutor(calls) as pool:
        return list(pool.map(ask, range(calls)))
