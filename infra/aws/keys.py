"""Every key of the tables and of the payload bucket is built here, and only here.

A partition reads `T#{tenant}#{KIND}#{id}`, index partitions too; ids are percent-encoded, so none can contain a separator and two
different tuples never share a key. Times in keys are fixed-width UTC text: they sort as instants.
"""

from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote
from zlib import crc32

from engine.records.pages import instant
from engine.records.runs import NO_CORRELATION, tenant_of

SHARDS: Final = 8
"""Writes that would meet in one hot partition (time index, counters, the pointer of no correlation) spread over this many shards."""

META: Final = "META"
CLAIM: Final = "CLAIM"
RUN_PREFIX: Final = "RUN#"
HISTORY_PREFIX: Final = "HIST#"

HEAD: Final = "HEAD"
VERSION_PREFIX: Final = "V#"
EVENT_PREFIX: Final = "E#"
APPROVAL_PREFIX: Final = "A#"
CHECK_PREFIX: Final = "C#"

PAYLOAD_PARTS: Final = 4


def escaped(identifier: str) -> str:
    """The identifier in ASCII without `#`, `/` or control characters; different identifiers stay different."""
    return quote(identifier, safe=":@", errors="surrogatepass")


def partition(tenant: str, *parts: str) -> str:
    """`T#{tenant}#…`. ValueError for a tenant that is not 1 to 64 of letters, digits, `_`, `.`, `-`."""
    return "#".join(("T", tenant_of(tenant), *map(escaped, parts)))


def moment(text: str) -> datetime:
    """The time that `instant` (of `engine.records.pages`) wrote."""
    return datetime.fromisoformat(text)


def at(created_at: datetime, identifier: str) -> str:
    """A sort key by time, then identifier."""
    return f"{instant(created_at)}#{escaped(identifier)}"


def shard(identifier: str) -> int:
    """The shard where this identifier always lies."""
    return crc32(identifier.encode(errors="surrogatepass")) % SHARDS


def run(tenant: str, run_id: str) -> str:
    """META of a run, its workflow head and its decisions."""
    return partition(tenant, "RUN", run_id)


def correlation(tenant: str, correlation_id: str, run_id: str) -> str:
    """The partition where the pointer from a correlation id to this run lives."""
    if correlation_id == NO_CORRELATION:
        return partition(tenant, "CORR", correlation_id, str(shard(run_id)))
    return partition(tenant, "CORR", correlation_id)


def correlations(tenant: str, correlation_id: str) -> tuple[str, ...]:
    """All partitions that hold pointers of this correlation id."""
    if correlation_id == NO_CORRELATION:
        return tuple(partition(tenant, "CORR", correlation_id, str(n)) for n in range(SHARDS))
    return (partition(tenant, "CORR", correlation_id),)


def request_hash(tenant: str, digest: str) -> str:
    """Pointers from a request hash to its runs."""
    return partition(tenant, "HASH", digest)


def idempotency(tenant: str, key: str) -> str:
    """The claim and the history of an idempotency key."""
    return partition(tenant, "IDEM", key)


def operation(tenant: str, operation_id: str) -> str:
    """META of an operation and the pointers to its scenarios' runs."""
    return partition(tenant, "OP", operation_id)


def operation_key(tenant: str, family: str, idempotency_key: str) -> str:
    """The claim of an acceptance's idempotency key."""
    return partition(tenant, "OPKEY", family, idempotency_key)


def operation_correlation(tenant: str, family: str, correlation_id: str) -> str:
    """Pointers from a correlation id to its operations."""
    return partition(tenant, "OPCORR", family, correlation_id)


def operations_by_time(tenant: str, family: str, number: int) -> str:
    """One shard of a family's operations by time (GSI1)."""
    return partition(tenant, "OPS", family, str(number))


def book(tenant: str, book_id: str) -> str:
    """META of a book."""
    return partition(tenant, "BOOK", book_id)


def books_by_time(tenant: str, number: int) -> str:
    """One shard of all books by time (GSI1)."""
    return partition(tenant, "BOOKS", str(number))


def waiting_books() -> str:
    """Books of all tenants that are recorded and not seen to run, by when they were recorded (GSI2). `_system` stands for ourselves."""
    return partition("_system", "BOOKSWAIT")


def running_books() -> str:
    """Books of all tenants that run, by when they began (GSI2)."""
    return partition("_system", "BOOKSRUN")


def open_operations(tenant: str, family: str) -> str:
    """A family's operations that are not terminal, by time (GSI2)."""
    return partition(tenant, "OPEN", family)


def portfolio(tenant: str, portfolio_id: str) -> str:
    """Runs of a portfolio by time (GSI2)."""
    return partition(tenant, "PF", portfolio_id)


def deleting(tenant: str) -> str:
    """Runs that retention is taking apart (GSI1)."""
    return partition(tenant, "DELETING")


def decisions_by_time(tenant: str, number: int) -> str:
    """One shard of all review decisions by time (GSI1)."""
    return partition(tenant, "DECS", str(number))


