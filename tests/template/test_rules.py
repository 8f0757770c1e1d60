"""The template keeps every rule, and each rule notices when it does not."""

import json
from typing import Any

import pytest
import yaml

from infra.local.authorizers import AUTHORIZER
from infra.local.stack import TEMPLATE
from infra.template import Template, TemplateError
from tests.template.spoiled import Sabotage, delete, properties, spoiled, violations

QUEUE = """
Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 59, RedrivePolicy: {deadLetterTargetArn: {"Fn::GetAtt": [Dead, Arn]}}}}
Dead: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: {Ref: Key}}}
Lonely: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: {Ref: Key}}}
"""


def unsaid(document: Any, *members: str) -> None:
    setting = properties(document, "Api")["AccessLogSetting"]
    line = json.loads(setting["Format"])
    setting["Format"] = json.dumps({key: value for key, value in line.items() if value.removeprefix("$context.") not in members})


@pytest.fixture(scope="module")
def original() -> Any:
    return Template.load(TEMPLATE).document


@pytest.mark.parametrize("stage", ["dev", "uat", "prod"])
def test_the_template_keeps_every_rule(original: Any, stage: str) -> None:
    assert violations(original, Stage=stage) == []


def add_queue(document: Any) -> None:
    document["Resources"] |= yaml.safe_load(QUEUE)
    event = {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}}
    properties(document, "FallbackFunction")["Events"] = {"Operations": event}


def statement(document: Any, role: str, position: int) -> Any:
    return properties(document, role)["Policies"][0]["PolicyDocument"]["Statement"][position]


def token_scheme(document: Any) -> Any:
    return properties(document, "Api")["DefinitionBody"]["components"]["securitySchemes"]["token"]


