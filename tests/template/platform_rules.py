"""What template.yaml offers a platform team by parameter: there where it is asked for, and nowhere else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from infra.template import Template
from tests.template.variants import variant

CERTIFICATE: Final = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
EVERYTHING: Final = {
    "GradualReleases": "true",
    "WebAcl": "block",
    "DocumentLockDays": "30",
    "TableMaxUnits": "4000",
    "DomainName": "api.example.com",
    "DomainCertificateArn": CERTIFICATE,
    "DomainTruststoreUri": "s3://bank/authorities.pem",
    "AllowedSourceRanges": "192.0.2.0/24,198.51.100.0/24",
    "ManageApiLogRole": "true",
}
TEN_YEARS: Final = 3653  # days, as CloudWatch counts them
MAX_RESOURCES: Final = 500
MOST_PARAMETERS: Final = 200
MAX_BYTES: Final = 1_000_000 // 4  # of our text: SAM writes about twice as much, and others add to it


def one_firewall(template: Template) -> Iterator[str]:
    """None unless asked; counting stops nobody; it stands before our stage, lets portfolios through and writes no token down."""
    if any(resource["Type"].startswith("AWS::WAFv2") for resource in template.resources.values()):
        yield "Firewall: stands unasked"
    modes: dict[str, tuple[Any, Any]] = {"count": ({"Count": {}}, {"Count": {}}), "block": ({"Block": {}}, {"None": {}})}
    for mode, actions in modes.items():
        asked = variant(template, WebAcl=mode, WebAclCallsPerFiveMinutes="70")
        for name, firewall in asked.of_type("AWS::WAFv2::WebACL"):
            own = [rule for rule in firewall["Rules"] if "Action" in rule]
            bought = [rule for rule in firewall["Rules"] if "OverrideAction" in rule]
            if [rule["Action"] for rule in own] != [actions[0]] or {str(rule["OverrideAction"]) for rule in bought} != {str(actions[1])}:
                yield f"{name}: does not {mode}"
            if [rule["Statement"]["RateBasedStatement"]["Limit"] for rule in own] != ["70"]:
                yield f"{name}: does not bound one address"
            common = [_group(rule) for rule in bought if _group(rule)["Name"] == "AWSManagedRulesCommonRuleSet"]
            passes = {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
            if [group.get("RuleActionOverrides") for group in common] != [[passes]]:
                yield f"{name}: takes portfolios for attacks"
        associated = [association["ResourceArn"]["Fn::Sub"] for _, association in asked.of_type("AWS::WAFv2::WebACLAssociation")]
        if [arn.endswith("/restapis/${Api}/stages/${Stage}") for arn in associated] != [True]:
            yield "Firewall: not before the API"
        for name, log in asked.of_type("AWS::WAFv2::LoggingConfiguration"):
            hidden = [field.get("SingleHeader", {}).get("Name", field) for field in log.get("RedactedFields", [])]
            if hidden != ["authorization", "idempotency-key", {"QueryString": {}}]:
                yield f"{name}: writes tokens or keys down"


def _group(rule: Mapping[str, Any]) -> Any:
    return rule["Statement"]["ManagedRuleGroupStatement"]


def one_name(template: Template) -> Iterator[str]:
    """With a domain of its own the API has no second way in, speaks TLS 1.2 at least, and asks for client certificates where told to."""
    kinds = ("AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping")
    yield from (f"{name}: there unasked" for kind in kinds for name, _ in template.of_type(kind))
    if template.properties("Api").get("DisableExecuteApiEndpoint") is not False:
        yield "Api: without an address"
    named = {"DomainName": "api.example.com", "DomainCertificateArn": CERTIFICATE}
    for truststore in ("", "s3://bank/authorities.pem"):
        asked = variant(template, **named, DomainTruststoreUri=truststore)
        for name, domain in asked.of_type(kinds[0]):
            if domain.get("SecurityPolicy") != "TLS_1_2":
                yield f"{name}: speaks old TLS"
            if domain.get("MutualTlsAuthentication", {}).get("TruststoreUri", "") != truststore:
                yield f"{name}: client certificates not as asked"
        if [(mapping["RestApiId"], mapping["Stage"]) for _, mapping in asked.of_type(kinds[1])] != [({"Ref": "Api"}, {"Ref": "Api.Stage"})]:
            yield "Domain: does not lead to the API"
        if asked.properties("Api").get("DisableExecuteApiEndpoint") is not True:
            yield "Api: reached past its domain"


def addresses_are_named_where_asked(template: Template) -> Iterator[str]:
    key, asked = "x-amazon-apigateway-policy", variant(template, AllowedSourceRanges="192.0.2.0/24,198.51.100.0/24")
    if key in template.properties("Api")["DefinitionBody"]:
        yield "Api: lets named addresses in alone, and none are named"
    statements = asked.properties("Api")["DefinitionBody"].get(key, {}).get("Statement", [])
    refused = [statement.get("Condition") for statement in statements if statement["Effect"] == "Deny"]
    if refused != [{"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/24"]}}]:
        yield "Api: lets in who is not named"


def a_release_reaches_its_stage(template: Template) -> Iterator[str]:
    """Conditions within the definition change with parameters; SAM deploys a definition whose text is the same only when told to."""
    if template.properties("Api").get("AlwaysDeploy") is not True:
        yield "Api: stays at its old definition when parameters change"


def documents_are_locked_where_asked(template: Template) -> Iterator[str]:
    locked = variant(template, DocumentLockDays="30").properties("PayloadBucket")
    rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": "30"}}}
    if (locked.get("ObjectLockEnabled"), locked.get("ObjectLockConfiguration")) != (True, rule):
        yield "PayloadBucket: not locked when asked"
    if {"ObjectLockEnabled", "ObjectLockConfiguration"} & set(template.properties("PayloadBucket")):
        yield "PayloadBucket: locked unasked"  # and a bucket that stands would be made anew


def tables_are_capped_where_asked(template: Template) -> Iterator[str]:
    cap = {"MaxReadRequestUnits": "4000", "MaxWriteRequestUnits": "4000"}
    for asked, wanted in ((template, None), (variant(template, TableMaxUnits="4000"), cap)):
        for name, table in asked.of_type("AWS::DynamoDB::Table"):
            for part in (table, *table.get("GlobalSecondaryIndexes", [])):
                if part.get("OnDemandThroughput") != wanted:
                    yield f"{name}: {part.get('IndexName', 'itself')} not capped as asked"


def a_budget_may_tell_the_topic(template: Template) -> Iterator[str]:
    """The budget itself is no resource here: its type is not known in every region, and a template that names it is refused there."""
    [topic] = [policy["PolicyDocument"] for _, policy in template.of_type("AWS::SNS::TopicPolicy")]
    for where, document in (("topic", topic), ("key", template.properties("Key")["KeyPolicy"])):
        if not any("budgets.amazonaws.com" in str(statement.get("Principal")) for statement in document["Statement"]):
            yield f"budgets: kept out of the {where}"
    yield from (
        f"{name}: of no type in Zurich" for name in template.resources if template.resources[name]["Type"].startswith("AWS::Budgets")
    )


def code_is_signed_where_asked(template: Template) -> Iterator[str]:
    arn = "arn:aws:lambda:eu-central-1:123456789012:code-signing-config:csc-1"
    for asked, wanted in ((template, None), (variant(template, CodeSigningConfigArn=arn), arn)):
        for name, function in asked.of_type("AWS::Serverless::Function"):
            if function.get("CodeSigningConfigArn") != wanted:
                yield f"{name}: signatures not as asked"


def logs_may_stay_ten_years(template: Template) -> Iterator[str]:
    """As long as records of orders must be kept somewhere; shorter where the bank archives its logs elsewhere."""
    if max(template.document["Parameters"]["LogRetentionDays"]["AllowedValues"]) < TEN_YEARS:
        yield "LogRetentionDays: no ten years among them"


def the_template_fits(template: Template) -> Iterator[str]:
    """Everything asked for at once, with what SAM makes of it: a version, an alias and a deployment group of each function, and of the API."""
    everything = variant(template, **EVERYTHING)
    functions = dict(everything.of_type("AWS::Serverless::Function"))
    events = sum(len(function.get("Events", {})) for function in functions.values())
    resources = len(everything.resources) + 4 * len(functions) + 2 * events + 3
    size = (template.folder / "template.yaml").stat().st_size
    for what, counted, most in (
        ("resources", resources, MAX_RESOURCES),
        ("parameters", len(template.document["Parameters"]), MOST_PARAMETERS),
        ("bytes", size, MAX_BYTES),
    ):
        if counted > most:
            yield f"template.yaml: {counted} {what} of {most}"


PLATFORM_RULES: Final[tuple[Callable[[Template], Iterator[str]], ...]] = (
    one_firewall,
    one_name,
    addresses_are_named_where_asked,
    a_release_reaches_its_stage,
    documents_are_locked_where_asked,
    tables_are_capped_where_asked,
    a_budget_may_tell_the_topic,
    code_is_signed_where_asked,
    logs_may_stay_ten_years,
    the_template_fits,
)
