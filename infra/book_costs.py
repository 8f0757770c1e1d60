"""What a book costs to run on AWS: what it uses, which follows from its lines and chunks, times the prices of a list.

An estimate, the same for the same book: times are stated below and not measured, so that summaries of the same chunks stay equal. Left out: free
tiers, discounts, starts of containers, whatever a deployment costs while nobody calls, and reading the results.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from engine.books.tally import Tally
from engine.contracts.books.start import RecordedRuns
from infra.prices import LIST, PRICES, Prices

Json = dict[str, Any]
FRACTIONS: Final = Decimal("0.000001")
GIGABYTE: Final = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Stated:
    """What is assumed of a portfolio of fifty positions under DESK conventions on Lambda, with one processor. Seconds, gigabytes, units."""

    portfolio_seconds: Decimal = Decimal("0.0030")
    chunk_seconds: Decimal = Decimal(
        "0.60"
    )  # of a chunk besides: fetching its lines, keeping four files, reading what is shared now and then
    recorded_seconds: Decimal = Decimal("0.060")  # a document put and a transaction, one after the other
    indexed_seconds: Decimal = Decimal("0.0001")  # a line that is cut
    summed_seconds: Decimal = Decimal("0.0004")  # a portfolio whose orders are merged into blocks
    memory: Decimal = Decimal(1769) / 1024
    express_memory: Decimal = Decimal("0.0625")  # what the service bills at least
    puts: Decimal = Decimal(9)  # who began it, index, start, shared document, what is to do; summary, orders, blocks, list of runs
    puts_a_chunk: Decimal = Decimal(4)  # results, orders, parts of blocks, tally
    gets: Decimal = Decimal(13)  # of index, map and summary
    gets_a_chunk: Decimal = Decimal(8)  # whether it is there three times, its lines, what is shared, and three of its files by the summary
    write_units: Decimal = Decimal(4)  # the record of the book, kept and moved
    write_units_a_run: Decimal = Decimal(10)  # its items, of one kilobyte each, and its rows in two indexes
    transitions: Decimal = Decimal(5)  # start, index, what is left, map, summary
    log_bytes_a_chunk: Decimal = Decimal(1_200)
    packed: Decimal = Decimal("0.18")  # of the bytes of results, what gzip leaves


STATED: Final = Stated()


@dataclass(frozen=True, slots=True)
class BookCost:
    """Estimates the cost of books whose runs are recorded as they ask for. `reviewed` are the statuses that ask for a review."""

    records: str
    reviewed: Collection[str]
    prices: Prices = PRICES
    stated: Stated = STATED

    def __call__(self, tally: Tally, chunks: int) -> Json:
        """What a book came to costs, part by part, rounded half up to millionths of a dollar; `month` is what keeping its results costs."""
        used = self.used(Decimal(tally.lines), Decimal(chunks), Decimal(self._recorded(tally)))
        amounts = {name: sum((self._price(unit) * count for unit, count in part.items()), Decimal(0)) for name, part in used.items()}
        whole = sum(amounts.values(), Decimal(0))
        kept = tally.result_bytes * self.stated.packed / GIGABYTE * self.prices.bucket_gigabyte
        return {
            "currency": "USD",
            "prices": LIST,
            "parts": [{"part": name, "used": _shown(used[name]), "amount": _money(amount)} for name, amount in amounts.items()],
            "total": _money(whole),
            "thousand_portfolios": _money(whole * 1_000 / tally.lines) if tally.lines else None,
            "month": _money(kept),
        }

    def used(self, lines: Decimal, chunks: Decimal, recorded: Decimal) -> dict[str, dict[str, Decimal]]:
        """By part what so many portfolios in so many chunks use, by the name of its price."""
        stated = self.stated
        chunk_seconds = lines * stated.portfolio_seconds + chunks * stated.chunk_seconds + recorded * stated.recorded_seconds
        seconds = chunk_seconds + lines * (stated.indexed_seconds + stated.summed_seconds)
        return {
            "Lambda": {"lambda_request": chunks + 2, "lambda_gigabyte_second": seconds * stated.memory},
            "Step Functions": {
                "transition": stated.transitions + chunks,
                "express_request": chunks,
                "express_gigabyte_second": chunk_seconds * stated.express_memory,
            },
            "S3": {
                "put": stated.puts + chunks * stated.puts_a_chunk + recorded,
                "get": stated.gets + chunks * stated.gets_a_chunk,
            },
            "DynamoDB": {"write_unit": stated.write_units + recorded * stated.write_units_a_run},
            "Logs": {"log_gigabyte": chunks * stated.log_bytes_a_chunk / GIGABYTE},
        }

    def _recorded(self, tally: Tally) -> int:
        match self.records:
            case RecordedRuns.ALL:
                return sum(tally.statuses.values())
            case RecordedRuns.REVIEW:
                return sum(count for status, count in tally.statuses.items() if status in self.reviewed)
            case _:
                return 0

    def _price(self, unit: str) -> Decimal:
        price: Decimal = getattr(self.prices, unit)
        return price


def _shown(used: Mapping[str, Decimal]) -> dict[str, str]:
    return {unit: format(_rounded(count).normalize(), "f") for unit, count in used.items()}


def _money(amount: Decimal) -> str:
    return str(_rounded(amount))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(FRACTIONS, ROUND_HALF_UP)
