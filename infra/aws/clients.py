"""Low-level AWS clients, made once per container and handed to the stores. Region, endpoint and credentials come from the SDK's own settings."""

from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

CLIENT_CONFIG: Final = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},  # lost connections; the stores themselves wait out conflicts and throttling
    max_pool_connections=16,
)
"""Both attempts end before the shortest function does, so that an outage is told as one."""

S3_CONFIG: Final = CLIENT_CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
"""S3 serves encrypted objects only to links of the newer signature and of the bucket's own region; the SDK does not choose them everywhere."""


@cache
def client(service: str) -> Any:
    """The one client of a service, by the SDK's name for it. Safe to share between threads."""
    return boto3.client(service, config=S3_CONFIG if service == "s3" else CLIENT_CONFIG)
