"""A book from its two files to its summary: uploaded, started under a key, followed to its end."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from rebalance_client.answers import Answer, BookFailed, Problem, Unsendable
from rebalance_client.client import Client
from rebalance_client.generated import wire
from rebalance_client.shown import COLOURS, Document, table

BLOCK: Final = 1 << 20
CONFLICT: Final = "IDEMPOTENCY_KEY_CONFLICT"
LOOKED_AT: Final = 20
"""Books, the newest, among which that of a key is looked for."""


def run_book(
    client: Client, manifest: Path, shared: Path, *, key: str, records: str, told: Callable[[wire.BookStatusResponse], None]
) -> Answer[wire.BookSummary]:
    """What the book came to, once it has ended; raises BookFailed where that is nothing. Who stops waiting does not stop the book: the same files under the same key find it again."""
    of_manifest, of_shared = _digest(manifest), _digest(shared)
    order: Any = {"manifest": [{"sha256": of_manifest}], "shared": {"sha256": of_shared}}
    offered = client.book_uploads(order).value
    client.upload(offered["manifest"][0], manifest)
    client.upload(offered["shared"], shared)
    names = offered["manifest"][0]["object"], offered["shared"]["object"]
    digests = dict(zip(names, (of_manifest, of_shared), strict=True))
    start: Any = {"manifest": [names[0]], "shared": names[1], "records": records, "digests": digests}
    book_id = _started(client, start, key)
    ended: Any = client.wait_for_book(book_id, told=told).value
    if ended["fault"] and ended["files"]["summary"] is None:
        raise BookFailed(f"{book_id} {ended['status']}: {ended['fault']}")
    return client.book_summary(book_id)


def _started(client: Client, start: Any, key: str) -> str:
    """The book under the key; where an earlier upload of the same files has it already, that one. Raises Problem."""
    try:
        return client.book_start(start, idempotency_key=key).value["book_id"]
    except Problem as refused:
        if refused.code != CONFLICT:
            raise
        for row in client.books(limit=LOOKED_AT).value["items"]:
            begun = client.book(row["book_id"]).value["start"]
            if begun["records"] == start["records"] and sorted(begun["digests"].values()) == sorted(start["digests"].values()):
                return row["book_id"]
        raise


class Bar:
    """How much of a book is made, on one line: lines, rate, time left."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
        self._shown = Progress(*columns, console=console, transient=True)
        self._task = self._shown.add_task("PENDING", total=None, rate="")

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def __call__(self, found: wire.BookStatusResponse) -> None:
        """Show where the book stands."""
        progress: Any = found["progress"]
        if progress is None:
            self._shown.update(self._task, description=found["status"])
            return
        self._shown.update(
            self._task,
            description=found["status"],
            total=progress["lines"]["total"],
            completed=progress["lines"]["done"],
            rate=rate_of(progress),
        )


def rate_of(progress: Document) -> str:
    """`812.4/s, 1:27 left`; what is not known yet is left out."""
    rate, left = progress["lines_per_second"], progress["seconds_left"]
    told = [f"{rate}/s"] if rate is not None else []
    return ", ".join([*told, f"{left // 60}:{left % 60:02} left"] if left is not None else told)


def show_book(console: Console, found: Document) -> None:
    """Where a book stands."""
    line = Text(str(found["status"]), style=f"bold {COLOURS.get(str(found['status']), '')}".strip())
    line.append(f"  {found['book_id']}", style="dim")
    if progress := found["progress"]:
        line.append(f"  {progress['lines']['done']} of {progress['lines']['total']} lines  {rate_of(progress)}".rstrip())
    console.print(line)
    if fault := found["fault"]:
        console.print(Text(str(fault), style="red"))


def cents(amount: str) -> str:
    """An amount with two places and its thousands apart, for people: the answer itself has all its digits."""
    return f"{Decimal(amount):,.2f}"


def percent(share: str | None) -> str:
    """A share in percent with two places; nothing where it is not known."""
    return "" if share is None else f"{Decimal(share) * 100:.2f} %"


def show_summary(console: Console, summary: Document) -> None:
    """What a book came to: portfolios by status, turnover by currency, the largest blocks, failures."""
    line = Text(str(summary["status"]), style=f"bold {COLOURS.get(str(summary['status']), '')}".strip())
    line.append(f"  {summary['lines']['decided']} decided, {summary['lines']['failed']} failed  ")
    line.append(str(summary["book_id"]), style="dim")
    console.print(line)
    for named, fewest in (("engine_versions", 2), ("statuses", 1), ("gates", 1), ("failures", 1), ("reasons", 1)):
        if len(summary[named]) >= fewest:
            console.print(table((named, "count"), list(summary[named].items())))
    bases = [
        (row["currency"], row["portfolios"], cents(row["worth"]), cents(row["traded"]), percent(row["turnover"]))
        for row in summary["by_base_currency"]
    ]
    console.print(table(("currency", "portfolios", "worth", "traded", "turnover"), bases))
    blocks = [
        (
            row["instrument_id"],
            row["side"],
            row["quantity"],
            f"{cents(row['notional']['amount'])} {row['notional']['currency']}",
            row["orders"],
        )
        for row in summary["largest_blocks"][:10]
    ]
    console.print(table(("what", "side", "quantity", "notional", "orders"), blocks))


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while block := content.read(BLOCK):
                found.update(block)
    except OSError as error:
        raise Unsendable(f"{file}: {error.strerror}") from error
    return found.hexdigest()
