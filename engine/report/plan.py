"""What a report shows of a run's plan: how near it comes to the target, what money made of the wishes, and why every instrument is traded as it is."""

from decimal import Decimal
from typing import Final

from engine.report.places import Document, Phrase, Place, written
from engine.report.rows import Fact, Part, Section, Table

IN_UNITS: Final = frozenset({"lot_size", "min_quantity"})
"""Numbers that are no money."""


def distance(result: Document) -> Section | None:
    """How far the portfolio is from its target before and after the orders, and the largest gaps that are left."""
    block = Place.of(result).get("distance")
    if not block:
        return None
    rows: list[tuple[str, ...]] = [("cash", block["cash_before"].gap, block["cash_after"].gap)]
    rows += [(row["instrument_id"].text, row["before"].gap, row["after"].gap) for row in block["largest"]]
    title = Phrase("Distance from the target: ", block["before"].weight, " → ", block["after"].weight)
    return Section(title, [Table("<>>", ("over, under", "before", "after"), rows)])


def plan(result: Document) -> Section | None:
    """What a guarded run wished, planned and traded, and the prices that money and turnover set."""
    here = Place.of(result)
    block = here.get("plan")
    if not block:
        return None
    base = here["before"]["total_value"]["currency"].text
    others = block["cash_floor_by_currency"]
    floors = {base: block["cash_floor"], **dict(others.items())}
    parts: list[Part] = [
        Fact("worth", Phrase(block["worth"].amount, " ", base)),
        Fact("cash", Phrase("floor ", Phrase.joined(", ", [Phrase(floor.amount, " ", currency) for currency, floor in floors.items()]))),
        Fact(
            "",
            Phrase(
                *("free ", block["free_cash"].amount),
                *(", after the orders ", block["residual_cash"].amount),
                *(", price of cash ", block["price_of_cash"].amount),
            ),
        ),
    ]
    if cap := block["turnover"]:
        parts.append(Fact("turnover", Phrase(cap["policy"].code, ", budget ", cap["budget"].amount, *_prices(cap))))
    rows = [(name, block[name]["buys"].amount, block[name]["sells"].amount) for name in ("wished", "planned", "traded")]
    title = Phrase("Plan: ", block["mode"].code)
    return Section(title, [*parts, Table("<>>", (base, "buys", "sells"), rows)])


def money_plan(result: Document) -> Section | None:
    """The same for a page: fact by fact."""
    here = Place.of(result)
    block = here.get("plan")
    if not block:
        return None
    base = here["before"]["total_value"]["currency"].text
    named = [
        ("Worth", "worth"),
        ("Cash to keep", "cash_floor"),
        ("Free before the orders", "free_cash"),
        ("Free after them", "residual_cash"),
    ]
    facts: list[Part] = [Fact(name, Phrase(block[member].amount, " ", base)) for name, member in named]
    facts += [
        Fact("Cash to keep", Phrase(floor.amount, " ", written(currency))) for currency, floor in block["cash_floor_by_currency"].items()
    ]
    facts.append(Fact("Every purchase gave up", Phrase(block["price_of_cash"].amount, " ", base)))
    if cap := block["turnover"]:
        facts.append(Fact("Turnover budget", Phrase(cap["budget"].amount, " ", base)))
        given = [(name, cap[member]) for name, member in (("Gave up to the cap", "price"), ("Beyond it, for cash", "cash_price"))]
        facts += [Fact(name, Phrase(level.amount, " ", base)) for name, level in given if level.value is not None]
    rows = [(name.capitalize(), block[name]["buys"].amount, block[name]["sells"].amount) for name in ("wished", "planned", "traded")]
    return Section("Money plan", [*facts, Table("<>>", (base, "buys", "sells"), rows, (Phrase("In ", base), "Buys", "Sells"))])


def _prices(cap: Place) -> list[str]:
    """The levels of a shared cap; a ranked one has none."""
    named = (("price", cap["price"]), ("cash price", cap["cash_price"]))
    return [Phrase(f", {name} ", level.amount) for name, level in named if level.value is not None]


def reasons(result: Document) -> Section | None:
    """Why every instrument is traded as it is: decisions first, then by the drift that is left, largest first."""
    rows = Place.of(result)["explanation"].get("reasons")
    if not rows:
        return None
    header = ("instrument", "", "before", "→ after", "driver", "price", "key, flips at")
    names = ("Instrument", "Decision", "Gap before", "Gap after", "What decided", "Price", "Which, and what would change it")
    return Section("Reasons", [Table("<<>><><", header, [reason(row) for row in ranked(rows)], names)])


def ranked(rows: Place) -> list[Place]:
    """Reasons in the order in which they are read."""
    return sorted(
        rows, key=lambda row: (row.value["decision"] == "NONE", -abs(Decimal(row.value["drift_after"])), row.value["instrument_id"])
    )


def reason(row: Place) -> tuple[str, ...]:
    """One row of the reasons; price, key and the number that would change the decision only where there are any."""
    flip, price, key = row["flips_at"], row["price"], row["driver_key"]
    says: list[str] = [key.code] if key else []
    if flip:
        at = flip["at"].quantity if flip["number"].value in IN_UNITS else flip["at"].amount
        says.append(Phrase(flip["number"].code, " ", at))
    return (
        row["instrument_id"].text,
        row["decision"].code,
        row["drift_before"].gap,
        row["drift_after"].gap,
        row["driver"].code,
        "" if price.value is None else price.amount,
        Phrase.joined(", ", says),
    )


def cut(row: Place) -> Phrase:
    """A buy that money made smaller: what it was sized to, and what is ordered."""
    return Phrase(row["instrument_id"].text, " ", row["sized_quantity"].quantity, " → ", row["funded_quantity"].quantity)


def suppressed(row: Place) -> Phrase:
    """A trade that is too small, and the minimum that it misses."""
    return Phrase(row["instrument_id"].text, " ", row["intended_notional"].money, " of ", row["threshold"].money)
