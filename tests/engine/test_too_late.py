"""A decision that took too long is not recorded: its caller has been told of a timeout already."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.policy_packs import PackRules
from engine.records.proposals import Form
from engine.records.runs import Source
from engine.usecases.analyze import AnalyzeBatch, AnalyzeCall
from engine.usecases.packs import PackResolution
from engine.usecases.proposals.simulation import AnsweredProposal, AnswerProposal, ProposalCall
from engine.usecases.refusals import Refused
from engine.usecases.simulate import SimulateCall, Simulated, SimulateRun
from infra.memory.proposals.claims import MemoryProposalKeys
from infra.memory.proposals.tables import MemoryProposals
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.settings.packs import EnvironmentPacks
from infra.system import new_id, utc_now
from tests.support.portfolios import a_proposal, a_request

REQUEST = a_request()
BATCH = {**{name: part for name, part in REQUEST.items() if name != "options"}, "scenarios": {"base": {}}}
PACKS = PackResolution(PackRules(), EnvironmentPacks(""))


def simulate(tables: MemoryTables, late: bool) -> Simulated:
    call = SimulateCall("a", Source.API, "k", "c", "", json.dumps(REQUEST).encode(), lambda _: True, lambda: not late)
    return SimulateRun(MemoryRunStore(tables, clock=utc_now), PACKS, utc_now, new_id)("t", call)


def analyze(tables: MemoryTables, late: bool) -> bytes:
    call = AnalyzeCall("a", "c", "", json.dumps(BATCH).encode(), lambda _: True, lambda: not late)
    return AnalyzeBatch(MemoryRunStore(tables, clock=utc_now), PACKS, utc_now, new_id)("t", call)


def propose(proposals: MemoryProposals, form: Form, late: bool) -> AnsweredProposal:
    keys = MemoryProposalKeys(proposals, clock=utc_now, ttl_seconds=60)
    call = ProposalCall("k", "c", json.dumps(a_proposal()).encode(), lambda _: True, lambda: not late)
    return AnswerProposal(keys, utc_now, new_id, form)("t", call)


@pytest.mark.parametrize("form", Form)
def test_a_proposal_that_was_decided_too_late_leaves_its_key_free_and_a_known_key_as_it_was(form: Form) -> None:
    proposals = MemoryProposals()
    with pytest.raises(Refused, match="EXECUTION_TIME_EXCEEDED"):
        propose(proposals, form, late=True)
    assert not proposals.claims
    propose(proposals, form, late=False)
    [other] = set(Form) - {form}
    before = dict(proposals.claims)
    with pytest.raises(Refused, match="EXECUTION_TIME_EXCEEDED"):
        propose(proposals, other, late=True)
    assert proposals.claims == before
    assert propose(proposals, form, late=True).replayed  # what is stored costs no time


@pytest.mark.parametrize("use", [simulate, analyze])
def test_what_was_decided_too_late_is_refused_and_not_recorded(use: Callable[..., Any]) -> None:
    tables = MemoryTables()
    with pytest.raises(Refused, match="EXECUTION_TIME_EXCEEDED"):
        use(tables, late=True)
    assert not tables.runs
    assert not tables.claims
    use(tables, late=False)
    assert len(tables.runs) == 1
