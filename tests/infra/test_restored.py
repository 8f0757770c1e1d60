"""SnapStart: many containers are restored from one INIT. A fork is such a restore: all that INIT made in memory is there twice."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import boto3
import pytest

from infra.aws.clients import CLIENT_CONFIG
from infra.local.stack import TEMPLATE
from infra.template import REGION, Template

ROOT = TEMPLATE.parent

SNAPSHOT = """
import json, os, random, sys, uuid
connected = []
sys.addaudithook(lambda event, given: connected.append(given[1]) if event == "socket.connect" else None)
import app  # INIT
import types
from infra.aws.table import Backoff
from infra.system import new_id

event = json.load(open("events/simulate.json"))
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 29000, aws_request_id="1", function_name="simulate")
known = list(connected)
asleep = random.Random()
asleep.setstate(random.getstate())
for _ in range(2):
    sent, said = os.pipe()
    if os.fork() == 0:  # a restore
        random.setstate(asleep.getstate())  # Python seeds a fork anew, and no restore
        answer = app.handler(event, context) if "LOCAL" in sys.argv else {"body": "{}"}
        drawn = {"asleep": asleep.random(), "library": random.random(), "pause": Backoff().jitter(), "id": new_id("rr")[-15:], "uuid": str(uuid.uuid4())}
        run = json.loads(answer["body"]).get("rebalance_run_id", "")[-15:]
        os.write(said, json.dumps({"connected": known, "run": run, "drawn": drawn, "status": answer.get("statusCode")}).encode())
        os._exit(0)
    os.close(said)
    print(os.read(sent, 65536).decode(), flush=True)
"""

LAMBDA = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
}
CREDENTIALS = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def restored(environ: Mapping[str, str], *arguments: str) -> list[Any]:
    """What two restores of one snapshot of simulate drew and answered; the last 15 hex digits of an id are random bits alone."""
    code = f"import sys; sys.path[:0] = {[str(ROOT / 'functions/simulate'), str(ROOT)]}\n{SNAPSHOT}"
    said = subprocess.run(  # noqa: S603  (our own interpreter)
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**LAMBDA, **CREDENTIALS, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in said.stdout.splitlines() if line.startswith('{"connected"')]


def test_two_restores_of_one_snapshot_draw_different_ids_and_pauses() -> None:
    local = {"APP_PERSISTENCE_PROFILE": "LOCAL", "DPM_SUPPORTABILITY_STORE_BACKEND": "IN_MEMORY", "PROPOSAL_STORE_BACKEND": "IN_MEMORY"}
    first, second = restored(local | {"AWS_SAM_LOCAL": "true"}, "LOCAL")
    assert (first["status"], second["status"]) == (200, 200)
    assert first["drawn"]["asleep"] == second["drawn"]["asleep"]  # the snapshot's own generator: what nobody may draw from
    assert first["run"] != second["run"]
    assert len({first["run"], second["run"], ""}) == 3
    for name in ("library", "pause", "id", "uuid"):
        assert first["drawn"][name] != second["drawn"][name], name


def test_no_connection_is_made_before_the_snapshot() -> None:
    variables = Template.load(TEMPLATE).properties("SimulateFunction", lambda name, attribute: f"{name}.{attribute}")["Environment"][
        "Variables"
    ]
    first, second = restored({name: str(value) for name, value in variables.items()})
    assert first["connected"] == second["connected"] == []


class Forgetful(BaseHTTPRequestHandler):
    """Answers the first request of a connection; at the next one it has forgotten the connection, as after a restore, and ends it unheard."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[int] = 0

    def setup(self) -> None:
        super().setup()
        self.heard = 0
        Forgetful.connections += 1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.heard += 1
        if self.heard > 1:
            self.close_connection = True
            return
        body = b'{"Item": {"pk": {"S": "there"}}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base's name)
        pass


@pytest.fixture
def forgetful() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forgetful)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_connection_that_went_stale_is_made_anew_and_nobody_hears_of_it(forgetful: str) -> None:
    secret = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = boto3.client("dynamodb", endpoint_url=forgetful, config=CLIENT_CONFIG, region_name=REGION, **secret)
    before = Forgetful.connections
    for _ in range(2):  # the second goes over the connection of the first
        assert client.get_item(TableName="t", Key={"pk": {"S": "there"}})["Item"] == {"pk": {"S": "there"}}
    assert Forgetful.connections - before == 2
