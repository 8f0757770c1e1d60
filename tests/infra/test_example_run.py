"""`python -m infra.local run` against a small gateway that keeps, or breaks, what the API promises."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread

import boto3
import pytest
from moto import mock_aws

import engine
from infra.local.example import RunFailed, example_request, free_port, main, post, show
from infra.local.stored import stored

REGION = "eu-central-1"
SAID = {
    "verdict": "VERIFIED",
    "workflow_status": "PENDING_REVIEW",
    "edges": [1, 2],
    "history": [1],
    "items": [1],
    "run_count": 1,
    "total": 0,
}


class Server(ThreadingHTTPServer):
    """What was decided by key, and the promise that is broken."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Gateway)
        self.kept: dict[str, bytes] = {}
        self.fault = ""
        self.url = f"http://127.0.0.1:{self.server_port}"


class Gateway(BaseHTTPRequestHandler):
    """Decides with the engine and replays by key; `server.fault` names the promise it breaks."""

    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept, key, fault = self.server.kept, self.headers["Idempotency-Key"], self.server.fault
        if self.headers["Accept"] == "text/html":
            return self.reply(200, b"<!DOCTYPE html>proposal", kind="text/html; charset=utf-8")
        replayed = key in kept
        if fault == "refuses":
            return self.reply(422, b'{"code":"REQUEST_VALIDATION_FAILED"}')
        answer = kept.setdefault(key, engine.simulate_json(body, run_id="rr_7", correlation_id=self.headers["X-Correlation-Id"]))
        if replayed and fault == "differs":
            answer = answer.replace(b"rr_7", b"rr_8")
        return self.reply(200, answer, replayed=replayed and fault != "silent")

    def do_GET(self) -> None:
        if self.server.fault == "closed" and self.path.endswith("/workflow"):
            return self.reply(404, b'{"code":"DPM_WORKFLOW_DISABLED"}')
        if self.headers["Accept"] == "text/html" and self.server.fault != "pageless":
            return self.reply(200, b"<!DOCTYPE html>", kind="text/html; charset=utf-8")
        return self.reply(200, json.dumps(SAID).encode())

    def reply(self, status: int, content: bytes, *, replayed: bool = False, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if replayed:
            self.send_header("Idempotent-Replayed", "true")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: str) -> None:
        """Quiet."""


@pytest.fixture
def gateway() -> Iterator[Server]:
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def told(gateway: Server, folder: Path) -> str:
    return "\n".join(show(gateway.url, example_request(), "example-1", lambda run_id: f"here: {run_id}", folder / "pages"))


def test_the_example_is_decided_shown_and_replayed(gateway: Server, tmp_path: Path) -> None:
    text = told(gateway, tmp_path)
    assert "PENDING_REVIEW   total value before" in text
    assert "here: rr_7" in text
    assert "── Distance from the target: " in text
    assert "── Plan: FULL " in text
    assert "── Reasons " in text
    size = len(gateway.kept["example-1"])
    assert f"Idempotent-Replayed: true, the same {size:,} bytes" in text
    assert "GET /rebalance/runs/rr_7/workflow\n    review: PENDING_REVIEW\n" in text
    assert "GET /rebalance/idempotency/example-1/history\n    runs under this key: 1\n" in text
    assert text.splitlines()[-2:] == [
        f"page of the run:      {tmp_path}/pages/run.html",
        f"page of a proposal:   {tmp_path}/pages/proposal.html",
    ]
    assert (tmp_path / "pages/run.html").read_bytes() == b"<!DOCTYPE html>"
    assert (tmp_path / "pages/proposal.html").read_bytes() == b"<!DOCTYPE html>proposal"
    assert max(map(len, text.splitlines()[:-2])) <= 100
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("refuses", "POST /rebalance/simulate answered 422: .*REQUEST_VALIDATION_FAILED"),
        ("silent", "answered 200 without Idempotent-Replayed: true"),
        ("differs", "the replayed answer differs"),
        ("closed", "GET /rebalance/runs/rr_7/workflow answered 404: .*DPM_WORKFLOW_DISABLED"),
        ("pageless", "GET /rebalance/runs/rr_7/artifact answered 200 and no page: .*VERIFIED"),
    ],
)
def test_a_broken_promise_fails_the_run_and_says_which(gateway: Server, tmp_path: Path, fault: str, message: str) -> None:
    gateway.fault = fault
    with pytest.raises(RunFailed, match=message):
        told(gateway, tmp_path)


def test_nobody_there_is_an_error_of_the_system() -> None:
    with socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        post(f"http://127.0.0.1:{port}", b"{}", "k")


def test_a_busy_port_gives_way_to_a_free_one() -> None:
    with socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert free_port(taken) not in {0, taken}
    assert free_port(taken) == taken


def test_the_request_has_the_same_bytes_every_time() -> None:
    assert example_request() == example_request()
    assert list(json.loads(example_request())) == [
        "portfolio_snapshot",
        "market_data_snapshot",
        "model_portfolio",
        "shelf_entries",
        "options",
    ]


def test_every_item_and_object_that_names_the_run_is_listed() -> None:
    with mock_aws():
        dynamodb, s3 = (
            boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
            for service in ("dynamodb", "s3")
        )
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        dynamodb.create_table(
            TableName="runs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )
        for pk, sk, more in (
            ("T#local#RUN#rr_7", "META", {}),
            ("T#local#IDEM#k", "CLAIM", {"claim": {"M": {"runs": {"L": [{"S": "rr_7"}]}}}}),
            ("T#local#RUN#rr_8", "META", {"gz": {"B": b"rr_7"}}),
        ):
            dynamodb.put_item(TableName="runs", Item={"pk": {"S": pk}, "sk": {"S": sk}, **more})
        s3.create_bucket(Bucket="payloads", CreateBucketConfiguration={"LocationConstraint": REGION})
        for key in ("local/runs/rr_7/0.json.gz", "local/runs/rr_8/0.json.gz"):
            s3.put_object(Bucket="payloads", Key=key, Body=b"12345")
        lines = stored(dynamodb, s3, "rr_7").splitlines()
    assert lines == [
        "DynamoDB table runs",
        "  T#local#IDEM#k",
        "    CLAIM",
        "  T#local#RUN#rr_7",
        "    META",
        "S3 bucket payloads",
        "  local/runs/rr_7/",
        "    0.json.gz, 5 bytes",
    ]


def test_the_command_serves_the_whole_stack_and_prints_only_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    text = shown.out.splitlines()
    assert text[0].startswith("local stack of template.yaml at http://127.0.0.1:")
    assert sum("Idempotent-Replayed: true" in line for line in text) == 1
    assert text[-6:-4] == ["GET /rebalance/policies/catalog", "    policy packs: 0"]
    for line in text[-2:]:
        assert Path(line.rpartition(" ")[2]).read_bytes().startswith(b"<!DOCTYPE html>")
    assert any(line.startswith("DynamoDB table ") for line in text)
    assert any(line.startswith("S3 bucket ") for line in text)
    assert [line for line in text if len(line) > 100 or line.startswith("{")] == []
