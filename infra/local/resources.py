"""Makes the template's resources in the emulator, each when it is first named, so that order does not matter."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3

from infra.local.state_machines import as_emulated
from infra.template import ACCOUNT, REGION, Template, TemplateError

Attributes = Mapping[str, str]
Maker = Callable[["Resources", str, dict[str, Any]], Attributes]


class Resources:
    """Names, addresses and ARNs of a template's resources. Types without a maker get a name and an ARN only."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._made: dict[str, Attributes] = {}
        self._making: set[str] = set()

    def make(self) -> None:
        """Make everything that an emulated service holds."""
        for name, resource in self.template.resources.items():
            if resource["Type"] in MAKERS:
                self.attribute(name, "Ref")

    def attribute(self, name: str, attribute: str = "Ref") -> str:
        """What `!Ref name` or `!GetAtt name.attribute` gives."""
        if name not in self._made:
            if name in self._making:
                raise TemplateError(f"resources depend on each other in a circle: {name}")
            self._making.add(name)
            maker = MAKERS.get(self.template.resources[name]["Type"])
            self._made[name] = maker(self, name, self.template.properties(name, self.attribute)) if maker else _named(self, name)
        try:
            return self._made[name][attribute]
        except KeyError:
            raise TemplateError(f"attribute not known here: {name}.{attribute}") from None

    def physical(self, name: str) -> str:
        """A name that is unique in the account."""
        return f"{self.template.values['AWS::StackName']}-{name}"


def _named(resources: Resources, name: str) -> Attributes:
    return {"Ref": resources.physical(name), "Arn": f"arn:aws:local:{REGION}:{ACCOUNT}:{resources.physical(name)}"}


def _function(resources: Resources, name: str, properties: dict[str, Any]) -> Attributes:
    physical = resources.physical(name)
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{physical}"
    alias = {"Alias": f"{arn}:{properties['AutoPublishAlias']}"} if "AutoPublishAlias" in properties else {}
    return {"Ref": physical, "Arn": arn, **alias}


def _table(resources: Resources, name: str, properties: dict[str, Any]) -> Attributes:
    client, physical = boto3.client("dynamodb"), resources.physical(name)
    taken = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "StreamSpecification")
    made = client.create_table(TableName=physical, **{key: properties[key] for key in taken if key in properties})
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=physical, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    if "PointInTimeRecoverySpecification" in properties:
        specification = properties["PointInTimeRecoverySpecification"]
        client.update_continuous_backups(TableName=physical, PointInTimeRecoverySpecification=specification)
    described = made["TableDescription"]
    return {"Ref": physical, "Arn": described["TableArn"], "StreamArn": described.get("LatestStreamArn", "")}


def _bucket(resources: Resources, name: str, properties: dict[str, Any]) -> Attributes:
    client, physical = boto3.client("s3"), resources.physical(name).lower()
    client.create_bucket(Bucket=physical, CreateBucketConfiguration={"LocationConstraint": REGION})
    if "VersioningConfiguration" in properties:
        client.put_bucket_versioning(Bucket=physical, VersioningConfiguration=properties["VersioningConfiguration"])
    if "PublicAccessBlockConfiguration" in properties:
        blocked = properties["PublicAccessBlockConfiguration"]
        client.put_public_access_block(Bucket=physical, PublicAccessBlockConfiguration=blocked)
    return {"Ref": physical, "Arn": f"arn:aws:s3:::{physical}"}


def _key(_resources: Resources, _name: str, properties: dict[str, Any]) -> Attributes:
    made = boto3.client("kms").create_key(Description=properties.get("Description", ""))["KeyMetadata"]
    return {"Ref": made["KeyId"], "Arn": made["Arn"], "KeyId": made["KeyId"]}


def _queue(resources: Resources, name: str, properties: dict[str, Any]) -> Attributes:
    client, physical = boto3.client("sqs"), resources.physical(name)
    taken = ("VisibilityTimeout", "MessageRetentionPeriod", "DelaySeconds", "MaximumMessageSize", "FifoQueue", "ContentBasedDeduplication")
    attributes = {key: str(properties[key]).lower() for key in taken if key in properties}
    if "RedrivePolicy" in properties:
        attributes["RedrivePolicy"] = json.dumps(properties["RedrivePolicy"])
    physical += ".fifo" if attributes.get("FifoQueue") == "true" else ""
    url = client.create_queue(QueueName=physical, Attributes=attributes)["QueueUrl"]
    return {"Ref": url, "QueueUrl": url, "QueueName": physical, "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{physical}"}


def definition_of(template: Template, properties: Mapping[str, Any]) -> Any:
    """The definition of a state machine as it is deployed, its variables filled in."""
    if "DefinitionUri" in properties:
        text = (template.folder / properties["DefinitionUri"]).read_text()
    else:
        text = json.dumps(properties["Definition"])
    for variable, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace(f"${{{variable}}}", str(value))
    return json.loads(text)


def _state_machine(resources: Resources, name: str, properties: dict[str, Any]) -> Attributes:
    physical, role = properties.get("Name") or resources.physical(name), f"arn:aws:iam::{ACCOUNT}:role/{name}"
    kind, text = properties.get("Type", "STANDARD"), json.dumps(as_emulated(definition_of(resources.template, properties)))
    made = boto3.client("stepfunctions").create_state_machine(name=physical, definition=text, roleArn=role, type=kind)
    return {"Ref": made["stateMachineArn"], "Arn": made["stateMachineArn"], "Name": physical}


MAKERS: Final[Mapping[str, Maker]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::KMS::Key": _key,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::Serverless::Function": _function,
    "AWS::Serverless::StateMachine": _state_machine,
}
