"""Recorded outcomes per engine version: a tripwire, not an expectation.

`outcomes/<version>.json` maps each scenario to the digests of its request and of its whole result. Where the request is the
same and the result is another, the engine decides differently and needs a new version.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from engine.version import ENGINE_VERSION
from tests.golden.scenarios import FOLDER, Scenario

Recorded = dict[str, dict[str, str]]


def file_of(version: str) -> Path:
    """Where the outcomes of a version are recorded."""
    return FOLDER / "outcomes" / f"{version}.json"


def recorded() -> Recorded:
    """What was recorded for the current version; nothing when it has no file yet."""
    file = file_of(ENGINE_VERSION)
    found: Recorded = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def digests(scenario: Scenario) -> dict[str, str]:
    """Digests of request and result."""
    canonical = json.dumps(scenario.request, sort_keys=True).encode()
    return {"request": hashlib.sha256(canonical).hexdigest(), "result": hashlib.sha256(scenario.decide()).hexdigest()}


def changed(scenarios: Iterable[Scenario], known: Recorded) -> list[str]:
    """Scenarios whose request was recorded with another result."""
    earlier = {row["request"]: row["result"] for row in known.values()}
    now = {scenario.name: digests(scenario) for scenario in scenarios}
    return [name for name, row in now.items() if earlier.get(row["request"], row["result"]) != row["result"]]


def unrecorded(scenarios: Iterable[Scenario], known: Recorded) -> list[str]:
    """Scenarios whose name and request are not on record, and records without a scenario."""
    now = {scenario.name: digests(scenario)["request"] for scenario in scenarios}
    new = [name for name, request in now.items() if known.get(name, {}).get("request") != request]
    return new + sorted(known.keys() - now.keys())


def record(scenarios: Iterable[Scenario]) -> Path:
    """Write the outcomes of the current version."""
    file = file_of(ENGINE_VERSION)
    rows = {scenario.name: digests(scenario) for scenario in scenarios}
    file.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return file
