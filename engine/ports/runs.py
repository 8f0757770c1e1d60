"""What the use cases ask of the outside world. Every protocol has an adapter in `infra.aws` and one in `infra.memory`.

Adapters raise `StoreUnavailable` for an outage (nothing was written, or what was written is whole), `EvidenceCorrupt` when a
stored document does not match its digest, and `IdTaken` where a run's id is given twice. Nothing else escapes them.
A tenant that does not match `[A-Za-z0-9_.-]{1,64}` is a defect of the caller: ValueError.
"""

from collections.abc import Mapping
from typing import Protocol

from engine.records.edges import Edge, EdgeType
from engine.records.pages import Page, Period
from engine.records.reviews import DecisionFilter, ReviewDecision, ReviewState
from engine.records.runs import KeyClaim, KeyUse, RunDocuments, RunFilter, RunHead, RunRow, Statistics


class IdTaken(Exception):  # noqa: N818
    """Another run has this id already; nothing was written.

    With a random id: draw a new one. With an id derived from an operation and a scenario: an earlier attempt recorded it,
    load that run and carry on.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class RecordedRun(Protocol):
    """A run as its record was read, once. Its documents are fetched when they are asked for; None when the run was taken out since."""

    @property
    def head(self) -> RunHead:
        """Everything but the documents."""

    def result(self) -> bytes | None:
        """The answer of the run, byte for byte, verified against its digest."""

    def documents(self) -> RunDocuments | None:
        """All documents of the run, verified."""


class RunStore(Protocol):
    """Runs and what points at them. All reads are consistent; runs past retention are invisible."""

    def claimed(self, tenant: str, key: str) -> KeyClaim | None:
        """The first use of an idempotency key while its run is kept, else None."""

    def record(self, head: RunHead, documents: RunDocuments, claim: KeyClaim | None) -> KeyClaim | None:
        """Keep the whole run or nothing; never replaces a run.

        With `claim` (for `head.idempotency_key`, naming `head.run_id`), only the first caller of the key wins: None means that this run
        is recorded (also when an earlier attempt of ours was acknowledged late); otherwise the winner's claim, and nothing of
        ours is visible. Recording the very same run again is a success without effect. A run with a key but without a claim
        (replay switched off) adds to the key's history and leaves its claim alone.
        Raises IdTaken for the id of another run; ValueError for a claim without a key.
        """

    def run(self, tenant: str, run_id: str) -> RecordedRun | None:
        """The run, or None for unknown, foreign and expired ids alike."""

    def head(self, tenant: str, run_id: str) -> RunHead | None:
        """The run's head alone, or None for unknown, foreign and expired ids alike."""

    def result(self, tenant: str, run_id: str) -> bytes | None:
        """The answer of the run, byte for byte, verified against its digest."""

    def documents(self, tenant: str, run_id: str) -> RunDocuments | None:
        """All documents of the run, verified."""

    def keep_artifact(self, tenant: str, run_id: str, artifact: bytes) -> bytes | None:
        """Give a run that has none its artifact and return the one it has now: the first one stays for ever.

        None for a run that is not visible. `documents(...).artifact` reads it.
        """


class RunLookup(Protocol):
    """Finds runs by what points at them. Runs past retention are invisible.

    Single look-ups are consistent; the list may lag a recording by moments, except where it is narrowed to a request hash.
    """

    def by_correlation(self, tenant: str, correlation_id: str) -> tuple[RecordedRun, ...]:
        """The latest run of a correlation id by (`created_at`, run id), and the one before it: at most two, newest first.

        Two mean that the id does not name one run (dpm-service S40).
        """

    def latest_by_hash(self, tenant: str, request_hash: str) -> RecordedRun | None:
        """The latest run of a request hash by (`created_at`, run id)."""

    def of_operation(self, tenant: str, operation_id: str) -> Mapping[str, str]:
        """Scenario name to run id, for the recorded scenarios of an asynchronous operation; by name ascending."""

    def mapping(self, tenant: str, key: str) -> KeyUse | None:
        """The newest use of an idempotency key, whether or not replay was on."""

    def history(self, tenant: str, key: str) -> tuple[KeyUse, ...]:
        """All uses of a key, ascending by (`created_at`, run id); empty for an unknown one."""

    def page(self, tenant: str, narrowed: RunFilter, *, limit: int, cursor: str | None = None) -> Page[RunRow]:
        """Runs by `created_at` descending, then run id descending, at most `limit` of them, starting after the cursor.

        The cursor is the run id of a row that the filter lets pass; any other gives an empty page. One call evaluates at most 5,000
        runs: when that ends the page early, the page may be short or empty and its cursor starts with `~` and names a position in the
        list instead. Only a `next_cursor` of None is the end.
        """


class LineageLookup(Protocol):
    """Edges, derived from the records they join; they live as long as the run or operation they name. Consistent."""

    def edges(
        self,
        tenant: str,
        entity_id: str,
        *,
        edge_type: EdgeType | None = None,
        period: Period = Period(),  # noqa: B008  (a frozen value)
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Edge]:
        """Edges whose source or target is the entity: a run, operation or correlation id, or an idempotency key.

        Ascending by (`created_at`, source, type, target), each once. The cursor is `Edge.cursor` of an edge that the filters let
        pass; any other gives an empty page. Without `limit`, all of them.
        """


class StatisticsLookup(Protocol):
    """Counts kept with every change, in its own transaction."""

    def statistics(self, tenant: str) -> Statistics:
        """What the tenant's store holds now."""


class ReviewStore(Protocol):
    """Review decisions on runs: appended, never changed, gone with their run. Decisions of invisible runs are invisible."""

    def state(self, tenant: str, run_id: str) -> ReviewState:
        """Count and newest decision, consistent; the empty state for a run without decisions or not visible."""

    def append(self, tenant: str, decision: ReviewDecision, after: ReviewState) -> bool:
        """Add a decision to the state it was judged on.

        False when another decision came first or the run is not visible any more: nothing was written, read again and judge again.
        Repeating an append that was acknowledged late is True and adds nothing. `decided_at` comes from `after.next_time`.
        """

    def history(self, tenant: str, run_id: str) -> tuple[ReviewDecision, ...]:
        """All decisions on a run in the order they were made, consistent."""

    def page(self, tenant: str, narrowed: DecisionFilter, *, limit: int, cursor: str | None = None) -> Page[ReviewDecision]:
        """Decisions by `decided_at` descending, then decision id descending; cursor and bounds as in `RunLookup.page`."""


class Retention(Protocol):
    """Takes out what is past its time. Every method may be stopped anywhere and called again; it goes on where it was."""

    def tenants(self) -> tuple[str, ...]:
        """All tenants that ever recorded something."""

    def remove_runs(self, tenant: str, *, most: int) -> int:
        """Remove up to `most` expired runs with all that belongs to them: pointers, claim, history, decisions, documents.

        A run disappears from every look-up at once, before the rest of it goes. Answers how many were removed whole.
        """

    def remove_orphans(self, *, most: int) -> int:
        """Look at up to `most` stored documents, going on where the last call ended; remove the ownerless ones.

        Those are older than seven days, and the record that they belong to does not exist. Answers how many were removed.
        """
