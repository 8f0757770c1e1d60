"""The reading side: a warm look-up on memory, and the cold start of the functions that only read, as a ratio to what any function must load."""

import gc
import io
import statistics
import sys
import tempfile

from engine.records.runs import RunDocuments
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.system import utc_now
from tests.benchmarks.cold import FLOOR, ON_LAMBDA, seconds
from tests.benchmarks.engine_bytes import timed
from tests.benchmarks.portfolios import portfolio_request
from tests.functions.gateway import IDENTITY, event, load
from tests.support.adapters import over
from tests.support.samples import HEAD

POSITIONS, BLOCKS, CALLS = 50, 25, 40
WARM_LIMIT_MS = 2.0
MAX_COLD = 1.25
ROUNDS = 9
READING = ("run_lookup", "run_workflow")
LEAVE = "; import os; os._exit(0)"


def warm() -> bool:
    """One run by its id, with the answer of a usual portfolio."""
    import engine  # noqa: PLC0415  (only this one decides a run)

    log = io.StringIO()
    runs = MemoryRunStore(MemoryTables(), clock=utc_now)
    result = engine.simulate_json(portfolio_request(POSITIONS), run_id=HEAD.run_id, correlation_id="c_none")
    runs.record(HEAD, RunDocuments(result, b"{}", b"{}"), None)
    handler = load("run_lookup").build(Settings(profile=Profile.PRODUCTION), over(runs), logger("benchmark", log))
    asked = event(None, {}, method="GET", path=f"/rebalance/runs/{HEAD.run_id}", resource="/rebalance/runs/{rebalance_run_id}")
    asked["pathParameters"] = {"rebalance_run_id": HEAD.run_id}
    asked["requestContext"]["authorizer"] = IDENTITY

    def call() -> None:
        answer = handler(asked, None)
        assert answer["statusCode"] == 200, answer

    timed(call, CALLS)
    gc.collect()
    gc.freeze()
    blocks = []
    for _ in range(BLOCKS):
        blocks.append(timed(call, CALLS) * 1e3)
        log.seek(0), log.truncate()
    found = statistics.median(blocks)
    print(f"warm look-up of a run, {len(result)} bytes: {found:.2f} ms (at most {WARM_LIMIT_MS})")
    return found <= WARM_LIMIT_MS


def cold(function: str) -> bool:
    """INIT with its clients, in alternating rounds with the floor's."""
    code = f"import sys; sys.path[:0] = ['functions/{function}', '.']; import app" + LEAVE
    with tempfile.TemporaryDirectory() as compiled:
        seconds(code, compiled, ON_LAMBDA), seconds(FLOOR, compiled, {})
        rounds = [(seconds(code, compiled, ON_LAMBDA), seconds(FLOOR, compiled, {})) for _ in range(ROUNDS)]
    started, floor = (statistics.median(column) * 1e3 for column in zip(*rounds, strict=True))
    ratio = statistics.median(whole / least for whole, least in rounds)
    print(f"cold start of {function}: {started:.0f} ms, floor {floor:.0f} ms, ratio {ratio:.2f} (at most {MAX_COLD})")
    return ratio <= MAX_COLD


def main() -> bool:
    """Print the figures; True when the promises hold."""
    return all([warm(), *map(cold, READING)])


if __name__ == "__main__":
    sys.exit(not main())
