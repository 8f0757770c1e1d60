"""Low-level AWS clients, made once per container and handed to the stores. Region, endpoint and credentials come from the SDK's own settings."""

from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

PATIENCE: Final = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},  # lost connections; the stores themselves wait out conflicts and throttling
    max_pool_connections=16,
)


@cache
def client(service: str) -> Any:
    """The one client of a service: dynamodb, s3 or sqs. Safe to share between threads."""
    return boto3.client(service, config=PATIENCE)
