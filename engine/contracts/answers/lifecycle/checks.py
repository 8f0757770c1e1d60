"""Checks before execution, as they are answered (advisory-practice 10)."""

from typing import Annotated

from pydantic.dataclasses import dataclass

from engine.contracts.answers.scalars import HASH, NOW, PROPOSAL, Digest, Time
from engine.contracts.results.advisory.intents import AdvisedTradeIntent
from engine.contracts.results.document import GateDecision, RunStatus
from engine.contracts.results.scalars import EXACT_MEMBERS, shown
from engine.records.proposal_history import Verdict


@dataclass(slots=True, config=EXACT_MEMBERS)
class ExecutionChange:
    """What moved beyond the tolerance since the version was made."""

    code: Annotated[str, shown("What kind of thing moved.", "PRICE_MOVED")]
    subject: Annotated[str, shown("Which: an instrument, a pair, an issue, the gate.", "EQ_US_1")]
    before: Annotated[str | None, shown("As the version had it; null where it had none.", "210.25")]
    after: Annotated[str | None, shown("As it is now; null where there is none.", "218.10")]
    change: Annotated[str | None, shown("By how much; null where one side is absent, or nothing to measure.", "0.03733650416")]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalExecutionCheck:
    """A version decided again on later data. It changes no state; the newest decides whether one may execute."""

    check_id: Annotated[str, shown("The check.", "pck_0192f0c8a7b57cc2a1d2f3e4b5c6d7e8")]
    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    version_no: Annotated[int, shown("The version.", 1, ge=1)]
    artifact_hash: Annotated[Digest, shown("Of the version's artifact.", HASH)]
    created_at: Annotated[Time, shown("When it was checked.", NOW)]
    actor_id: Annotated[str, shown("The verified caller.", "adviser_7")]
    verdict: Annotated[Verdict, shown("CLEAR: may be executed. RENEW: make a new version. BLOCKED: cannot be done now.", "CLEAR")]
    status: Annotated[RunStatus, shown("Of the new decision.", "READY")]
    gate_decision: Annotated[GateDecision, shown("Of the new decision, with the gate that counts.")]
    changes: Annotated[list[ExecutionChange], shown("Everything that moved, by code, then subject.", [])]
    trades: Annotated[list[AdvisedTradeIntent], shown("The trades of the new decision, in order of execution.", [])]


@dataclass(slots=True, config=EXACT_MEMBERS)
class ProposalChecksResponse:
    """All checks of a version."""

    proposal_id: Annotated[str, shown("The proposal.", PROPOSAL)]
    version_no: Annotated[int, shown("The version.", 1, ge=1)]
    checks: Annotated[list[ProposalExecutionCheck], shown("Oldest first.", [])]
