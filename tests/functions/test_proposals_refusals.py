"""Who may propose, what is refused in which order, and that a refusal leaves its key as free as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ports.outside import EvidenceCorrupt, StoreUnavailable
from engine.usecases.refusals import Code
from infra.http.body import SNAPSHOTS
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.guardrails import Profile
from infra.system import utc_now
from tests.support.adapters import over, proposals_in_memory
from tests.support.gateway import refused, violations
from tests.support.portfolios import a_proposal, text
from tests.support.service import ADVISER, PRODUCTION, Service

FORMS = ("simulate", "artifact")
DISABLED = (422, "PROPOSAL_SIMULATION_DISABLED: set options.enable_proposal_simulation=true")
SECRET = "Secret-7391"
NEVER = {"enable_proposal_simulation": False}


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def proposals() -> MemoryProposals:
    return MemoryProposals()


@pytest.fixture
def desk(memory: MemoryTables, proposals: MemoryProposals) -> Service:
    runs = MemoryRunStore(memory, clock=utc_now)
    return Service(over(runs, proposals_in_memory(tables=proposals)), PRODUCTION, ADVISER)


@pytest.fixture
def nothing_kept(memory: MemoryTables, proposals: MemoryProposals) -> Iterator[None]:
    yield
    assert proposals.claims == {}
    assert memory.runs == {}


@pytest.mark.usefixtures("nothing_kept")
class TestRefused:
    @pytest.mark.parametrize(
        ("key", "kind"), [(None, "missing"), ("", "string_too_short"), ("k" * 256, "string_too_long"), ("a/b", "string_pattern_mismatch")]
    )
    def test_the_idempotency_key(self, desk: Service, form: str, key: str | None, kind: str) -> None:
        assert violations(desk.propose(headers={"Idempotency-Key": key}, form=form)) == [(["header", "Idempotency-Key"], kind)]

    def test_what_every_proposal_must_say(self, desk: Service, form: str) -> None:
        required = ("portfolio_snapshot", "market_data_snapshot", "shelf_entries")
        assert violations(desk.propose({}, form=form)) == [(["body", member], "missing") for member in required]

    @pytest.mark.parametrize(
        ("trade", "place"),
        [
            ({"quantity": 1.5}, ["body", "proposed_trades", 0, "quantity"]),
            ({}, ["body", "proposed_trades", 0]),
            ({"quantity": "1", "notional": {"amount": "1", "currency": "USD"}}, ["body", "proposed_trades", 0]),
            ({"quantity": "1", "priority": 0}, ["body", "proposed_trades", 0, "priority"]),
            ({"quantity": "1", "priority": 100}, ["body", "proposed_trades", 0, "priority"]),
            ({"proceeds_of": []}, ["body", "proposed_trades", 0, "proceeds_of"]),
            ({"proceeds_of": [f"S{number}" for number in range(21)]}, ["body", "proposed_trades", 0, "proceeds_of"]),
        ],
    )
    def test_a_trade_that_says_not_how_much(self, desk: Service, form: str, trade: dict[str, Any], place: list[Any]) -> None:
        asked = a_proposal() | {"proposed_trades": [{"side": "BUY", "instrument_id": "I00000", **trade}]}
        assert violations(desk.propose(asked, form=form)) == [(place, "PROPOSAL_INVALID_TRADE_INPUT")]

    @pytest.mark.parametrize("options", [{}, NEVER])
    def test_a_request_that_asks_for_no_simulation(self, desk: Service, form: str, options: dict[str, Any]) -> None:
        assert refused(desk.propose(a_proposal() | {"options": options}, form=form)) == DISABLED

    def test_a_request_is_valid_before_it_is_refused_for_what_it_asks(self, desk: Service, form: str) -> None:
        assert violations(desk.propose({**a_proposal(**NEVER), "shelf_entries": None}, form=form)) == [
            (["body", "shelf_entries"], "list_type")
        ]

    def test_an_unknown_option_is_named_but_not_quoted(self, desk: Service, form: str) -> None:
        reply = desk.propose(a_proposal(auto_fundding=SECRET), form=form)
        assert violations(reply) == [(["body", "options", "auto_fundding"], "extra_forbidden")]
        assert SECRET not in reply.body.decode()

    def test_a_body_that_is_too_large(self, desk: Service, form: str) -> None:
        assert refused(desk.propose(text(a_proposal()) + " " * SNAPSHOTS.plain, form=form)) == (413, "REQUEST_TOO_LARGE")

    @pytest.mark.parametrize("scopes", ["", "dpm.run", "advisory", "advisory.runs", "ADVISORY.RUN"])
    def test_another_scope(self, desk: Service, form: str, scopes: str) -> None:
        assert refused(desk.propose(authorizer=ADVISER | {"scopes": scopes}, form=form)) == (403, "SCOPE_REQUIRED: advisory.run")

    @pytest.mark.parametrize("broken", [None, {}, ADVISER | {"tenant": "_system"}, ADVISER | {"actor": ""}])
    def test_half_an_identity_is_none(self, desk: Service, form: str, broken: Any) -> None:
        assert refused(desk.propose("{", authorizer=broken, form=form)) == (401, "UNAUTHORIZED: identity required")

    def test_an_expired_identity(self, desk: Service, form: str) -> None:
        later = desk.with_adapters(clock=lambda: datetime(2101, 1, 1, tzinfo=UTC))
        assert refused(later.propose(form=form)) == (401, "UNAUTHORIZED: identity expired")

    def test_another_tenant_named(self, desk: Service, form: str) -> None:
        assert refused(desk.propose(headers={"X-Tenant-Id": "bank-b"}, form=form)) == (403, "TENANT_MISMATCH")

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_another_method(self, desk: Service, form: str, method: str) -> None:
        reply = desk.call(method, f"/rebalance/proposals/{form}", None, {}, ADVISER)
        assert (refused(reply), reply.headers["Allow"]) == ((405, "METHOD_NOT_ALLOWED"), "POST")


def test_an_answer_that_cannot_reach_its_caller_is_refused_and_leaves_its_key_free(desk: Service, form: str) -> None:
    large = a_proposal(4_000)  # either answer is larger than Lambda carries as text
    assert refused(desk.propose(large, form=form)) == (413, "RESPONSE_TOO_LARGE")
    assert desk.adapters.proposal_keys.find("bank-a", "key-1") is None
    carried = desk.propose(large, {"Accept-Encoding": "gzip"}, form=form)
    assert (carried.status, carried.headers["Content-Encoding"]) == (200, "gzip")
    assert refused(desk.propose(large, form=form)) == (413, "RESPONSE_TOO_LARGE")
    assert desk.propose(large, {"Accept-Encoding": "gzip"}, form=form).body == carried.body


def test_the_switch_of_the_request_is_looked_at_before_its_key(desk: Service, form: str) -> None:
    desk.propose()
    assert refused(desk.propose(a_proposal(**NEVER), form=form)) == DISABLED


def test_a_local_stack_has_an_identity_of_its_own(desk: Service, form: str) -> None:
    assert desk.but(profile=Profile.LOCAL).propose(authorizer=None, form=form).status == 200


class Broken:
    """Keys that fail in a way that the test decides."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def find(self, _tenant: str, _key: str) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (StoreUnavailable(Code.STORE_PROPOSAL_UNAVAILABLE), 503, "STORE_PROPOSAL_UNAVAILABLE"),
        (EvidenceCorrupt("bank-a/proposal-keys/x/y.json.gz"), 500, "EVIDENCE_CORRUPT"),
        (KeyError(SECRET), 500, "INTERNAL_SERVER_ERROR: An unexpected error occurred."),
    ],
)
def test_what_breaks_is_answered_by_its_code(desk: Service, form: str, error: Exception, status: int, detail: str) -> None:
    broken = desk.with_adapters(proposal_keys=Broken(error))
    assert refused(broken.propose(form=form)) == (status, detail)
    assert SECRET not in broken.log.getvalue()


