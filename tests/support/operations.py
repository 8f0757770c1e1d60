"""Accepted operations for tests, every one spelled out."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.ports.operations import OperationStore
from engine.records.operations import Failure, Operation
from tests.support.samples import START, TENANT

REQUEST = json.dumps({"scenarios": {f"s{n}": {"options": {}} for n in range(20)}}).encode()
RESULT = b'{"batch_run_id":"batch_1"}'
BROKEN = Failure("EXECUTION_FAILED", "The batch could not be run.")


def operation(number: int = 1, **changes: Any) -> Operation:
    made = Operation(
        tenant=TENANT,
        operation_id=f"dop_{number:032x}",
        operation_type="ANALYZE_SCENARIOS",
        correlation_id="corr-1",
        actor="adviser-7",
        created_at=START + timedelta(seconds=number),
        subject_id="subject",
    )
    return replace(made, **changes)


def there(store: OperationStore, operation_id: str = operation().operation_id) -> Operation:
    found = store.operation(TENANT, operation_id)
    assert found is not None
    return found
