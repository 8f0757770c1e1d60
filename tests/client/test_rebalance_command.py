"""`rebalance` against the local stack over a socket: every command from its file to its table."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from rebalance_client import Client
from rebalance_client.command import app
from typer.testing import CliRunner, Result

from engine.version import ENGINE_VERSION
from infra.local.server import serving
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from infra.release import RELEASE
from tests.support.books import bought, simple

EVENTS = Path(__file__).parents[2] / "events"
REQUEST, PROPOSAL = EVENTS / "first_request.json", EVENTS / "first_proposal.json"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as stack, stack.polling(), serving(stack, 0) as address:
        yield address


def said(url: str, *arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(map(str, arguments)), env={"REBALANCE_URL": url, "COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result


def told(url: str, *arguments: object, code: int = 0) -> Any:
    lines = said(url, *arguments, "--json", code=code).stdout.splitlines()
    return json.loads("\n".join(line for line in lines if not line.startswith('{"level"')))  # the functions log in this process


def test_a_rebalance_is_decided_shown_found_and_proved(url: str, tmp_path: Path) -> None:
    shown = said(url, "simulate", REQUEST, "--key", "client-1").stdout
    assert "READY  EXECUTION_READY" in shown
    assert "MSFT" in shown
    run = told(url, "simulate", REQUEST, "--key", "client-1")
    run_id = run["rebalance_run_id"]
    assert run_id in shown  # under its key, the same run
    assert told(url, "status", run_id)["rebalance_run_id"] == run_id
    assert "VERIFIED" in said(url, "verify", run_id).stdout
    with Client(url) as client:
        artifact = client.artifact(run_id).value
    (tmp_path / "artifact.json").write_text(json.dumps(artifact))
    assert told(url, "verify", tmp_path / "artifact.json")["verdict"] == "VERIFIED"
    forged = json.dumps(artifact).replace('"quantity": "122"', '"quantity": "123"')
    (tmp_path / "artifact.json").write_text(forged)
    assert "DIFFERS" in said(url, "verify", tmp_path / "artifact.json", code=1).stdout


def test_a_proposal_is_shown_and_its_artifact_is_proved(url: str, tmp_path: Path) -> None:
    for asked in ([], ["--artifact"]):
        assert "READY  CLIENT_CONSENT_REQUIRED" in said(url, "propose", PROPOSAL, *asked).stdout
    artifact = told(url, "propose", PROPOSAL, "--artifact")
    (tmp_path / "artifact.json").write_text(json.dumps(artifact))
    assert told(url, "verify", tmp_path / "artifact.json")["verdict"] == "VERIFIED"


def test_scenarios_are_compared_now_and_later(url: str, tmp_path: Path) -> None:
    batch = json.loads(REQUEST.read_text())
    options = batch.pop("options")
    batch["scenarios"] = {"as_is": {"options": options}, "broken": {"options": {"max_turnover_pct": "2"}}}
    file = tmp_path / "batch.json"
    file.write_text(json.dumps(batch))
    shown = said(url, "analyze", file).stdout
    assert "as_is" in shown
    assert "broken: INVALID_OPTIONS" in shown
    later = told(url, "analyze", file, "--async")
    assert later["status"] == "SUCCEEDED"
    assert "SUCCEEDED" in said(url, "status", later["operation_id"]).stdout


def test_refusals_are_told_with_their_places(url: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text("{}")
    refused = said(url, "simulate", file, code=2)
    assert "422 REQUEST_VALIDATION_FAILED" in refused.stderr
    assert "body.portfolio_snapshot  missing" in refused.stderr
    assert "404 DPM_RUN_NOT_FOUND" in said(url, "status", "rr_0", code=2).stderr
    assert "begins with none of" in said(url, "status", "x", code=2).stderr
    assert "No such file" in said(url, "simulate", tmp_path / "nothing.json", code=2).stderr


def test_a_blocked_rebalance_says_what_is_missing(url: str, tmp_path: Path) -> None:
    request = json.loads(REQUEST.read_text())
    request["market_data_snapshot"]["prices"] = []
    file = tmp_path / "blocked.json"
    file.write_text(json.dumps(request))
    shown = said(url, "simulate", file).stdout
    assert "BLOCKED" in shown
    assert "price_missing: AAPL, AZN.L" in shown  # both positions


def test_what_is_no_evidence_is_told_by_its_name() -> None:
    refused = said("http://127.0.0.1:9", "verify", REQUEST, code=2)
    assert f"{REQUEST} is not an artifact, support bundle or version of a proposal: " in refused.stderr
    assert f"{REQUEST.parent}: Is a directory" in said("http://127.0.0.1:9", "verify", REQUEST.parent, code=2).stderr


def test_it_says_which_release_it_speaks_and_proves_with() -> None:
    assert said("http://127.0.0.1:9", "--version").stdout == f"rebalance {RELEASE}, engine {ENGINE_VERSION}\n"
    assert "Usage" in said("http://127.0.0.1:9", code=2).output  # and what there is to who asks for nothing


def test_who_does_not_answer_is_told(tmp_path: Path) -> None:
    refused = said("http://127.0.0.1:9", "analyze", REQUEST, code=2)
    assert "no answer in 1 attempts" in refused.stderr
    assert "--key" not in refused.stderr


def test_who_got_no_answer_learns_the_key_to_ask_again_with() -> None:
    refused = said("http://127.0.0.1:9", "simulate", REQUEST, code=2)
    assert re.search(r"no answer in 5 attempts.*; ask again with --key \S{20,}$", refused.stderr.rstrip())


def test_a_key_is_not_taken_where_nothing_is_kept_under_it() -> None:
    assert "goes with --async" in said("http://127.0.0.1:9", "analyze", REQUEST, "--key", "mine-1", code=2).stderr


def test_a_book_is_run_by_the_deployed_definition_and_its_files_are_fetched(url: str, tmp_path: Path) -> None:
    manifest, shared = tmp_path / "lines.jsonl", tmp_path / "shared.json"
    manifest.write_bytes(b"\n".join([bought("pf_1", "1000"), bought("pf_2", "2000"), b"{}"]))
    shared.write_bytes(simple())
    summary = told(url, "book", manifest, shared, "--records", "ALL")
    assert summary["lines"] == {"total": 3, "decided": 2, "failed": 1}
    assert "SUCCEEDED" in said(url, "status", summary["book_id"]).stdout
    with Client(url) as client:
        orders = httpx.get(str(client.book(summary["book_id"]).value["files"]["orders"]))
        rows = gzip.decompress(orders.content).decode().splitlines()
        assert [row.split(",")[0] for row in rows[1:]] == ["pf_1", "pf_2"]
        assert {row["portfolio_id"] for row in client.runs().value["items"]} >= {"pf_1", "pf_2"}
    assert httpx.post(f"{url}/objects/somebody-elses/", files={"file": b"x"}).status_code == 404
