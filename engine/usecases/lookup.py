"""Find what was recorded: runs by what points at them, their keys, their lineage and their number (RFC-0017, RFC-0023)."""

from dataclasses import dataclass

from engine.ports.runs import LineageLookup, RecordedRun, RunLookup, RunStore, StatisticsLookup
from engine.records.edges import Edge, EdgeType
from engine.records.pages import ListCall, Page, Period
from engine.records.runs import KeyUse, RunFilter, RunHead, RunRow, Statistics
from engine.usecases.refusals import Code, Refused


@dataclass(frozen=True, slots=True)
class EdgesOf:
    """The edges of an entity; a type that does not exist matches none."""

    entity_id: str
    edge_type: str | None
    period: Period


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run and its answer, byte for byte as it was given."""

    head: RunHead
    result: bytes


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """All uses of an idempotency key, oldest first; never empty."""

    key: str
    uses: tuple[KeyUse, ...]


@dataclass(frozen=True, slots=True)
class FindRun:
    """Which run an identifier stands for. Refuses what is unknown, foreign or past retention, all alike."""

    runs: RunStore
    lookup: RunLookup

    def by_id(self, tenant: str, run_id: str) -> RecordedRun:
        """The run itself."""
        return _known(self.runs.run(tenant, run_id))

    def by_correlation(self, tenant: str, correlation_id: str) -> RecordedRun:
        """The latest run of a correlation id."""
        return _known(next(iter(self.lookup.by_correlation(tenant, correlation_id)), None))

    def alone_by_correlation(self, tenant: str, correlation_id: str) -> RecordedRun:
        """The only run of a correlation id; refused where it names several (dpm-service S40)."""
        found = self.lookup.by_correlation(tenant, correlation_id)
        if len(found) > 1:
            raise Refused(Code.DPM_WORKFLOW_AMBIGUOUS_RUN)
        return _known(next(iter(found), None))

    def by_hash(self, tenant: str, request_hash: str) -> RecordedRun:
        """The latest run of a request hash."""
        return _known(self.lookup.latest_by_hash(tenant, request_hash))

    def by_key(self, tenant: str, key: str) -> RecordedRun:
        """The run that an idempotency key used last."""
        return self.by_id(tenant, _used(self.lookup.mapping(tenant, key)).run_id)


@dataclass(frozen=True, slots=True)
class ReadRuns:
    """The reads of the run store. `tenant` is the caller's own; nothing of another tenant is ever visible."""

    find: FindRun
    lineage: LineageLookup
    counts: StatisticsLookup

    def run(self, tenant: str, run_id: str) -> FoundRun:
        """A run by its id."""
        return self._whole(self.find.by_id(tenant, run_id))

    def run_of_correlation(self, tenant: str, correlation_id: str) -> FoundRun:
        """The latest run of a correlation id."""
        return self._whole(self.find.by_correlation(tenant, correlation_id))

    def run_of_hash(self, tenant: str, request_hash: str) -> FoundRun:
        """The latest run of a request hash."""
        return self._whole(self.find.by_hash(tenant, request_hash))

    def runs(self, tenant: str, call: ListCall[RunFilter]) -> Page[RunRow]:
        """Runs, newest first."""
        return self.find.lookup.page(tenant, call.narrowed, limit=call.limit, cursor=call.cursor)

    def mapping(self, tenant: str, key: str) -> KeyHistory:
        """What an idempotency key stands for now: its newest use alone."""
        return KeyHistory(key, (_used(self.find.lookup.mapping(tenant, key)),))

    def history(self, tenant: str, key: str) -> KeyHistory:
        """Everything that an idempotency key stood for."""
        uses = self.find.lookup.history(tenant, key)
        if not uses:
            raise Refused(Code.DPM_IDEMPOTENCY_KEY_NOT_FOUND)
        return KeyHistory(key, uses)

    def edges(self, tenant: str, call: ListCall[EdgesOf]) -> tuple[str, Page[Edge]]:
        """The entity, and the edges that start or end in it, oldest first; an unknown one has none."""
        asked = call.narrowed
        if asked.edge_type is not None and asked.edge_type not in set(EdgeType):
            return asked.entity_id, Page()
        edge_type = None if asked.edge_type is None else EdgeType(asked.edge_type)
        found = self.lineage.edges(tenant, asked.entity_id, edge_type=edge_type, period=asked.period, limit=call.limit, cursor=call.cursor)
        return asked.entity_id, found

    def statistics(self, tenant: str, _: None) -> Statistics:
        """What the tenant's store holds; there is nothing to ask for."""
        return self.counts.statistics(tenant)

    def _whole(self, run: RecordedRun) -> FoundRun:
        result = run.result()
        if result is None:  # taken out since the moment before
            raise Refused(Code.DPM_RUN_NOT_FOUND)
        return FoundRun(run.head, result)


def _known(run: RecordedRun | None) -> RecordedRun:
    if run is None:
        raise Refused(Code.DPM_RUN_NOT_FOUND)
    return run


def _used(use: KeyUse | None) -> KeyUse:
    if use is None:
        raise Refused(Code.DPM_IDEMPOTENCY_KEY_NOT_FOUND)
    return use
