"""What holds for every proposal: money and units are conserved, funding takes no balance below zero, the order of trades and hash seeds do not matter."""

import hashlib
import os
import subprocess
import sys
from typing import Any, Final

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import propose_json
from tests.engine.advisory.hostile_proposals import hostile_proposal
from tests.engine.advisory.ordinary import KINDS
from tests.engine.advisory.sound import assert_sound
from tests.engine.advisory.strategies import proposals
from tests.engine.strategies import Json
from tests.support.effort import examples

pytestmark = pytest.mark.soak
FIRST_NAMED: Final = ("PROPOSAL_INPUT_GUARDS", "PROPOSAL_TRADES_SKIPPED")
"""Rules whose reason is that of the first trade, in the order given."""

IN_ORDER_GIVEN: Final = ("warnings", "trade_adjustments", "skipped_trades")


def decide(request: Json) -> Json:
    result: Json = orjson.loads(propose_json(orjson.dumps(request), run_id="pr_1", correlation_id="c_1"))
    return result


@examples(150)
@given(proposals())
def test_cash_and_units_are_conserved_and_orders_are_allowed(request: dict[str, Any]) -> None:
    assert_sound(request, decide(request))


@examples(80)
@given(proposals(distinct=True), st.randoms(use_true_random=False))
def test_the_order_of_trades_changes_nothing_but_ids(request: dict[str, Any], rng: Any) -> None:
    shuffled = {**request, "proposed_trades": rng.sample(request["proposed_trades"], len(request["proposed_trades"]))}
    assert by_trade(shuffled, decide(shuffled)) == by_trade(request, decide(request))


def by_trade(request: Json, result: Json) -> Json:
    """The result with instruments and sides for the ids of trades; what comes in the order given in any order."""
    names = {f"oi_{n}": f"{row['side']} {row['instrument_id']}" for n, row in enumerate(request["proposed_trades"], start=1)}

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(row) for row in node]
        return names.get(node, node) if isinstance(node, str) else node

    named: Json = walk(result)
    told = named["diagnostics"]
    for member in IN_ORDER_GIVEN:
        told[member] = sorted(told[member], key=str)
    told["data_quality"] = {kind: sorted(rows) for kind, rows in told["data_quality"].items()}
    firsts = [row for row in named["rule_results"] if row["rule_id"] in FIRST_NAMED]
    reasons = (
        [row for row in named["gate_decision"]["reasons"] if row["reason_code"].partition(":")[2] in FIRST_NAMED]
        if named["gate_decision"]
        else []
    )
    for row in [*firsts, *(reason["details"] for reason in reasons)]:
        row["reason_code"] = "the first one's"
    return named


def test_a_result_of_other_trades_is_another() -> None:
    request = KINDS["two_currencies"](1)
    fewer = {**request, "proposed_trades": request["proposed_trades"][1:]}
    assert by_trade(fewer, decide(fewer)) != by_trade(request, decide(request))


def test_the_hash_seed_never_changes_a_byte() -> None:
    lines = [
        orjson.dumps(request)
        for request in (*map(hostile_proposal, range(150)), *(make(seed) for make in KINDS.values() for seed in range(10)))
    ]

    first, second = (digest_under(seed, b"\n".join(lines)) for seed in ("1", "2"))

    assert first == second
    assert first == hashlib.sha256(b"".join(propose_json(line, run_id="pr_1", correlation_id="c_1") for line in lines)).hexdigest()


PROGRAM = """
import hashlib, sys
from engine import propose_json
answers = (propose_json(line, run_id="pr_1", correlation_id="c_1") for line in sys.stdin.buffer.read().split(b"\\n"))
print(hashlib.sha256(b"".join(answers)).hexdigest(), end="")
"""


def digest_under(seed: str, lines: bytes) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, input=lines, capture_output=True, check=True, env=environment).stdout.decode()  # noqa: S603  (our own program)
