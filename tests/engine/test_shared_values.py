"""What decisions share cannot be changed through one of them."""

from typing import Any

import orjson
import pytest

from engine.advisory.document import ProposalDecision
from engine.advisory.proposal import propose
from engine.contracts import parse_request
from engine.contracts.proposals import parse_proposal
from engine.rebalance import rebalance
from engine.result.document import Decision
from engine.simulation.rules import DATA_COMPLETE
from tests.golden.scenarios import Scenario, scenarios

SCENARIOS = scenarios()


def decided(scenario: Scenario) -> Decision | ProposalDecision:
    if scenario.proposed:
        return propose(parse_proposal(scenario.body), run_id="pr_1", correlation_id="c_1")
    return rebalance(parse_request(scenario.body), run_id="rr_1", correlation_id="c_1")


def deface(node: Any) -> None:
    """Add to every object and every list of a document."""
    inner = list(node.values()) if isinstance(node, dict) else list(node) if isinstance(node, list) else []
    for part in inner:
        deface(part)
    if isinstance(node, dict):
        node["defaced"] = True
    elif isinstance(node, list):
        node.append("defaced")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_defaced_document_harms_no_later_decision(scenario: Scenario) -> None:
    first = decided(scenario)
    result = first.to_json()
    deface(first.document)
    assert b"defaced" in orjson.dumps(first.document)
    assert decided(scenario).to_json() == result


def test_a_shared_rule_row_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        DATA_COMPLETE.reason = "DEFACED"  # type: ignore[misc]  # that is the point
