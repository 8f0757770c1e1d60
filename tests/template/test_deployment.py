"""What `make deploy` passes on, and that it asks nobody."""

import subprocess
import tomllib
from typing import Any

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template

ROOT = TEMPLATE.parent
STAGES = ("dev", "uat", "prod")
SOMEBODY = "operations@example.com"


def said(stage: str) -> Any:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]


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
    build, size, deploy = (
        line for word in ("build", "layers.processor", "deploy") for line in commands.splitlines() if f" {word} " in line
    )
    assert build.startswith(f"ARCH={architecture} ")
    assert build.endswith(f"Architecture={architecture}")
    assert size.endswith(architecture)
    overrides = " ".join(said(stage)["parameter_overrides"])
    assert deploy.endswith(f"--config-env {stage} --parameter-overrides {overrides} Architecture={architecture} AlarmEmail={SOMEBODY}")


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
