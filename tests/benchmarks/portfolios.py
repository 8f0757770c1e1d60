"""Synthetic portfolios for the benchmarks: N positions in five currencies, half of them off their target, two group limits."""

from decimal import Decimal
from typing import Final

import orjson

WORTH: Final = Decimal(100_000_000)
TO_BASE: Final = {"USD": "1", "EUR": "1.0842", "GBP": "1.2671", "CHF": "1.1288", "JPY": "0.0067"}
CURRENCIES: Final = tuple(TO_BASE)
SECTORS: Final = ("TECH", "BANKS", "HEALTH", "ENERGY", "FOOD", "RAIL", "MEDIA", "WATER")
DRIFTS: Final = (Decimal("0.88"), Decimal(1), Decimal("1.12"), Decimal(1))


def portfolio_request(positions: int, client: int = 0, **options: object) -> bytes:
    """A rebalance request worth 100 million; every second position holds 12 % too much or too little. Other clients hold a few units more of each."""
    ids = [f"EQ_{n * 7919 % 100_000:05d}" for n in range(positions)]
    weight = (Decimal("0.9") / positions).quantize(Decimal("0.00000001"))
    held = [_quantity(n, weight) + client for n in range(positions)]
    foreign = {currency: Decimal(20_000) + n for n, currency in enumerate(CURRENCIES) if n}
    invested = sum(quantity * Decimal(_price(n)) * _rate(n) for n, quantity in enumerate(held))
    swept = sum(amount * Decimal(TO_BASE[currency]) for currency, amount in foreign.items())
    cash = {"USD": WORTH - invested - swept, **foreign}
    return orjson.dumps(
        {
            "portfolio_snapshot": {
                "snapshot_id": "ps_bench",
                "portfolio_id": "pf_bench",
                "base_currency": "USD",
                "positions": [{"instrument_id": i, "quantity": str(q)} for i, q in zip(ids, held, strict=True)],
                "cash_balances": [{"currency": c, "amount": str(amount)} for c, amount in cash.items()],
            },
            "market_data_snapshot": {
                "snapshot_id": "md_bench",
                "prices": [{"instrument_id": name, "price": _price(n), "currency": CURRENCIES[n % 5]} for n, name in enumerate(ids)],
                "fx_rates": [{"pair": f"{c}/USD", "rate": rate} for c, rate in TO_BASE.items() if c != "USD"],
            },
            "model_portfolio": {"targets": [{"instrument_id": name, "weight": str(weight)} for name in ids]},
            "shelf_entries": [
                {
                    "instrument_id": name,
                    "status": "APPROVED",
                    "asset_class": "EQUITY" if n % 4 else "FUND",
                    "settlement_days": 2,
                    "attributes": {"sector": SECTORS[n % 8], "region": f"R{n % 3}"},
                }
                for n, name in enumerate(ids)
            ],
            "options": {
                "group_constraints": {"sector:TECH": {"max_weight": "0.30"}, "region:R1": {"max_weight": "0.50"}},
                **options,
            },
        }
    )


def _price(n: int) -> str:
    return f"{10 + n * 7 % 290}.{n * 13 % 100:02d}"


def _rate(n: int) -> Decimal:
    return Decimal(TO_BASE[CURRENCIES[n % 5]])


def _quantity(n: int, weight: Decimal) -> int:
    return round(weight * WORTH / _rate(n) / Decimal(_price(n)) * DRIFTS[n % 4])