def decision(tenant: str, decision_id: str) -> str:
    """Where a review decision is found by its id (GSI2)."""
    return partition(tenant, "DEC", decision_id)


def runs_by_time(tenant: str, number: int) -> str:
    """One shard of all runs by time (GSI1)."""
    return partition(tenant, "RUNS", str(number))


def packs(tenant: str) -> str:
    """The catalog of policy packs, in their own table."""
    return partition(tenant, "PACKS")


def pack_audit(tenant: str, policy_pack_id: str) -> str:
    """The changes of a policy pack, in the packs' table."""
    return partition(tenant, "PACKAUD", policy_pack_id)


def simulated_proposal(tenant: str, idempotency_key: str) -> str:
    """The claim of an idempotency key of proposals, in their own table; by its digest, which documents name where a caller's word may not stand."""
    return claimed_proposal(tenant, digest_of(idempotency_key))


def claimed_proposal(tenant: str, key_digest: str) -> str:
    """The same, by the digest of the key."""
    return partition(tenant, "IK", "SIM", key_digest)


def proposal(tenant: str, proposal_id: str) -> str:
    """The head of a proposal, its versions, events, approvals and checks."""
    return partition(tenant, "PP", proposal_id)


def version(number: int) -> str:
    """The sort key of a version."""
    return f"{VERSION_PREFIX}{number:06d}"


def event(seq: int) -> str:
    """The sort key of an event."""
    return f"{EVENT_PREFIX}{seq:08d}"


def approval(seq: int) -> str:
    """The sort key of the approval that was written with an event."""
    return f"{APPROVAL_PREFIX}{seq:08d}"


def checks(version_no: int) -> str:
    """What the sort keys of a version's checks start with."""
    return f"{CHECK_PREFIX}{version_no:06d}#"


def check(version_no: int, rev: int) -> str:
    """The sort key of the check that moved its proposal's head to `rev`."""
    return f"{checks(version_no)}{rev:08d}"


def proposal_command(tenant: str, command: str, proposal_id: str | None, idempotency_key: str) -> str:
    """The claim of a command's idempotency key: in the tenant, or in one proposal."""
    within = () if proposal_id is None else (proposal_id,)
    return partition(tenant, "IK", command, *within, digest_of(idempotency_key))


def proposals_by_time(tenant: str, number: int) -> str:
    """One shard of all proposals by time (GSI1)."""
    return partition(tenant, "ALL", str(number))


def proposals_of_portfolio(tenant: str, portfolio_id: str) -> str:
    """Proposals of a portfolio by time (GSI2)."""
    return partition(tenant, "PF", portfolio_id)


def proposals_of_creator(tenant: str, created_by: str) -> str:
    """Proposals that somebody created by time (GSI3)."""
    return partition(tenant, "BY", created_by)


def proposals_in_state(tenant: str, state: str, number: int) -> str:
    """One shard of the proposals in a state by time (GSI4)."""
    return partition(tenant, "ST", state, str(number))


def proposals_by_end(number: int) -> str:
    """One shard of the proposals of all tenants that are to expire, by when (GSI5). `_system` stands for ourselves."""
    return partition("_system", "ENDS", str(number))


def due(moment: datetime, tenant: str, identifier: str) -> str:
    """The sort key of what is to be done for something of any tenant: a proposal that is to expire, a book that waits."""
    return "#".join((instant(moment), tenant_of(tenant), escaped(identifier)))


def owed(sort_key: str) -> tuple[str, str]:
    """Tenant and id of what `due` named."""
    _, tenant, identifier = sort_key.split("#")
    return tenant, unquote(identifier, errors="surrogatepass")


def digest_of(identifier: str) -> str:
    """The hex SHA-256 of an identifier."""
    return sha256(identifier.encode(errors="surrogatepass")).hexdigest()


def statistics(tenant: str, number: int) -> str:
    """One shard of the counters."""
    return partition(tenant, "STATS", str(number))


def tenants() -> str:
    """The one index partition that lists every tenant that ever wrote, for the sweeper. `_system` stands for ourselves."""
    return partition("_system", "TENANTS")


def sweeper() -> str:
    """Where the sweeper keeps how far it came. `_system` stands for ourselves."""
    return partition("_system", "SWEEPER")


def payload(tenant: str, kind: str, owner_id: str, sha256: str) -> str:
    """The S3 key of a document: written once, owned by one record, deleted with it."""
    return f"{tenant_of(tenant)}/{kind}/{escaped(owner_id)}/{sha256}.json.gz"


def payload_owner(name: str) -> tuple[str, str, str] | None:
    """Tenant, kind and owner id of a document's S3 key; None for a key that `payload` did not build."""
    parts = name.split("/")
    if len(parts) != PAYLOAD_PARTS or not name.endswith(".json.gz"):
        return None
    tenant, kind, owner_id, _ = parts
    return tenant, kind, unquote(owner_id, errors="surrogatepass")
