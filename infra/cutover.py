"""The gate before traffic: does this environment have everything that the template promises (RFC-0024, dpm-service 14)?

    make cutover-check ENV=prod                    # the stack that samconfig.toml names for it, or STACK=name
    APP_PERSISTENCE_PROFILE=PRODUCTION DPM_TABLE_NAME=… make cutover-check

Takes the functions' variables from a stack's outputs and parameters, or as they are set here; asks AWS (or the endpoint of
AWS_ENDPOINT_URL) and compares with template.yaml: tables with their indexes, expiry and recovery; the buckets and their versions; the
queue and its dead-letter queue; whether it names whose tokens are believed; and, of a stack, whether this release may go over the deployed
one, and that one come back (`infra.way_back`). Changes nothing. Prints one code per finding, exit status 1; or one confirmation, exit status 0.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws.clients import client
from infra.settings.container import Settings
from infra.settings.guardrails import Misconfigured
from infra.settings.reading import Environ, enumeration, text
from infra.settings.tokens import TokenSettings
from infra.template import Template
from infra.tokens.issuers import IssuersUnreadable
from infra.way_back import NOTE, of_stack

TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"
TABLES: Final = ("DPM_TABLE_NAME", "PROPOSAL_TABLE_NAME", "DPM_POLICY_PACK_TABLE_NAME")
BUCKETS: Final = {"DPM_PAYLOAD_BUCKET": "BUCKET", "BOOKS_BUCKET": "BOOKS_BUCKET"}
QUEUE: Final = "DPM_OPERATIONS_QUEUE_URL"
ISSUERS: Final = "TOKEN_ISSUERS_JSON"

NOT_THERE: Final = frozenset(
    {
        "ResourceNotFoundException",
        "TableNotFoundException",
        "NoSuchBucket",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ValidationError",  # what CloudFormation says of an unknown stack
    }
)

Clients = Callable[[str], Any]


def environ_of(stack: str, clients: Clients) -> Environ | None:
    """What the functions of a deployed stack are told, by its parameters and outputs; None where there is no such stack.

    A resource that no output names reads as unset, which a guardrail then names.
    """
    deployed = _described(stack, clients)
    if deployed is None:
        return None
    declared = Template.load(TEMPLATE).document
    given = {given["ParameterKey"]: given["ParameterValue"] for given in deployed.get("Parameters", ())}
    template = Template(declared, TEMPLATE.parent, {name: given[name] for name in given.keys() & declared["Parameters"].keys()}, stack)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in deployed.get("Outputs", ())}
    referring = {key: output["Value"] for key, output in declared["Outputs"].items() if isinstance(output["Value"], Mapping)}
    named = {value.get("Ref"): outputs.get(key, "") for key, value in referring.items()}

    def told(resource: str, attribute: str) -> str:
        return named.get(resource, "") if attribute == "Ref" else ""

    functions = template.of_type("AWS::Serverless::Function", told)
    return {name: str(value) for _, function in functions for name, value in function["Environment"]["Variables"].items()}


def _described(stack: str, clients: Clients) -> Any:
    return _asked(lambda: clients("cloudformation").describe_stacks(StackName=stack)["Stacks"][0])


def findings(environ: Environ, template: Template, clients: Clients) -> Iterator[str]:
    """Every code, in the order of the specification; nothing when the environment may take traffic."""
    if enumeration(environ, "APP_PERSISTENCE_PROFILE") != "PRODUCTION":
        yield "CUTOVER_PROFILE_NOT_PRODUCTION"
        return
    try:
        Settings.from_environ(environ)
    except Misconfigured as misconfigured:
        yield misconfigured.code
        return
    declared = _declared(template)
    for variable in TABLES:
        if variable in declared and text(environ, variable):
            yield from _table(clients("dynamodb"), text(environ, variable), template.properties(declared[variable]))
    for variable, kind in BUCKETS.items():
        yield from _bucket(clients("s3"), text(environ, variable), kind)
    if text(environ, QUEUE):
        yield from _queue(clients("sqs"), text(environ, QUEUE))
    yield from issuers(environ)


def _declared(template: Template) -> dict[str, str]:
    """Variable → the template's resource that it names, as the functions are told."""
    named = {}
    for _, function in template.of_type("AWS::Serverless::Function"):
        for variable, value in function["Environment"]["Variables"].items():
            if isinstance(value, Mapping) and "Ref" in value:
                named[variable] = value["Ref"]
    return named


