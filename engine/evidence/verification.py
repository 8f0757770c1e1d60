"""Whether what is recorded is what this engine decides: evidence against its own recomputation (RFC-0019).

`CHECKS` is the table of contents. The first difference is the answer; it names the document, the member as a JSON pointer (RFC 6901)
and both values.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

import orjson

from engine.contracts.conventions import resolved
from engine.contracts.violations import InvalidRequest
from engine.evidence.artifacts import ARTIFACT_VERSION, artifact_of
from engine.evidence.canonical import SHARED_IN_BOOKS, Json, canonical, digest, referring
from engine.evidence.differences import Difference, Mismatch, differences, facts, pointer
from engine.evidence.files import document_in, run_in
from engine.evidence.recomputation import recompute
from engine.records.runs import RunDocuments, RunHead
from engine.targets.certified import SOLVER_ERROR
from engine.version import ENGINE_VERSION


class Undecidable(Exception):  # noqa: N818  (named for what is so)
    """The run wanted a solver and this machine has none: whether it would be decided again is not known, and no evidence is to blame."""


class Verdict(StrEnum):
    """What a verification comes to."""

    VERIFIED = "VERIFIED"
    DIFFERS = "DIFFERS"
    ENGINE_VERSION_CHANGED = "ENGINE_VERSION_CHANGED"
    EVIDENCE_CORRUPT = "EVIDENCE_CORRUPT"


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer on one run, whose id the wire calls `named`. `corrupt` is the key of a stored document that does not match its digest."""

    run_id: str
    verdict: Verdict
    recorded_engine_version: str
    difference: Difference | None = None
    corrupt: str | None = None
    named: str = "rebalance_run_id"

    @classmethod
    def of(cls, run_id: str, recorded_engine_version: str, difference: Difference | None, named: str = "rebalance_run_id") -> Self:
        """What the first difference comes to, if there is one; without any it counts who recorded the run."""
        verdict = Verdict.VERIFIED if decides(recorded_engine_version) else Verdict.ENGINE_VERSION_CHANGED
        return cls(run_id, verdict if difference is None else Verdict.DIFFERS, recorded_engine_version, difference, named=named)

    @property
    def broken(self) -> str | None:
        """What of the evidence does not hold: the kind of the document, or the key of the one that does not match its digest."""
        return self.corrupt if self.difference is None else self.difference.document

    def as_json(self) -> dict[str, Any]:
        """The answer as it goes over the wire."""
        return {
            self.named: self.run_id,
            "verdict": self.verdict,
            "recorded_engine_version": self.recorded_engine_version,
            "engine_version": ENGINE_VERSION,
            "difference": None if self.difference is None else asdict(self.difference),
            "corrupt_document": self.corrupt,
        }


@dataclass(frozen=True, slots=True)
class ParsedDocuments:
    """The documents of a run, read once."""

    head: RunHead
    documents: RunDocuments
    result: Any
    request: Any

    @classmethod
    def of(cls, head: RunHead, documents: RunDocuments) -> Self:
        """Raises JSONDecodeError for what is no JSON."""
        return cls(head, documents, orjson.loads(documents.result), orjson.loads(documents.request))


def verify(head: RunHead, documents: RunDocuments) -> Verification:
    """Check the documents of a run against each other, then decide again and compare byte by byte.

    A run of another engine version is not decided again: its result may rightly differ. Raises Undecidable alone.
    """
    checks = CHECKS if decides(head.engine_version) else WITHOUT_DECIDING
    return Verification.of(head.run_id, head.engine_version, _first_difference(head, documents, checks))


def decides(recorded_engine_version: str) -> bool:
    """Whether this engine may decide again what that one recorded: another one's result may rightly differ."""
    return recorded_engine_version == ENGINE_VERSION


def verify_file(file: bytes) -> Verification:
    """Verify the run in an artifact, a support bundle or a file of its documents, or the proposal in its artifact or a version of it.

    Raises InvalidRequest for anything else, and Undecidable. What decides proposals is loaded for them only.
    """
    document = document_in(file)
    if "evidence_bundle" in document or "submission" in document:
        from engine.evidence.proposals import proposal_in, verify_proposal  # noqa: PLC0415  (see above)

        return verify_proposal(proposal_in(document))
    return verify(*run_in(document))


