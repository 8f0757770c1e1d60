"""`python -m engine propose FILE`: the report, the result, or the artifact of a proposal."""

import io
import json
from datetime import UTC, datetime

import pytest

from engine import ENGINE_VERSION, proposal_artifact_json, propose_json
from engine.__main__ import Streams, main
from engine.evidence.verification import Verdict, verify_file
from engine.report.text import render_proposal
from tests.engine.advisory.artifacts import V1

BODY = json.dumps(V1).encode()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ask(*arguments: str, file: bytes = BODY) -> tuple[int, bytes, str]:
    out, errors = io.BytesIO(), io.BytesIO()
    return main([*arguments, "-"], Streams(io.BytesIO(file), out, errors)), out.getvalue(), errors.getvalue().decode()


def test_people_read_the_report() -> None:
    artifact = proposal_artifact_json(BODY, run_id="pr_cli", correlation_id="c_none", created_at=EPOCH)
    assert ask("propose") == (0, render_proposal(json.loads(artifact)).encode(), "")


def test_json_is_the_result_of_the_engine_and_nothing_more() -> None:
    expected = propose_json(BODY, run_id="pr_7", correlation_id="c_7")
    assert ask("propose", "--json", "--run-id", "pr_7", "--correlation-id", "c_7") == (0, expected, "")


def test_the_artifact_carries_its_time_and_is_proved_by_verify() -> None:
    code, made, errors = ask("propose", "--artifact", "--created-at", "2026-03-31T14:00:00+02:00")
    assert (code, errors) == (0, "")
    assert json.loads(made)["created_at"] == "2026-03-31T12:00:00+00:00"
    assert verify_file(made).verdict is Verdict.VERIFIED
    assert ask("verify", file=made) == (
        0,
        f"VERIFIED  pr_cli  recorded by engine {ENGINE_VERSION}, checked by {ENGINE_VERSION}\n".encode(),
        "",
    )
    code, shown, _ = ask("verify", "--json", file=made.replace(b'"quantity":"20"', b'"quantity":"21"', 1))
    assert (code, json.loads(shown)["proposal_run_id"], json.loads(shown)["verdict"]) == (1, "pr_cli", "DIFFERS")


def test_violations_are_listed() -> None:
    broken = V1 | {"proposed_trades": [{"side": "BUY", "instrument_id": "A"}]}
    code, shown, errors = ask("propose", file=json.dumps(broken).encode())
    assert (code, shown) == (2, b"")
    assert errors.startswith("body.proposed_trades.0  PROPOSAL_INVALID_TRADE_INPUT  ")


@pytest.mark.parametrize(
    "given", [("--created-at", "noon"), ("--created-at", "2026-03-31T14:00:00"), ("--json", "--artifact"), ("--run-id", "")]
)
def test_arguments_that_make_no_sense_exit_2(given: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        ask("propose", *given)
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m engine")
