"""The rules on releases notice what breaks them."""

from typing import Any

import pytest

from infra.aws.formats import told
from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.template.spoiled import Sabotage, properties, spoiled, violations

SABOTAGE: Sabotage = {
    "no release moves it": (
        lambda t: properties(t, "FallbackFunction").pop("AutoPublishCodeSha256"),
        ["FallbackFunction: stays at its old version when a release changes"],
    ),
    "no property moves it": (
        lambda t: properties(t, "FallbackFunction").pop("AutoPublishAliasAllProperties"),
        ["FallbackFunction: stays at its old version when its properties change"],
    ),
    "no layer moves it": (
        lambda t: properties(t, "EngineLayer").pop("PublishLambdaVersion"),
        ["EngineLayer: its functions stay at their old version when it changes"],
    ),
    "another alias": (
        lambda t: properties(t, "FallbackFunction").update(AutoPublishAlias="prod"),
        ["FallbackFunction: its version is not called live"],
    ),
    "python by itself": (
        lambda t: properties(t, "FallbackFunction").update(RuntimeManagementConfig={"UpdateRuntimeOn": "Auto"}),
        ["FallbackFunction: gets a new Python without a release"],
    ),
    "gradual unasked": (
        lambda t: properties(t, "FallbackFunction")["DeploymentPreference"].update(Enabled="true"),
        ["FallbackFunction: released gradually, and nobody asked"],
    ),
    "one pace": (
        lambda t: properties(t, "FallbackFunction")["DeploymentPreference"].update(Type="AllAtOnce"),
        ["FallbackFunction: released at once, and gradual was asked"],
    ),
    "own errors unheard": (
        lambda t: properties(t, "FallbackFunction")["DeploymentPreference"].update(Alarms=[]),
        ["FallbackFunction: FallbackErrors does not roll it back"],
    ),
    "defects unheard": (
        lambda t: t["Globals"]["Function"]["DeploymentPreference"]["Alarms"].pop(0),
        [f"{name}: CallsFailed does not roll it back" for name, _ in Template.load(TEMPLATE).of_type("AWS::Serverless::Function")],
    ),
    "a role of SAM's": (
        lambda t: properties(t, "ReleaseRole").pop("PermissionsBoundary"),
        [
            "ReleaseRole: not bounded",
            *(
                f"{name}: its traffic is moved by a role of SAM's, without a boundary"
                for name, _ in Template.load(TEMPLATE).of_type("AWS::Serverless::Function")
            ),
        ],
    ),
    "always a snapshot": (
        lambda t: properties(t, "SimulateFunction").update(SnapStart={"ApplyOn": "PublishedVersions"}),
        ["SimulateFunction: starts from a snapshot unasked, or not when asked"],
    ),
    "the sweeper from a snapshot": (
        lambda t: properties(t, "SweeperFunction").update(SnapStart={"ApplyOn": "None"}),
        ["SweeperFunction: starts from a snapshot unasked, or not when asked"],
    ),
    "an older format told": (
        lambda t: t["Outputs"]["Formats"].update(Value="runs=1"),
        [f"Formats: not `{told()}`"],
    ),
    "callers meet no version": (
        lambda t: properties(t, "SimulatePermission").update(FunctionName={"Ref": "SimulateFunction"}),
        ["SimulateFunction: the API may not call it, or not the API alone"],
    ),
}


@pytest.fixture(scope="module")
def original() -> Any:
    return Template.load(TEMPLATE).document


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_rule_notices(original: Any, name: str) -> None:
    spoil, expected = SABOTAGE[name]
    assert violations(spoiled(original, spoil), Stage="prod") == expected
