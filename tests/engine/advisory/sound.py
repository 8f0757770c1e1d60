"""What holds for every answer to a proposal, recomputed from request and orders in rationals, without the engine's arithmetic."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Final

from tests.engine.invariants import Amount, Json, deals, failed_rules, nearly, trades
from tests.engine.terms import MINOR_DIGITS, Terms, exact

MEMBERS: Final = (
    "proposal_run_id",
    "correlation_id",
    "status",
    "before",
    "after_simulated",
    "intents",
    "reconciliation",
    "costs",
    "rule_results",
    "explanation",
    "diagnostics",
    "drift_analysis",
    "suitability",
    "gate_decision",
    "lineage",
)
CLASSES: Final = ("CASH_FLOW", "SELL", "FX_SPOT", "BUY")
"""The order of the orders."""

UNFUNDED: Final = frozenset(
    {"PROPOSAL_INSUFFICIENT_FUNDING_CASH", "PROPOSAL_MISSING_FX_FOR_FUNDING", "PROPOSAL_MISSING_FX_NON_BLOCKING", "FUNDS"}
)
UNLOCKED: Final = ("APPROVED", "SELL_ONLY")
ZERO: Final = Fraction(0)


def assert_sound(request: Json, result: Json) -> None:
    """Every invariant of a result."""
    assert tuple(result) == tuple(name for name in MEMBERS if name != "costs" or request["options"].get("costs"))
    assert_status_follows_rules(result)
    if "NUMERIC_RANGE" in failed_rules(result):
        assert result["intents"] == []
        return
    facts = Facts(request, result)
    assert_orders_are_the_proposed_ones(request, result)
    assert_quantities_are_allowed(facts)
    assert_units_are_conserved(facts)
    assert_cash_is_conserved(facts)
    if request["options"].get("auto_funding", True):
        assert_no_balance_is_taken_below_zero(facts)
        assert_unfunded_for_want_of_money(facts)


class Facts:
    """A request and its result: terms, proposed trades by order, costs and cash before the buys."""

    def __init__(self, request: Json, result: Json) -> None:
        shelf = {row["instrument_id"]: row["status"] for row in request["shelf_entries"]}
        names = [row["instrument_id"] for row in request["market_data_snapshot"].get("prices", [])]
        self.request, self.result = request, result
        self.terms = Terms(request, {name for name in names if shelf.get(name) not in UNLOCKED})
        self.proposed = {f"oi_{n}": row for n, row in enumerate(request["proposed_trades"], start=1)}
        rows = result["costs"]["trades"] if "costs" in result else []
        self.costs = {row["intent_id"]: exact(row["commission"]["amount"]) + exact(row["transaction_tax"]["amount"]) for row in rows}

    def sells_must_be_held(self, name: str) -> bool:
        """Whether buys that are not done yet let nothing more be sold."""
        orders = self.request["portfolio_snapshot"].get("open_orders", [])
        under_way = any(row["instrument_id"] == name and row["side"] == "BUY" for row in orders)
        return under_way or self.request["options"].get("conventions") == "DESK"

    def moves(self, *, buys: bool = True, fx: bool = True) -> Iterator[tuple[str, Fraction]]:
        """What happens to cash before and by the orders, in the order of its happening."""
        yield from self.terms.money_moved()
        for flow in self.request.get("proposed_cash_flows", []):
            amount, currency = self.terms.major(flow["amount"], flow["currency"])
            yield currency, amount
        for intent in self.result["intents"]:
            if intent["intent_type"] == "FX_SPOT" and fx:
                yield intent["sell_currency"], -exact(intent["sell_amount_estimated"])
                yield intent["buy_currency"], exact(intent["buy_amount"])
            elif intent["intent_type"] == "SECURITY_TRADE" and (buys or intent["side"] == "SELL"):
                cost, notional = self.costs.get(intent["intent_id"], ZERO), exact(intent["notional"]["amount"])
                yield intent["notional"]["currency"], notional - cost if intent["side"] == "SELL" else -notional - cost

    def cash(self, *, buys: bool = True, fx: bool = True) -> dict[str, Amount]:
        """Cash by currency after them."""
        found: dict[str, Amount] = {}
        for row in self.request["portfolio_snapshot"].get("cash_balances", []):
            amount, currency = self.terms.major(row["amount"], row["currency"])
            found[currency] = Amount(amount) if currency not in found else added(found[currency], amount)
        for currency, amount in self.moves(buys=buys, fx=fx):
            added(found.setdefault(currency, Amount()), amount)
        return found


def added(to: Amount, amount: Fraction) -> Amount:
    to.add(amount)
    return to


def assert_status_follows_rules(result: Json) -> None:
    expected = "BLOCKED" if failed_rules(result, "HARD") else "PENDING_REVIEW" if failed_rules(result, "SOFT") else "READY"
    assert result["status"] == expected == result["explanation"]["summary"]
    if result["gate_decision"]:
        assert (result["gate_decision"]["gate"] == "BLOCKED") == (expected == "BLOCKED")


def assert_orders_are_the_proposed_ones(request: Json, result: Json) -> None:
    """Each proposed trade is an order or is told as skipped, never both; flows all are; classes follow each other; ids name places."""
    intents = result["intents"]
    ids = [trade["intent_id"] for trade in trades(result)]
    left_out = result["diagnostics"]["skipped_trades"]
    every = {f"oi_{number}": (row["side"], row["instrument_id"]) for number, row in enumerate(request["proposed_trades"], start=1)}
    assert sorted([*ids, *(row["intent_id"] for row in left_out)]) == sorted(every)
    assert all(every[row["intent_id"]] == (row["side"], row["instrument_id"]) for row in [*trades(result), *left_out])
    assert [int(row["intent_id"].removeprefix("oi_")) for row in left_out] == sorted(int(row["intent_id"][3:]) for row in left_out)
    flows = [row for row in intents if row["intent_type"] == "CASH_FLOW"]
    assert [row["intent_id"] for row in flows] == [f"oi_cf_{n}" for n, _ in enumerate(request.get("proposed_cash_flows", []), start=1)]
    assert {row["intent_id"] for row in deals(result)} == {f"oi_fx_{n}" for n, _ in enumerate(deals(result), start=1)}
    classes = [CLASSES.index(row["side"] if row["intent_type"] == "SECURITY_TRADE" else row["intent_type"]) for row in intents]
    assert classes == sorted(classes)
    for side in ("SELL", "BUY"):
        names = [trade["instrument_id"] for trade in trades(result) if trade["side"] == side]
        assert names == sorted(names)
    seen: set[str] = set()
    for intent in intents:
        assert set(intent.get("dependencies", ())) <= seen
        seen.add(intent["intent_id"])


def assert_quantities_are_allowed(facts: Facts) -> None:
    """Whole lots or a whole holding, nothing below its minimum, no buy above its wish, notionals at the price."""
    adjusted = {row["intent_id"]: row for row in facts.result["diagnostics"]["trade_adjustments"]}
    free = {name: max(ZERO, facts.terms.sellable(name)) for name in facts.terms.shelf}
    for trade in sorted(trades(facts.result), key=lambda trade: int(trade["intent_id"][3:])):
        name, quantity, proposed = trade["instrument_id"], exact(trade["quantity"]), facts.proposed[trade["intent_id"]]
        entry, (unit, currency) = facts.terms.shelf[name], facts.terms.units[name]
        assert quantity > 0
        assert trade["notional"]["currency"] == currency
        as_stated = proposed.get("notional") and trade["intent_id"] not in adjusted
        notional = facts.terms.major(proposed["notional"]["amount"], "")[0] if as_stated else quantity * unit
        scaled = notional / 100 if as_stated and proposed["notional"]["currency"] in facts.terms.minors else notional
        assert nearly(trade["notional"]["amount"], scaled) or abs(exact(trade["notional"]["amount"]) - scaled) <= scaled / 10**26
        sold = trade["side"] == "SELL"
        nothing = abs(facts.terms.held.get(name, ZERO)) / 10**26
        whole = sold and abs(quantity - free[name]) <= nothing
        too_much = sold and not whole and quantity > free[name]
        if too_much:
            assert proposed.get("quantity") or free[name] <= nothing
            assert "NO_SHORTING" in failed_rules(facts.result, "HARD") or not facts.sells_must_be_held(name)
        if sold:
            free[name] = max(ZERO, free[name] - quantity)
        if not too_much and not whole and entry.get("lot_size"):
            assert quantity % exact(entry["lot_size"]) == 0
        if entry.get("min_quantity") and not whole:
            assert quantity >= exact(entry["min_quantity"])
        if row := adjusted.get(trade["intent_id"]):
            assert row["reason_codes"]
            assert trade["side"] == "SELL" or quantity <= exact(row["proposed_quantity"])
        elif proposed.get("quantity"):
            assert quantity == exact(proposed["quantity"])


def assert_units_are_conserved(facts: Facts) -> None:
    """After = before plus what is under way plus buys minus sells, row by row in the order of the request; new rows follow."""
    units = {name: Amount(quantity) for name, quantity in facts.terms.held.items()}
    for order in facts.request["portfolio_snapshot"].get("open_orders", []):
        added(units.setdefault(order["instrument_id"], Amount()), exact(order["quantity"]) * (1 if order["side"] == "BUY" else -1))
    for trade in trades(facts.result):
        added(units.setdefault(trade["instrument_id"], Amount()), exact(trade["quantity"]) * (1 if trade["side"] == "BUY" else -1))
    after = {row["instrument_id"]: row["quantity"] for row in facts.result["after_simulated"]["positions"]}
    assert list(after) == list(units)
    assert all(units[name].agrees(quantity) for name, quantity in after.items())


def assert_cash_is_conserved(facts: Facts) -> None:
    """After = before plus what is under way, flows, sells and FX, minus buys and costs: currency by currency, to the last digit."""
    cash = facts.cash()
    after = {row["currency"]: row["amount"] for row in facts.result["after_simulated"]["cash_balances"]}
    assert list(after) == list(cash)
    assert all(cash[currency].agrees(amount) for currency, amount in after.items())


def assert_no_balance_is_taken_below_zero(facts: Facts) -> None:
    """What buys and their FX leave of a balance is nothing less than nothing, or than what there was.

    A withdrawal for which there is not enough may do so, and then nothing is bought.
    """
    earlier = {currency: amount.value for currency, amount in facts.cash(buys=False, fx=False).items()}
    for currency, amount in facts.cash().items():
        least = min(ZERO, earlier.get(currency, ZERO))
        if least - amount.value > amount.largest / 10**24:
            assert any(exact(row["amount"]) < 0 for row in facts.request["proposed_cash_flows"]), currency
            assert not any(trade["side"] == "BUY" for trade in trades(facts.result)), currency


def assert_unfunded_for_want_of_money(facts: Facts) -> None:
    """Where each currency has one source, a currency stays unfunded only if no free balance covers it: currency by currency, ascending."""
    rows = facts.result["diagnostics"]["funding_plan"]
    rates = Rates(facts.terms)
    unfunded = [row["target_currency"] for row in rows if row["fx_pair"] is None and exact(row["fx_needed"]) > 0]
    codes = {row["reason_code"] for row in facts.result["diagnostics"]["skipped_trades"]}
    if not unfunded or "FUNDS" in codes or not codes & UNFUNDED:
        return
    cash = {currency: amount.value for currency, amount in facts.cash(buys=False, fx=False).items()}
    held = {row["target_currency"]: exact(row["required"]) for row in rows}
    bought = {deal["buy_currency"]: deal for deal in deals(facts.result)}
    for row in rows:
        target = row["target_currency"]
        if deal := bought.get(target):
            cash[target] = cash.get(target, ZERO) + exact(deal["buy_amount"])
            cash[deal["sell_currency"]] = cash.get(deal["sell_currency"], ZERO) - exact(deal["sell_amount_estimated"])
        elif target in unfunded:
            del held[target]
            for source in sources(target, cash, facts):
                rate, free = rates.between(target, source), max(ZERO, cash.get(source, ZERO) - held.get(source, ZERO))
                most = exact(row["fx_needed"]) + up(Fraction(1, 10**9), target)  # shown half-even, bought rounded up
                assert not rate or up(most * rate, source) * Fraction(10**20 + 1, 10**20) > free, (target, source)


def sources(target: str, cash: dict[str, Fraction], facts: Facts) -> set[str]:
    """Which currencies may pay for another."""
    any_cash = facts.request["options"].get("fx_funding_source_currency", "ANY_CASH") == "ANY_CASH"
    return ({facts.terms.base} | (set(cash) if any_cash else set())) - {target}


class Rates:
    """Rates between any two currencies, of a pair, its inverse, or through the hub."""

    def __init__(self, terms: Terms) -> None:
        self.pairs, self.hub = terms.pairs, terms.options.get("fx_hub")

    def between(self, source: str, target: str) -> Fraction:
        """What one unit is worth; 0 where no rate says."""
        found = self._given(source, target)
        return found or (self._given(source, self.hub) * self._given(self.hub, target) if self.hub else ZERO)

    def _given(self, source: str, target: str) -> Fraction:
        if source == target:
            return Fraction(1)
        back = self.pairs.get(f"{target}/{source}")
        return self.pairs.get(f"{source}/{target}") or (1 / back if back else ZERO)


def up(amount: Fraction, currency: str) -> Fraction:
    """An amount rounded up to minor units."""
    scale = 10 ** MINOR_DIGITS.get(currency, 2)
    return Fraction(ceil(amount * scale), scale)
