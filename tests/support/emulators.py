"""The AWS side of tests: a fresh table and bucket on moto in this process, or on the emulator that CONTRACT_ENDPOINT names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from boto3.session import Session
from moto import mock_aws

from infra.aws.clients import CLIENT_CONFIG
from infra.local.dynamodb import SerialDynamoDB
from infra.template import ACCOUNT, REGION, Template

NUMBERS = count(1)

TEMPLATE = Template.load(Path(__file__).parents[2] / "template.yaml")


def declared(table: str) -> dict[str, Any]:
    """What the template says of a table's shape."""
    shape = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {name: value for name, value in TEMPLATE.properties(table).items() if name in shape}


@dataclass
class Aws:
    dynamodb: Any
    s3: Any
    table: str
    bucket: str
    endpoint: str | None = None

    @property
    def packs(self) -> str:
        """The table of policy packs as the template declares it."""
        return self._made("packs", "PolicyPacksTable")

    @property
    def proposals(self) -> str:
        """The table of proposals as the template declares it."""
        return self._made("proposals", "ProposalsTable")

    def _made(self, suffix: str, resource: str) -> str:
        name = f"{self.table}-{suffix}"
        with suppress(self.dynamodb.exceptions.ResourceInUseException):
            self.dynamodb.create_table(TableName=name, **declared(resource))
        return name

    def queue(self) -> tuple[Any, str]:
        """A client of SQS and the address of a new standard queue."""
        sqs = client("sqs", self.endpoint)
        return sqs, sqs.create_queue(QueueName=f"{self.table}-operations")["QueueUrl"]


@cache
def session() -> Session:
    """One for all tests of this process: a session reads the service descriptions, and moto drops the default one whenever it starts."""
    return Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def client(service: str, endpoint: str | None) -> Any:
    return session().client(service, endpoint_url=endpoint, config=CLIENT_CONFIG)


@contextmanager
def moto() -> Iterator[None]:
    """An empty AWS in this process that many threads may call at once and whose transactions cost what they name."""
    with mock_aws():
        SerialDynamoDB.install(REGION, ACCOUNT)
        yield


@contextmanager
def emulator() -> Iterator[str | None]:
    """The endpoint to speak to; None for moto in this process."""
    endpoint = os.environ.get("CONTRACT_ENDPOINT")
    if endpoint:
        yield endpoint
    else:
        with moto():
            yield None


@contextmanager
def fresh() -> Iterator["Aws"]:
    """A new table and bucket in this process, for as long as the block."""
    with moto():
        yield provision(None)


def provision(endpoint: str | None) -> Aws:
    """A new table as the template declares it, and a new bucket."""
    dynamodb, s3 = client("dynamodb", endpoint), client("s3", endpoint)
    number = f"{os.getpid()}-{next(NUMBERS)}"
    aws = Aws(dynamodb, s3, f"runs-{number}", f"payloads-{number}", endpoint)
    s3.create_bucket(Bucket=aws.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    dynamodb.create_table(TableName=aws.table, **declared("RunsTable"))
    return aws


def everything(aws: Aws, table: str | None = None) -> list[dict[str, Any]]:
    """All items of the runs table or another one, for a test's own eyes; the adapters never scan."""
    pages = aws.dynamodb.get_paginator("scan").paginate(TableName=table or aws.table)
    return [item for page in pages for item in page["Items"]]
