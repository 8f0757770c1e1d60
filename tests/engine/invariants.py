"""What holds for every answer of the engine, recomputed from request and orders in rationals, without the engine's arithmetic."""

from collections.abc import Mapping
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Any

Json = Mapping[str, Any]

DIGITS = 28
ROUNDING = Fraction(1, 10 ** (DIGITS - 1))
"""What one operation of the engine may lose, relative to its largest operand, with a digit to spare."""
MEMBERS = (
    "rebalance_run_id",
    "correlation_id",
    "status",
    "before",
    "universe",
    "target",
    "intents",
    "after_simulated",
    "reconciliation",
    "distance",
    "tax_impact",
    "rule_results",
    "explanation",
    "diagnostics",
    "gate_decision",
    "lineage",
)
MAY_BE_BOUGHT = ("APPROVED", "RESTRICTED")
MAY_BE_SOLD = ("APPROVED", "RESTRICTED", "SELL_ONLY")
LIMITS = frozenset({"TAX_BUDGET", "LOT_QUANTITY"})
_WIDE = Context(prec=6_000, traps=[Inexact])


class Amount:
    """A running exact sum that remembers whether each of its steps fits the engine's digits, and how large it ever was."""

    def __init__(self, start: Fraction = Fraction()) -> None:
        self.value, self.exact, self.largest, self.steps = start, True, abs(start), 0

    def add(self, amount: Fraction) -> None:
        self.value += amount
        self.exact = self.exact and fits(self.value)
        self.largest = max(self.largest, abs(self.value), abs(amount))
        self.steps += 1

    def agrees(self, shown: str) -> bool:
        """Equal where all steps fit; else apart by no more than their rounding."""
        apart = abs(Fraction(shown) - self.value)
        return apart == 0 if self.exact else apart <= self.steps * self.largest * ROUNDING


def fits(value: Fraction) -> bool:
    """Whether a value has at most 28 significant digits."""
    try:
        quotient = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    except Inexact:
        return False
    return len(quotient.normalize(_WIDE).as_tuple().digits) <= DIGITS


def nearly(shown: str, exact: Fraction) -> bool:
    """Equal where the exact value fits 28 digits, else apart by its rounding."""
    return Fraction(shown) == exact if fits(exact) else abs(Fraction(shown) - exact) <= abs(exact) * ROUNDING


def assert_sound(request: Json, result: Json) -> None:
    """Every invariant of a result."""
    assert tuple(name for name in result if name != "plan") == MEMBERS
    assert_status_follows_rules(result)
    assert_orders_are_allowed(request, result)
    assert_orders_are_priced(request, result)
    if stands_still(result):
        for member in ("positions", "cash_balances", "total_value"):
            assert result["after_simulated"][member] == result["before"][member]
    else:
        assert_units_are_conserved(request, result)
        assert_cash_is_conserved(request, result)


def failed_rules(result: Json, *severities: str) -> set[str]:
    """The failed rules, or those of some severities."""
    rows = [row for row in result["rule_results"] if row["status"] == "FAIL"]
    return {row["rule_id"] for row in rows if not severities or row["severity"] in severities}


def stands_still(result: Json) -> bool:
    """Whether the run ended before its orders were applied."""
    return result["explanation"]["summary"] == "Blocked" or "SETTLEMENT_CASH_LADDER" in failed_rules(result)


def trades(result: Json) -> list[Json]:
    return [intent for intent in result["intents"] if intent["intent_type"] == "SECURITY_TRADE"]


def deals(result: Json) -> list[Json]:
    return [intent for intent in result["intents"] if intent["intent_type"] == "FX_SPOT"]


def holdings(request: Json) -> dict[str, Fraction]:
    return {row["instrument_id"]: Fraction(str(row["quantity"])) for row in request["portfolio_snapshot"]["positions"]}


def locked(result: Json) -> set[str]:
    rows = result["universe"]["excluded"]
    return {row["instrument_id"] for row in rows if row["reason_code"].startswith("LOCKED_DUE_TO_")}


def assert_status_follows_rules(result: Json) -> None:
    if result["explanation"]["summary"] == "Blocked" or failed_rules(result, "HARD"):
        assert result["status"] == "BLOCKED"
    elif failed_rules(result, "SOFT"):
        assert result["status"] == "PENDING_REVIEW"
    else:
        assert result["status"] in {"READY", "PENDING_REVIEW"}
    if result["explanation"]["summary"] == "Blocked":
        assert result["intents"] == []
    if "NUMERIC_RANGE" in failed_rules(result):
        assert result["explanation"]["summary"] == "Blocked"
    if result["status"] != "BLOCKED":
        assert all(Fraction(row["amount"]) >= 0 for row in result["after_simulated"]["cash_balances"])
        assert_shorts_were_held(result)


def assert_shorts_were_held(result: Json) -> None:
    """A short came with the portfolio, did not grow, and somebody looks at it."""
    before = {row["instrument_id"]: Fraction(row["quantity"]) for row in result["before"]["positions"]}
    short = {row["instrument_id"]: Fraction(row["quantity"]) for row in result["after_simulated"]["positions"] if row["quantity"][0] == "-"}
    short = {name: quantity for name, quantity in short.items() if quantity < 0}
    assert all(before.get(name, 0) <= quantity for name, quantity in short.items())
    reasons = {row["reason_code"] for row in result["rule_results"] if row["rule_id"] == "NO_SHORTING"}
    assert reasons == ({"SHORT_POSITION_HELD"} if short else {"OK"})


