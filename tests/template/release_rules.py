"""What must hold of how template.yaml is released: versions behind an alias, gradual only where asked, snapshots only where asked."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from infra.aws.formats import told
from infra.template import Template
from infra.way_back import OUTPUT
from tests.template.variants import variant

FUNCTION: Final = "AWS::Serverless::Function"
RELEASE: Final = "ab" * 32
DECIDING: Final = {"Simulate", "Analyze", "AsyncDispatch", "Worker", "Verification", "Proposals", "ProposalWorkflow"}
HEARD_BY_ALL: Final = ("CallsFailed", "EvidenceBroken")


def every_release_is_a_version_of_every_function(template: Template) -> Iterator[str]:
    """Callers meet an alias. It moves with the release's name, with any property and with any layer: else a deployment would change nothing."""
    for name, function in variant(template, Release=RELEASE).of_type(FUNCTION):
        facts = {
            "its version is not called live": function.get("AutoPublishAlias") == "live",
            "stays at its old version when a release changes": function.get("AutoPublishCodeSha256") == RELEASE,
            "stays at its old version when its properties change": function.get("AutoPublishAliasAllProperties") is True,
            "gets a new Python without a release": function.get("RuntimeManagementConfig") == {"UpdateRuntimeOn": "FunctionUpdate"},
        }
        yield from (f"{name}: {fact}" for fact, holds in facts.items() if not holds)
    for name, layer in template.of_type("AWS::Serverless::LayerVersion"):
        if layer.get("PublishLambdaVersion") is not True:
            yield f"{name}: its functions stay at their old version when it changes"


def releases_are_gradual_where_asked(template: Template) -> Iterator[str]:
    asked = variant(template, GradualReleases="true", ReleasePace="Linear10PercentEvery1Minute")
    gradual = dict(asked.of_type(FUNCTION))
    for name, function in template.of_type(FUNCTION):
        now, then = function.get("DeploymentPreference", {}), gradual[name].get("DeploymentPreference", {})
        if now.get("Enabled") != "false" or "Role" in now:
            yield f"{name}: released gradually, and nobody asked"
        if (then.get("Enabled"), then.get("Type")) != ("true", "Linear10PercentEvery1Minute"):
            yield f"{name}: released at once, and gradual was asked"
        if not _bounded_role(asked, then.get("Role")):
            yield f"{name}: its traffic is moved by a role of SAM's, without a boundary"
        rolls_back = [*HEARD_BY_ALL, f"{name.removesuffix('Function')}Errors"]
        heard = [alarm["Ref"] for alarm in then.get("Alarms", [])]
        yield from (f"{name}: {alarm} does not roll it back" for alarm in rolls_back if alarm not in heard)


def _bounded_role(template: Template, role: Any) -> bool:
    return bool(role) and "PermissionsBoundary" in template.resources[role["Fn::GetAtt"][0]]["Properties"]


def snapshots_are_taken_where_asked(template: Template) -> Iterator[str]:
    """Of the functions that decide: they import most, and what a restore does to them is tried in tests/infra/test_restored.py."""
    asked = dict(variant(template, DecidersSnapStart="PublishedVersions").of_type(FUNCTION))
    for name, function in template.of_type(FUNCTION):
        wanted = ("None", "PublishedVersions") if name.removesuffix("Function") in DECIDING else (None, None)
        if tuple(f.get("SnapStart", {}).get("ApplyOn") for f in (function, asked[name])) != wanted:
            yield f"{name}: starts from a snapshot unasked, or not when asked"


def a_stack_tells_in_which_formats_it_records(template: Template) -> Iterator[str]:
    """What the next deployment, or the way back, is held against."""
    stated = template.document["Outputs"].get(OUTPUT, {}).get("Value")
    if stated != told():
        yield f"{OUTPUT}: not `{told()}`"


RELEASE_RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    every_release_is_a_version_of_every_function,
    releases_are_gradual_where_asked,
    snapshots_are_taken_where_asked,
    a_stack_tells_in_which_formats_it_records,
)
