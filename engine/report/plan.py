"""What a report shows of a run's plan: how near it comes to the target, what money made of the wishes, and why every instrument is traded as it is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from engine.report.figures import amount, gap, money, percent, quantity
from engine.report.rows import Fact, Part, Section, Table

IN_UNITS: Final = frozenset({"lot_size", "min_quantity"})
"""Numbers that are no money."""

Document = Mapping[str, Any]


def distance(result: Document) -> Section | None:
    """How far the portfolio is from its target before and after the orders, and the largest gaps that are left."""
    block = result.get("distance")
    if block is None:
        return None
    rows = [("cash", gap(block["cash_before"]), gap(block["cash_after"]))]
    rows += [(row["instrument_id"], gap(row["before"]), gap(row["after"])) for row in block["largest"]]
    title = f"Distance from the target: {percent(Decimal(block['before']))} → {percent(Decimal(block['after']))}"
    return Section(title, [Table("<>>", ("over, under", "before", "after"), rows)])


def plan(result: Document) -> Section | None:
    """What a guarded run wished, planned and traded, and the prices that money and turnover set."""
    block = result.get("plan")
    if block is None:
        return None
    base = result["before"]["total_value"]["currency"]
    floors = {base: block["cash_floor"], **block["cash_floor_by_currency"]}
    parts: list[Part] = [
        Fact("worth", f"{amount(block['worth'])} {base}"),
        Fact("cash", f"floor {', '.join(f'{amount(floor)} {currency}' for currency, floor in floors.items())}"),
        Fact(
            "",
            f"free {amount(block['free_cash'])}, after the orders {amount(block['residual_cash'])}, price of cash {amount(block['price_of_cash'])}",
        ),
    ]
    cap = block["turnover"]
    if cap is not None:
        parts.append(Fact("turnover", f"{cap['policy']}, budget {amount(cap['budget'])}{_prices(cap)}"))
    rows = [(name, amount(block[name]["buys"]), amount(block[name]["sells"])) for name in ("wished", "planned", "traded")]
    return Section(f"Plan: {block['mode']}", [*parts, Table("<>>", (base, "buys", "sells"), rows)])


def _prices(cap: Document) -> str:
    """The levels of a shared cap; a ranked one has none."""
    named = (("price", cap["price"]), ("cash price", cap["cash_price"]))
    return "".join(f", {name} {amount(value)}" for name, value in named if value is not None)


def reasons(result: Document) -> Section | None:
    """Why every instrument is traded as it is: decisions first, then by the drift that is left, largest first."""
    rows = result["explanation"].get("reasons")
    if not rows:
        return None
    header = ("instrument", "", "before", "→ after", "driver", "price", "key, flips at")
    ranked = sorted(rows, key=lambda row: (row["decision"] == "NONE", -abs(Decimal(row["drift_after"])), row["instrument_id"]))
    return Section("Reasons", [Table("<<>><><", header, [reason(row) for row in ranked])])


def reason(row: Document) -> tuple[str, ...]:
    """One row of the reasons; price, key and the number that would change the decision only where there are any."""
    flip, price = row["flips_at"], row["price"]
    turns = "" if flip is None else f"{flip['number']} {(quantity if flip['number'] in IN_UNITS else amount)(flip['at'])}"
    return (
        row["instrument_id"],
        row["decision"],
        gap(row["drift_before"]),
        gap(row["drift_after"]),
        row["driver"],
        "" if price is None else amount(price),
        ", ".join(filter(None, (row["driver_key"], turns))),
    )


def cut(row: Document) -> str:
    """A buy that money made smaller: what it was sized to, and what is ordered."""
    return f"{row['instrument_id']} {quantity(row['sized_quantity'])} → {quantity(row['funded_quantity'])}"


def suppressed(row: Document) -> str:
    """A trade that is too small, and the minimum that it misses."""
    return f"{row['instrument_id']} {money(row['intended_notional'])} of {money(row['threshold'])}"
