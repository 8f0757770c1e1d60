"""Counts that change in the transaction of the fact they count, spread over shards so that no item is hot.

    T#…#STATS#{shard}  RUNS            `status:{status}`, `edges`
    T#…#STATS#{shard}  OPERATIONS      `status:{status}`, `edges`; of proposals: PROPOSAL_OPERATIONS, without edges
    T#…#STATS#{shard}  DECISIONS       `action:{action}`
    T#…#STATS#{shard}  REASON#{code}   `reason:{code}`

One shard may hold a negative number; only the sum counts. Each item also lists its tenant for the sweeper (GSI2), which costs no write.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from infra.aws import keys
from infra.aws.dynamodb import Table, Write, encoded, key

RUNS: Final = "RUNS"
OPERATIONS: Final = "OPERATIONS"
PROPOSAL_OPERATIONS: Final = "PROPOSAL_OPERATIONS"
DECISIONS: Final = "DECISIONS"
REASONS: Final = "REASON"

EDGES: Final = "edges"
STATUS: Final = "status:"
ACTION: Final = "action:"
REASON: Final = "reason:"

VERSION: Final = 1


def counted(tenant: str, kind: str, shard: int, amounts: Mapping[str, int]) -> Write:
    """Add the amounts, which may be negative, to one shard of a kind."""
    names = {f"#n{n}": name for n, name in enumerate(amounts)}
    values = {f":n{n}": amount for n, amount in enumerate(amounts.values())}
    adds = ", ".join(f"#n{n} :n{n}" for n in range(len(amounts)))
    return {
        "Update": {
            "Key": key(keys.statistics(tenant, shard), kind),
            "UpdateExpression": f"ADD {adds} SET v = :v, gsi2pk = :tenants, gsi2sk = :tenant",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": encoded(values | {":v": VERSION, ":tenants": keys.tenants(), ":tenant": tenant}),
        }
    }


def decisions_counted(tenant: str, shard: int, decisions: Iterable[tuple[str, str]], sign: int = 1) -> list[Write]:
    """Count review decisions, given as pairs of action and reason code."""
    actions: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for action, reason in decisions:
        actions[ACTION + action] += sign
        reasons[reason] += sign
    by_reason = [counted(tenant, f"{REASONS}#{keys.escaped(code)}", shard, {REASON + code: n}) for code, n in sorted(reasons.items())]
    return [counted(tenant, DECISIONS, shard, dict(sorted(actions.items()))), *by_reason]


def sums(table: Table, tenant: str) -> Counter[tuple[str, str]]:
    """Every count over all shards: (`RUNS`, `status:READY`) and the like; those that came to nothing are absent."""
    totals: Counter[tuple[str, str]] = Counter()
    for shard in range(keys.SHARDS):
        for item in table.rows(keys.statistics(tenant, shard)):
            kind = item["sk"].partition("#")[0]
            totals.update({(kind, name): amount for name, amount in item.items() if ":" in name or name == EDGES})
    return Counter({name: amount for name, amount in totals.items() if amount})
