"""The page of a book: what is shown of its summary, in the order in which an operations desk asks for it.

Takes the document as `GET /rebalance/books/{id}/summary` answers it, so that every figure carries the path that it has there.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.report.figures import Kind
from engine.report.places import Figure, Phrase, Place
from engine.report.rows import Fact, Line, Page, Panel, Table, Verdict

FAMILY: Final = "Book of portfolios"

DISCLOSURES: Final = (
    "Every portfolio was decided by itself, over the market, the models and the options of the shared document named by digest in its result.",
    "Orders of portfolios that stand in the book twice are in neither file: nobody could say which of them is meant.",
    "Portfolios that are BLOCKED count as far off their targets as before: their orders are in neither file and are not made.",
    "Figures are rounded for reading. The JSON answer of this page's address holds every digit.",
)


def book_page(document: Mapping[str, Any]) -> Page:
    """Everything that is shown of a book."""
    here = Place.of(document)
    return Page(
        family=FAMILY,
        subject=here["book_id"].text,
        about=[Fact("Book", here["book_id"].text), Fact("Engine version", here["engine_version"].text)],
        verdict=_verdict(here),
        figures=list(_figures(here)),
        panels=[panel for panel in _panels(here) if panel.parts],
        disclosures=DISCLOSURES,
        evidence=list(_evidence(here)),
        verify=_verify(here),
    )


def _verdict(here: Place) -> Verdict:
    lines, missing = here["lines"], here["chunks"]["missing"]
    sentence = Phrase(lines["decided"].number, " portfolios decided, ", lines["failed"].number, " failed")
    return Verdict(here["status"].code, sentence, _next_step(lines["failed"], missing))


def _next_step(failed: Place, missing: Place) -> str:
    if missing:
        return Phrase("Next: redrive the book; ", missing.show(Kind.SIZE), " of its chunks are missing.")
    if failed.value:
        return "Next: correct the lines that failed and send them as a book of their own."
    return "Next: hand the orders on; those that ask for a review wait for one."


def _figures(here: Place) -> Iterator[Fact]:
    lines, chunks, distance = here["lines"], here["chunks"], here["distance"]
    yield Fact("Portfolios decided", lines["decided"].number)
    yield Fact("Lines failed", lines["failed"].number)
    yield Fact("Chunks done", Phrase(chunks["done"].number, " of ", chunks["total"].number))
    if distance["portfolios"].value:
        yield Fact("Off their targets, mean", Phrase(distance["mean_before"].weight, " → ", distance["mean_after"].weight))


def _panels(here: Place) -> Iterator[Panel]:
    yield Panel("outcomes", "Outcomes", [*_counted("Status", here["statuses"]), *_counted("Gate", here["gates"])])
    yield Panel("versions", "Engine versions that decided it", _versions(here["engine_versions"]))
    yield Panel("failures", "Lines that failed", [*_counted("Code", here["failures"]), *_failed(here["failed_lines"])])
    yield Panel("turnover", "Worth and turnover by base currency", _bases(here["by_base_currency"]))
    yield Panel("blocks", "Largest blocks", _blocks(here["largest_blocks"]))
    yield Panel("orders", "Orders", _counted("Order", here["orders"]))
    yield Panel("reasons", "Rules that failed, by how often", _counted("Rule", here["reasons"]))
    yield Panel("distance", "Off their targets after the orders", _distances(here["distance"]["after"]))
    yield Panel("costs", "What running it costs, estimated from list prices", _costs(here["estimate"]))
    yield Panel(
        "twice",
        "Portfolios that stand in the book twice",
        [Table("<", ("Portfolio",), [(row.text,) for row in here["portfolios_twice"]])] if here["portfolios_twice"] else [],
    )


def _costs(estimate: Place) -> list[Table | Fact]:
    """What running the book costs by list prices, part by part."""
    if not estimate:
        return []
    rows = [(part["part"].text, part["amount"].measure) for part in estimate["parts"]]
    names = ("Service", "Amount")
    return [Fact("In all", Phrase(estimate["total"].measure, " ", estimate["currency"].text)), Table("<>", names, rows, names)]


def _counted(named: str, counts: Place) -> list[Table]:
    """Codes with how often each occurs, the most frequent first."""
    rows = [(_code(name, count), count.number) for name, count in counts.items()]
    return [Table("<>", (named, "Count"), rows, (named, "Count"))] if rows else []


def _versions(counts: Place) -> list[Table]:
    """How many lines each version decided: several where the engine was deployed between chunks of the book."""
    rows = [(Figure(Kind.TEXT, count.path, name, "name"), count.number) for name, count in counts.items()]
    return [Table("<>", ("Engine version", "Portfolios"), rows, ("Engine version", "Portfolios"))] if rows else []


def _code(name: str, at: Place) -> Figure:
    """The name of a member as a code, at its member's place."""
    return Figure(Kind.CODE, at.path, name, "name")


def _failed(rows: Place) -> list[Table | Line]:
    shown = [
        (row["object"].text, row["line"].number, row["portfolio_id"].text if row["portfolio_id"].value else "", row["code"].code)
        for row in rows
    ]
    names = ("Object", "Line", "Portfolio", "Why")
    return [Table("<><<", names, shown, names)] if shown else []


def _bases(rows: Place) -> Sequence[Table]:
    shown = [
        (
            row["currency"].text,
            row["portfolios"].number,
            row["worth"].amount,
            row["traded"].amount,
            row["turnover"].weight if row["turnover"].value else "",
        )
        for row in rows
    ]
    names = ("Base currency", "Portfolios", "Worth", "Traded", "Turnover")
    return [Table("<>>>>", names, shown, names)] if shown else []


def _blocks(rows: Place) -> Sequence[Table]:
    shown = [
        (
            row["instrument_id"].text,
            row["side"].code,
            row["quantity"].quantity,
            row["notional"].money,
            row["orders"].number,
            row["status"].code,
        )
        for row in rows
    ]
    names = ("Instrument", "Side", "Quantity", "Notional", "Orders", "Status of the portfolios")
    return [Table("<<>>><", names, shown, names)] if shown else []


def _distances(counts: Place) -> list[Table]:
    rows = [(_class(name, count), count.number) for name, count in counts.items()]
    return [Table("<>", ("At most", "Portfolios"), rows, ("At most", "Portfolios"))] if rows else []


def _class(name: str, at: Place) -> Figure | str:
    return Figure(Kind.WEIGHT, at.path, name, "name") if name[0].isdigit() else Figure(Kind.CODE, at.path, name, "name")


def _evidence(here: Place) -> Iterator[Fact]:
    for named, file in (("Orders", here["files"]["orders"]), ("Blocks", here["files"]["blocks"])):
        yield Fact(f"{named}: file", file["name"].text)
        yield Fact(f"{named}: digest of the plain bytes", file["sha256"].text)


def _verify(here: Place) -> list[str]:
    book = here["book_id"].text
    return [
        Phrase("GET /rebalance/books/", book, " has addresses of the files, which hold for minutes."),
        Phrase(
            "POST /rebalance/books/",
            book,
            "/runs/{rebalance_run_id} makes a run of the book one of its own, to be looked up, reviewed and verified.",
        ),
    ]
