"""What holds for every answer of the engine, recomputed from request and orders in rationals, without the engine's arithmetic."""

from collections.abc import Mapping
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Any

from tests.engine.terms import MINOR_DIGITS, Terms

Json = Mapping[str, Any]

DIGITS = 28
ROUNDING = Fraction(1, 10 ** (DIGITS - 1))
"""What one operation of the engine may lose, relative to its largest operand, with a digit to spare."""
PRODUCT = 6
"""Operations that lead from price, accrued interest, multiplier and quantity to money."""
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
    "plan",
    "rule_results",
    "explanation",
    "diagnostics",
    "gate_decision",
    "lineage",
)
MAY_BE_BOUGHT = ("APPROVED", "RESTRICTED")
MAY_BE_SOLD = ("APPROVED", "RESTRICTED", "SELL_ONLY")
LIMITS = frozenset({"TAX_BUDGET", "LOT_QUANTITY", "TURNOVER_LEVEL"})
_WIDE = Context(prec=6_000, traps=[Inexact])


class Amount:
    """A running exact sum that remembers whether each of its steps fits the engine's digits, and how large it ever was."""

    def __init__(self, start: Fraction = Fraction()) -> None:
        self.value, self.exact, self.largest, self.steps = start, True, abs(start), 0

    def add(self, amount: Fraction) -> None:
        self.value += amount
        self.exact = self.exact and fits(amount) and fits(self.value)
        self.largest = max(self.largest, abs(self.value), abs(amount))
        self.steps += 1 if fits(amount) else PRODUCT

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
    assert tuple(result) == tuple(name for name in MEMBERS if name != "plan" or name in result)
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


def locked(result: Json) -> set[str]:
    rows = result["universe"]["excluded"]
    return {row["instrument_id"] for row in rows if row["reason_code"].startswith("LOCKED_DUE_TO_")}


def never_traded(result: Json) -> set[str]:
    """What the shelf lets nobody trade: there a price of zero is a statement."""
    rows = result["universe"]["excluded"]
    return {row["instrument_id"] for row in rows if row["reason_code"] != "SHELF_STATUS_SELL_ONLY"}


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
    """One order an instrument, in whole lots or a full exit, within what may be sold, of what the shelf allows; locked ones stay.

    A sell to weight zero takes all that may be sold unless lots, the tax budget or a shared turnover limit it.
    """
    fixed = locked(result)
    terms = Terms(request, never_traded(result))
    moved = terms.moved()
    unwanted = {row["instrument_id"] for row in result["target"]["targets"] if Fraction(row["final_weight"]) == 0}
    seen = [trade["instrument_id"] for trade in trades(result)]
    assert len(seen) == len(set(seen))
    for trade in trades(result):
        name, quantity = trade["instrument_id"], Fraction(trade["quantity"])
        status, lots = terms.shelf[name]["status"], quantity / terms.lot(name)
        short = -terms.held.get(name, Fraction()) - moved.get(name, Fraction())
        assert quantity > 0
        assert name not in fixed
        if trade["side"] == "BUY":
            assert status in MAY_BE_BOUGHT or quantity <= short
            assert lots.denominator == 1 or quantity == short  # rulings D3: a short is covered whole
        else:
            assert status in MAY_BE_SOLD
            assert quantity <= terms.sellable(name) or nearly(trade["quantity"], terms.sellable(name))
            assert lots.denominator == 1 or nearly(trade["quantity"], terms.sellable(name))
            if name in unwanted and not LIMITS.intersection(trade["constraints_applied"]):
                assert nearly(trade["quantity"], terms.whole_exit(name))
    assert_locked_stay(terms, fixed, result)


def assert_locked_stay(terms: Terms, fixed: set[str], result: Json) -> None:
    """A locked holding keeps its units, and its current weight as its target."""
    moved = {} if stands_still(result) else terms.moved()
    for row in result["after_simulated"]["positions"]:
        name = row["instrument_id"]
        if name in fixed:
            assert nearly(row["quantity"], terms.held.get(name, Fraction()) + moved.get(name, Fraction()))
    if terms.portfolio.get("open_orders") or terms.portfolio.get("cash_flows"):
        return
    total = Fraction(result["before"]["total_value"]["amount"]) or Fraction(1)
    values = {row["instrument_id"]: Fraction(row["value_in_base_ccy"]["amount"]) for row in result["before"]["positions"]}
    for row in result["target"]["targets"]:
        name = row["instrument_id"]
        if name in fixed:
            assert abs(Fraction(row["final_weight"]) * total - values[name]) <= 2 * abs(values[name]) * ROUNDING


def assert_orders_are_priced(request: Json, result: Json) -> None:
    """Notionals are quantity × unit value, FX deals balance at the rate, within a minor unit where money is rounded."""
    terms = Terms(request, never_traded(result))
    for trade in trades(result):
        unit, currency = terms.units[trade["instrument_id"]]
        value = Fraction(trade["quantity"]) * unit
        assert trade["notional"]["currency"] == currency
        rounded = 1 if fits(unit) else PRODUCT
        assert (
            nearly(trade["notional"]["amount"], value) or abs(Fraction(trade["notional"]["amount"]) - value) <= rounded * value * ROUNDING
        )
    for deal in deals(result):
        funds = deal["sell_currency"] == terms.base
        foreign = deal["buy_currency"] if funds else deal["sell_currency"]
        amounts = {deal["buy_currency"]: Fraction(deal["buy_amount"]), deal["sell_currency"]: Fraction(deal["sell_amount_estimated"])}
        value = amounts[foreign] * terms.rate(foreign)
        against = (amounts[terms.base] - value) * (1 if funds else -1)
        cent = Fraction(1, 10 ** MINOR_DIGITS.get(terms.base, 2)) if terms.minor_units else 0
        slack = (3 if not terms.options.get("fx_hub") else 2 * PRODUCT) * abs(value) * ROUNDING
        assert -slack <= against <= cent + slack


def assert_units_are_conserved(request: Json, result: Json) -> None:
    """After = before plus what is under way plus buys minus sells, row by row in the order of the request; new rows follow."""
    terms = Terms(request, never_traded(result))
    units = {name: Amount(quantity) for name, quantity in terms.held.items()}
    for order in request["portfolio_snapshot"].get("open_orders", []):
        quantity = Fraction(str(order["quantity"]))
        units.setdefault(order["instrument_id"], Amount()).add(quantity if order["side"] == "BUY" else -quantity)
    for trade in trades(result):
        quantity = Fraction(trade["quantity"])
        units.setdefault(trade["instrument_id"], Amount()).add(quantity if trade["side"] == "BUY" else -quantity)
    after = {row["instrument_id"]: row["quantity"] for row in result["after_simulated"]["positions"]}
    assert list(after) == list(units)
    assert all(units[name].agrees(quantity) for name, quantity in after.items())


def assert_cash_is_conserved(request: Json, result: Json) -> None:
    """After = before plus what is under way plus what sells and FX bring minus what buys and FX cost, currency by currency."""
    terms, cash = Terms(request, never_traded(result)), dict[str, Amount]()

    def book(currency: str, amount: Fraction) -> None:
        cash.setdefault(currency, Amount()).add(amount)

    for row in request["portfolio_snapshot"]["cash_balances"]:
        amount, currency = terms.major(row["amount"], row["currency"])
        if currency in cash:  # a code for hundredths and its major
            book(currency, amount)
        else:
            cash[currency] = Amount(amount)
    for currency, amount in terms.money_moved():
        book(currency, amount)
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
