"""The AWS side of the contract: a fresh table and bucket on moto in this process, or on the emulator that CONTRACT_ENDPOINT names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
from moto import mock_aws

from infra.aws.clients import PATIENCE

REGION = "eu-central-1"
NUMBERS = count(1)

LIST_FIELDS = [
    "run_id",
    "correlation_id",
    "request_hash",
    "idempotency_key",
    "portfolio_id",
    "status",
    "created_at",
]


@dataclass
class Aws:
    dynamodb: Any
    s3: Any
    table: str
    bucket: str


@contextmanager
def emulator() -> Iterator[str | None]:
    """The endpoint to speak to; None for moto in this process."""
    endpoint = os.environ.get("CONTRACT_ENDPOINT")
    if endpoint:
        yield endpoint
    else:
        with mock_aws():
            yield None


def provision(endpoint: str | None) -> Aws:
    """A new table and a new bucket, shaped as the template declares them."""
    dynamodb, s3 = (
        boto3.client(
            service, region_name=REGION, endpoint_url=endpoint, config=PATIENCE, aws_access_key_id="test", aws_secret_access_key="test"
        )
        for service in ("dynamodb", "s3")
    )
    number = f"{os.getpid()}-{next(NUMBERS)}"
    aws = Aws(dynamodb, s3, f"runs-{number}", f"payloads-{number}")
    s3.create_bucket(Bucket=aws.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    dynamodb.create_table(**definition(aws.table))
    return aws


def definition(name: str) -> dict[str, Any]:
    names = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"]
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"} for attribute in names],
        "KeySchema": _keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": f"GSI{n}",
                "KeySchema": _keys(f"gsi{n}pk", f"gsi{n}sk"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": LIST_FIELDS},
            }
            for n in (1, 2)
        ],
    }


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def everything(aws: Aws) -> list[dict[str, Any]]:
    """All items, for a test's own eyes; the adapters never scan."""
    return [item for page in aws.dynamodb.get_paginator("scan").paginate(TableName=aws.table) for item in page["Items"]]
