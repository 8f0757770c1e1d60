"""The hashes of an artifact, counted again by the written recipe with nothing of ours: what enters them and what does not."""

import copy
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

import engine
from engine.advisory.artifact import compose
from engine.advisory.artifact.hashes import artifact_hash, content_hash
from tests.engine.advisory.artifacts import NOON, RUN, V1, Json, artifact, body, buy, composed, decided, prices, shelf

ACCENTED = body(
    cash={"EUR": "1000"},
    priced=prices(Ä="10"),
    offered=shelf({"instrument_id": "Ä", "asset_class": "Fonds é", "attributes": {"created_at": "1999", "artifact_hash": "x"}}),
    trades=[buy("Ä", "3")],
    snapshot={"portfolio_id": "Zürich \N{OLD PERSIAN SIGN A}"},
)
LATER = body(
    held={"A": "5"},
    cash={"EUR": "1000.10"},
    priced=[{"instrument_id": "A", "price": "0.0000004", "currency": "EUR", "basis": "PERCENT"}],
    offered=shelf({"instrument_id": "A", "lot_size": "2", "ongoing_cost_pct": "0.01"}),
    trades=[buy("A", "4", priority=3)],
    costs={"commission": [{"rate_bps": "5"}]},
    client_profile={"knowledge": ["é"]},
    conventions="DESK",
)

UNUSUAL = body(
    held={"BOND": "10000", "FUTURE": "2", "UNPRICED": "3", "PENCE": "7"},
    cash={"EUR": "1000"},
    rates={"GBP/EUR": "1.2"},
    priced=[
        {"instrument_id": "BOND", "price": "98.5", "currency": "EUR", "basis": "PERCENT", "accrued": "0.75"},
        {"instrument_id": "FUTURE", "price": "50", "currency": "EUR", "multiplier": "10"},
        {"instrument_id": "PENCE", "price": "250", "currency": "GBX"},
    ],
    offered=shelf("BOND", {"instrument_id": "FUTURE", "attributes": {"sector": "INDEX", "region": "EU"}}, "PENCE"),
    trades=[buy("BOND", "500")],
)
"""What a row of the result says in another order than canonical text, or does not say."""