SABOTAGE: Sabotage = {
    "wildcard action": (
        lambda t: statement(t, "SimulateRole", 1).update(Action="dynamodb:*"),
        ["SimulateFunction: wildcard action in RecordAndReplayRuns"],
    ),
    "any resource": (
        lambda t: statement(t, "SimulateRole", 1).update(Resource="*"),
        ["SimulateFunction: any resource in RecordAndReplayRuns"],
    ),
    "proposals deletable": (
        lambda t: statement(t, "SimulateRole", 1).update(Action="dynamodb:DeleteItem", Resource={"Fn::GetAtt": ["ProposalsTable", "Arn"]}),
        ["SimulateFunction: may delete proposals"],
    ),
    "proposals changeable": (
        lambda t: statement(t, "ProposalsRole", 1).pop("Condition"),
        ["ProposalsFunction: may change proposals"],
    ),
    "commands of proposals changeable": (
        lambda t: statement(t, "ProposalsRole", 1)["Condition"].update({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*#IK#*"]}}),
        ["ProposalsFunction: may change proposals"],
    ),
    "answers of keys stay": (
        lambda t: statement(t, "ProposalsRole", 1)["Condition"].update({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*#SIM"]}}),
        ["ProposalsFunction: may not keep answers of keys"],
    ),
    "versions of documents deletable": (
        lambda t: statement(t, "SweeperRole", 5).update(Action=["s3:DeleteObject", "s3:DeleteObjectVersion"]),
        ["SweeperFunction: may end versions of documents"],
    ),
    "documents written over": (
        lambda t: properties(t, "PayloadBucketPolicy")["PolicyDocument"]["Statement"].pop(1),
        ["PayloadBucket: documents may be written over"],
    ),
    "single items of an index": (
        lambda t: statement(t, "SweeperRole", 2).update(Action=["dynamodb:GetItem", "dynamodb:Query"]),
        ["SweeperFunction: reads single items of an index in FindRuns"],
    ),
    "audit trail deletable": (
        lambda t: statement(t, "PolicyPacksRole", 2).pop("Condition"),
        ["PolicyPacksFunction: may delete audit trails"],
    ),
    "audit trail of a pack called PACKS deletable": (
        lambda t: statement(t, "PolicyPacksRole", 2)["Condition"].pop("ForAllValues:StringNotLike"),
        ["PolicyPacksFunction: may delete audit trails"],
    ),
    "packs stay": (
        lambda t: statement(t, "PolicyPacksRole", 2)["Condition"].update(
            {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["T#*#PACK"]}}
        ),
        ["PolicyPacksFunction: may not delete policy packs"],
    ),
    "role without boundary": (
        lambda t: properties(t, "FallbackRole").pop("PermissionsBoundary"),
        ["FallbackRole: not bounded"],
    ),
    "shared role": (
        lambda t: properties(t, "FallbackFunction").update(Role={"Fn::GetAtt": ["SimulateRole", "Arn"]}),
        ["SimulateRole: shared", "FallbackFunction: does not write to its own log group alone"],
    ),
    "logs for ever": (lambda t: properties(t, "ApiLogs").pop("RetentionInDays"), ["ApiLogs: kept for ever"]),
    "plain logs": (lambda t: properties(t, "ApiLogs").pop("KmsKeyId"), ["ApiLogs: not encrypted with the key"]),
    "alarm missing": (lambda t: delete(t, "FallbackSlow"), ["FallbackFunction: no alarm on Duration"]),
    "silent alarm": (
        lambda t: properties(t, "ApiLatency").pop("AlarmActions"),
        ["ApiLatency: does not tell 1 topics", "ApiLatency: does not tell 2 topics"],
    ),
    "the bank's topic silent": (
        lambda t: properties(t, "ApiLatency")["AlarmActions"].pop(),
        ["ApiLatency: does not tell 2 topics"],
    ),
    "topic closed to alarms": (
        lambda t: properties(t, "AlarmTopicPolicy")["PolicyDocument"]["Statement"].pop(),
        ["AlarmTopic: its policy keeps alarms out", "budgets: kept out of the topic"],
    ),
    "logs die with the stack": (lambda t: t["Resources"]["ApiLogs"].pop("DeletionPolicy"), ["ApiLogs: not retained"]),
    "api unwatched": (lambda t: delete(t, "ApiFailures"), ["Api: no alarm on 5XXError"]),
    "table unrestorable": (
        lambda t: properties(t, "RunsTable").pop("PointInTimeRecoverySpecification"),
        ["RunsTable: not restorable to a point in time"],
    ),
    "table unprotected": (
        lambda t: properties(t, "RunsTable").pop("DeletionProtectionEnabled"),
        ["RunsTable: not protected in prod"],
    ),
    "defects unheard": (lambda t: properties(t, "CallsFailed").update(MetricName="other"), ["failed: nobody hears of it"]),
    "returns unheard": (lambda t: delete(t, "MessagesReturned"), ["returned: nobody hears of it"]),
    "stages wake each other": (lambda t: properties(t, "EvidenceBroken").pop("Dimensions"), ["evidence_broken: heard from every stage"]),
    "second failure heard": (lambda t: properties(t, "CallsFailed").update(Threshold=2), ["failed: not heard from the first on"]),
    "stage unknown": (
        lambda t: properties(t, "FallbackFunction").update(Environment={"Variables": {"APP_STAGE": "other"}}),
        ["FallbackFunction: does not know its stage"],
    ),
    "table plain": (lambda t: properties(t, "RunsTable").pop("SSESpecification"), ["RunsTable: not encrypted with the key"]),
    "table without expiry": (
        lambda t: properties(t, "RunsTable").pop("TimeToLiveSpecification"),
        ["RunsTable: not expiring by expires_at"],
    ),
    "table not retained": (lambda t: t["Resources"]["RunsTable"].pop("DeletionPolicy"), ["RunsTable: not retained"]),
    "bucket public": (lambda t: properties(t, "PayloadBucket").pop("PublicAccessBlockConfiguration"), ["PayloadBucket: not private"]),
    "payloads expire": (
        lambda t: properties(t, "PayloadBucket")["LifecycleConfiguration"]["Rules"][0].update(ExpirationInDays=90),
        ["PayloadBucket: not erased when recovery ends, and no sooner"],
    ),
    "deleted payloads stay": (
        lambda t: properties(t, "PayloadBucket").pop("LifecycleConfiguration"),
        ["PayloadBucket: not erased when recovery ends, and no sooner"],
    ),
    "failed first deployment leaves tables": (
        lambda t: t["Resources"]["RunsTable"].update(DeletionPolicy="Retain"),
        ["RunsTable: not retained"],
    ),
    "plain http to a queue": (
        lambda t: delete(t, "OperationsDeadLettersPolicy"),
        ["OperationsDeadLetters: not closed to plain HTTP"],
    ),
    "plain http to alarms": (
        lambda t: properties(t, "AlarmTopicPolicy")["PolicyDocument"]["Statement"].pop(0),
        ["AlarmTopic: not closed to plain HTTP"],
    ),
    "worker cannot give back": (
        lambda t: statement(t, "WorkerRole", 1)["Action"].remove("sqs:ChangeMessageVisibility"),
        ["WorkerFunction: may not sqs:ChangeMessageVisibility"],
    ),
    "catalog of any length": (
        lambda t: t["Parameters"]["PolicyPackCatalogJson"].pop("MaxLength"),
        ["PolicyPackCatalogJson: of any length"],
    ),
    "catalog too long": (
        lambda t: t["Parameters"]["PolicyPackCatalogJson"].update(MaxLength=4096),
        [
            f"{name}Function: variables of more than 4096 bytes"
            for name in ("Simulate", "Analyze", "AsyncDispatch", "PolicyPacks", "BookIndex")
        ],
    ),
    "worker takes all": (
        lambda t: properties(t, "WorkerFunction").pop("ReservedConcurrentExecutions"),
        ["WorkerFunction: concurrency cannot be reserved, or always is"],
    ),
    "output missing": (lambda t: t["Outputs"].pop("ProposalsTableName"), ["PROPOSAL_TABLE_NAME: no output names it"]),
    "caller not written down": (
        lambda t: unsaid(t, "authorizer.tenant", "authorizer.actor", "identity.sourceIp"),
        [
            "access log: no authorizer.tenant",
            "access log: no authorizer.actor",
            "access log: no identity.sourceIp",
            "RefusedTokens: no line has sourceIp",
        ],
    ),
    "path written down": (
        lambda t: properties(t, "Api")["AccessLogSetting"].update(
            Format=properties(t, "Api")["AccessLogSetting"]["Format"].replace('"resource":', '"path":"$context.path","resource":')
        ),
        ["access log: holds keys that callers chose"],
    ),
    "refusal that may be taken for a page": (
        lambda t: properties(t, "Api")["GatewayResponses"]["RESOURCE_NOT_FOUND"]["ResponseParameters"]["Headers"].pop(
            "X-Content-Type-Options"
        ),
        ["RESOURCE_NOT_FOUND: a browser may take it for another kind"],
    ),
    "large files at the rate of all": (
        lambda t: properties(t, "Api")["MethodSettings"].pop(),
        ["HEAD /~1docs~1{asset}: as fast as every other route"],
    ),
    "a throttle of what is no large file": (
        lambda t: properties(t, "Api")["MethodSettings"][1].update(ResourcePath="/~1health"),
        ["GET /~1health: no call that answers with a large file", "GET /~1openapi.json: as fast as every other route"],
    ),
    "large files unmeasured": (
        lambda t: properties(t, "Api")["MethodSettings"][1].pop("MetricsEnabled"),
        ["GET /~1openapi.json: is not measured, or its bodies reach a log"],
    ),
    "refusal that may be kept": (
        lambda t: properties(t, "Api")["GatewayResponses"]["RESOURCE_NOT_FOUND"]["ResponseParameters"]["Headers"].pop("Cache-Control"),
        ["RESOURCE_NOT_FOUND: may be kept"],
    ),
    "account claimed unasked": (
        lambda t: t["Resources"]["ApiAccount"].pop("Condition"),
        ["ApiAccount: made unasked"],
    ),
    "account claimed too early": (
        lambda t: t["Resources"]["ApiAccount"].pop("DependsOn"),
        ["ApiAccount: made before the API Gateway resource that it needs, or after the API that needs it"],
    ),
    "gateway kind unlisted": (
        lambda t: properties(t, "Api")["GatewayResponses"].pop("INVALID_API_KEY"),
        ["INVALID_API_KEY: missing"],
    ),
    "gateway status rewritten": (
        lambda t: properties(t, "Api")["GatewayResponses"].update(
            RESOURCE_NOT_FOUND=properties(t, "Api")["GatewayResponses"]["DEFAULT_4XX"]
        ),
        ["RESOURCE_NOT_FOUND: not the status that the gateway means"],
    ),
    "plain http": (
        lambda t: properties(t, "PayloadBucketPolicy")["PolicyDocument"]["Statement"].pop(0),
        ["PayloadBucket: not closed to plain HTTP"],
    ),
    "key for ever": (lambda t: properties(t, "Key").pop("EnableKeyRotation"), ["Key: does not rotate"]),
    "careless queue": (
        add_queue,
        [
            "Queue: not closed to plain HTTP",
            "Dead: not closed to plain HTTP",
            "Lonely: not closed to plain HTTP",
            "Queue: not encrypted with the key",
            "Queue: not given up after twelve receipts",
            "Queue: nobody hears of what waits too long",
            "Dead: nobody hears of dead letters",
            "Dead: dead letters do not stay for 14 days",
            "Lonely: no dead-letter queue",
            "Lonely: nobody hears of what waits too long",
            "FallbackFunction: messages return before six timeouts",
            "FallbackFunction: a backlog may take every worker of the account",
            "FallbackFunction: one bad message returns the whole batch",
            "FallbackFunction: may not sqs:ChangeMessageVisibility",
            "FallbackFunction: may not sqs:DeleteMessage",
            "FallbackFunction: may not sqs:GetQueueAttributes",
            "FallbackFunction: may not sqs:ReceiveMessage",
            "dashboard: no Queue",
            "dashboard: no Dead",
            "dashboard: no Lonely",
        ],
    ),
    "unknown route": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"].update({"/new": {"get": {}}}),
        [
            "GET /new: not in infra/api.py",
            "/new: other methods do not reach the fallback",
            "GET /new: does not ask for token",
            "GET /new: does not ask for token and api_key",
        ],
    ),
    "another release": (
        lambda t: properties(t, "Api")["DefinitionBody"]["info"].update(version="0.9.0"),
        ["Api: tells release 0.9.0, it is 1.2.0"],
    ),
    "route missing": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"].pop("/rebalance/simulate"),
        ["POST /rebalance/simulate: not in the template"],
    ),
    "method missing": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/policies/catalog/{policy_pack_id}"].pop("put"),
        ["PUT /rebalance/policies/catalog/{policy_pack_id}: not in the template"],
    ),
    "route to another function": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/policies/catalog"].update(
            properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/runs"]
        ),
        [f"{method} /rebalance/policies/catalog: leads to functions/run_lookup, the table says policy_packs" for method in ("GET", "HEAD")],
    ),
    "nobody is asked": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/runs"]["get"].update(security=[]),
        ["GET /rebalance/runs: asks nobody who they are"],
    ),
    "no operation asks": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/simulate"]["post"].pop("security"),
        ["POST /rebalance/simulate: does not ask for token", "POST /rebalance/simulate: does not ask for token and api_key"],
    ),
    "the catch-all asks nobody": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"].update(security=[]),
        ["X-AMAZON-APIGATEWAY-ANY-METHOD /{proxy+}: asks nobody who they are"],
    ),
    "a plan that bounds nobody": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/simulate"]["post"].update(security=[{"token": []}]),
        ["POST /rebalance/simulate: does not ask for token and api_key"],
    ),
    "keys that callers send": (
        lambda t: properties(t, "Api").pop("ApiKeySourceType"),
        ["Api: keys of usage plans do not come from the authorizer, or always do"],
    ),
    "no plan": (lambda t: delete(t, "PartnersPlan"), ["UsagePlanEnabled: makes no plan, or one is made unasked"]),
    "a token in the address": (
        lambda t: token_scheme(t).update({"in": "query"}),
        ["token: not so that it reads the header Authorization"],
    ),
    "another authorizer": (
        lambda t: token_scheme(t)[AUTHORIZER]["authorizerUri"].update({"Fn::Sub": "functions/${FallbackFunction.Arn}:live/invocations"}),
        [
            "token: not so that it asks functions/authorizer",
            "FallbackFunction: the API may not call it, or not the API alone",
        ],
    ),
    "the authorizer is asked of anything": (
        lambda t: token_scheme(t)[AUTHORIZER].pop("identityValidationExpression"),
        ["token: not so that it is asked about tokens alone"],
    ),
    "kept for ever": (
        lambda t: token_scheme(t)[AUTHORIZER].update(authorizerResultTtlInSeconds=3600),
        ["token: not so that it is kept as long as the parameter says"],
    ),
    "the whole api calls the authorizer": (
        lambda t: properties(t, "AuthorizerPermission").update(properties(t, "FallbackPermission")),
        ["AuthorizerFunction: the API may not call it, or not the API alone"],
    ),
    "the desk asks": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/desk"]["get"].update(
            security=properties(t, "Api")["DefinitionBody"]["paths"]["/rebalance/runs"]["get"]["security"]
        ),
        ["GET /desk: asks who calls, and anybody may"],
    ),
    "api may not call": (
        lambda t: delete(t, "SimulatePermission"),
        ["SimulateFunction: the API may not call it, or not the API alone"],
    ),
    "anybody's api may call": (
        lambda t: properties(t, "SimulatePermission").pop("SourceArn"),
        ["SimulateFunction: the API may not call it, or not the API alone"],
    ),
    "too patient": (
        lambda t: properties(t, "SimulateFunction").update(Timeout=30),
        ["SimulateFunction: runs longer than the API waits", "SimulateSlow: does not ring at 80 % of the timeout"],
    ),
    "other title": (
        lambda t: properties(t, "Api")["GatewayResponses"]["THROTTLED"]["ResponseTemplates"].update(
            {
                "application/json": '{"type":"about:blank","title":"Slow down","status":429,"detail":"","code":"TOO_MANY_REQUESTS","instance":"","correlation_id":""}'
            }
        ),
        ["THROTTLED: not the problem that infra/http/problems.py knows"],
    ),
    "no retry-after": (
        lambda t: properties(t, "Api")["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"].pop("Retry-After"),
        ["THROTTLED: does not say when to come back"],
    ),
    "another correlation id": (
        lambda t: properties(t, "Api")["GatewayResponses"]["THROTTLED"]["ResponseParameters"]["Headers"].pop("X-Correlation-Id"),
        ["THROTTLED: its header names another correlation id than its body"],
    ),
    "no headers alone": (
        lambda t: properties(t, "Api")["DefinitionBody"]["paths"]["/health"].pop("head"),
        ["HEAD /health: not in the template"],
    ),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_rule_notices(original: Any, name: str) -> None:
    spoil, expected = SABOTAGE[name]
    assert violations(spoiled(original, spoil), Stage="prod") == expected


def test_prod_is_refused_while_nobody_hears_its_alarms() -> None:
    with pytest.raises(TemplateError, match="AlarmEmail or AlarmTopicArn"):
        Template.load(TEMPLATE, {"Stage": "prod"})
    for somebody in ({"AlarmEmail": "operations@example.com"}, {"AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:operations"}):
        assert Template.load(TEMPLATE, {"Stage": "prod", **somebody}).values["Stage"] == "prod"
