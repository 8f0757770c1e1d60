"""Hypothesis strategies of everyday requests whose figures meet: round quantities, equal prices, rates that only an inverse
pair gives, weights on caps. Orders then often sit on the edge of a whole unit, where one wrong digit shows."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

BASE = "USD"
IDS = ("B", "a", "A", "10", "2", "Ä")
CURRENCIES = (BASE, "EUR", "CHF")
PAIRS = (("EUR/USD", "USD/EUR"), ("CHF/USD", "USD/CHF"))
THIRD = "0.3333333333333333333333333333"

PRICES = ("1", "2", "3", "7", "10", "0.1", "0.3", "12.5", "33.33", "100")
RATES = ("3", "7", "9", "11", "0.9", "1.1", "0.3", "1")
QUANTITIES = ("0", "1", "10", "30", "33", "90", "100", "700", "0.5", "33.3333", "99.9999")
CASH = ("0", "10", "100", "300", "333.33", "1000", "2100", "0.01")
WEIGHTS = ("0", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.6", THIRD, "0.1428571428571428571428571429")
CAPS = ("0.1", "0.2", "0.25", "0.3", "0.5", THIRD, "1", "0")
AMOUNTS = ("0", "1", "10", "50", "100", "700", "1000")
STATUSES = ("APPROVED", "APPROVED", "APPROVED", "APPROVED", "SELL_ONLY", "SUSPENDED", "RESTRICTED", "BANNED")
ATTRIBUTES: tuple[dict[str, str], ...] = (
    {},
    {"sector": "T"},
    {"sector": "F"},
    {"region": "U"},
    {"sector": "T", "region": "U"},
    {"sector": "F", "region": "U"},
)
GROUPS = ("sector:T", "sector:F", "region:U", "region:?", "?:?")
HOLES = ("none",) * 9 + ("prices", "fx_rates", "shelf_entries")

amounts = st.sampled_from(AMOUNTS)
caps = st.sampled_from(CAPS)
currencies = st.sampled_from(CURRENCIES)
money = st.fixed_dictionaries({"amount": amounts, "currency": currencies})
groups = st.dictionaries(st.sampled_from(GROUPS), st.fixed_dictionaries({"max_weight": caps}), min_size=1, max_size=3)

THEMES: tuple[dict[str, st.SearchStrategy[Any]], ...] = (
    {},
    {"group_constraints": groups},
    {"single_position_max_weight": caps},
    {"min_cash_buffer_pct": caps, "cash_band_min_weight": caps},
    {"max_turnover_pct": caps},
    {"enable_tax_awareness": st.just(value=True), "max_realized_capital_gains": amounts},
    {"enable_settlement_awareness": st.just(value=True), "max_overdraft_by_ccy": st.dictionaries(currencies, amounts)},
    {"min_trade_notional": money, "suppress_dust_trades": st.booleans()},
    {"valuation_mode": st.just("TRUST_SNAPSHOT")},
    {"valuation_mode": st.just("TRUST_SNAPSHOT"), "suppress_dust_trades": st.just(value=False)},
    {"block_on_missing_prices": st.just(value=False), "block_on_missing_fx": st.just(value=False)},
    {"allow_restricted": st.just(value=True), "link_buy_to_same_currency_sell_dependency": st.booleans()},
    {"fx_buffer_pct": st.sampled_from(("0", "0.1")), "fx_settlement_days": st.integers(0, 10)},
)


@st.composite
def options(draw: st.DrawFn) -> Json:
    """Up to four themes at once."""
    themes = draw(st.lists(st.integers(0, len(THEMES) - 1), unique=True, min_size=1, max_size=4))
    return {name: draw(value) for theme in themes for name, value in THEMES[theme].items()}


@st.composite
def positions(draw: st.DrawFn, name: str) -> Json:
    """A holding, most with lots that sum to it, one in twenty short."""
    quantity = draw(st.sampled_from(QUANTITIES))
    if draw(st.integers(0, 19)) == 1:
        return {"instrument_id": name, "quantity": f"-{quantity}"}
    parts = [quantity, "0.0001"]
    if quantity.isdigit():
        first = draw(st.integers(0, int(quantity)))
        parts = [str(first), str(int(quantity) - first), "0"]
    lots = [
        {"lot_id": f"L{i}", "quantity": part, "unit_cost": {"amount": cost, "currency": draw(currencies)}, "purchase_date": "2024"}
        for i, (part, cost) in enumerate(zip(parts, draw(st.permutations(("0", "1", "12.5"))), strict=False))
    ]
    return {"instrument_id": name, "quantity": quantity, "lots": lots, "market_value": draw(st.none() | money)}


@st.composite
def requests(draw: st.DrawFn) -> Json:
    """A valid request for the heuristic; one in four lacks a price, a rate or a shelf entry."""
    names = draw(st.permutations(IDS))[: draw(st.integers(2, len(IDS)))]
    held, wanted, cash = (draw(st.permutations(rows))[: draw(st.integers(0, len(rows)))] for rows in (names, names, CURRENCIES))
    rows = {
        "prices": [{"instrument_id": name, "price": draw(st.sampled_from(PRICES)), "currency": draw(currencies)} for name in names],
        "fx_rates": [{"pair": draw(st.sampled_from(pairs)), "rate": draw(st.sampled_from(RATES))} for pairs in PAIRS],
        "shelf_entries": [draw(shelf_entries(name)) for name in names],
    }
    hole = draw(st.sampled_from(HOLES))
    if hole in rows:
        rows[hole].pop()
    return {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": BASE,
            "positions": [draw(positions(name)) for name in held],
            "cash_balances": [{"currency": currency, "amount": draw(st.sampled_from(CASH)), "settled": "1000"} for currency in cash],
        },
        "market_data_snapshot": {"prices": rows["prices"], "fx_rates": rows["fx_rates"]},
        "model_portfolio": {"targets": [{"instrument_id": name, "weight": draw(st.sampled_from(WEIGHTS))} for name in wanted]},
        "shelf_entries": rows["shelf_entries"],
        "options": draw(options()),
    }


def shelf_entries(name: str) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "instrument_id": st.just(name),
            "status": st.sampled_from(STATUSES),
            "asset_class": st.sampled_from(("EQUITY", "CASH")),
            "settlement_days": st.integers(0, 3),
            "attributes": st.sampled_from(ATTRIBUTES),
        }
    )
