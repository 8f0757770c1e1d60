"""Whether a proposal is what this engine decides: its artifact holds the request, the result and the hashes (advisory-engine 16).

`CHECKS` is the table of contents. The first difference is the answer, as for a run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, AwareDatetime, TypeAdapter, ValidationError

from engine.advisory.artifact.document import compose
from engine.advisory.artifact.hashes import artifact_hash, content_hash
from engine.advisory.proposal import propose
from engine.contracts.proposals import PROPOSAL, ProposalSimulateRequest, proposal_violations
from engine.contracts.recorded import recorded
from engine.contracts.violations import InvalidRequest, violations_of
from engine.evidence.canonical import canonical, digest, submission_hash
from engine.evidence.differences import Difference, Mismatch, differences, facts, pointer
from engine.evidence.files import Json, member
from engine.evidence.verification import Verification, decides


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:  # no artifact is that old
        raise ValueError("must be a time of this era") from None


@dataclass(frozen=True, slots=True)
class ProposalEvidence:
    """What an artifact tells. `document` is all of it as it was read, with what deciding again needs besides.

    Of a version, `version` are the hashes that it is listed by, and `submission` is what was sent around the request (advisory-lifecycle 5).
    """

    proposal_run_id: str
    correlation_id: str
    created_at: Annotated[AwareDatetime, AfterValidator(_in_utc)]
    request_hash: str
    engine_version: str
    inputs: Json
    result: Json
    document: Json
    idempotency_key: str | None = None
    submission: Json | None = None
    version: Json | None = None


VERSION_HASHES: Final = ("request_hash", "simulation_hash", "artifact_hash")
_EVIDENCE: Final = TypeAdapter(ProposalEvidence)


def proposal_in(document: Json) -> ProposalEvidence:
    """The proposal in an artifact, or in a version as `GET …/versions/{version_no}` answers it.

    Raises InvalidRequest, which names the members that are missing or not of their kind.
    """
    if "submission" in document:
        told = {"submission": document["submission"], "version": {name: document.get(name) for name in VERSION_HASHES}}
        return _evidence(member(document, "artifact"), told)
    return _evidence(document, {})


def _evidence(document: Json, around: Json) -> ProposalEvidence:
    bundle = member(document, "evidence_bundle")
    outputs = member(bundle, "engine_outputs")
    told = document | member(bundle, "hashes") | bundle | {"submission": None, "version": None} | around | {"document": document}
    if "proposal_result" in outputs:
        lineage = member(member(outputs, "proposal_result"), "lineage")
        told |= {"result": outputs["proposal_result"], "idempotency_key": lineage.get("idempotency_key")}
    try:
        return _EVIDENCE.validate_python(told)
    except ValidationError as error:
        raise InvalidRequest(violations_of(error)) from None


def verify_proposal(evidence: ProposalEvidence) -> Verification:
    """Check the artifact against itself, then decide the proposal again, compose its artifact again and compare. Never raises."""
    checks = CHECKS if decides(evidence.engine_version) else WITHOUT_DECIDING
    found = next((difference for check in checks for difference in check(evidence)), None)
    return Verification.of(evidence.proposal_run_id, evidence.engine_version, found, "proposal_run_id")


def inputs_have_their_hash(evidence: ProposalEvidence) -> Iterator[Difference]:
    """The request hash is the digest of the inputs' canonical text; of a version, with what was sent around them."""
    inputs, submission = canonical(evidence.inputs), evidence.submission
    computed = digest(inputs) if submission is None else submission_hash(inputs, submission)
    if computed != evidence.request_hash:
        yield Difference("inputs", "", Mismatch.VALUE, computed, evidence.request_hash)


def result_is_this_artifacts(evidence: ProposalEvidence) -> Iterator[Difference]:
    """The result says of itself what the artifact says of it."""
    told = {
        ("proposal_run_id",): evidence.proposal_run_id,
        ("correlation_id",): evidence.correlation_id,
        ("lineage", "request_hash"): evidence.request_hash,
        ("lineage", "engine_version"): evidence.engine_version,
    }
    yield from facts("result", evidence.result, told)


def proposal_is_decided_again(evidence: ProposalEvidence) -> Iterator[Difference]:
    """This engine decides the same and composes the same, byte for byte."""
    try:
        request = recorded_request(evidence.inputs)
    except InvalidRequest as invalid:
        yield Difference("inputs", pointer(invalid.violations[0].loc[1:]), Mismatch.INVALID)
        return
    decision = propose(
        request,
        run_id=evidence.proposal_run_id,
        correlation_id=evidence.correlation_id,
        request_hash=evidence.request_hash,
        idempotency_key=evidence.idempotency_key,
    )
    yield from differences("result", orjson.dumps(evidence.result), decision.to_json())
    yield from differences("artifact", _as_composed(evidence.document), compose(decision, evidence.created_at))


def artifact_has_its_hashes(evidence: ProposalEvidence) -> Iterator[Difference]:
    """Both hashes are those of the artifact as it stands."""
    try:
        hashes = {"artifact_hash": artifact_hash(evidence.document), "content_hash": content_hash(evidence.document)}
    except (KeyError, TypeError, AttributeError):  # a result that no engine wrote
        yield Difference("result", "", Mismatch.INVALID)
        return
    yield from facts("artifact", evidence.document, {("evidence_bundle", "hashes", name): value for name, value in hashes.items()})


def recorded_request(inputs: Json) -> ProposalSimulateRequest:
    """The request as it was decided. Raises InvalidRequest for inputs that no artifact can hold."""
    request = recorded(PROPOSAL, orjson.loads(orjson.dumps(inputs)))
    if found := proposal_violations(request):
        raise InvalidRequest(found)
    return request


def _as_composed(artifact: Json) -> bytes:
    """The artifact in our own spelling: the inputs are canonical text in it, everything else is UTF-8."""
    bundle: Any = artifact["evidence_bundle"]
    return orjson.dumps(artifact | {"evidence_bundle": bundle | {"inputs": orjson.Fragment(canonical(bundle["inputs"]))}})


def version_is_listed_by_its_hashes(evidence: ProposalEvidence) -> Iterator[Difference]:
    """A version is called by the hashes of its artifact and its result."""
    if evidence.version is not None:
        hashes = member(evidence.document["evidence_bundle"], "hashes")
        computed: list[Any] = [evidence.request_hash, digest(canonical(evidence.result)), hashes.get("artifact_hash")]
        yield from facts("version", evidence.version, {(name,): value for name, value in zip(VERSION_HASHES, computed, strict=True)})


Check = Callable[[ProposalEvidence], Iterator[Difference]]
CHECKS: Final[tuple[Check, ...]] = (
    inputs_have_their_hash,
    result_is_this_artifacts,
    version_is_listed_by_its_hashes,
    proposal_is_decided_again,
)
WITHOUT_DECIDING: Final[tuple[Check, ...]] = (
    inputs_have_their_hash,
    result_is_this_artifacts,
    version_is_listed_by_its_hashes,
    artifact_has_its_hashes,
)