def marked() -> dict[str, Any]:
    """A proposal whose every text says who it is."""
    request = a_proposal(3)
    request["portfolio_snapshot"]["portfolio_id"] = SECRET
    rows = (request["portfolio_snapshot"]["positions"], request["market_data_snapshot"]["prices"], request["shelf_entries"])
    for row in (row for part in (*rows, request["proposed_trades"]) for row in part):
        row["instrument_id"] = SECRET + row["instrument_id"]
    request["proposed_cash_flows"] = [{"currency": "USD", "amount": "-5", "description": SECRET}]
    del request["shelf_entries"][2:]
    return request


@pytest.mark.parametrize("body", [marked(), marked() | {"options": {SECRET: SECRET}}, f'{{"{SECRET}": ', {SECRET: SECRET}])
def test_nothing_of_a_call_is_logged(desk: Service, form: str, body: Any) -> None:
    for _ in range(2):
        desk.propose(body, {"Idempotency-Key": f"key {SECRET}", "User-Agent": SECRET}, form=form)
    assert len(desk.lines) == 2
    assert SECRET not in desk.log.getvalue()


def test_one_line_per_call_names_the_proposal_and_who_asked(desk: Service) -> None:
    made = desk.propose(headers={"X-Correlation-Id": "desk 7"})
    desk.propose(form="artifact")
    desk.propose(form="artifact")
    first, artifact, replay = desk.lines
    assert (first["route"], first["correlation_id"]) == ("POST /rebalance/proposals/simulate", "desk 7")
    assert (first["tenant"], first["actor"], first["response_bytes"]) == ("bank-a", "adviser-7", len(made.body))
    assert {line["proposal_run_id"] for line in desk.lines} == {made.json["proposal_run_id"]}
    assert [line["replayed"] for line in (first, artifact, replay)] == [0, 0, 1]
