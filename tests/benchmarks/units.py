"""What calls write and read in DynamoDB and S3, through their functions as they are deployed; exit status 1 if a simulate costs more than promised."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import orjson

from engine.usecases.artifacts import ArtifactMode
from infra.aws.payloads import Payloads
from infra.aws.runs.store import DynamoRunStore
from infra.aws.table import Table
from infra.settings.packs import EnvironmentPacks, PackSettings
from infra.settings.stores import StoreSettings
from infra.system import utc_now
from tests.benchmarks.meter import Bill, billed
from tests.benchmarks.portfolios import portfolio_request
from tests.benchmarks.proposals import TRADES, proposal_request
from tests.support.adapters import over, proposals_on_aws
from tests.support.emulators import TEMPLATE, Aws, fresh
from tests.support.gateway import IDENTITY
from tests.support.service import OPEN, Service

POSITIONS = 50
MOST_UNITS, MOST_OBJECTS = 10, 1
"""What a simulate may write: units of the table itself, and objects."""

PACK = "dpm_balanced_2026"
CALLER = IDENTITY | {"scopes": "dpm.run dpm.read advisory.run advisory.read"}


def deployed(aws: Aws, artifacts: ArtifactMode = ArtifactMode.PERSISTED, pack: str = "") -> Service:
    """The service as the template delivers it, on an emulator: artifacts kept, documents in line up to the parameter's default."""
    inline = int(TEMPLATE.values["InlinePayloadMaxBytes"])
    catalog = EnvironmentPacks(f'{{"{PACK}": {{"version": "3"}}}}')
    store = DynamoRunStore(Table(aws.dynamodb, aws.table), Payloads(aws.s3, aws.bucket, inline_max_bytes=inline), clock=utc_now)
    adapters = over(store, proposals_on_aws(aws, utc_now, inline_max_bytes=inline), packs=catalog)
    packs = PackSettings(enabled=bool(pack), default_pack_id=pack)
    return Service(adapters, replace(OPEN, store=StoreSettings(artifacts=artifacts), packs=packs), CALLER)


def named() -> dict[str, str]:
    """Headers with ids as callers draw them."""
    return {"Idempotency-Key": str(uuid4()), "X-Correlation-Id": str(uuid4())}


@contextmanager
def simulated(artifacts: ArtifactMode = ArtifactMode.PERSISTED, pack: str = "") -> Iterator[tuple[Aws, Service, dict[str, str], Bill]]:
    """A simulate on an empty store: the store, the service, the call's headers and what it cost."""
    with fresh() as aws:
        service, headers = deployed(aws, artifacts, pack), named()
        with billed(aws) as bill:
            service.simulate(orjson.loads(portfolio_request(POSITIONS)), **headers)
        yield aws, service, headers, bill


def promised() -> bool:
    """Whether every way to simulate keeps the promise."""
    kept = []
    for words, artifacts, pack in (
        ("as deployed", ArtifactMode.PERSISTED, ""),
        ("under a policy pack", ArtifactMode.PERSISTED, PACK),
        ("with artifacts derived", ArtifactMode.DERIVED, ""),
    ):
        with simulated(artifacts, pack) as (_, _, _, bill):
            print(f"simulate at N = {POSITIONS} {words}: {bill}")
            kept.append(bill.write_units <= MOST_UNITS and len(bill.puts) <= MOST_OBJECTS)
    print(f"at most {MOST_UNITS} write units and {MOST_OBJECTS} object")
    return all(kept)


def looked_up() -> None:
    """What is read of a run, and its second call."""
    with simulated() as (aws, service, headers, _):
        with billed(aws) as bill:
            run_id = service.simulate(orjson.loads(portfolio_request(POSITIONS)), **headers).json["rebalance_run_id"]
        print(f"replay: {bill}")
        for words, path in (("its result", run_id), ("its artifact", f"{run_id}/artifact"), ("its bundle", f"{run_id}/support-bundle")):
            with billed(aws) as bill:
                assert service.evidence(path).status == 200
            print(f"look-up of {words}: {bill}")


def proposed() -> None:
    """What an adviser's calls write; these promise nothing."""
    body = orjson.loads(proposal_request(POSITIONS, TRADES))
    with fresh() as aws:
        service, headers = deployed(aws), named() | {"Idempotency-Key": "key"}
        for words, form in (("proposal simulated", "simulate"), ("its artifact", "artifact")):
            with billed(aws) as bill:
                reply = service.propose(body, headers, CALLER, form=form)
                assert reply.status == 200, reply.body
            print(f"{words}: {bill}")
        with billed(aws) as bill:
            created = {"created_by": CALLER["actor"], "simulate_request": body}
            reply = service.call("POST", "/rebalance/proposals", created, {"Content-Type": "application/json"} | named(), CALLER)
            assert reply.status in {200, 201}, reply.body
        print(f"proposal created: {bill}")


def main() -> bool:
    """Print what calls cost; True when a simulate keeps its promise."""
    kept = promised()
    looked_up()
    proposed()
    return kept


if __name__ == "__main__":
    sys.exit(not main())
