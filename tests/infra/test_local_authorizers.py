"""The local gateway asks who calls as API Gateway does, and on this machine lets those pass who say nothing."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.__main__ import tokens
from infra.local.authority import ROLES, Authority
from infra.local.gateway import Answer, Gateway
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from infra.system import utc_now
from infra.template import Template
from tests.support.local_stacks import system, to

ECHO = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""
WHO = """
ASKED = []

def handler(event, context):
    ASKED.append(event)
    said = event["authorizationToken"].removeprefix("Bearer ")
    if said == "bad":
        raise Exception("Unauthorized")
    if said == "broken":
        raise RuntimeError("secret")
    allowed = {"Effect": "Deny" if said == "denied" else "Allow", "Action": "execute-api:Invoke", "Resource": event["methodArn"].rsplit("/", 2)[0] + "/*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    return {"principalId": said, "policyDocument": policy, "context": {"asked": len(ASKED), "type": event["type"], "arn": event["methodArn"]}}
"""
SECURED = to("EchoFunction").replace("{x-amazon", "{security: [{token: []}], x-amazon", 1)
TEMPLATE = f"""
Globals: {{Function: {{Handler: app.handler, Timeout: 9}}}}
Resources:
  EchoFunction: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: echo}}}}
  WhoFunction: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: who}}}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      GatewayResponses:
        UNAUTHORIZED: {{StatusCode: 401}}
        ACCESS_DENIED: {{StatusCode: 403}}
        DEFAULT_5XX: {{StatusCode: 500}}
      DefinitionBody:
        components:
          securitySchemes:
            api_key: {{type: apiKey, name: x-api-key, in: header}}
            token:
              type: apiKey
              name: Authorization
              in: header
              x-amazon-apigateway-authorizer:
                authorizerUri: !Sub "arn:aws:apigateway:x:lambda:path/functions/${{WhoFunction.Arn}}/invocations"
                authorizerResultTtlInSeconds: 300
                identityValidationExpression: Bearer [a-z]+
        paths:
          /runs: {{get: {SECURED}}}
          /trades: {{get: {SECURED}}}
          /open: {{get: {to("EchoFunction")}}}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with system(tmp_path_factory.mktemp("authorizers"), TEMPLATE, {"echo": ECHO, "who": WHO}) as running:
        yield running


def ask(stack: LocalStack, path: str = "/runs", token: str | None = None) -> Answer:
    return stack.request("GET", path, {} if token is None else {"authorization": token})


def test_what_the_authorizer_says_of_the_caller_is_in_the_event(small: LocalStack) -> None:
    told = json.loads(ask(small, token="Bearer good").body)
    assert told["principalId"] == "good"
    assert (told["type"], told["arn"]) == ("TOKEN", "arn:aws:execute-api:eu-central-1:123456789012:local/dev/GET/runs")


def test_an_answer_is_kept_for_its_token_and_its_time(small: LocalStack) -> None:
    clock = [0.0]
    (authorizer,) = small.gateways[0].authorizers.values()
    authorizer.clock = lambda: clock[0]

    def asked(token: str, path: str = "/runs") -> int:
        return int(json.loads(ask(small, path, token).body)["asked"])

    first = asked("Bearer kept")
    assert [asked("Bearer kept"), asked("Bearer kept", "/trades"), asked("Bearer other")] == [first, first, first + 1]
    clock[0] = 299.9
    assert asked("Bearer kept") == first
    clock[0] = 300.0
    assert asked("Bearer kept") == first + 2


@pytest.mark.parametrize(
    ("token", "status"),
    [("Bearer bad", 401), ("Bearer NOT", 401), ("Basic good", 401), ("", 401), ("Bearer denied", 403), ("Bearer broken", 500)],
)
def test_a_token_that_opens_nothing(small: LocalStack, token: str, status: int) -> None:
    answers = [ask(small, token=token) for _ in range(2)]
    assert [answer.status for answer in answers] == [status, status]
    assert not any(b"secret" in answer.body for answer in answers)