def hashed(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()


def by_recipe(made: Json, *, content: bool = False) -> str:
    """advisory-engine 16 and S18, S19: member by member taken out, then hashed."""
    rest = copy.deepcopy(made)
    del rest["created_at"]
    del rest["evidence_bundle"]["hashes"]["artifact_hash"]
    del rest["evidence_bundle"]["hashes"]["content_hash"]
    if content:
        result = rest["evidence_bundle"]["engine_outputs"]["proposal_result"]
        del rest["correlation_id"], result["correlation_id"], result["lineage"]["idempotency_key"]
    return hashed(rest)


@pytest.mark.parametrize("asked", [V1, ACCENTED, LATER, UNUSUAL, body()], ids=["vector", "accented", "later", "unusual", "empty"])
def test_anybody_counts_the_same(asked: Json) -> None:
    made = artifact(asked)
    hashes = made["evidence_bundle"]["hashes"]
    assert hashes["request_hash"] == hashed(made["evidence_bundle"]["inputs"])
    assert hashes["artifact_hash"] == by_recipe(made) == artifact_hash(made)
    assert hashes["content_hash"] == by_recipe(made, content=True) == content_hash(made)


def test_the_published_hash_of_the_defaults_follows_from_the_inputs() -> None:
    asked = {
        "portfolio_snapshot": {"portfolio_id": "P", "base_currency": "USD"},
        "market_data_snapshot": {},
        "shelf_entries": [],
        "options": {"enable_proposal_simulation": True},
    }
    made = artifact(asked)
    expected = "sha256:709fd65dde5be6d1fdf652485c8b630fd64bb2254c34f687083b66c0073115b6"
    assert made["evidence_bundle"]["hashes"]["request_hash"] == hashed(made["evidence_bundle"]["inputs"]) == expected
    assert made["evidence_bundle"]["inputs"]["options"]["cash_band_max_weight"] == "1.00"  # defaults are filled in


def test_members_later_than_the_first_release_stand_in_the_inputs_only_when_given() -> None:
    plain, later = (artifact(asked)["evidence_bundle"]["inputs"] for asked in (V1, LATER))
    assert not {"costs", "client_profile", "conventions", "funding"} & plain["options"].keys()
    assert {"costs", "client_profile", "conventions"} <= later["options"].keys()
    assert "priority" not in plain["proposed_trades"][0]
    assert later["proposed_trades"][0]["priority"] == 3


def test_the_result_stands_in_it_as_the_engine_wrote_it() -> None:
    text = json.dumps(V1).encode()
    made = engine.proposal_artifact_json(text, run_id=RUN, correlation_id="c", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    result = json.loads(made)["evidence_bundle"]["engine_outputs"]["proposal_result"]
    plain = json.loads(engine.propose_json(text, run_id=RUN, correlation_id="c"))
    assert result["lineage"].pop("request_hash") == json.loads(made)["evidence_bundle"]["hashes"]["request_hash"]
    del plain["lineage"]["request_hash"]  # a library's caller names its request or does not
    assert result == plain


def test_equal_proposals_have_equal_content_whoever_asked_and_whenever() -> None:
    first, second = artifact(V1), artifact(V1, correlation_id="c_2", idempotency_key="key-2")
    hashes = [made["evidence_bundle"]["hashes"] for made in (first, second)]
    assert hashes[0]["content_hash"] == hashes[1]["content_hash"]
    assert hashes[0]["artifact_hash"] != hashes[1]["artifact_hash"]
    assert hashes[0]["request_hash"] == hashes[1]["request_hash"]


def test_the_time_enters_nothing_but_its_own_member() -> None:
    late = datetime(2027, 7, 1, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    first, second = artifact(V1), artifact(V1, late)
    assert second.pop("created_at") == "2027-06-30T23:30:00.000005+00:00"
    assert first.pop("created_at") == "2026-03-31T12:00:00+00:00"
    assert first == second


def test_another_proposal_has_another_content() -> None:
    dearer = copy.deepcopy(V1)
    dearer["proposed_trades"][1]["quantity"] = "21"
    assert artifact(dearer)["evidence_bundle"]["hashes"]["content_hash"] != artifact(V1)["evidence_bundle"]["hashes"]["content_hash"]


def test_members_of_the_same_name_elsewhere_are_hashed() -> None:
    """advisory-engine S19: an attribute called created_at does not escape."""
    made = artifact(ACCENTED)
    for name in ("created_at", "artifact_hash"):
        forged = copy.deepcopy(made)
        forged["evidence_bundle"]["inputs"]["shelf_entries"][0]["attributes"][name] = "2000"
        assert artifact_hash(forged) != artifact_hash(made)
        assert content_hash(forged) != content_hash(made)


def test_no_hash_seed_shows_in_the_bytes() -> None:
    program = "import sys; from tests.engine.advisory.artifacts import V1, composed; sys.stdout.buffer.write(composed(V1))"
    made = []
    for seed in ("1", "2"):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})  # noqa: S603  (our own program)
        made.append(done.stdout)
    assert made[0] == made[1] == composed(V1)


def test_a_run_id_of_another_form_stays() -> None:
    made = json.loads(
        engine.proposal_artifact_json(
            json.dumps(body()).encode(), run_id="mine_pr_1", correlation_id="c", created_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
    )
    assert made["artifact_id"] == "mine_pr_1"
    assert made["evidence_bundle"]["engine_version"] == engine.ENGINE_VERSION


def test_an_engine_that_tells_no_version_is_unknown() -> None:
    decision = decided(body())
    decision.document["lineage"]["engine_version"] = ""
    assert json.loads(compose(decision, NOON))["evidence_bundle"]["engine_version"] == "unknown"
