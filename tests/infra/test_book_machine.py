"""Books over Step Functions and S3, on the emulator: names, states, what is signed."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from engine.ports.outside import StoreUnavailable
from engine.records.book_runs import BookStatus
from infra.aws.books.addresses import S3BookAddresses
from infra.aws.books.machine import StepFunctions
from tests.support.emulators import Aws, client, fresh

CAUSE = '{"errorMessage": "BOOK_SHARED_INVALID: missing at shelf_entries", "errorType": "BookRefused", "stackTrace": []}'
STOP = "States.ItemReaderFailed: Access denied (for arn:aws:s3:::books)"
ORDER = {"tenant": "bank-a", "book_id": "bk_1"}


@pytest.fixture
def aws() -> Iterator[Aws]:
    with fresh() as made:
        yield made


@pytest.fixture
def machine(aws: Aws) -> StepFunctions:
    """A machine whose executions wait: this emulator executes nothing."""
    states = client("stepfunctions", aws.endpoint)
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    made = states.create_state_machine(name="books", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/books")
    return StepFunctions(states, made["stateMachineArn"])


def test_an_execution_is_started_once_under_its_name_and_with_its_order(machine: StepFunctions) -> None:
    machine.start("bk_1", ORDER)
    machine.start("bk_1", ORDER)
    machine.start("bk_1", ORDER | {"attempt": 1})  # as 90 days later, or by somebody else
    [started] = machine.client.list_executions(stateMachineArn=machine.machine)["executions"]
    assert started["name"] == "bk_1"
    told = machine.client.describe_execution(executionArn=started["executionArn"])
    assert json.loads(told["input"]) == ORDER


def test_an_execution_runs_until_it_is_stopped(machine: StepFunctions) -> None:
    machine.start("bk_1", ORDER)
    running = machine.state("bk_1")
    assert running is not None
    assert (running.status, running.finished_at, running.fault) == (BookStatus.RUNNING, None, None)
    assert running.started_at.tzname() == "UTC"
    machine.stop("bk_1")
    stopped = machine.state("bk_1")
    assert stopped is not None
    assert stopped.status is BookStatus.CANCELLED
    assert stopped.finished_at is not None
    assert stopped.finished_at >= stopped.started_at


def test_what_is_no_execution_has_no_state_and_is_not_stopped(machine: StepFunctions) -> None:
    assert machine.state("bk_2") is None
    machine.stop("bk_2")


@pytest.mark.parametrize(
    ("told", "status", "fault"),
    [
        ({"status": "FAILED", "error": "BookIncomplete"}, BookStatus.FAILED, "BookIncomplete"),
        ({"status": "FAILED", "error": "BookStopped", "cause": STOP}, BookStatus.FAILED, "BookStopped: States.ItemReaderFailed"),
        ({"status": "FAILED", "error": "BookRefused", "cause": CAUSE}, BookStatus.FAILED, "BOOK_SHARED_INVALID: missing at shelf_entries"),
        ({"status": "FAILED", "error": "BookRefused", "cause": "hidden"}, BookStatus.FAILED, "BookRefused"),
        ({"status": "FAILED", "error": "BookRefused"}, BookStatus.FAILED, "BookRefused"),
        ({"status": "TIMED_OUT"}, BookStatus.FAILED, "BOOK_TIMED_OUT"),
        ({"status": "SUCCEEDED"}, BookStatus.SUCCEEDED, None),
        ({"status": "PENDING_REDRIVE"}, BookStatus.RUNNING, None),
    ],
)
def test_every_state_of_an_execution_is_one_of_a_book(
    machine: StepFunctions, told: dict[str, Any], status: BookStatus, fault: str | None
) -> None:
    machine.start("bk_1", ORDER)
    started = machine.client.describe_execution(executionArn=machine._arn("bk_1"))["startDate"]

    class Told:
        def describe_execution(self, **_: Any) -> dict[str, Any]:
            return {"startDate": started, **told}

    state = StepFunctions(Told(), machine.machine).state("bk_1")
    assert state is not None
    assert (state.status, state.fault) == (status, fault)


def test_an_outage_is_told_as_one(machine: StepFunctions) -> None:
    class Down:
        def __getattr__(self, name: str) -> Any:
            def call(**_: Any) -> Any:
                raise EndpointConnectionError(endpoint_url=name)

            return call

    down = StepFunctions(Down(), machine.machine)
    asked: list[Callable[[], object]] = [lambda: down.start("bk_1", ORDER), lambda: down.state("bk_1"), lambda: down.stop("bk_1")]
    for ask in asked:
        with pytest.raises(StoreUnavailable, match="BOOK_MACHINE_UNAVAILABLE"):
            ask()


def test_an_upload_is_bound_to_its_name_its_size_and_its_digest(aws: Aws) -> None:
    addresses = S3BookAddresses(aws.s3, aws.bucket, "bank-a")
    name = "bank-a/uploads/up_1/manifest.jsonl"
    offered = addresses.upload(name, most=1_000, sha256="00" * 32, seconds=900)
    policy = json.loads(base64.b64decode(offered.fields["policy"]))
    digest = base64.b64encode(bytes(32)).decode()
    assert (offered.name, offered.most, offered.fields["key"]) == (name, 1_000, name)
    assert ["content-length-range", 1, 1_000] in policy["conditions"]
    assert {"key": name} in policy["conditions"]
    assert {"bucket": aws.bucket} in policy["conditions"]
    assert {"tagging": offered.fields["tagging"]} in policy["conditions"]
    assert "<Key>kind</Key><Value>upload</Value>" in offered.fields["tagging"]  # by which the bucket erases it
    assert {"x-amz-checksum-sha256": digest} in policy["conditions"]
    assert offered.fields["x-amz-checksum-sha256"] == digest
    free = addresses.upload(name, most=1_000, sha256=None, seconds=900)
    assert "x-amz-checksum-sha256" not in free.fields


def test_no_address_leads_out_of_the_tenants_part(aws: Aws) -> None:
    addresses = S3BookAddresses(aws.s3, aws.bucket, "bank-a")
    for name in ("bank-b/books/bk_1/summary.json", "bank-ab/x", "summary.json", "/bank-a/x"):
        with pytest.raises(ValueError, match="BOOK_FILE_NAME"):
            addresses.link(name, seconds=900)
        with pytest.raises(ValueError, match="BOOK_FILE_NAME"):
            addresses.upload(name, most=1, sha256=None, seconds=900)
        with pytest.raises(ValueError, match="BOOK_FILE_NAME"):
            addresses.names(name)


def test_the_files_of_a_folder_are_told_by_their_last_part(aws: Aws) -> None:
    for name in ("tallies/000001", "tallies/000002", "results/000001", "tallies-2/000003"):
        aws.s3.put_object(Bucket=aws.bucket, Key=f"bank-a/books/bk_1/{name}", Body=b"")
    assert S3BookAddresses(aws.s3, aws.bucket, "bank-a").names("bank-a/books/bk_1/tallies") == {"000001", "000002"}
