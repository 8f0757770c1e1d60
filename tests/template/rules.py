"""What must hold of template.yaml, as rules that name every violation. `RULES` is the table of contents."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from infra.api import ROUTES
from infra.http.problems import PROBLEMS
from infra.local.gateway import ANY
from infra.observability import NAMESPACE
from infra.template import Template

FUNCTION: Final = "AWS::Serverless::Function"
WITHOUT_RESOURCE: Final = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # AWS knows no resource for these
CATCH_ALL: Final = {"/", "/{proxy+}"}
RECEIPTS_MOST: Final = 5
OUR_ALARMS: Final = ("evidence_broken", "failed", "returned")
LAMBDA_ALARMS: Final = {"Errors", "Throttles", "Duration"}


def statements_of(template: Template, function: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every statement of a function's role, its managed policies included."""
    role = template.properties(function["Role"]["Fn::GetAtt"][0])
    documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
    documents += [template.properties(policy["Ref"])["PolicyDocument"] for policy in role.get("ManagedPolicyArns", [])]
    return [statement for document in documents for statement in document["Statement"]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def least_privilege(template: Template) -> Iterator[str]:
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            actions = listed(statement["Action"])
            if any("*" in action for action in actions):
                yield f"{name}: wildcard action in {statement['Sid']}"
            if "*" in listed(statement["Resource"]) and not set(actions) <= WITHOUT_RESOURCE:
                yield f"{name}: any resource in {statement['Sid']}"


def nobody_deletes_proposals(template: Template) -> Iterator[str]:
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            deletes = {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable"} & set(listed(statement["Action"]))
            if deletes and "ProposalsTable" in json.dumps(statement["Resource"]):
                yield f"{name}: may delete proposals"


def one_role_each(template: Template) -> Iterator[str]:
    roles = [function["Role"]["Fn::GetAtt"][0] for _, function in template.of_type(FUNCTION)]
    yield from (f"{role}: shared" for role in set(roles) if roles.count(role) > 1)


def logs_are_kept_and_encrypted(template: Template) -> Iterator[str]:
    for name, group in template.of_type("AWS::Logs::LogGroup"):
        if not group.get("RetentionInDays"):
            yield f"{name}: kept for ever"
        if group.get("KmsKeyId") != {"Fn::GetAtt": ["Key", "Arn"]}:
            yield f"{name}: not encrypted with the key"
    for name, function in template.of_type(FUNCTION):
        group = function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        allowed = [statement["Resource"] for statement in statements_of(template, function) if "logs:PutLogEvents" in statement["Action"]]
        if allowed != [{"Fn::GetAtt": [group, "Arn"]}]:
            yield f"{name}: does not write to its own log group alone"


def functions_are_traced_and_watched(template: Template) -> Iterator[str]:
    watched: dict[str, set[str]] = {}
    for _, alarm in template.of_type("AWS::CloudWatch::Alarm"):
        if alarm["Namespace"] == "AWS/Lambda":
            watched.setdefault(alarm["Dimensions"][0]["Value"]["Ref"], set()).add(alarm["MetricName"])
    for name, function in template.of_type(FUNCTION):
        if function.get("Tracing") != "Active":
            yield f"{name}: not traced"
        yield from (f"{name}: no alarm on {metric}" for metric in sorted(LAMBDA_ALARMS - watched.get(name, set())))


def the_api_is_watched(template: Template) -> Iterator[str]:
    alarms = [alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm")]
    metrics = {alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == "AWS/ApiGateway"}
    yield from (f"Api: no alarm on {metric}" for metric in ("5XXError", "Latency") if metric not in metrics)
    yield from (f"alarm on {alarm['MetricName']}: tells nobody" for alarm in alarms if alarm.get("AlarmActions") != [{"Ref": "AlarmTopic"}])


def our_metrics_are_heard(template: Template) -> Iterator[str]:
    stage = template.values["Stage"]
    alarms = {alarm["MetricName"]: alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm") if alarm["Namespace"] == NAMESPACE}
    yield from (f"{metric}: nobody hears of it" for metric in OUR_ALARMS if metric not in alarms)
    for metric, alarm in alarms.items():
        if alarm.get("Dimensions") != [{"Name": "stage", "Value": stage}]:
            yield f"{metric}: heard from every stage"
        if (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) != ("Sum", 1, "GreaterThanOrEqualToThreshold"):
            yield f"{metric}: not heard from the first on"
    for name, function in template.of_type(FUNCTION):
        if function["Environment"]["Variables"].get("APP_STAGE") != stage:
            yield f"{name}: does not know its stage"


def tables_are_safe(template: Template) -> Iterator[str]:
    for name, table in template.of_type("AWS::DynamoDB::Table"):
        facts = {
            "encrypted with the key": table.get("SSESpecification", {}).get("KMSMasterKeyId") == {"Fn::GetAtt": ["Key", "Arn"]},
            "restorable to a point in time": table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is True,
            "expiring by expires_at": table.get("TimeToLiveSpecification") == {"AttributeName": "expires_at", "Enabled": True},
            "on demand": table.get("BillingMode") == "PAY_PER_REQUEST",
            "retained": _retained(template, name),
            "protected in prod": table.get("DeletionProtectionEnabled") is (template.values["Stage"] == "prod"),
        }
        yield from (f"{name}: not {fact}" for fact, holds in facts.items() if not holds)


def payloads_are_safe(template: Template) -> Iterator[str]:
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        rules = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
        facts = {
            "encrypted with the key": rules[0].get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
            == {"Fn::GetAtt": ["Key", "Arn"]},
            "versioned": bucket.get("VersioningConfiguration") == {"Status": "Enabled"},
            "private": len(blocked := bucket.get("PublicAccessBlockConfiguration", {})) == 4 and all(blocked.values()),
            "free of lifecycle rules": "LifecycleConfiguration" not in bucket,
            "retained": _retained(template, name),
            "closed to plain HTTP": any(_tls_only(policy, name) for _, policy in template.of_type("AWS::S3::BucketPolicy")),
        }
        yield from (f"{name}: not {fact}" for fact, holds in facts.items() if not holds)


def keys_rotate(template: Template) -> Iterator[str]:
    for name, key in template.of_type("AWS::KMS::Key"):
        if not key.get("EnableKeyRotation"):
            yield f"{name}: does not rotate"
        if not _retained(template, name):
            yield f"{name}: not retained"


def queues_lose_nothing(template: Template) -> Iterator[str]:
    queues = dict(template.of_type("AWS::SQS::Queue"))
    dead = {queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in queues.values() if "RedrivePolicy" in queue}
    alarmed = {
        (alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0], alarm["MetricName"])
        for _, alarm in template.of_type("AWS::CloudWatch::Alarm")
        if alarm["Namespace"] == "AWS/SQS"
    }
    for name, queue in queues.items():
        redrive = queue.get("RedrivePolicy")
        facts = {
            "not encrypted with the key": queue.get("KmsMasterKeyId") in ({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}),
            "nobody hears of dead letters": name not in dead or (name, "ApproximateNumberOfMessagesVisible") in alarmed,
            "dead letters do not stay for 14 days": name not in dead or int(queue.get("MessageRetentionPeriod", 0)) == 1_209_600,
            "no dead-letter queue": name in dead or redrive is not None,
            "not given up after five receipts": redrive is None or redrive.get("maxReceiveCount") == RECEIPTS_MOST,
            "nobody hears of what waits too long": name in dead or (name, "ApproximateAgeOfOldestMessage") in alarmed,
        }
        yield from (f"{name}: {fact}" for fact, holds in facts.items() if not holds)
    for name, function in template.of_type(FUNCTION):
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                yield from _mapping_is_safe(name, function, event["Properties"], queues)


def _mapping_is_safe(name: str, function: Mapping[str, Any], mapping: Mapping[str, Any], queues: Mapping[str, Any]) -> Iterator[str]:
    queue = queues[mapping["Queue"]["Fn::GetAtt"][0]]
    if int(queue.get("VisibilityTimeout", 30)) < 6 * int(function["Timeout"]):
        yield f"{name}: messages return before six timeouts"
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        yield f"{name}: a backlog may take every worker of the account"
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield f"{name}: one bad message returns the whole batch"


def routes_are_the_tables(template: Template) -> Iterator[str]:
    paths = template.properties("Api")["DefinitionBody"]["paths"]
    explicit = {
        path: frozenset(method.upper() for method in item if method != ANY) for path, item in paths.items() if path not in CATCH_ALL
    }
    yield from (f"{path}: not in infra/api.py or not its methods" for path in sorted(explicit) if ROUTES.get(path) != explicit[path])
    yield from (f"{path}: not in the template" for path in sorted(set(ROUTES) - set(explicit)))
    fallback = "functions/${FallbackFunction.Arn}/invocations"
    for path in sorted(set(paths) | CATCH_ALL):
        if fallback not in _uri(paths.get(path, {}).get(ANY)):
            yield f"{path}: other methods do not reach the fallback"


def routed_functions_may_be_called(template: Template) -> Iterator[str]:
    text = json.dumps(template.properties("Api")["DefinitionBody"])
    allowed = {permission["FunctionName"]["Ref"]: permission for _, permission in template.of_type("AWS::Lambda::Permission")}
    for name in sorted(set(re.findall(r"\$\{(\w+)\.Arn\}/invocations", text))):
        permission = allowed.get(name, {})
        if permission.get("Principal") != "apigateway.amazonaws.com" or not str(permission.get("SourceArn")).endswith(":${Api}/*'}"):
            yield f"{name}: the API may not call it, or not the API alone"
        if template.properties(name)["Timeout"] > 29:
            yield f"{name}: runs longer than the API waits"


def gateway_refuses_like_us(template: Template) -> Iterator[str]:
    responses = template.properties("Api")["GatewayResponses"]
    yield from (f"{kind}: missing" for kind in ("DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "REQUEST_TOO_LARGE") if kind not in responses)
    for kind, response in responses.items():
        body = json.loads(response["ResponseTemplates"]["application/json"])
        known = PROBLEMS.get(body["code"])
        headers = response["ResponseParameters"]["Headers"]
        if known is None or (known.status, known.title) != (body["status"], body["title"]) or response["StatusCode"] != body["status"]:
            yield f"{kind}: not the problem that infra/http/problems.py knows"
        if set(body) != {"type", "title", "status", "detail", "code", "instance", "correlation_id"} or body["type"] != "about:blank":
            yield f"{kind}: not a problem's members"
        if headers.get("Content-Type") != "'application/problem+json'":
            yield f"{kind}: not application/problem+json"
        if body["status"] == 429 and "Retry-After" not in headers:
            yield f"{kind}: does not say when to come back"


def _retained(template: Template, name: str) -> bool:
    resource = template.resources[name]
    return resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"


def _tls_only(policy: Mapping[str, Any], bucket: str) -> bool:
    denied = [statement for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Deny"]
    return policy["Bucket"] == {"Ref": bucket} and any(
        statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}} and statement["Principal"] == "*" for statement in denied
    )


def _uri(operation: Mapping[str, Any] | None) -> str:
    return json.dumps(operation["x-amazon-apigateway-integration"]["uri"]) if operation else ""


RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    least_privilege,
    nobody_deletes_proposals,
    one_role_each,
    logs_are_kept_and_encrypted,
    functions_are_traced_and_watched,
    the_api_is_watched,
    our_metrics_are_heard,
    tables_are_safe,
    payloads_are_safe,
    keys_rotate,
    queues_lose_nothing,
    routes_are_the_tables,
    routed_functions_may_be_called,
    gateway_refuses_like_us,
)
