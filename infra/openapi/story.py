"""What the examples of the document tell: one day at a bank, played on the functions. Every answer shown is what was answered.

Requests are those of events/, under `conventions: DESK`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from infra.documentation.landing import health, landing
from infra.http.endpoints import Request
from infra.http.identity import NOBODY
from infra.http.problems import PROBLEM_JSON
from infra.openapi.books import told_of_books
from infra.openapi.schemas import Json
from infra.openapi.service import CALL_OF, TENANT, Service

EVENTS: Final = Path(__file__).parents[2] / "events"
ADVISER, REVIEWER, OFFICER, TRADER, ADMINISTRATOR = "adviser_7", "reviewer_1", "compliance_1", "desk_1", "administrator_1"
CORRELATION: Final = "corr-1"
REVIEWED: Final = "corr-2"
"""Of the run that is reviewed."""


@dataclass
class Examples:
    """What was sent and answered: documents by name, and by call and kind the names by their label. Equal ones have one name."""

    documents: dict[str, Json] = field(default_factory=dict)
    told: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def add(self, call_id: str, kind: str, label: str, summary: str, value: Any) -> None:
        """Keep a document as an example of a call: `request`, `answer`, or the code of a problem."""
        text = json.dumps([summary, value], sort_keys=True)
        name = self._names.setdefault(text, f"{call_id}_{kind}_{label}")
        self.documents.setdefault(name, {"summary": summary, "value": value})
        self.told.setdefault((call_id, kind), {})[label] = name

    def of(self, call_id: str, kind: str) -> Json:
        """The examples of a call, by their labels."""
        shared = self.shared
        return {
            label: {"$ref": f"#/components/examples/{name}"} if name in shared else self.documents[name]
            for label, name in self.told.get((call_id, kind), {}).items()
        }

    @property
    def shared(self) -> dict[str, Json]:
        """Those that are examples of more than one call."""
        often = Counter(name for names in self.told.values() for name in names.values())
        return {name: document for name, document in self.documents.items() if often[name] > 1}


@dataclass
class _Day:
    """Calls in their order."""

    service: Service = field(default_factory=Service)
    examples: Examples = field(default_factory=Examples)

    def __call__(
        self,
        call_id: str,
        label: str,
        summary: str,
        body: Any = None,
        *,
        actor: str = ADVISER,
        correlation: str = CORRELATION,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
        path: Mapping[str, str] | None = None,
    ) -> Any:
        """Make a call, keep it, and give what it was answered."""
        headers = {"X-Correlation-Id": correlation} | ({} if key is None else {"Idempotency-Key": key})
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        told = self.service.call(CALL_OF[call_id], path or {}, actor=actor, body=sent, headers=headers, query=query)
        refused = told.headers["Content-Type"] == PROBLEM_JSON
        if body is not None and not refused:
            self.examples.add(call_id, "request", label, summary, body)
        if not told.body:
            return None
        self.examples.add(call_id, told.json["code"] if refused else "answer", label, summary, told.json)
        return told.json


@cache
def examples() -> Examples:
    """The day."""
    day = _Day()
    _addresses(day)
    _packs(day)
    _runs(day)
    _operations(day)
    told_of_books(day, day.service.adapters.book_files(TENANT), day.service.book_machine, sent_in("first_request"))
    _proposals(day)
    return day.examples


def sent_in(event: str) -> Any:
    """The body of a file of events/."""
    document = json.loads((EVENTS / f"{event}.json").read_text(encoding="utf-8"))
    return json.loads(document["body"]) if "body" in document else document


def _addresses(day: _Day) -> None:
    """What anybody is answered: the function of these calls carries the document itself, so its endpoints are asked without it."""
    for call_id, summary, answered in (("landing", "What this is", landing("")), ("health", "It answers", health)):
        call = CALL_OF[call_id]
        event = {"resource": call.path, "path": call.path, "httpMethod": call.method}
        told = answered(Request(call, NOBODY, {}, event, day.service.clock, day.service.clock()))
        day.examples.add(call_id, "answer", "up", summary, json.loads(told.body))


def _packs(day: _Day) -> None:
    body, pack = sent_in("policy_pack_put"), {"policy_pack_id": "cautious"}
    day("put_pack", "written", "A pack that caps turnover and positions", body, actor=ADMINISTRATOR, path=pack)
    day("pack", "a_pack", "The pack", path=pack)
    day("packs", "one_pack", "One pack; the call asks for none")
    day("effective_pack", "none", "The call asks for no pack")
    day("delete_pack", "removed", "The pack is taken out", actor=ADMINISTRATOR, path=pack)
    day("pack", "unknown", "There is no such pack any more", path=pack)


def _runs(day: _Day) -> None:
    ready = sent_in("first_request")
    capped = {**ready, "options": {**ready["options"], "single_position_max_weight": "0.20"}}
    prices = [row for row in ready["market_data_snapshot"]["prices"] if row["instrument_id"] != "MSFT"]
    unpriced = {**ready, "market_data_snapshot": {**ready["market_data_snapshot"], "prices": prices}}
    run = day("simulate", "ready", "READY: orders that may be executed", ready, key="key-1")
    pending = day(
        "simulate", "pending_review", "PENDING_REVIEW: a position cap leaves too much in cash", capped, key="key-2", correlation=REVIEWED
    )
    day("simulate", "blocked", "BLOCKED: a price is missing", unpriced, key="key-3")
    day("simulate", "another_request", "The key stands for another request", capped, key="key-1")
    day("simulate", "no_key", "There is no key", ready)
    day("simulate", "stands_twice", "Which of both options holds?", json.dumps(ready)[:-1].encode() + b', "options": {}}', key="key-4")
    by_id, by_key, by_correlation = (
        {"rebalance_run_id": run["rebalance_run_id"]},
        {"idempotency_key": "key-1"},
        {"correlation_id": CORRELATION},
    )
    day("run", "ready", "The run with its result", path=by_id)
    day("run", "unknown", "There is no such run", path={"rebalance_run_id": "rr_0"})
    day("run_by_correlation", "newest", "The newest run of the correlation id", path=by_correlation)
    day("run_by_request_hash", "ready", "The run with its result", path={"request_hash": run["lineage"]["request_hash"]})
    day("runs", "one_page", "The two newest of three runs", query={"limit": "2"})
    day("idempotency_key", "one_run", "The run under the key", path=by_key)
    day("idempotency_history", "one_run", "One run under the key", path=by_key)
    day("lineage", "of_a_correlation_id", "All runs of a correlation id", path={"entity_id": CORRELATION})
    _reviews(day, pending["rebalance_run_id"])
    day("artifact", "ready", "The artifact of the run", path=by_id)
    day("verification", "verified", "Decided again: the same", path=by_id)
    brief = {"include_artifact": "false"}
    day("bundle", "without_artifact", "Everything around the run but its artifact", query=brief, path=by_id)
    day("bundle_by_correlation", "without_artifact", "Everything around the newest run but its artifact", query=brief, path=by_correlation)
    day("bundle_by_key", "without_artifact", "Everything around the run but its artifact", query=brief, path=by_key)


def _reviews(day: _Day, run_id: str) -> None:
    by_id, by_key, by_correlation = {"rebalance_run_id": run_id}, {"idempotency_key": "key-2"}, {"correlation_id": REVIEWED}
    approve = {"action": "APPROVE", "reason_code": "REVIEW_APPROVED", "comment": "Checked against the mandate."}
    ask = {"action": "REQUEST_CHANGES", "reason_code": "CAP_TOO_LOW", "comment": "Leaves a fifth in cash."}
    for call_id, path in (("review", by_id), ("review_by_key", by_key), ("review_by_correlation", by_correlation)):
        day(call_id, "waiting", "The run waits for a reviewer", actor=REVIEWER, path=path)
    day("review_action_by_key", "changes", "Changes are asked for", ask, actor=REVIEWER, path=by_key)
    day("review_action_by_correlation", "changes", "Changes are asked for", ask, actor=REVIEWER, path=by_correlation)
    day("review_action", "approved", "The run is approved", approve, actor=REVIEWER, path=by_id)
    day("review_action", "twice", "It is approved already", approve, actor=REVIEWER, path=by_id)
    day(
        "review_action_by_correlation",
        "ambiguous",
        "The correlation id names several runs",
        approve,
        actor=REVIEWER,
        path={"correlation_id": CORRELATION},
    )
    for call_id, path in (("review_history", by_id), ("review_history_by_key", by_key), ("review_history_by_correlation", by_correlation)):
        day(call_id, "three_decisions", "All decisions on the run", actor=REVIEWER, path=path)
    day("decisions_by_correlation", "three_decisions", "All decisions on the run", actor=REVIEWER, path=by_correlation)
    day("decisions", "one_page", "The two newest decisions", actor=REVIEWER, query={"limit": "2"})


def _operations(day: _Day) -> None:
    batch = sent_in("analyze")
    day("analyze", "two_scenarios", "Two sets of options", batch)
    accepted = day("analyze_async", "accepted", "Accepted for later", sent_in("analyze_async"), key="key-4")
    by_id = {"operation_id": accepted["operation_id"]}
    day("operation", "waiting", "It waits for a worker", path=by_id)
    day("execute_operation", "succeeded", "Executed: the batch", actor=TRADER, path=by_id)
    day("execute_operation", "ended", "It has ended already", actor=TRADER, path=by_id)
    day("operation", "unknown", "There is no such operation", path={"operation_id": "dop_0"})
    day("operation_by_correlation", "succeeded", "Executed: the batch", path={"correlation_id": CORRELATION})
    day("operation_by_correlation", "unknown", "There is no such operation", path={"correlation_id": REVIEWED})
    day("operations", "one_operation", "One operation")
    brief = {"include_artifact": "false", "include_async_operation": "false"}
    day("bundle_by_operation", "run_alone", "Around the first scenario's run, without artifact and operation", query=brief, path=by_id)
    day("summary", "a_day", "What is recorded so far")


def _proposals(day: _Day) -> None:
    request = sent_in("first_proposal")
    day("proposal_simulate", "simulated", "A switch, two buys by amount, and a withdrawal", request, key="key-1")
    day("proposal_artifact", "artifact", "The same as an artifact", request, key="key-1")
    request = _small(request)
    opening = {"simulate_request": request, "metadata": {"title": "Autumn review", "jurisdiction": "CH", "mandate_id": "mandate_1"}}
    opened = day("proposal_create", "opened", "Opened with its first version", opening, key="key-1")
    proposal = {"proposal_id": opened["proposal"]["proposal_id"]}
    version, brief = {**proposal, "version_no": "1"}, {"include_evidence": "false"}
    day("proposal_list", "one_proposal", "One proposal")
    day("proposal", "a_draft", "A draft, without the version's own evidence", query=brief, path=proposal)
    day("proposal", "unknown", "There is no such proposal", path={"proposal_id": "pp_0"})
    day("proposal_version", "first", "The first version, without its own evidence", query=brief, path=version)
    day("proposal_verification", "verified", "Decided again: the same", path=version)
    _moves(day, proposal, version, request["market_data_snapshot"])
    day("proposal_key", "opened", "The proposal that the key opened", path={"idempotency_key": "key-1"})
    day("proposal_config", "ready", "The store answers")
    accepted = day("proposal_create_async", "accepted", "Accepted for later", opening, key="key-5")
    day("proposal_add_version_async", "accepted", "Accepted for later", {"simulate_request": request}, path=proposal)
    day("proposal_operation", "waiting", "It waits for a worker", path={"operation_id": accepted["operation_id"]})
    day("proposal_operation_by_correlation", "waiting", "The newest waits for a worker", path={"correlation_id": CORRELATION})
    day("proposal_add_version", "second", "A second version; the proposal is a draft again", {"simulate_request": request}, path=proposal)


def _small(proposal: Json) -> Json:
    """The same client with one holding and one purchase: what lives is shown many times."""

    def named(rows: list[Json], *names: str) -> list[Json]:
        return [row for row in rows if row["instrument_id"] in names]

    portfolio, market = proposal["portfolio_snapshot"], proposal["market_data_snapshot"]
    return {
        "portfolio_snapshot": {
            **portfolio,
            "positions": named(portfolio["positions"], "NESN.SW"),
            "cash_balances": portfolio["cash_balances"][:1],
        },
        "market_data_snapshot": {**market, "prices": named(market["prices"], "NESN.SW", "DBR-2034")},
        "shelf_entries": named(proposal["shelf_entries"], "NESN.SW", "DBR-2034"),
        "options": {"enable_proposal_simulation": True, "conventions": "DESK"},
        "proposed_trades": named(proposal["proposed_trades"], "DBR-2034")[:1],
    }


def _moves(day: _Day, proposal: Json, version: Json, market: Json) -> None:
    submit = {"event_type": "SUBMITTED_FOR_COMPLIANCE_REVIEW", "expected_state": "DRAFT", "related_version_no": 1}
    day("proposal_transition", "submitted", "Submitted to compliance", submit, path=proposal)
    day("proposal_transition", "stale", "It is not a draft any more", submit, path=proposal)
    approval = {"approval_type": "COMPLIANCE", "approved": True, "expected_state": "COMPLIANCE_REVIEW", "related_version_no": 1}
    day("proposal_approval", "approved", "Compliance approves", {**approval, "details": {"ticket": "C-17"}}, actor=OFFICER, path=proposal)
    day("proposal_check", "clear", "Nothing has moved", {"market_data_snapshot": market}, actor=TRADER, path=version)
    day("proposal_checks", "one_check", "One check", path=version)
    day("proposal_events", "so_far", "Opened, submitted, approved", path=proposal)
    day("proposal_approvals", "one_approval", "One approval", path=proposal)
    day("proposal_lineage", "one_version", "One version", path=proposal)
