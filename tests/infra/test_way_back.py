"""Whether a release may go over another, told by the formats in which both record."""

import json
from functools import partial

import pytest

from infra.aws.formats import VERSIONS, told, told_by
from infra.way_back import main, of_stack, ways
from tests.support.emulators import client, moto

HERE = {"runs": 2, "books": 1}


@pytest.mark.parametrize(
    ("deployed", "gradual", "found"),
    [
        ({"runs": 2, "books": 1}, True, []),
        ({"runs": 2}, True, []),
        ({}, False, ["ONE_WAY:runs:1:2"]),
        ({"runs": 1}, True, ["ONE_WAY:runs:1:2", "CUTOVER_NOT_GRADUAL:runs:1:2"]),
        ({"runs": 3, "books": 1}, False, ["CUTOVER_RECORDED_BY_NEWER:runs:3:2"]),
        ({"runs": 2, "letters": 2}, False, ["CUTOVER_RECORDED_BY_NEWER:letters:2:1"]),
    ],
)
def test_what_stands_between_two_releases(deployed: dict[str, int], gradual: bool, found: list[str]) -> None:
    assert list(ways(deployed, HERE, gradual=gradual)) == found


def test_formats_are_told_as_they_are_read() -> None:
    assert told({"runs": 2, "books": 1}) == "books=1 runs=2"
    assert told_by(told()) == dict(VERSIONS)


def test_a_parameter_that_is_not_named_keeps_its_value() -> None:
    stack = {"Parameters": [{"ParameterKey": "GradualReleases", "ParameterValue": "true"}]}
    assert of_stack(stack) == ["ONE_WAY:runs:1:2", "CUTOVER_NOT_GRADUAL:runs:1:2"]
    assert of_stack(stack, {"GradualReleases": "false"}) == ["ONE_WAY:runs:1:2"]


@pytest.mark.parametrize(
    ("formats", "status", "said"),
    [
        (told(), 0, ""),
        (
            "runs=1",
            0,
            "ONE_WAY:runs:1:2\nAfter something is recorded in a new format, the release that is deployed now cannot come back.\n",
        ),
        (told({**VERSIONS, "books": 2}), 1, "CUTOVER_RECORDED_BY_NEWER:books:2:1\n"),
    ],
)
def test_a_deployment_asks_first(formats: str, status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Formats": {"Value": formats}}}
    with moto():
        clients = partial(client, endpoint=None)
        clients("cloudformation").create_stack(StackName="rebalance-uat", TemplateBody=json.dumps(template))
        assert main(["rebalance-uat", "Stage=uat"], clients) == status
        assert main(["rebalance-nowhere"], clients) == 0
    assert capsys.readouterr().out == said
