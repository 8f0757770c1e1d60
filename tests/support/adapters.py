"""Adapters over a store of runs that a test chose."""

from typing import Any

from infra.adapters import Adapters
from infra.aws import connect as aws
from infra.aws.runs.store import DynamoRunStore
from infra.memory import connect as memory
from infra.memory.runs import MemoryRunStore
from infra.settings.packs import EnvironmentPacks

DAY = 86_400


def over(runs: Any, *, operations_ttl_seconds: int = DAY, **more: Any) -> Adapters:
    """The whole composition as `connect` makes it, without policy packs unless told."""
    shared = {"operations_ttl_seconds": operations_ttl_seconds, "packs": EnvironmentPacks(""), **more}
    if isinstance(runs, DynamoRunStore):
        return aws.over(runs, **shared)
    assert isinstance(runs, MemoryRunStore)
    return memory.over(runs, **shared)
