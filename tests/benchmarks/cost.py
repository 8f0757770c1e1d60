"""What a million simulates cost: what one was measured to use, times the prices of a list.

Prices and whatever a machine of ours cannot measure are inputs, stated below with their date; bytes, units and memory are read from the
measurement and from the template. Left out: free tiers, discounts, what a deployment costs while nobody calls (key, alarms, dashboard,
custom metrics), firewall and usage plans.
"""

import statistics
import sys
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Final

import orjson

from engine.records.runs import RunDocuments
from infra.aws.runs.documents import Binder
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.prices import LIST
from infra.prices import PRICES as OF_THE_LIST
from infra.system import utc_now
from tests.benchmarks.engine_bytes import timed
from tests.benchmarks.meter import Bill
from tests.benchmarks.portfolios import portfolio_request
from tests.benchmarks.units import CALLER, POSITIONS, named, simulated
from tests.support.adapters import over
from tests.support.emulators import TEMPLATE
from tests.support.samples import TENANT
from tests.support.service import PERSISTING, Service

MILLION: Final = 1_000_000
GIGABYTE: Final = 10**9


@dataclass(frozen=True, slots=True)
class Stated:
    """What is assumed of AWS, as of the same day. Milliseconds of one call, warm; bytes; shares of one."""

    get_item_ms: float = 4.0
    put_object_ms: float = 30.0
    transaction_ms: float = 15.0
    platform_log_bytes: int = 700  # Lambda's start and report of a call, as JSON
    traced: float = 1.0  # X-Ray's usual rule traces the first call of a second and a twentieth of the rest: all, below one a second
    key_requests_a_put: float = 0.01  # bucket keys and the tables' cached keys spare the others
    calls_an_authorizer: float = 100.0  # answered by one cached decision
    authorizer_ms: float = 20.0
    item_overhead: int = 100  # bytes that DynamoDB stores beside an item, or its copy in an index


PRICES = SimpleNamespace(**{name: float(price) for name, price in asdict(OF_THE_LIST).items()})
STATED = Stated()


@dataclass(frozen=True, slots=True)
class Used:
    """What one simulate uses."""

    bill: Bill
    compute_ms: float
    log_bytes: int
    answer_bytes: int
    memory_gigabytes: float
    authorizer_gigabytes: float

    @property
    def billed_ms(self) -> float:
        """Computing, and waiting for AWS: the document and the transaction follow each other."""
        waits = self.bill.reads * STATED.get_item_ms + len(self.bill.puts) * STATED.put_object_ms + STATED.transaction_ms
        return self.compute_ms + waits


def measured() -> Used:
    """A simulate as deployed on the emulator for what it leaves, on memory for how long it computes."""
    body = orjson.loads(portfolio_request(POSITIONS))
    with simulated() as (_, service, _, bill):
        own_lines = len(service.log.getvalue().encode())
    tables = MemoryTables()
    quick = Service(over(MemoryRunStore(tables, clock=utc_now)), PERSISTING, CALLER)
    reply = quick.simulate(body, **named())
    kept: RunDocuments | None = quick.adapters.runs.documents(TENANT, reply.json["rebalance_run_id"])
    assert kept is not None
    calls = [timed(lambda: quick.simulate(body, **named()), 10) + timed(lambda: Binder.of(kept), 10) for _ in range(5)]
    access_line = TEMPLATE.properties("Api")["AccessLogSetting"]["Format"]
    memory = {name: TEMPLATE.properties(name)["MemorySize"] / 1024 for name in ("SimulateFunction", "AuthorizerFunction")}
    return Used(
        bill,
        statistics.median(calls) * 1e3,
        own_lines + STATED.platform_log_bytes + len(access_line),
        len(reply.body),
        memory["SimulateFunction"],
        memory["AuthorizerFunction"],
    )


def once(used: Used) -> dict[str, float]:
    """Dollars of one simulate, by part."""
    bill, authorized = used.bill, 1 / STATED.calls_an_authorizer
    seconds = used.billed_ms / 1e3 * used.memory_gigabytes
    return {
        "API Gateway, a request": PRICES.api_request,
        f"Lambda, {used.billed_ms:.0f} ms at {used.memory_gigabytes:.2f} GB": PRICES.lambda_request
        + seconds * PRICES.lambda_gigabyte_second,
        "Lambda, the authorizer's share": authorized
        * (PRICES.lambda_request + STATED.authorizer_ms / 1e3 * used.authorizer_gigabytes * PRICES.lambda_gigabyte_second),
        f"DynamoDB, {bill.write_units} write units": bill.write_units * PRICES.write_unit,
        f"DynamoDB, {bill.index_units} write units of indexes": bill.index_units * PRICES.write_unit,
        f"DynamoDB, {bill.read_units} read units": bill.read_units * PRICES.read_unit,
        f"S3, {len(bill.puts)} objects put": len(bill.puts) * PRICES.put,
        f"logs, {used.log_bytes} bytes": used.log_bytes / GIGABYTE * PRICES.log_gigabyte,
        f"X-Ray, {STATED.traced:.0%} traced": STATED.traced * PRICES.trace,
        "KMS": len(bill.puts) * STATED.key_requests_a_put * PRICES.key_request,
        f"transfer, {used.answer_bytes} bytes answered": used.answer_bytes / GIGABYTE * PRICES.transfer_gigabyte,
    }


def monthly(used: Used) -> dict[str, float]:
    """Dollars a month that what one simulate left costs, by part."""
    bill = used.bill
    table = bill.item_bytes + bill.index_bytes + STATED.item_overhead * (bill.items + bill.index_units)
    return {
        f"DynamoDB, {table} bytes with recovery": table / GIGABYTE * (PRICES.table_gigabyte + PRICES.table_recovery_gigabyte),
        f"S3, {sum(bill.puts)} bytes": sum(bill.puts) / GIGABYTE * PRICES.bucket_gigabyte,
        f"logs, {used.log_bytes} bytes": used.log_bytes / GIGABYTE * PRICES.log_stored_gigabyte,
    }


def lines(used: Used) -> list[str]:
    """The table that is printed: dollars for a million."""
    parts, kept = once(used), monthly(used)
    head = f"a million simulates at N = {POSITIONS}; {LIST}"
    rows = [*parts.items(), ("together", sum(parts.values())), *((f"a month: {name}", price) for name, price in kept.items())]
    return [head, *(f"{name:52} {price * MILLION:8.2f}" for name, price in [*rows, ("a month, together", sum(kept.values()))])]


def main() -> bool:
    """Print what a million simulates cost; nothing is promised of it."""
    print("\n".join(lines(measured())))
    return True


if __name__ == "__main__":
    sys.exit(not main())
