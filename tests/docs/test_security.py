"""The page on security names what there is: parameters, codes, alarms, variables; and the workflow runs what CI runs, with no more rights."""

import re
from typing import Any, Final

import pytest
import yaml

from engine.usecases.refusals import Code
from infra.http.body import ACTION, COMMAND, GZIP_MEMBERS, PACK, SNAPSHOTS
from infra.local.stack import TEMPLATE
from infra.template import Template
from infra.tokens.verification import MAX_TOKEN_LENGTH
from tests.docs.citations import ROOT

PAGE: Final = (ROOT / "SECURITY.md").read_text()
WORKFLOW: Final = (ROOT / ".github/workflows/ci.yml").read_text()
HOOKS: Final = (ROOT / ".pre-commit-config.yaml").read_text()
RUN: Final = (ROOT / ".ci/run").read_text()
MAKEFILE: Final = (ROOT / "Makefile").read_text()


def test_every_setting_code_and_alarm_that_is_named_exists() -> None:
    template = Template.load(TEMPLATE)
    known = {*template.document["Parameters"], *template.resources}
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", PAGE))
    assert len(named) > 10
    assert named - known == set()
    codes = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", PAGE))
    assert codes - set(Code) == set()


def test_what_may_be_sent_is_what_is_checked() -> None:
    assert (
        f"| {SNAPSHOTS.plain / 1e6:.1f} MB; {SNAPSHOTS.unzipped // 10**6} MB in {GZIP_MEMBERS} parts of gzip; {SNAPSHOTS.values:,} |"
        in PAGE
    )
    assert f"| {PACK.plain // 10**6} MB, {ACTION.plain // 1000} kB, {COMMAND.plain // 1000} kB, none of them zipped |" in PAGE
    assert [limits.unzipped for limits in (PACK, ACTION, COMMAND)] == [0, 0, 0]
    assert f"; {MAX_TOKEN_LENGTH:,} |" in PAGE


def test_the_release_that_gets_corrections_is_the_newest() -> None:
    [newest] = re.findall(r"^## \[(\d+\.\d+)\.\d+\] - ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[:1]
    assert f"| the newest minor release, {newest} | yes" in PAGE


def targets(text: str) -> list[str]:
    """What is made, in its order."""
    return re.findall(r"(?:^|run: )make ([a-z-]+)", text, re.MULTILINE)


def test_the_workflow_makes_what_ci_makes_and_the_two_commands() -> None:
    assert set(targets(WORKFLOW)) == {*targets(RUN), "run"}
    assert re.search(r'python: \["3\.11", "3\.13"\]', WORKFLOW)


def test_the_workflow_may_only_read_and_knows_nobody_else() -> None:
    document: Any = yaml.safe_load(WORKFLOW)
    assert document["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in document["jobs"].values())
    steps = [step for job in document["jobs"].values() for step in job["steps"]]
    uses = {step["uses"] for step in steps if "uses" in step}
    assert {action.partition("@")[0] for action in uses} == {"actions/checkout", "actions/setup-python"}
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action) for action in uses)
    assert all(step["with"]["persist-credentials"] is False for step in steps if step.get("uses", "").startswith("actions/checkout@"))
    assert all(set(job) >= {"timeout-minutes", "runs-on"} for job in document["jobs"].values())
    assert re.findall(r"secrets|://|\w+\.(?:com|org|net|io|dev)\b", WORKFLOW) == []


@pytest.mark.parametrize("hook", yaml.safe_load(HOOKS)["repos"][0]["hooks"], ids=lambda hook: str(hook["id"]))
def test_a_hook_calls_what_the_project_has(hook: dict[str, Any]) -> None:
    assert [repository["repo"] for repository in yaml.safe_load(HOOKS)["repos"]] == ["local"]
    program, argument = hook["entry"].split()[:2]
    assert (hook["language"], program) in {("system", "make"), ("system", ".venv/bin/ruff")}
    if program == "make":
        assert f"\n{argument}:" in MAKEFILE
    else:
        assert (ROOT / program).exists()
