"""What release 1.0.0 recorded stays readable: an artifact that its engine composed, of a run that it blocked for 42 euro."""

import json
from pathlib import Path
from typing import Any, Final

from engine import simulate_json
from engine.evidence.files import document_in, run_in
from engine.evidence.verification import Verdict, verify_file
from engine.report.text import render
from engine.version import ENGINE_VERSION

ARTIFACT: Final = (Path(__file__).parent / "recorded_by_1_0_0.json").read_bytes()


def trades(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(row["side"], row["instrument_id"], row["quantity"]) for row in result["intents"]]


def test_verification_names_the_other_engine_and_finds_the_evidence_sound() -> None:
    verification = verify_file(ARTIFACT)
    assert verification.verdict is Verdict.ENGINE_VERSION_CHANGED
    assert (verification.recorded_engine_version, verification.difference) == ("1.0.0", None)
    assert ENGINE_VERSION > "1.0.0"


def test_what_was_changed_in_it_is_found_all_the_same() -> None:
    forged = ARTIFACT.replace(b'"quantity":"1195"', b'"quantity":"1196"')
    assert forged != ARTIFACT
    assert verify_file(forged).verdict is Verdict.DIFFERS


def test_its_result_prints_without_what_came_later() -> None:
    _, documents = run_in(document_in(ARTIFACT))
    text = render(json.loads(documents.result))
    assert "HARD_RULE_FAIL:INSUFFICIENT_CASH" in text
    assert not any(title in text for title in ("── Distance", "── Plan", "── Reasons"))


def test_the_same_request_is_a_plan_today() -> None:
    """Sells bring 87 × 97 + 88 × 53 = 13,103; 1,195 units at 11 cost 13,145, 1,191 cost 13,101."""
    _, documents = run_in(document_in(ARTIFACT))
    recorded = json.loads(documents.result)
    assert (recorded["status"], trades(recorded)) == ("BLOCKED", [("SELL", "A", "87"), ("SELL", "B", "88"), ("BUY", "C", "1195")])
    today = json.loads(simulate_json(documents.request, run_id="rr_1", correlation_id="c_1"))
    assert (today["status"], trades(today)) == ("READY", [("SELL", "A", "87"), ("SELL", "B", "88"), ("BUY", "C", "1191")])
    assert today["diagnostics"]["warnings"] == ["BUYS_REDUCED_TO_FUNDS"]
