"""One DynamoDB table through one low-level client: consistent reads, guarded transactions, bounded retries, one kind of outage.

No call here scans. Botocore's own idempotency token is left as it is: it is drawn once per call and repeated by the SDK's own retries only,
so a retry of ours, whose counter shard may differ, never reuses a token with another content. Correctness does not rest on it: whoever
meets a failed condition reads back and compares the owner before calling it a conflict.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from engine.ports.outside import StoreUnavailable
from engine.usecases.refusals import Code
from infra.aws.expressions import Item, Write, decoded, encoded, key, update_of
from infra.aws.formats import TOLD, readable

TRANSIENT_CODES: Final = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "Throttling",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "InternalServerError",
        "ServiceUnavailable",
    }
)
"""Codes of refusals that pass by themselves."""

CONDITION: Final = "ConditionalCheckFailed"

MAX_PARTITION_BYTES: Final = 2048
MAX_SORT_BYTES: Final = 1024
"""Bytes of a key. Nothing lies under a longer one, and DynamoDB takes the question for an error."""


MAX_BATCH_KEYS: Final = 100
"""Keys that one BatchGetItem takes."""


class Unread(Exception):  # noqa: N818  (an answer of the store, not a defect)
    """The table left keys of a batch for later: too much at once, in bytes or in throughput."""


class ConditionFailed(Exception):  # noqa: N818  (an answer of the store, not a defect)
    """A guarded write was refused as a whole; `failed` holds the positions of the writes whose conditions did not hold."""

    def __init__(self, failed: frozenset[int]) -> None:
        super().__init__(sorted(failed))
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Backoff:
    """Bounded retries with full jitter. Seconds; the waits of one call sum to less than a second on average."""

    attempts: int = 6
    base: float = 0.025
    cap: float = 0.4
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.SystemRandom().random  # restores of one snapshot would share a generator in memory

    def wait(self, attempt: int) -> None:
        """Sleep before the attempt that follows `attempt` (from 0)."""
        self.sleep(self.jitter() * min(self.cap, self.base * 2**attempt))


def code_of(error: ClientError) -> str:
    """AWS's own code of a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


