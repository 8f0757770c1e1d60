"""Review decisions in memory, under the same contract as the table."""

from engine.records.pages import MAX_EVALUATED, Page, instant, page_from
from engine.records.reviews import DecisionFilter, ReviewDecision, ReviewState
from infra.memory.runs import MemoryRunStore


class MemoryReviewStore:
    """`engine.ports.runs.ReviewStore` in one process."""

    def __init__(self, runs: MemoryRunStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.runs = runs
        self.tables = runs.tables
        self.max_evaluated = max_evaluated

    def state(self, tenant: str, run_id: str) -> ReviewState:
        made = self.history(tenant, run_id)
        return ReviewState(len(made), made[-1] if made else None)

    def append(self, tenant: str, decision: ReviewDecision, after: ReviewState) -> bool:
        with self.tables.lock:
            if self.runs.head(tenant, decision.run_id) is None:
                return False
            made = self.tables.decisions.setdefault((tenant, decision.run_id), [])
            if len(made) != after.count:
                return len(made) > after.count and made[after.count].decision_id == decision.decision_id
            made.append(decision)
            return True

    def history(self, tenant: str, run_id: str) -> tuple[ReviewDecision, ...]:
        with self.tables.lock:
            visible = self.runs.head(tenant, run_id) is not None
            return tuple(self.tables.decisions.get((tenant, run_id), ())) if visible else ()

    def page(self, tenant: str, narrowed: DecisionFilter, *, limit: int, cursor: str | None = None) -> Page[ReviewDecision]:
        made = [decision for head in self.runs.visible(tenant) for decision in self.history(tenant, head.run_id)]
        rows = sorted(
            ((f"{instant(decision.decided_at)}#{decision.decision_id}", decision) for decision in made),
            reverse=True,
            key=lambda row: row[0],
        )
        return page_from(rows, narrowed.passes, lambda decision: decision.decision_id, limit, cursor, self.max_evaluated)
