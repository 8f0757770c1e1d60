"""What the door of simulate costs on a warm container: the whole handler less the engine, less one canonical hash."""

import gc
import io
import statistics
import sys
from itertools import count

import engine
from engine.contracts import parse_request
from engine.contracts.received.members import refuse_duplicates
from engine.evidence.canonical import canonical_request, digest
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.container import Settings
from infra.settings.guardrails import Profile
from infra.system import utc_now
from tests.benchmarks.engine_bytes import timed
from tests.benchmarks.portfolios import portfolio_request
from tests.support.adapters import over
from tests.support.gateway import IDENTITY, event, load

POSITIONS, BLOCKS, CALLS = 50, 25, 12
LIMIT_MS = 1.0
TWICE_LIMIT_MS = 0.15


def main() -> bool:
    """Print the figures; True when the promise holds."""
    body = portfolio_request(POSITIONS)
    request = parse_request(body)
    tables, log, keys = MemoryTables(), io.StringIO(), count()
    adapters = over(MemoryRunStore(tables, clock=utc_now))
    handler = load("simulate").build(Settings(profile=Profile.PRODUCTION), adapters, logger("benchmark", log))

    def call() -> None:
        headers = {"Idempotency-Key": f"key-{next(keys)}", "Content-Type": "application/json"}
        answer = handler(event(body.decode(), headers, authorizer=IDENTITY), None)
        assert answer["statusCode"] == 200, answer

    def decide() -> None:
        engine.simulate_json(body, run_id="rr_benchmark", correlation_id="c_none")

    def fingerprint() -> None:
        digest(canonical_request(request))

    def look_twice() -> None:
        refuse_duplicates(body)

    timed(call, CALLS), timed(decide, CALLS), timed(fingerprint, CALLS), timed(look_twice, CALLS)
    gc.collect()
    gc.freeze()
    blocks = []
    for _ in range(BLOCKS):
        blocks.append([timed(work, CALLS) * 1e3 for work in (call, decide, fingerprint, look_twice)])
        tables.runs.clear()
        tables.claims.clear()
        log.seek(0)
        log.truncate()
    whole, decided, hashed, looked = (statistics.median(column) for column in zip(*blocks, strict=True))
    door = statistics.median(w - d - h for w, d, h, _ in blocks)
    print(
        f"warm simulate, {POSITIONS} positions: handler {whole:.2f} ms, engine {decided:.2f}, hash {hashed:.2f}, "
        f"the door {door:.2f} (at most {LIMIT_MS}), of it {looked:.2f} for members that stand twice (at most {TWICE_LIMIT_MS})"
    )
    return door <= LIMIT_MS and looked <= TWICE_LIMIT_MS


if __name__ == "__main__":
    sys.exit(not main())
