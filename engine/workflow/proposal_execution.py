"""The check of a version before its execution: who may ask for it, what it comes to, what it leaves (advisory-practice 10)."""

from collections.abc import Collection
from dataclasses import replace

from engine.records.proposal_history import Change, ClearCheck, ExecutionCheck, Gate, Proposal, Verdict
from engine.workflow.proposal_callers import CHECKERS, Caller
from engine.workflow.proposal_objections import (
    NO_CHECK_AT_THE_END,
    VERSION_MISMATCH,
    VERSION_NOT_FOUND,
    Objection,
    scope_required,
)
from engine.workflow.proposal_states import TERMINAL


def objection_to_check(proposal: Proposal, version_no: int, caller: Caller) -> Objection | None:
    """What stands against checking a version: only the current one of a proposal that is not at its end is checked."""
    if not any(map(caller.may, CHECKERS)):
        return scope_required(CHECKERS[0])
    current = proposal.current.version_no
    if version_no != current:
        return VERSION_MISMATCH if 1 <= version_no < current else VERSION_NOT_FOUND
    return NO_CHECK_AT_THE_END if proposal.state in TERMINAL else None


def verdict_of(status: str, changes: Collection[Change]) -> Verdict:
    """BLOCKED if the new decision is; RENEW where anything moved; else CLEAR."""
    if status == Gate.BLOCKED:
        return Verdict.BLOCKED
    return Verdict.RENEW if changes else Verdict.CLEAR


def checked(proposal: Proposal, check: ExecutionCheck) -> Proposal:
    """The head after a check: the newest of the current version decides, so one that is not CLEAR takes a CLEAR one back.

    Of two that are under way at once the one that is kept later is the newer. Every check moves the head to its next `rev`.
    """
    clear = ClearCheck(check.check_id, check.created_at) if check.verdict is Verdict.CLEAR else None
    told = clear if check.version_no == proposal.current.version_no else proposal.clear_check
    return replace(proposal, clear_check=told, rev=proposal.rev + 1)
