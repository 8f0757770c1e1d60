"""Golden scenarios: a request, what must come of it, and the arithmetic that says so.

A file is JSON with whole lines of `//` comment: first the derivation, then

    {"request": …, "expect": …, "cases": {"name": {"change": …, "expect": …}}}

or several of these by name, under `scenarios`. `change` is a merge patch (RFC 7396) on the request: objects merge, null
removes, lists are replaced.

A request without a model is an advisor's proposal.

An expectation is partial: it names the members that must match. A list must match in length and order; an object that
stands for a list names the rows that matter by their id. Numbers are compared by value, `"33.33…"` by the digits that are
there, everything else as it stands.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import engine

FOLDER = Path(__file__).parent
RUN_ID = "rr_golden"
CORRELATION_ID = "c_golden"

COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?")
ROW_IDS = ("rule_id", "intent_id", "instrument_id", "constraint_key", "key", "currency")


@dataclass(frozen=True)
class Scenario:
    """One run: its name (file, case), the request as sent, the partial expectation."""

    name: str
    request: dict[str, Any]
    expect: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The request as it goes over the wire."""
        return json.dumps(self.request).encode()

    @property
    def proposed(self) -> bool:
        """Whether it is an advisor's proposal."""
        return "model_portfolio" not in self.request

    def decide(self) -> bytes:
        """The result bytes, with ids that never change."""
        decided = engine.propose_json if self.proposed else engine.simulate_json
        return decided(self.body, run_id=RUN_ID, correlation_id=CORRELATION_ID)


def files() -> list[Path]:
    """Every scenario file, by name."""
    return sorted(FOLDER.rglob("*.jsonc"))


def stem(file: Path) -> str:
    """What the scenarios of a file are called: its place, without the ending."""
    return file.relative_to(FOLDER).with_suffix("").as_posix()


def scenarios() -> list[Scenario]:
    """Every run of every file."""
    return [scenario for file in files() for scenario in read(file)]


def read(file: Path) -> Iterator[Scenario]:
    """The runs of one file: each request itself, then its cases."""
    text = json.loads(COMMENT.sub("", file.read_text(encoding="utf-8")))
    for within, scenario in text.get("scenarios", {"": text}).items():
        name = f"{stem(file)}/{within}" if within else stem(file)
        yield Scenario(name, scenario["request"], scenario["expect"])
        for case, changed in scenario.get("cases", {}).items():
            yield Scenario(f"{name}[{case}]", patched(scenario["request"], changed["change"]), changed["expect"])


def patched(target: Any, patch: Any) -> Any:
    """The target after a JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = patched(merged.get(key), value)
    return merged


def differences(expected: Any, actual: Any, path: str = "$") -> Iterator[str]:
    """Where the actual document is not what was expected."""
    if isinstance(expected, dict) and isinstance(actual, list):
        actual = {row[next(name for name in ROW_IDS if name in row)]: row for row in actual}
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key, value in expected.items():
            if key in actual:
                yield from differences(value, actual[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}: expected {value!r}, absent"
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, pair in enumerate(zip(expected, actual, strict=True)):
            yield from differences(*pair, f"{path}[{index}]")
    elif not matches(expected, actual):
        yield f"{path}: expected {expected!r}, got {actual!r}"


def matches(expected: Any, actual: Any) -> bool:
    """Whether one value is the expected one, or begins with the digits that were worked out."""
    if isinstance(expected, str) and expected.endswith("…"):
        return isinstance(actual, str) and actual.startswith(expected[:-1])
    return bool(comparable(expected) == comparable(actual))


def comparable(value: Any) -> Any:
    """A decimal text as its number, anything else with its type: 1 is not true, and not "1"."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return Decimal(value)
    return type(value), value
