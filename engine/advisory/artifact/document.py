"""The artifact of a proposal as one document, a function of the decision and a time alone (advisory-engine 16)."""

from datetime import UTC, datetime
from typing import Final

import orjson

from engine.advisory.artifact.charges import Charges, render_charges
from engine.advisory.artifact.hashes import BUNDLE, artifact_hash, content_hash, in_canonical_text
from engine.advisory.artifact.impact import portfolio_impact
from engine.advisory.artifact.material import Json, Material
from engine.advisory.artifact.reading import read_back
from engine.advisory.artifact.rows import Rows
from engine.advisory.artifact.statements import assumptions_and_limits, disclosures, suitability_summary
from engine.advisory.artifact.summary import summary
from engine.advisory.artifact.trading import trades_and_funding
from engine.advisory.document import ProposalDecision
from engine.evidence.canonical import canonical_proposal
from engine.numbers import arithmetic

UNKNOWN_ENGINE: Final = "unknown"
IMPACT: Final = "portfolio_impact"


def compose(decision: ProposalDecision, created_at: datetime, inputs: bytes | None = None) -> bytes:
    """The artifact as UTF-8 JSON: equal decisions give equal bytes but for `created_at`, which no hash knows.

    The result stands in it as the engine wrote it, the request as its canonical text, `inputs`, for whoever has that at hand: who holds the
    artifact can decide the proposal again and compare.
    """
    with arithmetic():
        return _compose(decision, created_at, inputs or canonical_proposal(decision.progress.request))


def _compose(decision: ProposalDecision, created_at: datetime, inputs: bytes) -> bytes:
    course, market = decision.course, decision.progress.market
    rows = [Rows.of(state, shown, market) for state, shown in zip((course.before, course.after), decision.shown, strict=True)]
    read = read_back(decision.document, rows[0].known | rows[1].known)
    material = Material.of(decision, read)
    impact, hashed_impact = portfolio_impact(material, *rows)
    artifact = _sections(material, created_at, impact)
    request, lineage = orjson.Fragment(inputs), decision.document["lineage"]
    hashes = {"request_hash": lineage["request_hash"]}
    result = in_canonical_text(read, "lineage")
    hashed = in_canonical_text(artifact | {IMPACT: hashed_impact}) | {BUNDLE: _bundle(request, result, hashes, lineage)}
    hashes = hashes | {"artifact_hash": artifact_hash(hashed), "content_hash": content_hash(hashed)}
    return orjson.dumps(artifact | {BUNDLE: _bundle(request, decision.document, hashes, lineage)})


def _sections(material: Material, created_at: datetime, impact: Json) -> Json:
    """Everything but the evidence, in the order of the wire."""
    decision, result = material.decision, material.result
    run_id, charges = result["proposal_run_id"], Charges.of(material)
    return {
        "artifact_id": f"pa_{run_id.removeprefix('pr_')}" if run_id.startswith("pr_") else run_id,
        "proposal_run_id": run_id,
        "correlation_id": result["correlation_id"],
        "created_at": created_at.astimezone(UTC).isoformat(),
        "status": decision.status,
        "gate_decision": decision.gate,
        "summary": summary(material, charges),
        IMPACT: impact,
        "trades_and_funding": trades_and_funding(material),
        **({} if charges is None else {"costs_and_charges": render_charges(charges)}),
        "suitability_summary": suitability_summary(material),
        "assumptions_and_limits": assumptions_and_limits(material),
        "disclosures": disclosures(material),
    }


def _bundle(inputs: orjson.Fragment, result: Json | orjson.Fragment, hashes: Json, lineage: Json) -> Json:
    return {
        "inputs": inputs,
        "engine_outputs": {"proposal_result": result},
        "hashes": hashes,
        "engine_version": lineage["engine_version"] or UNKNOWN_ENGINE,
    }
