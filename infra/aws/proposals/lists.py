"""Lists of proposals over indexes (advisory-lifecycle 14): what callers page through, what is like a proposal, and what is to expire."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from engine.records.pages import EVER, FIRST, Page, instant
from engine.records.proposal_history import ProposalState
from engine.records.proposal_lists import ProposalFilter, ProposalRow
from engine.workflow.proposal_states import TERMINAL
from infra.aws import keys
from infra.aws.expressions import decoded, encoded
from infra.aws.listing import Range, Walk, newest, page_of
from infra.aws.proposals.items import row_of
from infra.aws.table import Table

OPEN: Final = {f":open{number}": state.value for number, state in enumerate(ProposalState) if state not in TERMINAL}
SAME_TRADES: Final = f"#state IN ({', '.join(OPEN)}) AND #current.#digest = :digest"


@dataclass(frozen=True, slots=True)
class ProposalLists:
    """The indexes of the table of proposals."""

    table: Table
    max_evaluated: int

    def page(self, tenant: str, narrowed: ProposalFilter, limit: int, before: str | None) -> Page[ProposalRow]:
        """Proposals below the sort key `before`, newest first; as `engine.ports.proposals.ProposalStore.page` wants them."""
        walk = _walk(tenant, narrowed, Range.of(narrowed.period, FIRST, before))
        return page_of(newest(self.table, walk, limit + 1, self.max_evaluated), limit, row_of, "proposal_id")

    def like(self, tenant: str, portfolio_id: str, trades_digest: str, most: int) -> tuple[str, ...]:
        """Ids of the newest open proposals of a portfolio with these executed trades."""
        names = {"#state": "state", "#current": "current", "#digest": "trades_digest"}
        walk = Walk(
            "GSI2",
            [keys.proposals_of_portfolio(tenant, portfolio_id)],
            Range.of(EVER, FIRST),
            also=SAME_TRADES,
            also_names=names,
            also_values={":digest": trades_digest, **OPEN},
        )
        return tuple(row["proposal_id"] for row in newest(self.table, walk, most, self.max_evaluated).rows)

    def ended(self, at: datetime, most: int) -> tuple[tuple[str, str], ...]:
        """Tenant and id of those that should have expired, longest ago first; at most `most` are read of each shard."""
        ends = sorted(chain.from_iterable(self._ended(number, at, most) for number in range(keys.SHARDS)))
        return tuple(map(keys.owed, ends[:most]))

    def _ended(self, number: int, at: datetime, most: int) -> list[str]:
        page = self.table.query(
            {
                "IndexName": "GSI5",
                "KeyConditionExpression": "gsi5pk = :pk AND gsi5sk <= :until",
                "ExpressionAttributeValues": encoded(
                    {":pk": keys.proposals_by_end(number), ":until": instant(at) + "$"}
                ),  # `$` follows `#`
                "Limit": most,
            }
        )
        return [decoded(item)["gsi5sk"] for item in page["Items"]]


def _walk(tenant: str, narrowed: ProposalFilter, within: Range) -> Walk:
    """The index that knows the rarest of what is asked for; the table leaves out what differs in the rest."""
    rest = {"state": narrowed.state, "created_by": narrowed.created_by}
    if narrowed.portfolio_id is not None:
        index, partitions = "GSI2", [keys.proposals_of_portfolio(tenant, narrowed.portfolio_id)]
    elif narrowed.created_by is not None:
        index, partitions = "GSI3", [keys.proposals_of_creator(tenant, narrowed.created_by)]
        del rest["created_by"]
    elif narrowed.state is not None:
        index, partitions = "GSI4", [keys.proposals_in_state(tenant, narrowed.state, number) for number in range(keys.SHARDS)]
        del rest["state"]
    else:
        index, partitions = "GSI1", [keys.proposals_by_time(tenant, number) for number in range(keys.SHARDS)]
    return Walk(index, partitions, within, equal={name: value for name, value in rest.items() if value is not None})
