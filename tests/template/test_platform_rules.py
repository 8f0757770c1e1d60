"""The rules on what a platform team may ask for notice what breaks them."""

from typing import Any

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template, TemplateError
from tests.template.spoiled import Sabotage, delete, properties, spoiled, violations

COUNT, BLOCK = "Firewall: does not count", "Firewall: does not block"


def rules(document: Any) -> Any:
    return properties(document, "Firewall")["Rules"]


SABOTAGE: Sabotage = {
    "firewall unasked": (lambda t: t["Resources"]["FirewallOfTheApi"].pop("Condition"), ["Firewall: stands unasked"]),
    "firewall that only counts": (lambda t: rules(t)[0].update(Action={"Count": {}}), [BLOCK]),
    "bought rules that only count": (lambda t: rules(t)[2].update(OverrideAction={"Count": {}}), [BLOCK]),
    "firewall that always blocks": (lambda t: rules(t)[1].update(OverrideAction={"None": {}}), [COUNT]),
    "one bound for all": (
        lambda t: rules(t)[0]["Statement"]["RateBasedStatement"].update(Limit="100"),
        ["Firewall: does not bound one address"] * 2,
    ),
    "portfolios stopped": (
        lambda t: rules(t)[2]["Statement"]["ManagedRuleGroupStatement"].pop("RuleActionOverrides"),
        ["Firewall: takes portfolios for attacks"] * 2,
    ),
    "firewall before nothing": (lambda t: delete(t, "FirewallOfTheApi"), ["Firewall: not before the API"] * 2),
    "tokens written down": (lambda t: properties(t, "FirewallLog").pop("RedactedFields"), ["FirewallLog: writes tokens or keys down"] * 2),
    "keys written down": (lambda t: properties(t, "FirewallLog")["RedactedFields"].pop(1), ["FirewallLog: writes tokens or keys down"] * 2),
    "domain unasked": (lambda t: t["Resources"]["DomainMapping"].pop("Condition"), ["DomainMapping: there unasked"]),
    "old tls": (lambda t: properties(t, "Domain").update(SecurityPolicy="TLS_1_0"), ["Domain: speaks old TLS"] * 2),
    "any client": (lambda t: properties(t, "Domain").pop("MutualTlsAuthentication"), ["Domain: client certificates not as asked"]),
    "domain to nowhere": (lambda t: delete(t, "DomainMapping"), ["Domain: does not lead to the API"] * 2),
    "second way in": (
        lambda t: properties(t, "Api").update(DisableExecuteApiEndpoint=False),
        ["Api: reached past its domain"] * 2,
    ),
    "no way in": (lambda t: properties(t, "Api").update(DisableExecuteApiEndpoint=True), ["Api: without an address"]),
    "anybody's address": (
        lambda t: properties(t, "Api")["DefinitionBody"].pop("x-amazon-apigateway-policy"),
        ["Api: lets in who is not named"],
    ),
    "old definition": (
        lambda t: properties(t, "Api").pop("AlwaysDeploy"),
        ["Api: stays at its old definition when parameters change"],
    ),
    "unlocked": (lambda t: properties(t, "PayloadBucket").pop("ObjectLockConfiguration"), ["PayloadBucket: not locked when asked"]),
    "locked unasked": (
        lambda t: properties(t, "PayloadBucket").update(ObjectLockEnabled=True),
        ["PayloadBucket: locked unasked"],
    ),
    "index without a cap": (
        lambda t: properties(t, "RunsTable")["GlobalSecondaryIndexes"][1].pop("OnDemandThroughput"),
        ["RunsTable: GSI2 not capped as asked"],
    ),
    "budget unheard": (
        lambda t: [s["Principal"].update(Service="cloudwatch.amazonaws.com") for s in topic(t) if s["Effect"] == "Allow"],
        ["budgets: kept out of the topic"],
    ),
    "unsigned": (
        lambda t: properties(t, "SweeperFunction").pop("CodeSigningConfigArn"),
        ["SweeperFunction: signatures not as asked"],
    ),
    "two years": (
        lambda t: t["Parameters"]["LogRetentionDays"].update(AllowedValues=[30, 90, 731]),
        ["LogRetentionDays: no ten years among them"],
    ),
    "too much": (
        lambda t: t["Parameters"].update({f"More{n}": {"Type": "String", "Default": ""} for n in range(200 - len(t["Parameters"]) + 1)}),
        ["template.yaml: 201 parameters of 200"],
    ),
}


def topic(document: Any) -> Any:
    return properties(document, "AlarmTopicPolicy")["PolicyDocument"]["Statement"]


@pytest.fixture(scope="module")
def original() -> Any:
    return Template.load(TEMPLATE).document


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_rule_notices(original: Any, name: str) -> None:
    spoil, expected = SABOTAGE[name]
    assert violations(spoiled(original, spoil), Stage="prod") == expected


@pytest.mark.parametrize("half", [{"DomainName": "api.example.com"}, {"DomainTruststoreUri": "s3://bank/authorities.pem"}])
def test_half_a_domain_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(TemplateError, match="DomainName and DomainCertificateArn"):
        Template.load(TEMPLATE, half)
