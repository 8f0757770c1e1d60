"""A generated book: many models, base currencies, shares in pence, round lots, bonds in percent. Equal arguments give equal bytes."""

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

PRICES: Final = 600
MODELS: Final = 12
SEED: Final = 20260331
RATES: Final = {"USD": "1", "EUR": "1.0842", "GBP": "1.2671", "CHF": "1.1288", "JPY": "0.0067"}
BASES: Final = ("EUR", "CHF", "USD", "GBP")
SECTORS: Final = ("TECH", "BANKS", "HEALTH", "ENERGY", "FOOD", "RAIL", "MEDIA", "WATER")
EXCLUDED_EVERY: Final = 53  # one instrument in so many may only be sold

Json = dict[str, Any]


class Instrument(NamedTuple):
    """An instrument with what one unit is worth in US dollars."""

    price: Json
    entry: Json
    unit: Decimal
    lot: int


def write_demo(folder: Path, portfolios: int, prices: int) -> tuple[Path, Path]:
    """The manifest and the shared document of a book, written where they are not yet."""
    manifest, shared = folder / "manifest.jsonl", folder / "shared.json"
    if manifest.exists() and shared.exists():
        return manifest, shared
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)  # noqa: S311  (a generator of examples)
    instruments = [_instrument(number, chance) for number in range(prices)]
    models = {f"model-{number:02}": _model(instruments, chance) for number in range(MODELS)}
    shared.write_bytes(orjson.dumps(_shared(instruments, models), option=orjson.OPT_INDENT_2))
    unfinished = manifest.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        for number in range(portfolios):
            file.write(orjson.dumps(_line(number, instruments, models, chance), option=orjson.OPT_APPEND_NEWLINE))
    unfinished.replace(manifest)
    return manifest, shared


def _shared(instruments: list[Instrument], models: dict[str, dict[int, Decimal]]) -> Json:
    return {
        "market_data_snapshot": {
            "snapshot_id": "md_2026-03-31",
            "as_of": "2026-03-31T22:00:00Z",
            "prices": [row.price for row in instruments],
            "fx_rates": [{"pair": f"{code}/USD", "rate": rate} for code, rate in RATES.items() if code != "USD"],
        },
        "models": {
            name: {
                "targets": [
                    {"instrument_id": instruments[at].price["instrument_id"], "weight": str(weight)} for at, weight in model.items()
                ]
            }
            for name, model in models.items()
        },
        "shelf_entries": [row.entry for row in instruments],
        "options": {
            "conventions": "DESK",
            "fx_hub": "USD",
            "single_position_max_weight": "0.10",
            "min_trade_notional": {"amount": "1000", "currency": "USD"},
            "group_constraints": {"sector:TECH": {"max_weight": "0.35"}},
        },
    }


def _instrument(number: int, chance: random.Random) -> Instrument:
    """Of ten instruments six are shares, of them one in pence and one in round lots of 100, and four are bonds or funds."""
    kind = number % 10
    status = "SELL_ONLY" if number % EXCLUDED_EVERY == EXCLUDED_EVERY - 1 else "APPROVED"
    entry: Json = {"instrument_id": f"IN{number:05}", "status": status, "settlement_days": 2, "attributes": {"sector": SECTORS[number % 8]}}
    price: Json = {"instrument_id": entry["instrument_id"]}
    currency = ("USD", "EUR", "GBP", "JPY", "CHF")[number % 5]
    lot = 1
    if kind in {6, 7, 8}:
        clean, accrued = Decimal(chance.randint(8_500, 11_500)) / 100, Decimal(chance.randint(0, 200)) / 100
        price |= {"price": str(clean), "currency": currency, "basis": "PERCENT", "accrued": str(accrued)}
        entry |= {"asset_class": "BOND", "lot_size": "1000"}
        lot, unit = 1_000, (clean + accrued) / 100
    elif currency == "GBP" and kind in {2, 7}:
        pence = Decimal(chance.randint(20_000, 500_000)) / 100
        price |= {"price": str(pence), "currency": "GBX"}
        entry |= {"asset_class": "EQUITY"}
        unit = pence / 100
    else:
        amount = Decimal(chance.randint(800, 90_000)) / 100 * (100 if currency == "JPY" else 1)
        price |= {"price": str(amount), "currency": currency}
        lot = 100 if currency == "JPY" else 1
        entry |= {"asset_class": "FUND" if kind == 9 else "EQUITY"} | ({"lot_size": "100"} if lot > 1 else {})  # noqa: PLR2004  (the kind of a fund)
        unit = amount
    return Instrument(price, entry, unit * Decimal(RATES[currency]), lot)


def _model(instruments: list[Instrument], chance: random.Random) -> dict[int, Decimal]:
    """Thirty to sixty lines that leave two percent in cash."""
    lines = chance.sample(range(len(instruments)), k=chance.randint(30, min(60, len(instruments))))
    shares = [chance.randint(5, 30) for _ in lines]
    return {at: (Decimal("0.98") * share / sum(shares)).quantize(Decimal("0.0001")) for at, share in zip(lines, shares, strict=True)}


def _line(number: int, instruments: list[Instrument], models: dict[str, dict[int, Decimal]], chance: random.Random) -> Json:
    """A portfolio that has drifted from its model, holds something beside it, and has some cash."""
    name = f"model-{chance.randrange(MODELS):02}"
    base = BASES[number % len(BASES)]
    worth = Decimal(chance.randint(300, 20_000)) * 1_000 / Decimal(RATES[base])
    in_dollars = worth * Decimal(RATES[base])
    positions = dict(_holdings(instruments, models[name], in_dollars, chance))
    for at in chance.sample(range(len(instruments)), k=chance.randint(0, 3)):
        positions.setdefault(at, _units(instruments[at], in_dollars / 100))
    cash = {base: (worth * chance.randint(5, 40) / 1_000).quantize(Decimal("0.01"))}
    if chance.random() < 0.3:  # noqa: PLR2004  (a third has foreign cash)
        cash.setdefault(chance.choice(("USD", "EUR", "GBP", "CHF")), Decimal(chance.randint(100, 9_000)))
    line: Json = {
        "portfolio_snapshot": {
            "snapshot_id": f"ps_{number:07}",
            "portfolio_id": f"pf_{number:07}",
            "base_currency": base,
            "as_of": "2026-03-31T22:00:00Z",
            "positions": [
                {"instrument_id": instruments[at].price["instrument_id"], "quantity": str(held)}
                for at, held in sorted(positions.items())
                if held
            ],
            "cash_balances": [{"currency": code, "amount": str(amount)} for code, amount in cash.items()],
        },
        "model_id": name,
    }
    return line | ({"options": {"max_turnover_pct": "0.15"}} if number % 10 == 0 else {})


def _holdings(instruments: list[Instrument], model: dict[int, Decimal], worth: Decimal, chance: random.Random) -> Iterator[tuple[int, int]]:
    for at, weight in model.items():
        if chance.random() < 0.95:  # noqa: PLR2004  (one line in twenty is not bought yet)
            yield at, _units(instruments[at], worth * weight * chance.randint(75, 125) / 100)


def _units(instrument: Instrument, worth: Decimal) -> int:
    return int(worth / instrument.unit / instrument.lot) * instrument.lot
