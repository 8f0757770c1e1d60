"""A book for people: how far it is, and what it came to."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from engine.contracts.violations import InvalidRequest
from infra.local.books.workers import Done

SHOWN: Final = 10
COLUMNS: Final = (
    TextColumn("[bold]book"),
    BarColumn(),
    MofNCompleteColumn(),
    TaskProgressColumn(),
    TextColumn("{task.fields[rate]}"),
    TimeRemainingColumn(),
    TextColumn("{task.fields[failed]}"),
)


class Progress:
    """A bar with rate, time left and failures, on standard error. `decided` counts the lines of this run, `seconds` what it took."""

    def __init__(self, lines: int, kept: int) -> None:
        self.decided = self.failed = 0
        self._started = time.monotonic()
        self.seconds = 0.0
        self._bar = Bar(*COLUMNS, console=Console(stderr=True))
        self._task = self._bar.add_task("book", total=lines, completed=kept, rate="", failed="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.seconds = time.monotonic() - self._started
        self._bar.stop()

    def advance(self, done: Done) -> None:
        """Count a chunk."""
        if done.fault is not None:
            self.say(f"chunk {done.chunk}: {done.fault}")
            return
        self.decided += done.lines
        self.failed += done.failed
        rate = self.decided / max(time.monotonic() - self._started, 1e-9)
        failed = f"[red]{self.failed} failed" if self.failed else ""
        self._bar.update(self._task, advance=done.lines, rate=f"{rate:,.0f}/s", failed=failed)

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._bar.console.print(text, markup=False)


def show_refusal(refused: InvalidRequest) -> None:
    """What is wrong with the shared document."""
    for violation in refused.violations:
        place = ".".join(map(str, violation.loc))
        sys.stderr.write(f"{place}  {violation.type}  {violation.msg}\n")


def show_summary(summary: dict[str, Any], folder: Path, seconds: float, decided: int, workers: int) -> None:
    """The summary in tables."""
    console = Console()
    lines = summary["lines"]
    console.print(
        f"\n[bold]{summary['status']}[/bold]  {lines['decided']:,} portfolios decided, {lines['failed']:,} failed lines", highlight=False
    )
    if decided:
        rate = decided / seconds
        console.print(
            f"{seconds:,.1f} s, {rate:,.0f} portfolios a second, {rate / workers:,.0f} for each of {workers} processes", highlight=False
        )
    if len(summary["engine_versions"]) > 1:
        console.print(_counts("Engine", summary["engine_versions"]))
    for title, member in (("Status", "statuses"), ("Gate", "gates"), ("Reason", "reasons"), ("Failure", "failures"), ("Orders", "orders")):
        if summary[member]:
            console.print(_counts(title, summary[member]))
    console.print(_bases(summary["by_base_currency"]))
    distance = summary["distance"]
    console.print(f"Mean distance to target: {distance['mean_before']} before, {distance['mean_after']} after", highlight=False)
    if summary["portfolios_twice"]:
        twice = ", ".join(summary["portfolios_twice"][:SHOWN])
        console.print(f"[red]In the book twice, so in no order file:[/red] {len(summary['portfolios_twice'])}: {twice}", highlight=False)
    console.print(_blocks(summary["largest_blocks"]))
    cost = summary["estimate"]
    console.print(
        f"On AWS it would cost some {cost['total']} {cost['currency']}, {cost['thousand_portfolios']} a thousand", highlight=False
    )
    console.print(f"Everything is in {folder}", highlight=False, soft_wrap=True)


def _counts(title: str, counts: dict[str, int]) -> Table:
    table = Table(title, "count")
    table.columns[1].justify = "right"
    for name, count in list(counts.items())[:SHOWN]:
        table.add_row(name, f"{count:,}")
    return table


def _bases(rows: list[dict[str, Any]]) -> Table:
    table = Table("Base", "portfolios", "worth", "traded", "turnover")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(row["currency"], f"{row['portfolios']:,}", _money(row["worth"]), _money(row["traded"]), row["turnover"] or "")
    return table


def _blocks(rows: list[dict[str, Any]]) -> Table:
    table = Table("Block", "side", "orders", "quantity", "notional", title=f"The {min(SHOWN, len(rows))} blocks with the most orders")
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows[:SHOWN]:
        notional = row["notional"]
        table.add_row(
            row["instrument_id"], row["side"], f"{row['orders']:,}", row["quantity"], f"{_money(notional['amount'])} {notional['currency']}"
        )
    return table


def _money(amount: str) -> str:
    """An amount without its fraction, with thousands apart: a table is read, not reckoned with."""
    return f"{int(amount.partition('.')[0]):,}"