def _table(dynamodb: Any, name: str, declared: Mapping[str, Any]) -> Iterator[str]:
    table = _asked(lambda: dynamodb.describe_table(TableName=name)["Table"])
    if table is None:
        yield f"CUTOVER_TABLE_MISSING:{name}"
        return
    there = {index["IndexName"]: index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", ())}
    for index in declared.get("GlobalSecondaryIndexes", ()):
        if there.get(index["IndexName"]) != index["KeySchema"]:
            yield f"CUTOVER_INDEX_MISSING:{name}:{index['IndexName']}"
    expiry = _asked(lambda: dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]) or {}
    if "TimeToLiveSpecification" in declared and expiry.get("TimeToLiveStatus") not in {"ENABLED", "ENABLING"}:
        yield f"CUTOVER_TTL_DISABLED:{name}"
    backups = _asked(lambda: dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]) or {}
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        yield f"CUTOVER_RECOVERY_DISABLED:{name}"


def _bucket(s3: Any, name: str, kind: str) -> Iterator[str]:
    versions = _asked(lambda: s3.get_bucket_versioning(Bucket=name))
    if versions is None:
        yield f"CUTOVER_{kind}_MISSING"
    elif versions.get("Status") != "Enabled":
        yield f"CUTOVER_{kind}_VERSIONS_DISABLED"


def _queue(sqs: Any, url: str) -> Iterator[str]:
    attributes = _asked(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])
    if attributes is None:
        yield "CUTOVER_QUEUE_MISSING"
    elif "RedrivePolicy" not in attributes:
        yield "CUTOVER_DEAD_LETTER_QUEUE_MISSING"


def issuers(environ: Environ) -> Iterator[str]:
    """Whether somebody's tokens would be believed, where the authorizer's variable is among those that are looked at."""
    if ISSUERS in environ:
        try:
            if not TokenSettings.from_environ(environ).issuers:
                yield "CUTOVER_TOKEN_ISSUERS_MISSING"
        except IssuersUnreadable as unreadable:
            yield f"CUTOVER_TOKEN_ISSUERS_UNREADABLE:{unreadable}"


def _asked(ask: Callable[[], Any]) -> Any:
    """The answer; None where the thing is not there. An outage is no finding and ends the check."""
    try:
        return ask()
    except ClientError as refused:
        if refused.response["Error"]["Code"] in NOT_THERE:
            return None
        raise


def main(arguments: Sequence[str] = (), environ: Environ = os.environ) -> int:
    """Print the findings of a stack, else of the environment; 0 when there are none, 1 when there are, 2 when AWS could not be asked."""
    try:
        told = environ_of(arguments[0], client) if arguments else environ
        found = [f"CUTOVER_STACK_MISSING:{arguments[0]}"] if told is None else list(findings(told, Template.load(TEMPLATE), client))
        found += of_stack(_described(arguments[0], client)) if arguments and told is not None else []
    except (BotoCoreError, ClientError) as outage:
        sys.stderr.write(f"CUTOVER_NOT_CHECKED: {type(outage).__name__}\n")
        return 2
    sys.stdout.write("".join(f"{code}\n" for code in found))
    if any(not code.startswith(NOTE) for code in found):
        return 1
    sys.stdout.write("CUTOVER_READY: tables, indexes, buckets and queue are as the template says\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
