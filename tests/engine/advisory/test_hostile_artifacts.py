"""Artifacts of proposals with figures at the ends of the contract: composed, described, counted again by the recipe, decided again.

A failing seed is named; `python -m tests.engine.advisory.hostile_proposals SEED` prints its request.
"""

import json
from collections import Counter

import pytest

from engine.contracts.results.advisory.artifact import PROPOSAL_ARTIFACT
from engine.evidence.verification import Verdict, verify_file
from engine.report.text import render_proposal
from tests.engine.advisory.artifacts import composed
from tests.engine.advisory.hostile_proposals import hostile_proposal
from tests.engine.advisory.test_artifact_contract import ordered
from tests.engine.advisory.test_artifact_hashes import by_recipe, hashed
from tests.support.effort import TIMES

CHUNK = 100
FIRST = 600
"""The first seeds' results are looked at elsewhere; of this chunk one price has more zeros than arithmetic has digits."""


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(TIMES))
def test_hostile_artifacts_prove_themselves(chunk: int) -> None:
    assert_proved(range(FIRST + chunk * CHUNK, FIRST + (chunk + 1) * CHUNK))


def assert_proved(seeds: range) -> None:
    statuses: Counter[str] = Counter()
    for seed in seeds:
        text = composed(hostile_proposal(seed))
        made = json.loads(text)
        bundle = made["evidence_bundle"]
        counted = {
            "request_hash": hashed(bundle["inputs"]),
            "artifact_hash": by_recipe(made),
            "content_hash": by_recipe(made, content=True),
        }
        assert bundle["hashes"] == counted, seed
        read = PROPOSAL_ARTIFACT.validate_json(text, strict=True)
        assert ordered(PROPOSAL_ARTIFACT.dump_json(read, exclude_defaults=True)) == ordered(text), seed
        assert verify_file(text).verdict is Verdict.VERIFIED, seed
        assert render_proposal(made), seed
        statuses[made["status"]] += 1
    assert set(statuses) == {"READY", "PENDING_REVIEW", "BLOCKED"}
