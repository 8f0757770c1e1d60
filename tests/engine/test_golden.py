"""Every golden scenario does what its derivation says, and no outcome changes without a new engine version."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.version import ENGINE_VERSION
from tests.golden import outcomes
from tests.golden.scenarios import COMMENT, Scenario, differences, files, patched, scenarios, stem

SCENARIOS = scenarios()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_outcome_is_the_derived_one(scenario: Scenario) -> None:
    assert list(differences(scenario.expect, json.loads(scenario.decide()))) == []


@pytest.mark.parametrize("file", files(), ids=stem)
def test_every_scenario_derives_what_it_expects(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert COMMENT.match(text)
    assert len(COMMENT.findall(text)) >= 2 * len(re.findall(r'^ +"request":', text, re.MULTILINE))


def test_no_outcome_changes_without_a_new_engine_version() -> None:
    assert outcomes.changed(SCENARIOS, outcomes.recorded()) == [], (
        f"These golden outcomes differ from those recorded for engine {ENGINE_VERSION}. If the change is wanted, raise "
        "ENGINE_VERSION in engine/version.py and record the new outcomes with `python -m tests.golden`; if not, it is a defect."
    )


def test_every_outcome_is_recorded() -> None:
    new = outcomes.unrecorded(SCENARIOS, outcomes.recorded())
    assert new == [], "Record the outcomes of new or edited scenarios with `python -m tests.golden`."


def test_the_tripwire_tells_a_changed_outcome_from_a_changed_scenario() -> None:
    one = SCENARIOS[0]
    row = outcomes.digests(one)
    assert outcomes.changed([one], {one.name: row | {"result": "another"}}) == [one.name]
    assert outcomes.changed([one], {"renamed": row | {"result": "another"}}) == [one.name]
    assert outcomes.changed([one], {one.name: {"request": "another", "result": "another"}}) == []
    assert outcomes.unrecorded([one], {one.name: {"request": "another", "result": "another"}}) == [one.name]
    assert outcomes.unrecorded([one], {one.name: row, "gone": row}) == ["gone"]


def test_a_merge_patch_merges_removes_and_replaces() -> None:
    assert patched({"a": {"b": 1, "c": 2}, "d": [1, 2]}, {"a": {"b": None, "e": 3}, "d": [4]}) == {"a": {"c": 2, "e": 3}, "d": [4]}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": "1"}, {}),
        ({"a": None}, {"a": "1"}),
        ({"a": "1"}, {"a": "2"}),
        ({"a": "1"}, {"a": 1}),
        ({"a": 1}, {"a": True}),
        ({"a": ["1"]}, {"a": ["1", "2"]}),
        ({"a": []}, {"a": {}}),
        ({"rows": {"A": {"weight": "1"}}}, {"rows": [{"instrument_id": "B", "weight": "1"}]}),
        ({"rows": {"A": {"weight": "1"}}}, {"rows": [{"instrument_id": "A", "weight": "2"}]}),
        ({"a": "33.33…"}, {"a": "33.32"}),
        ({"a": "33.33…"}, {"a": 33.33}),
    ],
)
def test_a_difference_is_found(expected: dict[str, Any], actual: dict[str, Any]) -> None:
    assert len(list(differences(expected, actual))) == 1


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, {"a": "1"}),
        ({"a": "1.50"}, {"a": "1.5"}),
        ({"a": "0"}, {"a": "0E-24"}),
        ({"a": "33.33…"}, {"a": "33.33333333333333333333333333"}),
        ({"rows": {"A": {"weight": "1"}}}, {"rows": [{"instrument_id": "B"}, {"instrument_id": "A", "weight": "1.0"}]}),
    ],
)
def test_unnamed_members_and_trailing_zeros_do_not_matter(expected: dict[str, Any], actual: dict[str, Any]) -> None:
    assert list(differences(expected, actual)) == []
