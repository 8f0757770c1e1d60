"""The deployed definition, run once over everything that these tests look at."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from engine.records.books import BookStart
from infra.local.lambdas import HandlerLambda
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from infra.template import ACCOUNT, REGION
from tests.support.books import bought
from tests.support.machines import Execution, Failing, run

TENANT = "local"  # whose token the local stack gives to who has none
MANIFEST, SMALL, SHARED = (f"{TENANT}/uploads/up_1/{name}" for name in ("manifest.jsonl", "small.jsonl", "shared.json"))
ORDER = {"tenant": TENANT, "manifest": [SMALL], "shared": SHARED, "chunk_lines": 1}
POISON, LARGE = 17, 333
HELD = [f"L{number}" for number in range(1, 8)]
LOT = {"quantity": "1", "unit_cost": {"amount": "0.987654321", "currency": "USD"}, "purchase_date": "2020-01-31"}


def shared() -> bytes:
    """A at 10 dollars, of which the only model wants half the worth, and seven shares of a dollar that it does not want."""
    prices = {"A": "10"} | dict.fromkeys(HELD, "1")
    return json.dumps(
        {
            "market_data_snapshot": {
                "prices": [{"instrument_id": key, "price": price, "currency": "USD"} for key, price in prices.items()]
            },
            "models": {"model": {"targets": [{"instrument_id": "A", "weight": "0.5"}]}},
            "shelf_entries": [{"instrument_id": key, "status": "APPROVED"} for key in prices],
            "options": {},
        }
    ).encode()


def large() -> bytes:
    """A line of some 900 kB: seven thousand lots of one unit, and a thousand dollars."""
    lots = [[LOT | {"lot_id": f"lot-{number:04}"} for number in range(1_000)] for _ in HELD]
    positions = [{"instrument_id": key, "quantity": "1000", "lots": own} for key, own in zip(HELD, lots, strict=True)]
    cash = [{"currency": "USD", "amount": "1000"}]
    snapshot = {"portfolio_id": "pf_large", "base_currency": "USD", "positions": positions, "cash_balances": cash}
    return json.dumps({"portfolio_snapshot": snapshot, "model_id": "model"}).encode()


def lines() -> list[bytes]:
    """Five hundred, each with a thousand dollars: one that is no JSON, one of 900 kB."""
    usual = [bought(f"pf_{number:03}", "1000") for number in range(500)]
    return [*usual[:POISON], b'{"portfolio_snapshot": ', *usual[POISON + 1 : LARGE], large(), *usual[LARGE + 1 :]]


def small() -> list[bytes]:
    """Four: the second keeps half its worth in cash where a tenth is the most, which asks for a review; the third is no JSON."""
    review = bought("pf_review", "1000", options={"cash_band_max_weight": "0.1"})
    return [bought("pf_ready", "1000"), review, b"{", bought("pf_last", "1000")]


@dataclass
class Books:
    """The stack, its functions in front of which faults stand, and the executions that were run on it."""

    stack: LocalStack
    steps: dict[str, Failing]
    executions: dict[str, Execution] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        return self.stack.resources.attribute("BooksBucket")

    @property
    def machine(self) -> str:
        return self.stack.resources.attribute("BookMachine")

    def read(self, name: str) -> bytes:
        content: bytes = boto3.client("s3").get_object(Bucket=self.bucket, Key=name)["Body"].read()
        return content

    def results(self, book: str, number: int) -> bytes:
        """The results of a chunk, as its tally names them."""
        start = BookStart(book, [], "", TENANT)
        return self.read(start.chunk(number, "results", json.loads(self.read(start.chunk(number, "tallies")))["sha256"]["results"]))

    def deliver(self, name: str, time: str) -> Execution:
        """What the scheduler starts, under a name of its own."""
        for step in self.steps.values():
            step.faults, step.calls, step.answer = {}, step.calls.__class__(), {}
        order = {"schedule": "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/night", "scheduled_for": time, "book": ORDER}
        return run(self.machine, name, order)

    def run(self, name: str, faults: Mapping[int, tuple[int, str]] = {}, answer: Mapping[str, Any] = {}, **changes: Any) -> Execution:
        for step in self.steps.values():
            step.faults, step.calls, step.answer = dict(faults), step.calls.__class__(), {}
        self.steps["BookIndexFunction"].answer = answer
        self.executions[name] = run(self.machine, name, ORDER | changes)
        return self.executions[name]


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as stack:
        steps = {name: Failing(function) for name, function in stack.functions.items() if name.startswith("Book")}
        served: dict[str, Any] = {step.name: step for step in steps.values()}
        HandlerLambda.install(REGION, ACCOUNT, {function.name: function for function in stack.functions.values()} | served)
        found = Books(stack, steps)
        for name, content in ((MANIFEST, b"\n".join(lines())), (SMALL, b"\n".join(small())), (SHARED, shared())):
            boto3.client("s3").put_object(Bucket=found.bucket, Key=name, Body=content)
        yield found
