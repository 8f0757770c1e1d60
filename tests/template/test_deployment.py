"""What `make deploy` passes on, and that it asks nobody."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template
from layers.release import release
from layers.setting import words

ROOT = TEMPLATE.parent
STAGES = ("dev", "uat", "prod")
SOMEBODY = "operations@example.com"


def said(stage: str) -> Any:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]


@pytest.mark.parametrize("part", ["Parameters", "Outputs"])
def test_what_a_deployment_is_given_and_gives_says_what_it_is(part: str) -> None:
    assert [name for name, stated in Template.load(TEMPLATE).document[part].items() if not stated.get("Description")] == []


def would_run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The commands that make would run, nothing of which runs."""
    made = ("-o", ".venv/ready", "-o", ".venv/deploy/ready")
    return subprocess.run(["make", "-n", "--no-print-directory", *made, *arguments], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603, S607  (our own Makefile)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_deployed_without_asking_to_a_named_region_under_its_own_name(stage: str) -> None:
    settings = said(stage)
    assert (settings["confirm_changeset"], settings["fail_on_empty_changeset"]) == (False, False)
    assert (settings["stack_name"], settings["region"]) == (f"rebalance-{stage}", "eu-central-1")
    assert f"stage={stage}" in settings["tags"]


@pytest.mark.parametrize("stage", STAGES)
def test_the_parameters_of_a_stage_are_the_templates(stage: str) -> None:
    given = dict(pair.split("=", 1) for pair in said(stage)["parameter_overrides"])
    template = Template.load(TEMPLATE, {"AlarmEmail": SOMEBODY} | given)
    assert template.values["Stage"] == stage


@pytest.mark.parametrize(("stage", "architecture"), [("dev", "x86_64"), ("uat", "arm64"), ("prod", "arm64")])
def test_what_was_built_is_what_is_checked_and_deployed(stage: str, architecture: str) -> None:
    commands = would_run("deploy", f"ENV={stage}", f"ARCH={architecture}", f"PARAMETERS=AlarmEmail={SOMEBODY}").stdout
    build, size, release, deploy = (
        line for word in ("build", "layers.processor", "layers.release", "deploy") for line in commands.splitlines() if f" {word} " in line
    )
    assert build.startswith(f"ARCH={architecture} ")
    assert build.endswith(f"Architecture={architecture}")
    assert size.endswith(architecture)
    given = f"{' '.join(said(stage)['parameter_overrides'])} Architecture={architecture} AlarmEmail={SOMEBODY}"
    assert release.startswith(f"release=$(.venv/bin/python -m layers.release {given}) &&")  # without a name nothing is deployed
    assert deploy.endswith(f"--config-env {stage} --parameter-overrides {given} Release=$release")


def test_a_parameter_that_is_json_reaches_sam_whole() -> None:
    """A shell takes quotes away, and sam reads a value up to its first quote or blank unless it is quoted itself."""
    said = ["Stage=dev", 'TokenIssuersJson=[{"issuer": "https://a/"}]', 'Already="quoted \\"here\\""']
    assert shlex.split(words(said, "parameter_overrides")) == [
        "Stage=dev",
        r'TokenIssuersJson="[{\"issuer\": \"https://a/\"}]"',
        'Already="quoted \\"here\\""',
    ]
    assert words("rebalance-dev", "stack_name") == "rebalance-dev"


def test_the_stack_policy_protects_whatever_holds_data() -> None:
    denied = json.loads((ROOT / "stack-policy.json").read_text())["Statement"][1]
    kept = {resource["Type"] for resource in Template.load(TEMPLATE).resources.values() if "DeletionPolicy" in resource}
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert set(denied["Condition"]["StringEquals"]["ResourceType"]) == kept | {"AWS::SQS::Queue"}


def test_what_the_scanner_is_not_asked_stands_with_its_reason() -> None:
    lines = [line.strip() for line in (ROOT / ".checkov.yaml").read_text().splitlines()]
    skipped = [n for n, line in enumerate(lines) if line.startswith("- CKV")]
    assert skipped
    assert all(lines[n - 1].startswith("# ") and lines[n - 1].endswith(".") for n in skipped)


def test_a_release_is_named_after_every_file_and_every_parameter(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bc")
    first = release(tmp_path, ["Stage=dev"])
    assert re.fullmatch(Template.load(TEMPLATE).document["Parameters"]["Release"]["AllowedPattern"], first)
    assert release(tmp_path, ["Stage=dev"]) == first
    others = [release(tmp_path, ["Stage=uat"]), release(tmp_path, []), release(tmp_path, ["Stage=dev", ""])]
    (tmp_path / "a").rename(tmp_path / "ab")
    (tmp_path / "ab").write_bytes(b"c")
    others.append(release(tmp_path, ["Stage=dev"]))
    assert len({first, *others}) == 5


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["ENV=uat"], "AWS_DEFAULT_REGION=eu-central-1 .venv/bin/python -m infra.cutover rebalance-uat"),
        (["ENV=dev", "STACK=mine"], "AWS_DEFAULT_REGION=eu-central-1 .venv/bin/python -m infra.cutover mine"),
        (["STACK=mine"], ".venv/bin/python -m infra.cutover mine"),
        (["ENV="], ".venv/bin/python -m infra.cutover"),
    ],
)
def test_the_cutover_check_finds_its_stack(arguments: list[str], command: str) -> None:
    assert would_run("cutover-check", *arguments).stdout.splitlines()[-1].strip() == command
