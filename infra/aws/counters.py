"""Counts that change in the transaction of the fact they count, spread over shards so that transactions seldom meet in one item.

    T#…#STATS#{shard}  RUNS#{part}           `status:{status}`, `edges`
    T#…#STATS#{shard}  OPERATIONS#{part}     `status:{status}`, `edges`; of proposals: PROPOSAL_OPERATIONS, without edges
    T#…#STATS#{shard}  DECISIONS#{part}      `action:{action}`
    T#…#STATS#{shard}  REASON#{part}#{code}  `reason:{code}`

Each of eight partitions holds four items of a kind: 32 transactions of a tenant may be under way at once. One item may hold a negative number; only the sum counts. Each item also lists its tenant for the sweeper (GSI2), which costs no write.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

from infra.aws import keys
from infra.aws.expressions import Write, encoded, key
from infra.aws.formats import VERSIONS, Format
from infra.aws.table import Table

RUNS: Final = "RUNS"
OPERATIONS: Final = "OPERATIONS"
PROPOSAL_OPERATIONS: Final = "PROPOSAL_OPERATIONS"
DECISIONS: Final = "DECISIONS"
REASONS: Final = "REASON"

EDGES: Final = "edges"
STATUS: Final = "status:"
ACTION: Final = "action:"
REASON: Final = "reason:"

VERSION: Final = VERSIONS[Format.COUNTERS]

PARTS: Final = 4


def counter_slot(identifier: str, attempt: int = 0) -> int:
    """Which of all the items of a kind counts this. Attempts step through the items, in strides by which those who met part."""
    drawn = crc32(identifier.encode(errors="surrogatepass"))
    stride = 2 * (drawn >> 16) + 1  # odd: it visits all of them
    return (drawn + attempt * stride) % (keys.SHARDS * PARTS)


def counted(tenant: str, kind: str, slot: int, amounts: Mapping[str, int], value: str = "") -> Write:
    """Add the amounts, which may be negative, to one item of a kind, or of a value of that kind."""
    part, shard = divmod(slot, keys.SHARDS)
    names = {f"#n{n}": name for n, name in enumerate(amounts)}
    values = {f":n{n}": amount for n, amount in enumerate(amounts.values())}
    adds = ", ".join(f"#n{n} :n{n}" for n in range(len(amounts)))
    return {
        "Update": {
            "Key": key(keys.statistics(tenant, shard), f"{kind}#{part}" + (f"#{keys.escaped(value)}" if value else "")),
            "UpdateExpression": f"ADD {adds} SET v = :v, gsi2pk = :tenants, gsi2sk = :tenant",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": encoded(values | {":v": VERSION, ":tenants": keys.tenants(), ":tenant": tenant}),
        }
    }


def decisions_counted(tenant: str, slot: int, decisions: Iterable[tuple[str, str]], sign: int = 1) -> list[Write]:
    """Count review decisions, given as pairs of action and reason code."""
    actions: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for action, reason in decisions:
        actions[ACTION + action] += sign
        reasons[reason] += sign
    by_reason = [counted(tenant, REASONS, slot, {REASON + code: n}, code) for code, n in sorted(reasons.items())]
    return [counted(tenant, DECISIONS, slot, dict(sorted(actions.items()))), *by_reason]


def sums(table: Table, tenant: str) -> Counter[tuple[str, str]]:
    """Every count over all shards: (`RUNS`, `status:READY`) and the like; those that came to nothing are absent."""
    totals: Counter[tuple[str, str]] = Counter()
    for shard in range(keys.SHARDS):
        for item in table.rows(keys.statistics(tenant, shard)):
            kind = item["sk"].partition("#")[0]
            totals.update({(kind, name): amount for name, amount in item.items() if ":" in name or name == EDGES})
    return Counter({name: amount for name, amount in totals.items() if amount})
