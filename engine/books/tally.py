"""What a part of a book came to, as counts and exact sums: parts add up to the same whole in any order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any, Final, NamedTuple, Self

import orjson

from engine.books.decided import DecidedLine, LineFailure
from engine.books.orders import KIND, Cells
from engine.books.results import gate_of
from engine.numbers import ZERO, plain, total
from engine.result.status import BLOCKED

SUMS: Final = Context(prec=400, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
"""Wide enough for every digit of any sum of a book's amounts, so that no order of adding shows."""

NO_GATE: Final = "NONE"
DISTANCES: Final = ("0.001", "0.005", "0.01", "0.02", "0.05", "0.1")
"""Upper ends of the classes in which distances are counted."""
FURTHER: Final = "more"


MAX_LISTED: Final = 100
"""Failed lines that are listed one by one; all of them are among the results."""


class FailedLine(NamedTuple):
    """A line that could not be decided, by its number in its object."""

    number: int
    portfolio_id: str | None
    code: str


@dataclass(slots=True)
class InBase:
    """Portfolios of one base currency: how many were decided, what they are worth and what those of them trade that are not BLOCKED, in it."""

    portfolios: int = 0
    worth: Decimal = ZERO
    traded: Decimal = ZERO


@dataclass(slots=True)
class Distances:
    """How far portfolios are from their targets: how many are measured, the sums before and after, and how many in each class after.

    A BLOCKED one stays as far as it was before, since nobody makes its orders.
    """

    portfolios: int = 0
    before: Decimal = ZERO
    after: Decimal = ZERO
    classes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Tally:
    """Counts and sums over lines. `portfolios` names every portfolio that a line was about, once for each such line."""

    lines: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    gates: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    bases: dict[str, InBase] = field(default_factory=dict)
    distances: Distances = field(default_factory=Distances)
    portfolios: list[str] = field(default_factory=list)
    failed: list[FailedLine] = field(default_factory=list)
    result_bytes: int = 0

    @property
    def decided(self) -> int:
        """Lines with a decision; the others failed."""
        return self.lines - sum(self.failures.values())

    def count(self, run: DecidedLine, orders: Iterable[Cells], size: int) -> None:
        """Count a decided line, whose result line has that many bytes."""
        document = run.decision.document
        self.lines += 1
        self.result_bytes += size
        self.portfolios.append(run.portfolio_id)
        self.statuses[run.decision.status] += 1
        self.gates[gate_of(run) or NO_GATE] += 1
        self.reasons.update({str(row["reason_code"]) for row in document["rule_results"] if row["status"] == "FAIL"})
        self.orders.update(map(KIND, orders))
        with localcontext(SUMS):
            worth = document["before"]["total_value"]
            base = self.bases.setdefault(worth["currency"], InBase())
            base.portfolios += 1
            base.worth += Decimal(worth["amount"])
            if run.decision.status != BLOCKED:
                base.traded += total(run.decision.notionals)
            self._measure(document["distance"], "before" if run.decision.status == BLOCKED else "after")

    def _measure(self, distance: Mapping[str, Any] | None, then: str) -> None:
        """Take in how far a portfolio is now, and how far afterwards: which of the two figures that is says `then`."""
        if distance is None:
            return
        after, measured = Decimal(distance[then]), self.distances
        measured.portfolios += 1
        measured.before += Decimal(distance["before"])
        measured.after += after
        measured.classes[next((end for end in DISTANCES if after <= Decimal(end)), FURTHER)] += 1

    def count_failure(self, number: int, failure: LineFailure, size: int) -> None:
        """Count a line that could not be decided."""
        self.lines += 1
        if len(self.failed) < MAX_LISTED:
            self.failed.append(FailedLine(number, failure.portfolio_id, failure.code))
        self.result_bytes += size
        self.failures[failure.code.partition(":")[0]] += 1
        if failure.portfolio_id is not None:
            self.portfolios.append(failure.portfolio_id)

    def add(self, other: "Tally") -> None:
        """Take another part of the book in."""
        self.lines += other.lines
        self.result_bytes += other.result_bytes
        self.portfolios += other.portfolios
        self.failed = [*self.failed, *other.failed][:MAX_LISTED]
        for mine, its in (
            (self.statuses, other.statuses),
            (self.gates, other.gates),
            (self.failures, other.failures),
            (self.reasons, other.reasons),
            (self.orders, other.orders),
            (self.distances.classes, other.distances.classes),
        ):
            mine.update(its)
        with localcontext(SUMS):
            for currency, found in other.bases.items():
                base = self.bases.setdefault(currency, InBase())
                base.portfolios += found.portfolios
                base.worth += found.worth
                base.traded += found.traded
            self.distances.portfolios += other.distances.portfolios
            self.distances.before += other.distances.before
            self.distances.after += other.distances.after

    def to_json(self) -> bytes:
        """The tally as JSON, which `of` reads back; equal tallies give equal bytes."""
        return orjson.dumps(
            {
                "lines": self.lines,
                "statuses": self.statuses,
                "gates": self.gates,
                "failures": self.failures,
                "reasons": self.reasons,
                "orders": self.orders,
                "bases": {name: [row.portfolios, plain(row.worth), plain(row.traded)] for name, row in self.bases.items()},
                "distances": {
                    "portfolios": self.distances.portfolios,
                    "before": plain(self.distances.before),
                    "after": plain(self.distances.after),
                    "classes": self.distances.classes,
                },
                "portfolios": self.portfolios,
                "failed": list(map(list, self.failed)),
                "result_bytes": self.result_bytes,
            },
            option=orjson.OPT_SORT_KEYS,
        )

    @classmethod
    def of(cls, text: bytes) -> Self:
        """The tally that `to_json` wrote."""
        told = orjson.loads(text)
        measured = told["distances"]
        return cls(
            lines=told["lines"],
            statuses=Counter(told["statuses"]),
            gates=Counter(told["gates"]),
            failures=Counter(told["failures"]),
            reasons=Counter(told["reasons"]),
            orders=Counter(told["orders"]),
            bases={name: InBase(n, Decimal(worth), Decimal(traded)) for name, (n, worth, traded) in told["bases"].items()},
            portfolios=told["portfolios"],
            failed=[FailedLine(*row) for row in told["failed"]],
            result_bytes=told["result_bytes"],
            distances=Distances(
                measured["portfolios"], Decimal(measured["before"]), Decimal(measured["after"]), Counter(measured["classes"])
            ),
        )
