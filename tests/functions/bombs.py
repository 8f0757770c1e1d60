"""Bodies of many small values, and one function that answers them in the memory it is deployed with.

`python -m tests.functions.bombs FUNCTION FOLDER [BYTES]` fires every body of the folder at every endpoint of the function that takes one,
or one of at most so many bytes as sent, and prints a line of JSON for each: its name, the status, the CPU seconds.
"""

import gzip
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any, Final

from infra.api import CALLS
from infra.http.body import NO_BODY, SNAPSHOTS, BodyLimits
from infra.http.identity import Scope
from infra.memory.runs import MemoryRunStore, MemoryTables
from infra.observability import logger
from infra.settings.packs import PackSettings
from infra.system import utc_now
from infra.template import Template
from tests.support.adapters import over
from tests.support.gateway import IDENTITY, event, load
from tests.support.packs import MemoryPacks
from tests.support.portfolios import a_request
from tests.support.queues import MemoryQueue
from tests.support.service import ACCEPTING

MEGABYTE: Final = 1024 * 1024
ELSEWHERE: Final = 100 * MEGABYTE
"""What a deployed function holds and this process does not: boto3, the runtime's client, the event as it arrived."""
TAKING: Final = [call for call in CALLS if call.body is not NO_BODY]
ENDPOINTS: Final = {
    function: [call for call in TAKING if call.function == function] for function in sorted({call.function for call in TAKING})
}
LIMITS: Final = sorted({(call.function, call.body.plain): call.body for call in TAKING}.items())
"""By function and by what its calls take."""

PARAMETERS: Final = {
    **dict.fromkeys(("rebalance_run_id", "correlation_id", "idempotency_key", "policy_pack_id", "proposal_id"), "x"),
    "version_no": "1",
}
SHAPES: Final = {"ones": b"1", "objects": b"{}", "members": b'{"a":1}', "nested": b'[[1,{"a":[]}],{"b":{"c":1}}]'}
EVERYBODY: Final = IDENTITY | {"scopes": " ".join(Scope)}


def filled(item: bytes, size: int, around: tuple[bytes, bytes]) -> bytes:
    """As many items as fit, with commas between them."""
    before, after = around
    count = (size - len(before) - len(after)) // (len(item) + 1)
    return before + (item + b",") * (count - 1) + item + after


def valid(**more: Any) -> bytes:
    """One document that every endpoint takes: each ignores the members of the others."""
    document = a_request() | {"scenarios": {"base": {}}, "version": "1", "action": "APPROVE", "reason_code": "OK"}
    return json.dumps(document | more).encode()


def beyond_every_limit() -> Iterator[tuple[str, bytes]]:
    """Name and body: small items up to the last byte, alone, in an ignored member, and in an ignored member of a valid request."""
    open_valid = valid()[:-1] + b',"ignored":['
    for shape, item in SHAPES.items():
        for place, around in {"alone": (b"[", b"]"), "ignored": (b'{"x":[', b"]}"), "valid": (open_valid, b"]}")}.items():
            yield f"{shape}-{place}.json", filled(item, SNAPSHOTS.plain, around)
            if place != "alone":
                yield f"{shape}-{place}.gz", gzip.compress(filled(item, SNAPSHOTS.unzipped, around), compresslevel=1, mtime=0)


def within(limits: BodyLimits) -> Iterator[tuple[str, bytes]]:
    """Name and body: as many values as the limits allow, where each of them costs most."""
    room = limits.values - 1_000

    def rows(item: bytes) -> bytes:
        return b"[" + (item + b",") * (room // (1 + sum(map(item.count, b"[{,")))) + item + b"]"

    numbered = json.dumps({str(number): 1 for number in range(room)}).encode()
    lots = b'{"portfolio_snapshot":{"positions":[{"lots":[{"unit_cost":{"x":@}}]}]}}'
    bodies = {
        "valid": valid(ignored="@").replace(b'"@"', rows(b'{"a":1}')),
        "missing": b'{"x":@}'.replace(b"@", rows(b'{"a":{}}')),
        "missing-below": lots.replace(b"@", rows(b'{"a":1}')),
        "wrong-type": b'{"shelf_entries":{"x":@},"version":@}'.replace(b"@", rows(b"{}"), 1).replace(b"@", b"[]"),
        "attributes": b'{"shelf_entries":[{"attributes":@}]}'.replace(b"@", numbered),
        "options": b'{"options":@}'.replace(b"@", numbered),
        "scenarios": valid(scenarios={"a": {"options": {"x": "@"}}}).replace(b'"@"', rows(b'{"a":1}')),
        "not-finite": b'{"x":@,"y":"NaN"}'.replace(b"@", rows(b'{"a":1}')),
        "twice": b'{"x":@}'.replace(b"@", rows(b'{"a":1,"a":1}')),
        "deep": b"[" * room,
    }
    for name, body in bodies.items():
        if limits.unzipped:
            yield f"{name}.gz", gzip.compress(body, compresslevel=1, mtime=0)
        elif len(body) <= limits.plain:
            yield f"{name}.json", body


def main(function: str, folder: Path, most_bytes: int | None = None) -> None:
    """Build the function, bound this process by its memory, and fire."""
    calls = [call for call in ENDPOINTS[function] if most_bytes in {None, call.body.plain}]
    packs = MemoryPacks()
    adapters = over(MemoryRunStore(MemoryTables(), clock=utc_now), packs=packs, pack_changes=packs, queue=MemoryQueue())
    settings = replace(ACCEPTING, packs=PackSettings(enabled=True))
    handler = load(function).build(settings, adapters, logger(function, sys.stderr))
    [memory] = [
        properties["MemorySize"]
        for _, properties in Template.load(Path(__file__).parents[2] / "template.yaml").of_type("AWS::Serverless::Function")
        if properties["CodeUri"] == f"functions/{function}"
    ]
    mapped, resident, *_ = (int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split())
    most = memory * MEGABYTE - ELSEWHERE + (mapped - resident)  # what is mapped and never touched costs no memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for number, path in enumerate(sorted(folder.iterdir())):
        headers: dict[str, str | list[str]] = {"Idempotency-Key": f"key-{number}", "Content-Type": "application/json"}
        headers |= {"Content-Encoding": "gzip"} if path.suffix == ".gz" else {}
        for call in calls:
            sent = event(path.read_bytes(), headers, method=call.method, path=call.path, authorizer=EVERYBODY)
            started = process_time()
            status = handler(sent | {"pathParameters": PARAMETERS}, None)["statusCode"]
            sys.stdout.write(json.dumps([path.name, status, process_time() - started]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
