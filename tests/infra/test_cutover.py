"""The gate before traffic, against the emulated stack that the template describes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.aws.formats import VERSIONS, told
from infra.cutover import TEMPLATE, environ_of, findings, issuers, main
from infra.local.stack import LocalStack
from infra.template import Template

ISSUER = {"issuer": "https://a.example/", "audience": "rebalance", "key_set": "https://a.example/keys"}


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack.from_template() as running:
        yield running


@pytest.fixture
def environ(stack: LocalStack) -> dict[str, str]:
    names = stack.resources.attribute
    return {
        "APP_PERSISTENCE_PROFILE": "PRODUCTION",
        "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
        "PROPOSAL_STORE_BACKEND": "DYNAMODB",
        "DPM_POLICY_PACK_CATALOG_BACKEND": "DYNAMODB",
        "DPM_TABLE_NAME": names("RunsTable"),
        "PROPOSAL_TABLE_NAME": names("ProposalsTable"),
        "DPM_POLICY_PACK_TABLE_NAME": names("PolicyPacksTable"),
        "DPM_PAYLOAD_BUCKET": names("PayloadBucket"),
        "BOOKS_BUCKET": names("BooksBucket"),
        "BOOK_MACHINE_ARN": names("BookMachine"),
    }


def found(environ: Mapping[str, str]) -> list[str]:
    return list(findings(environ, Template.load(TEMPLATE), boto3.client))


def recovering(environ: dict[str, str]) -> None:
    """The emulated tables, with recovery switched on as the template's are."""
    for name in ("DPM_TABLE_NAME", "PROPOSAL_TABLE_NAME", "DPM_POLICY_PACK_TABLE_NAME"):
        boto3.client("dynamodb").update_continuous_backups(
            TableName=environ[name], PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def test_the_stack_of_the_template_may_take_traffic(environ: dict[str, str]) -> None:
    recovering(environ)
    assert found(environ) == []


def test_another_profile_ends_the_check(environ: dict[str, str]) -> None:
    assert found({**environ, "APP_PERSISTENCE_PROFILE": "LOCAL"}) == ["CUTOVER_PROFILE_NOT_PRODUCTION"]


def test_a_guardrail_ends_the_check(environ: dict[str, str]) -> None:
    assert found({**environ, "DPM_PAYLOAD_BUCKET": ""}) == ["PERSISTENCE_PROFILE_REQUIRES_DPM_PAYLOAD_BUCKET"]


def test_what_is_not_there_is_named(environ: dict[str, str]) -> None:
    recovering(environ)
    missing = {"DPM_TABLE_NAME": "nowhere", "DPM_PAYLOAD_BUCKET": "nobodys", "DPM_OPERATIONS_QUEUE_URL": "http://127.0.0.1/none"}
    assert found({**environ, **missing, "BOOKS_BUCKET": "none"}) == [
        "CUTOVER_TABLE_MISSING:nowhere",
        "CUTOVER_BUCKET_MISSING",
        "CUTOVER_BOOKS_BUCKET_MISSING",
        "CUTOVER_QUEUE_MISSING",
    ]


@pytest.mark.parametrize(
    ("stated", "finding"),
    [
        ("", ["CUTOVER_TOKEN_ISSUERS_MISSING"]),
        ("[]", ["CUTOVER_TOKEN_ISSUERS_MISSING"]),
        (json.dumps([ISSUER | {"key_set": "http://127.0.0.1/keys"}]), ["CUTOVER_TOKEN_ISSUERS_UNREADABLE:[0].key_set: not https"]),
        (json.dumps([ISSUER]), []),
    ],
)
def test_somebodys_tokens_are_believed(stated: str, finding: list[str]) -> None:
    assert list(issuers({"TOKEN_ISSUERS_JSON": stated, "APP_PERSISTENCE_PROFILE": "PRODUCTION"})) == finding


def test_a_table_without_index_expiry_and_recovery_is_not_ours(environ: dict[str, str]) -> None:
    recovering(environ)
    key = [{"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE"))]
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    boto3.client("dynamodb").create_table(TableName="bare", KeySchema=key, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST")
    assert found({**environ, "DPM_TABLE_NAME": "bare"}) == [
        "CUTOVER_INDEX_MISSING:bare:GSI1",
        "CUTOVER_INDEX_MISSING:bare:GSI2",
        "CUTOVER_TTL_DISABLED:bare",
        "CUTOVER_RECOVERY_DISABLED:bare",
    ]


def test_a_bucket_without_versions_and_a_queue_without_dead_letters_are_named(environ: dict[str, str]) -> None:
    recovering(environ)
    boto3.client("s3").create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    url = boto3.client("sqs").create_queue(QueueName="plain")["QueueUrl"]
    assert found({**environ, "DPM_PAYLOAD_BUCKET": "plain", "DPM_OPERATIONS_QUEUE_URL": url}) == [
        "CUTOVER_BUCKET_VERSIONS_DISABLED",
        "CUTOVER_DEAD_LETTER_QUEUE_MISSING",
    ]


@dataclass
class CloudFormation:
    """The service's answer about one deployed stack."""

    stack: str
    outputs: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803  (as the service names it)
        if StackName != self.stack:
            missing = {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}
            raise ClientError(missing, "DescribeStacks")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()]
        return {"Stacks": [{"StackName": self.stack, "Outputs": outputs, "Parameters": parameters}]}

    def client(self, service: str) -> Any:
        return self if service == "cloudformation" else boto3.client(service)