def assert_orders_are_allowed(request: Json, result: Json) -> None:
    """One order an instrument, in whole units or a full exit, within the holding, of what the shelf allows; locked ones stay.

    A sell to weight zero takes the whole holding unless lots or the tax budget limit it.
    """
    shelf = {entry["instrument_id"]: entry["status"] for entry in request["shelf_entries"]}
    held, fixed = holdings(request), locked(result)
    unwanted = {row["instrument_id"] for row in result["target"]["targets"] if Fraction(row["final_weight"]) == 0}
    seen = [trade["instrument_id"] for trade in trades(result)]
    assert len(seen) == len(set(seen))
    for trade in trades(result):
        name, quantity = trade["instrument_id"], Fraction(trade["quantity"])
        assert quantity > 0
        assert name not in fixed
        if trade["side"] == "BUY":
            assert shelf[name] in MAY_BE_BOUGHT or quantity <= -held[name]
            assert quantity.denominator == 1 or quantity == -held[name]  # rulings D3: a short is covered whole
        else:
            assert shelf[name] in MAY_BE_SOLD
            assert quantity <= held[name]
            assert quantity.denominator == 1 or quantity == held[name]
            if name in unwanted and not LIMITS.intersection(trade["constraints_applied"]):
                assert quantity == held[name]
    assert_locked_stay(request, result)


def assert_locked_stay(request: Json, result: Json) -> None:
    """A locked holding keeps its units, and its current weight as its target."""
    held, fixed = holdings(request), locked(result)
    total = Fraction(result["before"]["total_value"]["amount"]) or Fraction(1)
    values = {row["instrument_id"]: Fraction(row["value_in_base_ccy"]["amount"]) for row in result["before"]["positions"]}
    for row in result["after_simulated"]["positions"]:
        if row["instrument_id"] in fixed:
            assert Fraction(row["quantity"]) == held[row["instrument_id"]]
    for row in result["target"]["targets"]:
        name = row["instrument_id"]
        if name in fixed:
            assert abs(Fraction(row["final_weight"]) * total - values[name]) <= 2 * abs(values[name]) * ROUNDING


def assert_orders_are_priced(request: Json, result: Json) -> None:
    """Notionals are quantity × price, FX deals balance at the given rate, or at one over the inverse pair's."""
    market = request["market_data_snapshot"]
    prices = {row["instrument_id"]: (Fraction(str(row["price"])), row["currency"]) for row in market["prices"]}
    rates = {row["pair"]: Fraction(str(row["rate"])) for row in market["fx_rates"]}
    base = request["portfolio_snapshot"]["base_currency"]
    for trade in trades(result):
        price, currency = prices[trade["instrument_id"]]
        assert trade["notional"]["currency"] == currency
        assert nearly(trade["notional"]["amount"], Fraction(trade["quantity"]) * price)
    for deal in deals(result):
        bought, sold = Fraction(deal["buy_amount"]), deal["sell_amount_estimated"]
        foreign = deal["buy_currency"] if deal["sell_currency"] == base else deal["sell_currency"]
        rate = rates.get(f"{foreign}/{base}") or 1 / rates[f"{base}/{foreign}"]
        value = bought * rate if foreign == deal["buy_currency"] else bought / rate
        assert abs(Fraction(sold) - value) <= 3 * abs(value) * ROUNDING


def assert_units_are_conserved(request: Json, result: Json) -> None:
    """After = before plus buys minus sells, row by row in the order of the request; new rows follow."""
    units = {name: Amount(quantity) for name, quantity in holdings(request).items()}
    for trade in trades(result):
        quantity = Fraction(trade["quantity"])
        units.setdefault(trade["instrument_id"], Amount()).add(quantity if trade["side"] == "BUY" else -quantity)
    after = {row["instrument_id"]: row["quantity"] for row in result["after_simulated"]["positions"]}
    assert list(after) == list(units)
    assert all(units[name].agrees(quantity) for name, quantity in after.items())


def assert_cash_is_conserved(request: Json, result: Json) -> None:
    """After = before plus what sells and FX bring minus what buys and FX cost, currency by currency."""
    rows = request["portfolio_snapshot"]["cash_balances"]
    cash = {row["currency"]: Amount(Fraction(str(row["amount"]))) for row in rows}

    def book(currency: str, amount: Fraction) -> None:
        cash.setdefault(currency, Amount()).add(amount)

    for intent in result["intents"]:
        if intent["intent_type"] == "FX_SPOT":
            book(intent["sell_currency"], -Fraction(intent["sell_amount_estimated"]))
            book(intent["buy_currency"], Fraction(intent["buy_amount"]))
        else:
            amount = Fraction(intent["notional"]["amount"])
            book(intent["notional"]["currency"], -amount if intent["side"] == "BUY" else amount)
    after = {row["currency"]: row["amount"] for row in result["after_simulated"]["cash_balances"]}
    assert list(after) == list(cash)
    assert all(cash[currency].agrees(amount) for currency, amount in after.items())
