"""The gateway's events and answers, over real sockets where HTTP itself matters."""

import base64
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.gateway import MAX_BODY
from infra.local.server import serving
from infra.local.stack import LocalStack
from tests.support.local_stacks import system, to

ECHO = """
import base64, json

def handler(event, context):
    if event["path"] == "/fails":
        raise RuntimeError("secret")
    if event["path"] == "/huge":
        return {"statusCode": 200, "body": "x" * 6_500_000}
    if event["path"] == "/nonsense":
        return "no answer"
    if event["path"] == "/binary":
        return {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": base64.b64encode(b"\\x89PNG").decode(), "isBase64Encoded": True}
    if event["path"] == "/twice":
        return {"statusCode": 204, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}}
    return {"statusCode": 200, "body": json.dumps({"event": event, "name": context.function_name, "left": context.get_remaining_time_in_millis()})}
"""
OTHER = """
def handler(event, context):
    return {"statusCode": 404, "headers": {"Allow": "POST"}, "body": event["resource"]}
"""
TEMPLATE = f"""
Globals: {{Function: {{Handler: app.handler, Timeout: 9}}}}
Resources:
  EchoFunction: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: echo}}}}
  OtherFunction: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: other}}}}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      BinaryMediaTypes: [BINARY]
      GatewayResponses:
        REQUEST_TOO_LARGE:
          StatusCode: 413
          ResponseParameters: {{Headers: {{Content-Type: "'application/problem+json'"}}}}
          ResponseTemplates: {{application/json: '{{"code":"REQUEST_TOO_LARGE","instance":"$context.path","id":"$context.requestId"}}'}}
        DEFAULT_5XX: {{StatusCode: 500, ResponseTemplates: {{application/json: '{{"code":"INTERNAL_SERVER_ERROR"}}'}}}}
        MISSING_AUTHENTICATION_TOKEN: {{StatusCode: 404, ResponseTemplates: {{application/json: '{{"code":"NOT_FOUND"}}'}}}}
      DefinitionBody:
        paths:
          /runs: {{get: {to("EchoFunction")}, x-amazon-apigateway-any-method: {to("OtherFunction")}}}
          /runs/{{run_id}}: {{get: {to("EchoFunction")}}}
          /runs/latest: {{get: {to("OtherFunction")}}}
          /{{proxy+}}: {{post: {to("EchoFunction")}, get: {to("EchoFunction")}}}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with system(tmp_path_factory.mktemp("gateway"), TEMPLATE.replace("BINARY", "image/png"), {"echo": ECHO, "other": OTHER}) as running:
        yield running


@pytest.fixture(scope="module")
def address(stack: LocalStack) -> Iterator[Any]:
    with serving(stack) as url:
        yield urlsplit(url)


@pytest.fixture
def connection(address: Any) -> Iterator[Any]:
    opened = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    yield opened
    opened.close()


def ask(connection: Any, method: str, target: str, body: Any = None, headers: dict[str, Any] | tuple[Any, ...] = ()) -> tuple[Any, bytes]:
    connection.request(method, target, body, dict(headers))
    answer = connection.getresponse()
    return answer, answer.read()


def test_the_event_is_a_rest_api_proxy_event(connection: Any) -> None:
    headers = {"Content-Type": "application/json", "X-Tag": "a"}
    _, body = ask(connection, "POST", "/some/path%20x?q=1&q=2&empty=", b'{"n":1}', headers)
    event = json.loads(body)["event"]
    assert {name: event[name] for name in ("resource", "path", "httpMethod", "body", "isBase64Encoded", "stageVariables")} == {
        "resource": "/{proxy+}",
        "path": "/some/path%20x",
        "httpMethod": "POST",
        "body": '{"n":1}',
        "isBase64Encoded": False,
        "stageVariables": None,
    }
    assert event["pathParameters"] == {"proxy": "some/path%20x"}
    assert event["queryStringParameters"] == {"q": "2", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"], "empty": [""]}
    assert (event["headers"]["X-Tag"], event["multiValueHeaders"]["X-Tag"]) == ("a", ["a"])
    context = event["requestContext"]
    assert (context["stage"], context["path"], context["resourcePath"]) == ("dev", "/some/path%20x", "/{proxy+}")
    assert (context["httpMethod"], context["identity"]["sourceIp"]) == ("POST", "127.0.0.1")
    assert "authorizer" not in context


def test_repeated_headers_keep_all_values_and_the_last_alone(stack: LocalStack) -> None:
    event = json.loads(stack.request("GET", "/runs", [("X-Tag", "a"), ("X-Tag", "b")]).body)["event"]
    assert event["headers"]["X-Tag"] == "b"
    assert event["multiValueHeaders"]["X-Tag"] == ["a", "b"]


def test_an_empty_request_has_nulls_where_the_gateway_has_them(stack: LocalStack) -> None:
    event = json.loads(stack.request("GET", "/runs").body)["event"]
    assert [event[name] for name in ("body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters")] == [None] * 4


def test_the_context_tells_the_function_its_name_and_its_time(stack: LocalStack) -> None:
    answer = json.loads(stack.request("GET", "/runs").body)
    assert answer["name"] == "local-EchoFunction"
    assert 8000 < answer["left"] <= 9000


@pytest.mark.parametrize(
    ("method", "path", "resource", "parameters"),
    [
        ("GET", "/runs/rr_1", "/runs/{run_id}", {"run_id": "rr_1"}),
        ("GET", "/runs/", "/runs", None),
        ("GET", "/runs/rr_1/", "/runs/{run_id}", {"run_id": "rr_1"}),
        ("GET", "/runs/rr_1/more", "/{proxy+}", {"proxy": "runs/rr_1/more"}),
        ("GET", "/runs//more", "/{proxy+}", {"proxy": "runs//more"}),
    ],
)
def test_the_best_route_answers(stack: LocalStack, method: str, path: str, resource: str, parameters: dict[str, Any] | None) -> None:
    event = json.loads(stack.request(method, path).body)["event"]
    assert (event["resource"], event["path"], event["pathParameters"]) == (resource, path, parameters)


def test_a_literal_wins_over_a_parameter_and_any_takes_the_other_methods(stack: LocalStack) -> None:
    assert stack.request("GET", "/runs/latest").body == b"/runs/latest"
    assert (stack.request("DELETE", "/runs").status, stack.request("DELETE", "/runs").header("allow")) == (404, "POST")


def test_no_route_is_the_gateways_own_refusal(stack: LocalStack) -> None:
    answer = stack.request("DELETE", "/runs/rr_1")
    assert (answer.status, json.loads(answer.body)) == (404, {"code": "NOT_FOUND"})


@pytest.mark.parametrize("path", ["/fails", "/huge", "/nonsense"])
def test_what_a_function_does_wrong_is_a_5xx_without_its_words(stack: LocalStack, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = stack.request("GET", path)
    assert (answer.status, json.loads(answer.body)) == (500, {"code": "INTERNAL_SERVER_ERROR"})
    assert ("secret" in capsys.readouterr().err) == (path == "/fails")


def test_a_body_over_ten_megabytes_is_refused_and_the_client_can_read_it(address: Any) -> None:
    for framing in ("length", "chunks"):
        opened = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        content = b"x" * (MAX_BODY + 1)
        answer, body = ask(opened, "POST", "/big", content if framing == "length" else iter([content[:5_000_000], content[5_000_000:]]))
        assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
        assert json.loads(body)["instance"] == "/big"
        opened.close()


def test_an_event_over_six_megabytes_is_refused_before_the_function(stack: LocalStack) -> None:
    assert stack.request("POST", "/some", body=b"x" * 6_300_000).status == 413
    assert stack.request("POST", "/some", body=b"x" * 100_000).status == 200


def test_binary_types_travel_as_base64_and_others_as_text(stack: LocalStack) -> None:
    event = json.loads(stack.request("POST", "/some", {"Content-Type": "image/png"}, b"\x89PNG").body)["event"]
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, b"\x89PNG")
    event = json.loads(stack.request("POST", "/some", {"Content-Type": "text/plain"}, b"\x89PNG").body)["event"]
    assert (event["isBase64Encoded"], event["body"]) == (False, "\N{REPLACEMENT CHARACTER}PNG")


def test_a_base64_answer_is_undone_for_who_accepts_the_type(stack: LocalStack) -> None:
    assert stack.request("GET", "/binary", {"Accept": "image/png"}).body == b"\x89PNG"
    assert stack.request("GET", "/binary", {"Accept": "text/html"}).body == base64.b64encode(b"\x89PNG")


def test_headers_with_many_values_all_arrive(connection: Any) -> None:
    answer, body = ask(connection, "GET", "/twice")
    assert (answer.status, answer.headers.get_all("Set-Cookie"), body) == (204, ["a=1", "b=2"], b"")


def test_connections_are_kept(connection: Any) -> None:
    ports = []
    for _ in range(3):
        ask(connection, "GET", "/runs")
        ports.append(connection.sock.getsockname())
    assert len(set(ports)) == 1


@pytest.mark.parametrize(
    ("target", "path", "template"),
    [
        ("/dev/runs?a=1", "/runs", "/runs"),
        ("/dev/x/dev/y", "/x/dev/y", "/{proxy+}"),
        ("/develop", "/develop", "/{proxy+}"),
    ],
)
def test_the_stage_may_stand_before_the_path(stack: LocalStack, target: str, path: str, template: str) -> None:
    event = json.loads(stack.request("GET", target).body)["event"]
    context = event["requestContext"]
    assert (event["path"], event["resource"], context["resourcePath"]) == (path, template, template)
    assert context["path"] == target.partition("?")[0]


def raw(address: Any, sent: bytes) -> bytes:
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"BREW /runs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /runs HTTP/9.9\r\n\r\n",
        b"POST /some HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /some HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /some HTTP/1.1\r\nContent-Length: 10\r\n\r\nshort",
        b"POST /some HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /some HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /runs HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_malformed_requests_are_refused_and_the_server_lives(address: Any, connection: Any, sent: bytes) -> None:
    answer = raw(address, sent)
    assert answer == b"" or b" 4" in answer[:20] or b" 5" in answer[:20]
    assert ask(connection, "GET", "/runs")[0].status == 200


def test_a_post_without_length_has_no_body(address: Any) -> None:
    answer = raw(address, b"POST /some HTTP/1.1\r\nHost: x\r\n\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["event"]["body"] is None


def test_chunks_are_put_together(connection: Any) -> None:
    _, body = ask(connection, "POST", "/some", iter([b'{"n":', b"1}"]))
    assert json.loads(body)["event"]["body"] == '{"n":1}'


def test_a_client_that_expects_to_continue_is_told_to(address: Any) -> None:
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(b"POST /some HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 100 Continue")
        line.sendall(b"{}")
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")
