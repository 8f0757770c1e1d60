"""Hypothesis strategies of everyday proposals whose figures meet: the portfolios of everyday rebalances, and trades and flows of round amounts."""

from typing import Any, Final

from hypothesis import strategies as st

from tests.engine.strategies import Json, amounts, currencies, requests

UNITS: Final = ("1", "2", "3", "7", "10", "33.3333", "0.5", "100", "1000")
SUMS: Final = ("1", "10", "33.33", "100", "333.33", "1000", "0.01", "700", "2100")
LOTS: Final = (None, None, "1", "0.001", "5", "100")
COSTS: Final = (
    {"commission": [{"rate_bps": "50", "minimum": {"amount": "1", "currency": "EUR"}}], "fx_spread_bps": "20"},
    {"transaction_tax": [{"side": "BUY", "rate_bps": "30"}], "commission": [{"match": "sector:T", "rate_bps": "10"}, {"rate_bps": "5"}]},
)
THEMES: Final[tuple[dict[str, st.SearchStrategy[Any]], ...]] = (
    {},
    {"conventions": st.just("DESK")},
    {"conventions": st.just("DESK"), "fx_funding_source_currency": st.sampled_from(("ANY_CASH", "BASE_ONLY"))},
    {"funding": st.sampled_from(("AS_SIZED", "REDUCE_BUYS"))},
    {"funding": st.just("AS_SIZED"), "fx_funding_source_currency": st.sampled_from(("ANY_CASH", "BASE_ONLY"))},
    {"proposal_quantities": st.just("EXECUTABLE")},
    {"proposal_withdrawals": st.just("AFTER_SELLS")},
    {"auto_funding": st.just(value=False)},
    {"funding": st.just("REDUCE_BUYS"), "costs": st.sampled_from(COSTS)},
    {"conventions": st.just("DESK"), "cash_reserve": st.dictionaries(currencies, amounts, max_size=2)},
    {"funding": st.just("REDUCE_BUYS"), "fx_min_deal": st.fixed_dictionaries({"amount": amounts, "currency": currencies})},
)
"""Each may stand with each of the themes of a rebalance, never with another of its own."""


@st.composite
def proposals(draw: st.DrawFn, *, distinct: bool = False) -> Json:
    """A valid proposal; with `distinct` instruments each is traded once."""
    request: Json = draw(requests())
    del request["model_portfolio"]
    names = [row["instrument_id"] for row in request["market_data_snapshot"]["prices"]] or ["A"]
    prices = {row["instrument_id"]: row["currency"] for row in request["market_data_snapshot"]["prices"]}
    held = [row["instrument_id"] for row in request["portfolio_snapshot"]["positions"]]
    for row in request["shelf_entries"]:
        row["lot_size"] = draw(st.sampled_from(LOTS))
        row["status"] = draw(st.sampled_from((row["status"], "APPROVED")))
    theme = THEMES[draw(st.integers(0, len(THEMES) - 1))]
    request["options"] |= {"enable_proposal_simulation": True, **{name: draw(value) for name, value in theme.items()}}
    picked = st.lists(st.sampled_from(sorted({*names, *held})), min_size=1, max_size=6, unique=distinct)
    request["proposed_trades"] = [draw(trades(name, prices.get(name, "USD"), held=name in held)) for name in draw(picked)]
    sold = sorted({row["instrument_id"] for row in request["proposed_trades"] if row["side"] == "SELL"})
    free = sorted({*names} - {row["instrument_id"] for row in request["proposed_trades"]})
    if sold and free and draw(st.integers(0, 3)) == 1:
        request["proposed_trades"].append({"side": "BUY", "instrument_id": draw(st.sampled_from(free)), "proceeds_of": sold})
    flow = st.fixed_dictionaries({"currency": currencies, "amount": st.sampled_from(SUMS + tuple(f"-{amount}" for amount in SUMS))})
    request["proposed_cash_flows"] = draw(st.lists(flow, max_size=2))
    return request


@st.composite
def trades(draw: st.DrawFn, name: str, currency: str, *, held: bool) -> Json:
    """A trade of an instrument in one of the ways to say how much."""
    side = draw(st.sampled_from(("BUY", "SELL") if held else ("BUY", "BUY", "BUY", "SELL")))
    row: Json = {"side": side, "instrument_id": name}
    way = draw(st.integers(0, 4))
    if way == 0 and side == "SELL":
        return {**row, "sell_all": True}
    if way <= 2:
        row["quantity"] = draw(st.sampled_from(UNITS))
    else:
        row["notional"] = {"amount": draw(st.sampled_from(SUMS)), "currency": currency}
    if side == "BUY" and draw(st.booleans()):
        row["priority"] = draw(st.integers(1, 3))
    return row
