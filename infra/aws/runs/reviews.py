"""Review decisions on runs (RFC-0020): appended one by one, each judged on the state that it follows.

head      T#…#RUN#{run}  WF                 how many decisions, and the newest
decision  T#…#RUN#{run}  DEC#{number:010d}  listed by time (GSI1), found by its id (GSI2)
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from engine.records.pages import MAX_EVALUATED, POSITION_MARK, Page, instant, page_from, position_of
from engine.records.reviews import Action, DecisionFilter, ReviewDecision, ReviewState
from infra.aws import keys
from infra.aws.counters import counter_slot, decisions_counted
from infra.aws.expressions import Item, Write, encoded, key, put_once
from infra.aws.formats import VERSIONS, Format
from infra.aws.listing import Range, Walk, newest, page_of
from infra.aws.runs.store import DynamoRunStore

VERSION: Final = VERSIONS[Format.REVIEWS]

HEAD: Final = "WF"
DECISION_PREFIX: Final = "DEC#"


class DynamoReviewStore:
    """`engine.ports.runs.ReviewStore` on the runs table."""

    def __init__(self, runs: DynamoRunStore, *, max_evaluated: int = MAX_EVALUATED) -> None:
        self.runs = runs
        self.table = runs.table
        self.max_evaluated = max_evaluated

    def state(self, tenant: str, run_id: str) -> ReviewState:
        item = self.table.get(keys.run(tenant, run_id), HEAD)
        if item is None or self.runs.head(tenant, run_id) is None:
            return ReviewState()
        return ReviewState(item["seq"], decision_of(item["latest"]))

    def append(self, tenant: str, decision: ReviewDecision, after: ReviewState) -> bool:
        run = self.runs.head(tenant, decision.run_id)
        if run is None:
            return False

        def is_ours(_: frozenset[int]) -> bool:
            there = self.table.get(keys.run(tenant, decision.run_id), _numbered(after.count + 1))
            return there is not None and there["decision_id"] == decision.decision_id

        return self.table.once(partial(self._writes, tenant, instant(run.created_at), decision, after.count), is_ours)

    def history(self, tenant: str, run_id: str) -> tuple[ReviewDecision, ...]:
        if self.runs.head(tenant, run_id) is None:
            return ()
        return tuple(map(decision_of, self.table.rows(keys.run(tenant, run_id), DECISION_PREFIX)))

    def page(self, tenant: str, narrowed: DecisionFilter, *, limit: int, cursor: str | None = None) -> Page[ReviewDecision]:
        if narrowed.run_id is not None:
            return self._page_of_run(tenant, narrowed.run_id, narrowed, limit, cursor)
        before = None if cursor is None else self._before(tenant, narrowed, cursor)
        if cursor is not None and before is None:
            return Page()
        cutoff = self.runs.oldest_visible()
        wanted = {"action": narrowed.action, "actor_id": narrowed.actor_id, "reason_code": narrowed.reason_code}
        walk = Walk(
            "GSI1",
            [keys.decisions_by_time(tenant, number) for number in range(keys.SHARDS)],
            Range.of(narrowed.period, cutoff, before),
            equal={name: str(value) for name, value in wanted.items() if value is not None},
            also="run_created_at >= :cutoff",
            also_values={":cutoff": cutoff},
        )
        return page_of(newest(self.table, walk, limit + 1, self.max_evaluated), limit, decision_of, "decision_id")

    def _page_of_run(self, tenant: str, run_id: str, narrowed: DecisionFilter, limit: int, cursor: str | None) -> Page[ReviewDecision]:
        """A run's decisions are few: they are read whole, consistently, and paged here."""
        made = [(keys.at(decision.decided_at, decision.decision_id), decision) for decision in self.history(tenant, run_id)]
        return page_from(reversed(made), narrowed.passes, lambda decision: decision.decision_id, limit, cursor)

    def _before(self, tenant: str, narrowed: DecisionFilter, cursor: str) -> str | None:
        """The sort key that the page starts below; None where the cursor names no row of this list."""
        if cursor.startswith(POSITION_MARK):
            return position_of(cursor)
        for row in self.table.indexed("GSI2", keys.decision(tenant, cursor)):
            decision = decision_of(row)
            if narrowed.passes(decision) and row["run_created_at"] >= self.runs.oldest_visible():
                return keys.at(decision.decided_at, decision.decision_id)
        return None

    def _writes(self, tenant: str, run_created_at: str, decision: ReviewDecision, count: int, attempt: int) -> list[Write]:
        """The run is still visible, nobody decided meanwhile, then the decision itself and its counts."""
        partition, item = keys.run(tenant, decision.run_id), decision_item(tenant, run_created_at, decision, count + 1)
        visible = "attribute_exists(pk) AND attribute_not_exists(deleting) AND created_at >= :cutoff"
        unmoved = "seq = :before" if count else "attribute_not_exists(pk)"
        values = {":after": count + 1, ":latest": fields(decision), ":v": VERSION} | ({":before": count} if count else {})
        return [
            {
                "ConditionCheck": {
                    "Key": key(partition, keys.META),
                    "ConditionExpression": visible,
                    "ExpressionAttributeValues": encoded({":cutoff": self.runs.oldest_visible()}),
                }
            },
            {
                "Update": {
                    "Key": key(partition, HEAD),
                    "UpdateExpression": "SET seq = :after, latest = :latest, v = :v",
                    "ConditionExpression": unmoved,
                    "ExpressionAttributeValues": encoded(values),
                }
            },
            put_once(item),
            *decisions_counted(tenant, counter_slot(decision.decision_id, attempt), [(decision.action, decision.reason_code)]),
        ]


def _numbered(number: int) -> str:
    return f"{DECISION_PREFIX}{number:010d}"


def fields(decision: ReviewDecision) -> Item:
    """The decision's own members, as the item and the head keep them."""
    return {
        "decision_id": decision.decision_id,
        "run_id": decision.run_id,
        "action": decision.action.value,
        "reason_code": decision.reason_code,
        "actor_id": decision.actor_id,
        "decided_at": instant(decision.decided_at),
        "correlation_id": decision.correlation_id,
    } | ({} if decision.comment is None else {"comment": decision.comment})


def decision_item(tenant: str, run_created_at: str, decision: ReviewDecision, number: int) -> Item:
    """A decision under its run; `run_created_at` hides it when the run is past retention."""
    by_time = keys.at(decision.decided_at, decision.decision_id)
    return {
        "pk": keys.run(tenant, decision.run_id),
        "sk": _numbered(number),
        "v": VERSION,
        **fields(decision),
        "run_created_at": run_created_at,
        "gsi1pk": keys.decisions_by_time(tenant, keys.shard(decision.decision_id)),
        "gsi1sk": by_time,
        "gsi2pk": keys.decision(tenant, decision.decision_id),
        "gsi2sk": by_time,
    }


def decision_of(item: Mapping[str, Any]) -> ReviewDecision:
    """The decision that `fields` stored."""
    return ReviewDecision(
        decision_id=item["decision_id"],
        run_id=item["run_id"],
        action=Action(item["action"]),
        reason_code=item["reason_code"],
        comment=item.get("comment"),
        actor_id=item["actor_id"],
        decided_at=keys.moment(item["decided_at"]),
        correlation_id=item["correlation_id"],
    )
