"""What must hold of template.yaml, as rules that name every violation. `RULES` is the table of contents."""

import json
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from infra.aws.keys import claimed_proposal, digest_of, pack_audit, packs, proposal, proposal_command
from infra.template import Template
from infra.watching.metrics import NAMESPACE
from tests.template.api_rules import API_RULES
from tests.template.book_rules import BOOK_RULES
from tests.template.platform_rules import PLATFORM_RULES
from tests.template.release_rules import RELEASE_RULES
from tests.template.variants import variant
from tests.template.watching_rules import WATCHING_RULES

FUNCTION: Final = "AWS::Serverless::Function"
WITHOUT_RESOURCE: Final = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # AWS knows no resource for these
RECEIPTS: Final = 12
ENVIRONMENT_BYTES: Final = 4096  # of all variables of a function, as Lambda counts them
LONGEST_NAME: Final = 128  # bytes of a name, an address or an ARN that CloudFormation makes
RECOVERY_DAYS: Final = 35
ENDED_ELSE: Final = frozenset({"erase-uploads", "erase-books"})
OUR_ALARMS: Final = ("chunks_missing", "evidence_broken", "failed", "failed_lines", "returned")
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
            if "dynamodb:GetItem" in actions and "/index/" in json.dumps(statement["Resource"]):
                yield f"{name}: reads single items of an index in {statement['Sid']}"