def test_nobody_is_asked_on_a_route_that_is_anybodys(small: LocalStack) -> None:
    assert (ask(small, "/open").body, ask(small, "/open", "Bearer bad").body) == (b"null", b"null")


def test_who_says_nothing_passes_here_and_is_refused_by_a_gateway_that_asks_everybody(small: LocalStack) -> None:
    assert ask(small).body == b"null"
    [(_, api)] = small.template.of_type("AWS::Serverless::Api", small.resources.attribute)
    strict = Gateway(api, small.functions.values(), asks_everybody=True)
    assert [strict.handle("GET", path, [], b"").status for path in ("/runs", "/open")] == [401, 200]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8000"}, 200),
        ({"Host": "localhost:8000", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Host": "[::1]", "Sec-Fetch-Site": "none"}, 200),
        ({"Host": "evil.example:8000", "Sec-Fetch-Site": "same-origin"}, 401),  # its name leads to this machine
        ({"Host": "127.0.0.1.evil.example"}, 401),
        ({"Host": "localhost:8000", "Sec-Fetch-Site": "cross-site"}, 401),
        ({"Host": "localhost:8000", "Sec-Fetch-Site": "same-site"}, 401),
        ({"Host": "evil.example", "Authorization": "Bearer good"}, 200),
    ],
)
def test_nobody_elses_page_calls_as_the_person_at_this_machine(small: LocalStack, headers: dict[str, str], status: int) -> None:
    assert small.request("GET", "/runs", headers).status == status


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def test_a_token_is_its_caller_and_without_one_it_is_the_local_default(stack: LocalStack) -> None:
    path, body = "/rebalance/policies/catalog/ours", b'{"version": "1"}'
    administrator = bearer(stack.authority.token("administrator-1", ["dpm.admin", "dpm.read"]))
    elsewhere = bearer(stack.authority.token("administrator-1", ["dpm.admin", "dpm.read"], tenant="bank-a"))
    assert stack.request("PUT", path, administrator, body).status == 200
    assert [stack.request("GET", path, caller).status for caller in (administrator, {}, elsewhere)] == [200, 200, 404]
    assert stack.request("DELETE", path).status == 204


def test_a_bad_token_is_nobody_even_here(stack: LocalStack) -> None:
    ended = stack.authority.token("ada", ["dpm.read"], now=utc_now() - timedelta(days=1))
    for headers in (
        bearer("a.b.c"),
        bearer("x"),
        bearer(Authority().token("ada", ["dpm.read"])),
        bearer(ended),
        {"Authorization": "Basic x"},
    ):
        answer = stack.request("GET", "/rebalance/runs", headers)
        assert (answer.status, json.loads(answer.body)["code"]) == (401, "UNAUTHORIZED")
        assert (answer.header("WWW-Authenticate"), answer.header("Content-Type")) == ("Bearer", "application/problem+json")


def test_every_role_of_make_up_has_a_token_that_works(stack: LocalStack) -> None:
    printed = dict(line.split("  # ")[0].split("=", 1) for line in tokens(stack.authority).splitlines()[1:])
    assert list(printed) == ["ADVISER", "RISK", "COMPLIANCE", "OPERATOR", "ADMINISTRATOR"]
    for role in ROLES:
        status = {
            path: stack.request("GET", path, bearer(printed[role.name])).status for path in ("/rebalance/runs", "/rebalance/proposals")
        }
        assert status == {"/rebalance/runs": 200, "/rebalance/proposals": 200}
        refused = stack.request("DELETE", "/rebalance/policies/catalog/none", bearer(printed[role.name])).status
        assert refused == (404 if role.name == "ADMINISTRATOR" else 403)


def test_the_templates_authorizer_is_the_one_of_the_local_gateway(stack: LocalStack) -> None:
    declared: Any = Template.load(Path(stack.template.folder / "template.yaml")).properties("Api")["DefinitionBody"]["components"]
    (authorizer,) = stack.gateways[0].authorizers.values()
    assert authorizer.function.folder.name == "authorizer"
    assert authorizer.ttl_seconds == declared["securitySchemes"]["token"]["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"]
