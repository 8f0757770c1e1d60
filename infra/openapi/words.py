"""What every call is for, in a line and in a sentence, and the chapter of the document that it stands in (dpm-service 15)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

SIMULATION: Final = "DPM Simulation"
WHAT_IF: Final = "DPM What-If Analysis"
RECORDS: Final = "DPM Run Supportability"
BOOKS: Final = "DPM Books"
ADVICE: Final = "Advisory Simulation"
LIFE: Final = "Advisory Proposal Lifecycle"
DOCUMENTATION: Final = "Documentation"

TAGS: Final[Mapping[str, str]] = {
    SIMULATION: "Decide the orders that bring a portfolio to its model.",
    WHAT_IF: "Decide one portfolio under several sets of options, at once or later.",
    RECORDS: "Find, prove and review what was decided; policy packs.",
    BOOKS: "Decide many portfolios in one run, over what they share.",
    ADVICE: "Decide what an adviser proposes to a client.",
    LIFE: "Proposals that live: versions, reviews, consent, execution.",
    DOCUMENTATION: "What people look at. Nothing here holds data.",
}


class Words(NamedTuple):
    """Of one call."""

    tag: str
    summary: str
    description: str


_ONE_OF_A_KEY: Final = "Sent again under the same key, the same request gets the first answer, byte for byte."
_OF_BOTH: Final = "A key stands for the proposal and its artifact alike, and is kept for a day where the deployment says nothing else."
_BUNDLE: Final = "The run, its artifact, operation, reviews, edges and the history of its key, in one answer."

# fmt: off
WORDS: Final[Mapping[str, Words]] = {
    "simulate": Words(SIMULATION, "Rebalance a portfolio", f"Decides and records one run. READY, PENDING_REVIEW and BLOCKED are all answers. {_ONE_OF_A_KEY}"),
    "analyze": Words(WHAT_IF, "Compare scenarios", "Decides one portfolio under up to twenty sets of options. A scenario that fails harms no other."),
    "analyze_async": Words(WHAT_IF, "Compare scenarios later", f"Accepts a batch: it will be executed, or visibly fail. {_ONE_OF_A_KEY}"),
    "execute_operation": Words(RECORDS, "Execute a waiting operation now", "Executes an operation that is PENDING and answers where it ended; a failure is an answer too."),

    "book_uploads": Words(BOOKS, "Offer uploads for a book", "Addresses to send the files of a book to, within the tenant's part, a size, and a digest where one is stated."),
    "book_start": Words(BOOKS, "Start a book", "Accepts a book: it will be run, or visibly fail. Sent again under the same key, the same request gets the same book."),
    "books": Words(BOOKS, "List books", "The caller's tenant's books, the newest first."),
    "book": Words(BOOKS, "A book", "Where it stands: what is made, how fast, what is left, and where its files are fetched."),
    "book_summary": Words(BOOKS, "The summary of a book", "Counts, turnover, blocks and failures of the whole book."),
    "book_cancel": Words(BOOKS, "Cancel a book", "No chunk is begun any more; what is made stays. A book that has ended stays as it is."),
    "book_redrive": Words(BOOKS, "Redrive a book", "One attempt more, over the chunks that are missing."),
    "book_run": Words(BOOKS, "Record a run of a book", "Makes a run of a book one of its own, to be looked up, reviewed and bundled like any other. Repeating it changes nothing."),

    "proposal_simulate": Words(ADVICE, "Simulate a proposal", f"Decides what an adviser proposes. {_ONE_OF_A_KEY} {_OF_BOTH}"),
    "proposal_artifact": Words(ADVICE, "A proposal as an artifact", f"Decides what an adviser proposes and packs it to be shown, reviewed and proved. {_ONE_OF_A_KEY} {_OF_BOTH}"),

    "proposal_create": Words(LIFE, "Open a proposal", "Opens a proposal with its first version, in DRAFT. Sent again under the same key, the same request gets the proposal as it is now."),
    "proposal_list": Words(LIFE, "List proposals", "The caller's tenant's proposals, the newest first."),
    "proposal": Words(LIFE, "A proposal", "A proposal with its current version."),
    "proposal_version": Words(LIFE, "A version of a proposal", "A version by its number, with its artifact."),
    "proposal_add_version": Words(LIFE, "Add a version to a proposal", "Decides anew; the proposal begins again at DRAFT, and earlier approvals do not count for the new version."),
    "proposal_transition": Words(LIFE, "Move a proposal on", "Submits, asks for changes, requests execution, executes, cancels, rejects or lets expire. Which scope is needed depends on the event."),
    "proposal_approval": Words(LIFE, "Approve or refuse a version", "Records the decision of risk, compliance or the client; a no rejects the proposal."),
    "proposal_events": Words(LIFE, "The history of a proposal", "Everything that happened to a proposal, oldest first."),
    "proposal_approvals": Words(LIFE, "The approvals of a proposal", "All approvals, given and refused, oldest first."),
    "proposal_lineage": Words(LIFE, "The versions of a proposal by their hashes", "One row for every version, numbers ascending."),
    "proposal_check": Words(LIFE, "Check a version before its execution", "Decides the version again on the market of now and says what moved. It changes no state."),
    "proposal_checks": Words(LIFE, "The checks of a version", "All checks, oldest first."),
    "proposal_verification": Words(LIFE, "Verify a version", "Decides a recorded version again and compares byte by byte."),
    "proposal_config": Words(LIFE, "How proposals are configured", "What this deployment insists on, and whether its store answers. Never a 503."),
    "proposal_create_async": Words(LIFE, "Open a proposal later", "Accepts a new proposal; each call makes an operation of its own, and those of one key one proposal."),
    "proposal_add_version_async": Words(LIFE, "Add a version later", "Accepts a version; what is wrong with it, its operation says."),
    "proposal_operation": Words(LIFE, "An operation on proposals", "Where it stands, with what it made."),
    "proposal_operation_by_correlation": Words(LIFE, "An operation on proposals by correlation id", "The newest operation of a correlation id."),
    "proposal_key": Words(LIFE, "What a key of a creation stands for", "The proposal that an idempotency key opened."),

    "operations": Words(RECORDS, "List operations", "Accepted batches, the newest first."),
    "operation": Words(RECORDS, "An operation", "Where it stands, with what came of it."),
    "operation_by_correlation": Words(RECORDS, "An operation by correlation id", "The newest operation of a correlation id."),
    "runs": Words(RECORDS, "List runs", "Recorded runs, the newest first."),
    "run": Words(RECORDS, "A run", "A recorded run with the very result that was answered."),
    "run_by_correlation": Words(RECORDS, "A run by correlation id", "The newest run of a correlation id."),
    "run_by_request_hash": Words(RECORDS, "A run by request hash", "The newest run that decided this request."),
    "idempotency_key": Words(RECORDS, "What a key stands for", "The run that used an idempotency key last."),
    "idempotency_history": Words(RECORDS, "The history of a key", "Every run under an idempotency key, oldest first."),
    "lineage": Words(RECORDS, "What belongs to an id", "The edges of a run, operation, correlation id or idempotency key, oldest first. Unknown ids have none."),
    "summary": Words(RECORDS, "What is recorded", "Counts and bounds of the caller's tenant."),

    "review": Words(RECORDS, "The review of a run", "Where the review of a run stands."),
    "review_history": Words(RECORDS, "The decisions on a run", "All decisions of reviewers, oldest first."),
    "review_action": Words(RECORDS, "Approve or reject a run, or ask for changes", "Records a reviewer's decision; the run itself never changes."),
    "review_by_correlation": Words(RECORDS, "The review of a run by correlation id", "Of the newest run of a correlation id."),
    "review_history_by_correlation": Words(RECORDS, "The decisions on a run by correlation id", "Of the newest run of a correlation id."),
    "review_action_by_correlation": Words(RECORDS, "Decide on a run by correlation id", "As by run; refused where the correlation id names several runs."),
    "review_by_key": Words(RECORDS, "The review of a run by key", "Of the run that used an idempotency key last."),
    "review_history_by_key": Words(RECORDS, "The decisions on a run by key", "Of the run that used an idempotency key last."),
    "review_action_by_key": Words(RECORDS, "Decide on a run by key", "As by run, of the run that used an idempotency key last."),
    "decisions": Words(RECORDS, "List decisions", "Decisions of reviewers, the newest first."),
    "decisions_by_correlation": Words(RECORDS, "The decisions by correlation id", "All decisions on the newest run of a correlation id, oldest first."),

    "artifact": Words(RECORDS, "The artifact of a run", "A run in one document with everything that deciding it again needs, and the hashes that prove it."),
    "bundle": Words(RECORDS, "The support bundle of a run", _BUNDLE),
    "bundle_by_correlation": Words(RECORDS, "A support bundle by correlation id", f"Of the newest run of a correlation id. {_BUNDLE}"),
    "bundle_by_key": Words(RECORDS, "A support bundle by key", f"Of the run that used an idempotency key last. {_BUNDLE}"),
    "bundle_by_operation": Words(RECORDS, "A support bundle by operation", f"Of a scenario's run, the first by name unless one is named. {_BUNDLE}"),
    "verification": Words(RECORDS, "Verify a run", "Decides a recorded run again and compares byte by byte."),

    "effective_pack": Words(RECORDS, "The policy pack that applies", "The pack that a call with these headers would get."),
    "packs": Words(RECORDS, "List policy packs", "All packs, and the one that a call with these headers would get."),
    "pack": Words(RECORDS, "A policy pack", "One pack with its revision as the entity tag."),
    "put_pack": Words(RECORDS, "Write a policy pack", "Creates a pack or replaces it whole; `If-Match` guards what others wrote meanwhile."),
    "delete_pack": Words(RECORDS, "Remove a policy pack", "Takes a pack out; runs that it shaped keep what they know of it."),

    "landing": Words(DOCUMENTATION, "What this is", "The API in a few words and its links, as this deployment is reached."),
    "health": Words(DOCUMENTATION, "Whether the API answers", "That this deployment answers, and as which release. No store is asked."),
    "openapi": Words(DOCUMENTATION, "This document", "The API as OpenAPI 3.1, for tools; kept for minutes and asked for again by its digest."),
    "docs": Words(DOCUMENTATION, "This document as a page", "Every call, to be read and tried out with a token."),
    "docs_asset": Words(DOCUMENTATION, "A file of the documentation's page", "Style, script or picture."),
    "desk": Words(DOCUMENTATION, "The review desk", "A page at which people read what waits for them, and decide. It asks this API with its reader's own token."),
    "desk_asset": Words(DOCUMENTATION, "A file of the review desk", "Style or script."),
}
# fmt: on
"""By call. A call of the table without words makes no document."""