def nobody_deletes_proposals(template: Template) -> Iterator[str]:
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            deletes = {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteTable"} & set(listed(statement["Action"]))
            if deletes and "ProposalsTable" in json.dumps(statement["Resource"]):
                yield f"{name}: may delete proposals"


def proposals_do_not_change(template: Template) -> Iterator[str]:
    """Whoever may change an item in the table of proposals may change what a key was answered, and nothing of a proposal's life."""
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            if "dynamodb:UpdateItem" in listed(statement["Action"]) and "ProposalsTable" in json.dumps(statement["Resource"]):
                if not _reaches(statement, claimed_proposal("bank-a", digest_of("key"))):
                    yield f"{name}: may not keep answers of keys"
                command = proposal_command("bank-a", "CREATE", None, "IK#SIM#")
                if any(_reaches(statement, key) for key in (proposal("bank-a", "pp_1"), proposal("bank-a", "#IK#SIM#"), command)):
                    yield f"{name}: may change proposals"


def audit_trails_stay(template: Template) -> Iterator[str]:
    """Whoever may delete in the packs' table may delete rows of the catalog, and nothing of a trail, whatever its pack is called."""
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            if "dynamodb:DeleteItem" in listed(statement["Action"]) and "PolicyPacksTable" in json.dumps(statement["Resource"]):
                if not _reaches(statement, packs("bank-a")):
                    yield f"{name}: may not delete policy packs"
                if any(_reaches(statement, pack_audit("bank-a", pack)) for pack in ("growth", "PACKS")):
                    yield f"{name}: may delete audit trails"


def _reaches(statement: Mapping[str, Any], key: str) -> bool:
    """Whether a statement that names partitions lets in this one."""
    condition = statement.get("Condition", {})
    keys = {operator: listed(asked.get("dynamodb:LeadingKeys", ["*"])) for operator, asked in condition.items()}
    among = [fnmatchcase(key, pattern) for pattern in keys.get("ForAllValues:StringLike", ["*"])]
    return any(among) and not any(fnmatchcase(key, pattern) for pattern in keys.get("ForAllValues:StringNotLike", []))


def roles_take_a_boundary(template: Template) -> Iterator[str]:
    boundary = "arn:aws:iam::123456789012:policy/bounds"
    asked = variant(template, PermissionsBoundaryArn=boundary, ManageApiLogRole="true", GradualReleases="true")
    yield from (f"{name}: not bounded" for name, role in asked.of_type("AWS::IAM::Role") if role.get("PermissionsBoundary") != boundary)


def one_role_each(template: Template) -> Iterator[str]:
    roles = [function["Role"]["Fn::GetAtt"][0] for _, function in template.of_type(FUNCTION)]
    yield from (f"{role}: shared" for role in set(roles) if roles.count(role) > 1)


def logs_are_kept_and_encrypted(template: Template) -> Iterator[str]:
    for name, group in template.of_type("AWS::Logs::LogGroup"):
        if not group.get("RetentionInDays"):
            yield f"{name}: kept for ever"
        if group.get("KmsKeyId") != {"Fn::GetAtt": ["Key", "Arn"]}:
            yield f"{name}: not encrypted with the key"
        if not _retained(template, name):
            yield f"{name}: not retained"
    for name, function in template.of_type(FUNCTION):
        group = function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        allowed = [statement["Resource"] for statement in statements_of(template, function) if "logs:PutLogEvents" in statement["Action"]]
        if allowed != [{"Fn::GetAtt": [group, "Arn"]}]:
            yield f"{name}: does not write to its own log group alone"


def functions_are_traced_and_watched(template: Template) -> Iterator[str]:
    watched: dict[str, set[str]] = {}
    for _, alarm in template.of_type("AWS::CloudWatch::Alarm"):
        if alarm.get("Namespace") == "AWS/Lambda":
            watched.setdefault(alarm["Dimensions"][0]["Value"]["Ref"], set()).add(alarm["MetricName"])
    for name, function in template.of_type(FUNCTION):
        if function.get("Tracing") != "Active":
            yield f"{name}: not traced"
        yield from (f"{name}: no alarm on {metric}" for metric in sorted(LAMBDA_ALARMS - watched.get(name, set())))


def the_api_is_watched(template: Template) -> Iterator[str]:
    alarms = [alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm")]
    metrics = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "AWS/ApiGateway"}
    yield from (f"Api: no alarm on {metric}" for metric in ("5XXError", "Latency") if metric not in metrics)


def alarms_tell_somebody(template: Template) -> Iterator[str]:
    bank = "arn:aws:sns:eu-central-1:123456789012:operations"
    for told, heard in ((template, [{"Ref": "AlarmTopic"}]), (variant(template, AlarmTopicArn=bank), [{"Ref": "AlarmTopic"}, bank])):
        alarms = told.of_type("AWS::CloudWatch::Alarm")
        yield from (f"{name}: does not tell {len(heard)} topics" for name, alarm in alarms if alarm.get("AlarmActions") != heard)
    for name, topic in template.of_type("AWS::SNS::Topic"):
        statements = [s for _, policy in template.of_type("AWS::SNS::TopicPolicy") for s in policy["PolicyDocument"]["Statement"]]
        if not any(statement["Effect"] == "Allow" and statement["Resource"] == {"Ref": name} for statement in statements):
            yield f"{name}: its policy keeps alarms out"  # a policy of our own takes the place of the one that lets the account publish
        if "KmsMasterKeyId" not in topic:
            yield f"{name}: not encrypted"


def our_metrics_are_heard(template: Template) -> Iterator[str]:
    stage = template.values["Stage"]
    alarms = {alarm["MetricName"]: alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm") if alarm.get("Namespace") == NAMESPACE}
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


VERSIONS_GONE: Final = {
    "s3:DeleteObjectVersion",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
}
WRITTEN_OVER: Final = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}


def documents_stay_as_they_were_put(template: Template) -> Iterator[str]:
    """No role ends versions of a document, and the bucket lets nobody write over one."""
    for name, function in template.of_type(FUNCTION):
        for statement in statements_of(template, function):
            if VERSIONS_GONE & set(listed(statement["Action"])):
                yield f"{name}: may end versions of documents"
    refused = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Condition": WRITTEN_OVER}
    for name, _ in template.of_type("AWS::S3::Bucket"):
        policies = [policy for _, policy in template.of_type("AWS::S3::BucketPolicy") if policy["Bucket"] == {"Ref": name}]
        if not any(refused.items() <= statement.items() for policy in policies for statement in policy["PolicyDocument"]["Statement"]):
            yield f"{name}: documents may be written over"


def payloads_are_safe(template: Template) -> Iterator[str]:
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        rules = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
        facts = {
            "encrypted with the key": rules[0].get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
            == {"Fn::GetAtt": ["Key", "Arn"]},
            "versioned": bucket.get("VersioningConfiguration") == {"Status": "Enabled"},
            "private": len(blocked := bucket.get("PublicAccessBlockConfiguration", {})) == 4 and all(blocked.values()),
            "erased when recovery ends, and no sooner": _erases_what_was_deleted(name, bucket),
            "retained": _retained(template, name),
        }
        yield from (f"{name}: not {fact}" for fact, holds in facts.items() if not holds)


def _erases_what_was_deleted(name: str, bucket: Mapping[str, Any]) -> bool:
    """Current versions stay: a rule may end noncurrent ones and unfinished uploads, and nothing else. What of books ends, their rules judge."""
    ended_else = ENDED_ELSE if name == "BooksBucket" else ()
    rules = [rule for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", []) if rule["Id"] not in ended_else]
    ends = {"NoncurrentVersionExpiration": {"NoncurrentDays": RECOVERY_DAYS}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    return [{key: value for key, value in rule.items() if key != "Id"} for rule in rules] == [{"Status": "Enabled", **ends}]


CLOSED_TO_HTTP: Final = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket", "s3:*"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
}


def everything_asks_for_tls(template: Template) -> Iterator[str]:
    for kind, (policy_kind, member, action) in CLOSED_TO_HTTP.items():
        closed = [
            ref
            for _, policy in template.of_type(policy_kind)
            if any(_tls_only(statement, action) for statement in policy["PolicyDocument"]["Statement"])
            for ref in listed(policy[member])
        ]
        yield from (f"{name}: not closed to plain HTTP" for name, _ in template.of_type(kind) if {"Ref": name} not in closed)


def keys_rotate(template: Template) -> Iterator[str]:
    for name, key in template.of_type("AWS::KMS::Key"):
        if not key.get("EnableKeyRotation"):
            yield f"{name}: does not rotate"
        if not _retained(template, name):
            yield f"{name}: not retained"


def _dead_letters_of_schedules(template: Template) -> Iterator[Any]:
    """Of all schedules, also those that nobody asks for here."""
    for resource in template.document["Resources"].values():
        if resource["Type"] == "AWS::Scheduler::Schedule" and "DeadLetterConfig" in resource["Properties"]["Target"]:
            yield resource["Properties"]["Target"]["DeadLetterConfig"]["Arn"]


def queues_lose_nothing(template: Template) -> Iterator[str]:
    queues = dict(template.of_type("AWS::SQS::Queue"))
    dead = {queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for queue in queues.values() if "RedrivePolicy" in queue}
    dead |= {letters["Fn::GetAtt"][0] for letters in _dead_letters_of_schedules(template)}
    alarmed = {
        (alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0], alarm["MetricName"])
        for _, alarm in template.of_type("AWS::CloudWatch::Alarm")
        if alarm.get("Namespace") == "AWS/SQS"
    }
    for name, queue in queues.items():
        redrive = queue.get("RedrivePolicy")
        facts = {
            "not encrypted with the key": queue.get("KmsMasterKeyId") in ({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}),
            "nobody hears of dead letters": name not in dead or (name, "ApproximateNumberOfMessagesVisible") in alarmed,
            "dead letters do not stay for 14 days": name not in dead or int(queue.get("MessageRetentionPeriod", 0)) == 1_209_600,
            "no dead-letter queue": name in dead or redrive is not None,
            "not given up after twelve receipts": redrive is None or redrive.get("maxReceiveCount") == RECEIPTS,
            "nobody hears of what waits too long": name in dead or (name, "ApproximateAgeOfOldestMessage") in alarmed,
        }
        yield from (f"{name}: {fact}" for fact, holds in facts.items() if not holds)
    for name, function in template.of_type(FUNCTION):
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                yield from _mapping_is_safe(name, function, event["Properties"], queues)
                yield from _may_take(template, name, function, event["Properties"]["Queue"], queues)


def _mapping_is_safe(name: str, function: Mapping[str, Any], mapping: Mapping[str, Any], queues: Mapping[str, Any]) -> Iterator[str]:
    queue = queues[mapping["Queue"]["Fn::GetAtt"][0]]
    if int(queue.get("VisibilityTimeout", 30)) < 6 * int(function["Timeout"]):
        yield f"{name}: messages return before six timeouts"
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        yield f"{name}: a backlog may take every worker of the account"
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield f"{name}: one bad message returns the whole batch"


def _may_take(template: Template, name: str, function: Mapping[str, Any], arn: Any, queues: Mapping[str, Any]) -> Iterator[str]:
    asked = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    if "RedrivePolicy" in queues[arn["Fn::GetAtt"][0]]:
        asked.add("sqs:ChangeMessageVisibility")  # a passing outage brings its message back sooner or later
    allowed = {
        action for statement in statements_of(template, function) if statement["Resource"] == arn for action in listed(statement["Action"])
    }
    yield from (f"{name}: may not {action}" for action in sorted(asked - allowed))


def variables_fit(template: Template) -> Iterator[str]:
    """The largest parameters that the template takes still make an environment that Lambda takes."""
    declared = template.document["Parameters"]
    largest = variant(template, **{name: "x" * parameter["MaxLength"] for name, parameter in declared.items() if "MaxLength" in parameter})
    for name, function in largest.of_type(FUNCTION):
        variables = function["Environment"]["Variables"]
        given = {key: "x" * LONGEST_NAME if isinstance(value, dict) else str(value) for key, value in variables.items()}
        if len(json.dumps(given).encode()) > ENVIRONMENT_BYTES:
            yield f"{name}: variables of more than {ENVIRONMENT_BYTES} bytes"
    for variable in ("PolicyPackCatalogJson", "TenantPolicyPackMapJson", "DefaultPolicyPackId", "TokenIssuersJson"):
        if "MaxLength" not in declared[variable]:
            yield f"{variable}: of any length"


def heavy_functions_can_be_kept_apart(template: Template) -> Iterator[str]:
    heavy = ("Simulate", "Analyze", "Proposals", "ProposalWorkflow", "BookChunk", "Worker")
    reserved = variant(template, **{f"{name}Concurrency": "25" for name in heavy})
    for name in heavy:
        shared, own = (t.properties(f"{name}Function").get("ReservedConcurrentExecutions") for t in (template, reserved))
        if (shared, own) != (None, "25"):
            yield f"{name}Function: concurrency cannot be reserved, or always is"


def outputs_name_what_functions_use(template: Template) -> Iterator[str]:
    named = [output["Value"] for output in template.document["Outputs"].values()]
    variables = {key: value for _, function in template.of_type(FUNCTION) for key, value in function["Environment"]["Variables"].items()}
    yield from (f"{key}: no output names it" for key, value in variables.items() if isinstance(value, dict) and value not in named)


def _retained(template: Template, name: str) -> bool:
    resource = template.resources[name]
    return (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) == ("RetainExceptOnCreate", "Retain")


def _tls_only(statement: Mapping[str, Any], action: str) -> bool:
    asked = {"Effect": "Deny", "Principal": "*", "Action": action, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return asked.items() <= statement.items()


RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    least_privilege,
    nobody_deletes_proposals,
    proposals_do_not_change,
    audit_trails_stay,
    one_role_each,
    roles_take_a_boundary,
    logs_are_kept_and_encrypted,
    functions_are_traced_and_watched,
    the_api_is_watched,
    alarms_tell_somebody,
    our_metrics_are_heard,
    tables_are_safe,
    payloads_are_safe,
    documents_stay_as_they_were_put,
    everything_asks_for_tls,
    keys_rotate,
    queues_lose_nothing,
    variables_fit,
    heavy_functions_can_be_kept_apart,
    outputs_name_what_functions_use,
    *API_RULES,
    *RELEASE_RULES,
    *WATCHING_RULES,
    *PLATFORM_RULES,
    *BOOK_RULES,
)