@pytest.fixture
def deployed(stack: LocalStack) -> CloudFormation:
    names = stack.resources.attribute
    outputs = {
        "ApiUrl": "https://api.example/dev",
        "RunsTableName": names("RunsTable"),
        "ProposalsTableName": names("ProposalsTable"),
        "PolicyPacksTableName": names("PolicyPacksTable"),
        "PayloadBucketName": names("PayloadBucket"),
        "OperationsQueueUrl": names("OperationsQueue"),
        "BooksBucketName": names("BooksBucket"),
        "BookMachineArn": names("BookMachine"),
        "Formats": told(),
    }
    return CloudFormation(
        "rebalance-uat",
        outputs,
        {"Stage": "uat", "PolicyPacksEnabled": "true", "FromAnOlderTemplate": "x", "TokenIssuersJson": json.dumps([ISSUER])},
    )


def test_a_stack_tells_what_its_functions_are_told(deployed: CloudFormation) -> None:
    told = environ_of("rebalance-uat", deployed.client)
    assert told is not None
    assert {
        name: told[name] for name in ("APP_STAGE", "APP_PERSISTENCE_PROFILE", "DPM_POLICY_PACKS_ENABLED", "DPM_LINEAGE_APIS_ENABLED")
    } == {
        "APP_STAGE": "uat",
        "APP_PERSISTENCE_PROFILE": "PRODUCTION",
        "DPM_POLICY_PACKS_ENABLED": "true",
        "DPM_LINEAGE_APIS_ENABLED": "false",
    }
    resources = {
        "DPM_TABLE_NAME": "RunsTableName",
        "PROPOSAL_TABLE_NAME": "ProposalsTableName",
        "DPM_POLICY_PACK_TABLE_NAME": "PolicyPacksTableName",
        "DPM_PAYLOAD_BUCKET": "PayloadBucketName",
        "DPM_OPERATIONS_QUEUE_URL": "OperationsQueueUrl",
        "BOOKS_BUCKET": "BooksBucketName",
        "BOOK_MACHINE_ARN": "BookMachineArn",
    }
    assert {name: told[name] for name in resources} == {name: deployed.outputs[output] for name, output in resources.items()}


def test_a_stack_may_take_traffic_by_its_name_alone(deployed: CloudFormation, environ: dict[str, str]) -> None:
    recovering(environ)
    told = environ_of("rebalance-uat", deployed.client)
    assert told is not None
    assert found(told) == []


def test_a_stack_of_an_older_template_lacks_what_no_output_names(deployed: CloudFormation) -> None:
    del deployed.outputs["ProposalsTableName"]
    told = environ_of("rebalance-uat", deployed.client)
    assert told is not None
    assert found(told) == ["PERSISTENCE_PROFILE_REQUIRES_ADVISORY_STORE_TABLE"]


def test_a_stack_that_is_not_there_is_told_apart(deployed: CloudFormation) -> None:
    assert environ_of("rebalance-nowhere", deployed.client) is None


def deploy(deployed: CloudFormation) -> None:
    """The same stack as CloudFormation's emulator keeps it: parameters and outputs of a template that makes nothing of ours."""
    template = {
        "Parameters": {key: {"Type": "String"} for key in deployed.parameters},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {key: {"Value": value} for key, value in deployed.outputs.items()},
    }
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in deployed.parameters.items()]
    boto3.client("cloudformation").create_stack(StackName=deployed.stack, TemplateBody=json.dumps(template), Parameters=given)


def test_the_command_says_ready_of_a_stack_that_is(
    deployed: CloudFormation, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    recovering(environ)
    deploy(deployed)
    assert main([deployed.stack]) == 0
    assert capsys.readouterr().out.startswith("CUTOVER_READY")


def test_the_command_says_when_the_way_back_is_closed(
    deployed: CloudFormation, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    recovering(environ)
    deployed.outputs["Formats"] = told({**VERSIONS, "books": 2, "runs": 1})
    deploy(deployed)
    assert main([deployed.stack]) == 1
    assert capsys.readouterr().out == "CUTOVER_RECORDED_BY_NEWER:books:2:1\nONE_WAY:runs:1:2\n"


def test_the_command_names_a_stack_that_is_not_there(stack: LocalStack, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rebalance-nowhere"]) == 1
    assert capsys.readouterr().out == "CUTOVER_STACK_MISSING:rebalance-nowhere\n"