def _first_difference(head: RunHead, documents: RunDocuments, checks: "tuple[Check, ...]") -> Difference | None:
    for name, text in (("result", documents.result), ("request", documents.request), ("options", documents.options)):
        if not _is_object(text):
            return Difference(name, "", Mismatch.INVALID)
    run = ParsedDocuments.of(head, documents)
    return next((difference for check in checks for difference in check(run)), None)


def request_has_its_hash(run: ParsedDocuments) -> Iterator[Difference]:
    """A simulated run is named by the digest of its canonical request, a book's by that of the one that refers; a scenario's hash names both."""
    computed = digest(run.documents.request)
    if run.head.batch is None and run.head.request_hash not in (computed, _hash_in_book(run.request)):
        yield Difference("request", "", Mismatch.VALUE, computed, run.head.request_hash)


def _hash_in_book(request: Json) -> str | None:
    return digest(referring(request)) if request.keys() >= set(SHARED_IN_BOOKS) else None


def request_is_of_its_portfolio(run: ParsedDocuments) -> Iterator[Difference]:
    """The run is found under the portfolio that its request is about."""
    yield from facts("request", run.request, {("portfolio_snapshot", "portfolio_id"): run.head.portfolio_id})


def options_are_the_requests(run: ParsedDocuments) -> Iterator[Difference]:
    """Only a policy pack makes other options than the request's and what its conventions decide."""
    if run.head.pack is None:
        stated = run.request.get("options")
        expected = resolved(stated) if isinstance(stated, dict) else stated
        yield from differences("options", run.documents.options, canonical(expected))


def result_is_this_runs(run: ParsedDocuments) -> Iterator[Difference]:
    """The result says of itself what the run's head says of it."""
    head = run.head
    told = {
        ("rebalance_run_id",): head.run_id,
        ("correlation_id",): head.correlation_id,
        ("status",): head.status,
        ("lineage", "request_hash"): head.request_hash,
        ("lineage", "engine_version"): head.engine_version,
    }
    yield from facts("result", run.result, told)


def result_is_decided_again(run: ParsedDocuments) -> Iterator[Difference]:
    """This engine decides the same, byte for byte."""
    try:
        decision = recompute(run.head, run.documents)
    except InvalidRequest as invalid:
        yield Difference("request", pointer(invalid.violations[0].loc[1:]), Mismatch.INVALID)
    else:
        decided = decision.to_json()
        if decided != run.documents.result and _found_no_solver(decided) and SOLVER_ERROR.encode() not in run.documents.result:
            raise Undecidable("the run was decided with a solver, which is not installed here")
        yield from differences("result", run.documents.result, decided)


def _found_no_solver(decided: bytes) -> bool:
    result = orjson.loads(decided)
    compared = result["explanation"].get("target_method_comparison") or {}
    return SOLVER_ERROR in {*result["diagnostics"]["warnings"], *compared.get("alternate_warnings", ())}


def artifact_is_composed_again(run: ParsedDocuments) -> Iterator[Difference]:
    """A kept artifact is what head and documents give; one of another shape is not judged."""
    kept = run.documents.artifact
    if kept is None:
        return
    if not _is_object(kept):
        yield Difference("artifact", "", Mismatch.INVALID)
    elif orjson.loads(kept).get("artifact_version") == ARTIFACT_VERSION:
        try:
            composed = artifact_of(run.head, run.documents)
        except (KeyError, TypeError):
            yield Difference("result", "", Mismatch.INVALID)
        else:
            yield from differences("artifact", kept, composed)


Check = Callable[[ParsedDocuments], Iterator[Difference]]
CHECKS: Final[tuple[Check, ...]] = (
    request_has_its_hash,
    request_is_of_its_portfolio,
    options_are_the_requests,
    result_is_this_runs,
    result_is_decided_again,
    artifact_is_composed_again,
)
WITHOUT_DECIDING: Final = tuple(check for check in CHECKS if check is not result_is_decided_again)


def _is_object(text: bytes) -> bool:
    try:
        document = orjson.loads(text)
        orjson.dumps(document)
    except (orjson.JSONDecodeError, TypeError):  # no JSON, or nested deeper than any document of ours
        return False
    return isinstance(document, dict)
