"""What a simulate writes and a look-up reads in DynamoDB, in the units that are billed."""

import json
from math import ceil
from typing import Any

from engine.policy_packs import PackRules
from engine.ports.runs import RunStore
from engine.records.runs import Source
from engine.usecases.packs import PackResolution
from engine.usecases.simulate import SimulateCall, SimulateRun
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.settings.packs import EnvironmentPacks
from infra.system import new_id, utc_now
from tests.benchmarks.portfolios import portfolio_request
from tests.support.emulators import fresh

MAX_ITEMS = 6
KILOBYTE = 1024
TRANSACTIONAL = 2
"""A write in a transaction costs two units for every kilobyte begun."""


def size(item: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them, near enough: names and values as text, binaries as they are."""
    return sum(len(name) + len(value.get("B", b"") or json.dumps(value, default=len)) for name, value in item.items())


def main() -> bool:
    """Print what one simulate costs at N = 50; True when it writes at most six items."""
    with fresh() as aws:
        writes: list[dict[str, Any]] = []
        reads: list[str] = []
        aws.dynamodb.meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems", lambda params, **_: writes.extend(params["TransactItems"])
        )
        for call in ("GetItem", "Query"):
            aws.dynamodb.meta.events.register(f"provide-client-params.dynamodb.{call}", lambda model, **_: reads.append(model.name))
        store: RunStore = DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket), clock=utc_now)
        simulate = SimulateRun(store, PackResolution(PackRules(), EnvironmentPacks("")), utc_now, new_id)
        run = simulate("t", SimulateCall("a", Source.API, "key", "corr", "", portfolio_request(50), lambda _: True, lambda: True))
        before = len(reads)
        store.result("t", run.run_id)
    items = [write.get("Put", write.get("Update", {})) for write in writes]
    sizes = [size(item.get("Item", {})) for item in items]
    units = sum(TRANSACTIONAL * max(1, ceil(length / KILOBYTE)) for length in sizes)
    print(
        f"simulate at N = 50: {len(items)} items of {sum(sizes)} bytes, {units} write units, {before} reads; look-up of its result: {len(reads) - before} read"
    )
    return len(items) <= MAX_ITEMS


if __name__ == "__main__":
    main()
