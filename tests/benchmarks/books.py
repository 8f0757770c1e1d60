"""Synthetic books for the benchmarks: N positions in five currencies, half of them off their target, two group limits."""

from decimal import Decimal

import orjson

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY")
TO_BASE = {"EUR": "1.0842", "GBP": "1.2671", "CHF": "1.1288", "JPY": "0.0067"}
SECTORS = ("TECH", "BANKS", "HEALTH", "ENERGY", "FOOD", "RAIL", "MEDIA", "WATER")


def book(positions: int, **options: object) -> bytes:
    """A rebalance request; odd positions hold 12 % too much or too little."""
    ids = [f"EQ_{n:05d}" for n in range(positions)]
    weight = (Decimal("0.97") / positions).quantize(Decimal("0.00000001"))
    return orjson.dumps({
        "portfolio_snapshot": {
            "snapshot_id": "ps_bench",
            "portfolio_id": "pf_bench",
            "base_currency": "USD",
            "positions": [_position(n, name, weight) for n, name in enumerate(ids)],
            "cash_balances": [{"currency": c, "amount": f"{20000 + n}.55"} for n, c in enumerate(CURRENCIES)],
        },
        "market_data_snapshot": {
            "snapshot_id": "md_bench",
            "prices": [
                {"instrument_id": name, "price": _price(n), "currency": CURRENCIES[n % 5]} for n, name in enumerate(ids)
            ],
            "fx_rates": [{"pair": f"{c}/USD", "rate": rate} for c, rate in TO_BASE.items()],
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
            "group_constraints": {"sector:TECH": {"max_weight": "0.10"}, "region:R1": {"max_weight": "0.30"}},
            "single_position_max_weight": "0.5",
            **options,
        },
    })


def _price(n: int) -> str:
    return f"{10 + n * 7 % 290}.{n * 13 % 100:02d}"


def _position(n: int, name: str, weight: Decimal) -> dict[str, str]:
    rate = Decimal(TO_BASE.get(CURRENCIES[n % 5], "1"))
    target = weight * 10_000_000 / rate / Decimal(_price(n))
    drift = (Decimal("0.88"), Decimal("1"), Decimal("1.12"), Decimal("1"))[n % 4]
    return {"instrument_id": name, "quantity": str(int(target * drift))}