class Table:
    """One table. Every method raises StoreUnavailable(`unavailable`) for anything that botocore reports as an outage.

    Items that a newer release recorded in a format of its own are refused by whoever reads them (`infra.aws.formats`).
    """

    def __init__(
        self, client: Any, name: str, *, unavailable: Code = Code.DPM_SUPPORTABILITY_STORE_UNAVAILABLE, backoff: Backoff | None = None
    ) -> None:
        self.client = client
        self.name = name
        self.unavailable = unavailable
        self.backoff = backoff or Backoff()

    def get(self, pk: str, sk: str, *fields: str) -> Item | None:
        """The item (or only these top-level attributes of it, and what tells its format), read consistently."""
        if len(pk) > MAX_PARTITION_BYTES or len(sk) > MAX_SORT_BYTES:
            return None
        request: dict[str, Any] = {"TableName": self.name, "Key": key(pk, sk), "ConsistentRead": True}
        if fields:
            request |= _only(*fields, *TOLD)
        answer = self._patiently(lambda _: self.client.get_item(**request))
        return readable(decoded(answer["Item"])) if answer.get("Item") else None

    def has(self, pk: str, sk: str) -> bool:
        """Whether there is such an item, in whatever format, read consistently."""
        request = {"TableName": self.name, "Key": key(pk, sk), "ConsistentRead": True, **_only("pk")}
        return bool(self._patiently(lambda _: self.client.get_item(**request)).get("Item"))

    def get_all(self, wanted: Sequence[tuple[str, str]], *fields: str) -> list[Item]:
        """Of the items under at most `MAX_BATCH_KEYS` different keys, those that are there, in any order, read consistently.

        Only these top-level attributes of them, and what tells their format. Keys that the table leaves for later are asked for again, as often as after a refusal.
        """
        asked = {**_only(*fields, *TOLD), "ConsistentRead": True}
        left = [key(pk, sk) for pk, sk in wanted if len(pk) <= MAX_PARTITION_BYTES and len(sk) <= MAX_SORT_BYTES]
        found: list[Item] = []

        def send(_: int) -> None:
            answer = self.client.batch_get_item(RequestItems={self.name: {"Keys": left, **asked}})
            found.extend(map(decoded, answer["Responses"].get(self.name, ())))
            left[:] = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ())
            if left:
                raise Unread

        if left:
            self._patiently(send)
        return list(map(readable, found))

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """One raw page of a Query."""
        answer: dict[str, Any] = self._patiently(lambda _: self.client.query(TableName=self.name, **request))
        return answer

    def rows(self, pk: str, prefix: str = "", **more: Any) -> Iterator[Item]:
        """The items of a partition whose sort key starts with the prefix, ascending unless told, consistent, read on demand."""
        condition, values = ("pk = :pk AND begins_with(sk, :prefix)", {":prefix": prefix}) if prefix else ("pk = :pk", {})
        return self._following(pk, condition, values, {"ConsistentRead": True} | more)

    def between(self, pk: str, low: str, high: str, **more: Any) -> Iterator[Item]:
        """The items of a partition from one sort key to another, both inclusive, ascending, consistent, read on demand."""
        values = {":low": low, ":high": high}
        return self._following(pk, "pk = :pk AND sk BETWEEN :low AND :high", values, {"ConsistentRead": True} | more)

    def indexed(self, index: str, pk: str, since: str = "", **more: Any) -> Iterator[Item]:
        """The items of an index partition, not below `since`, ascending unless told. An index may lag the table by moments."""
        name = index.lower()
        condition, values = (f"{name}pk = :pk AND {name}sk >= :since", {":since": since}) if since else (f"{name}pk = :pk", {})
        return self._following(pk, condition, values, {"IndexName": index} | more)

    def _following(self, pk: str, condition: str, values: Item, more: Mapping[str, Any]) -> Iterator[Item]:
        """The items of a Query to the end of its range, page by page as the reader asks for them."""
        request = {"KeyConditionExpression": condition, "ExpressionAttributeValues": encoded({":pk": pk} | values), **more}
        start: dict[str, Any] = {}
        while len(pk) <= MAX_PARTITION_BYTES:
            page = self.query({**request, **start})
            yield from map(readable, map(decoded, page["Items"]))
            if not page.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def transact(self, build: Callable[[int], Sequence[Write]]) -> None:
        """Write all or nothing. `build(attempt)` gives the writes, so that a retry may choose other counter shards.

        Raises ConditionFailed when a condition does not hold; a conflict with another transaction is retried, then an outage.
        """

        def send(attempt: int) -> None:
            writes = [self.named(write) for write in build(attempt)]
            try:
                self.client.transact_write_items(TransactItems=writes)
            except ClientError as error:
                reasons = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ())]
                failed = frozenset(n for n, reason in enumerate(reasons) if reason == CONDITION)
                if failed:
                    raise ConditionFailed(failed) from error
                raise

        self._patiently(send)

    def once(self, build: Callable[[int], Sequence[Write]], is_ours: Callable[[frozenset[int]], bool]) -> bool:
        """Write all or nothing; whether it is written, now or by an earlier attempt of ours that was acknowledged late.

        `is_ours` sees which conditions failed, reads back and compares the owner.
        """
        try:
            self.transact(build)
        except ConditionFailed as refusal:
            return is_ours(refusal.failed)
        return True

    def update(
        self, pk: str, sk: str, expression: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
    ) -> Item:
        """Change one item under a condition and return it whole. Raises ConditionFailed."""
        request: dict[str, Any] = {"TableName": self.name, "ReturnValues": "ALL_NEW"} | update_of(
            pk, sk, expression, condition, values, names
        )

        def send(_: int) -> Any:
            try:
                return self.client.update_item(**request)
            except ClientError as error:
                if code_of(error) == "ConditionalCheckFailedException":
                    raise ConditionFailed(frozenset({0})) from error
                raise

        return readable(decoded(self._patiently(send)["Attributes"]))

    def named(self, write: Write) -> Write:
        """The write with this table's name, unless it names its own."""
        return {kind: {"TableName": self.name, **body} for kind, body in write.items()}

    def _patiently(self, send: Callable[[int], Any]) -> Any:
        """Send until answered; refusals that pass and what stayed unread are waited out, everything else is an outage."""
        for attempt in range(self.backoff.attempts):
            if attempt:
                self.backoff.wait(attempt - 1)
            try:
                return send(attempt)
            except Unread:
                continue
            except ClientError as error:
                if not _is_transient(error):
                    raise StoreUnavailable(self.unavailable) from error
            except (BotoCoreError, OSError) as error:
                raise StoreUnavailable(self.unavailable) from error
        raise StoreUnavailable(self.unavailable)


def _only(*fields: str) -> dict[str, Any]:
    """What asks for these top-level attributes alone, each once."""
    names = {f"#f{n}": field for n, field in enumerate(dict.fromkeys(fields))}
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}


def _is_transient(error: ClientError) -> bool:
    """Whether a refusal passes by itself: throttling, or a transaction cancelled by nothing worse."""
    reasons = {str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ())} - {"None"}
    return (
        bool(reasons) and reasons <= TRANSIENT_CODES
        if code_of(error) == "TransactionCanceledException"
        else code_of(error) in TRANSIENT_CODES
    )
