"""What the client reads first: one sentence for each thing that happens, costs, is left out or must be known (advisory-practice 9).

Codes and values are contract, the sentences are ours. Amounts are in minor units half-even, quantities bare, weights in per cent with two decimals.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine.advisory.artifact.charges import Charges
from engine.advisory.artifact.material import CASH_FLOW, FX_SPOT, SECURITY_TRADE, Json, Material
from engine.advisory.artifact.texts import amount_texts, bare, in_minor_units, percent, spoken
from engine.advisory.suitability.checks import unvalued
from engine.intents.orders import BUY
from engine.result.status import BLOCKED
from engine.valuation import CASH, State

REASONS: Final = {
    "LOT_SIZE": "it is dealt in whole lots",
    "WHOLE_HOLDING": "so that nothing is left over",
    "HOLDING": "no more is held",
    "MONEY_ROUNDING": "so that the rounded amounts can be paid",
    "FUNDS": "the money does not suffice for more",
    "SHELF_MISSING": "the bank does not know the product",
    "PRICE_MISSING": "there is no price",
    "PROPOSAL_TRADE_NOT_SUPPORTED_BY_SHELF": "the bank does not offer it",
    "PROPOSAL_INVALID_TRADE_INPUT": "the amount is not in the currency of the price",
    "PROPOSAL_INSUFFICIENT_FUNDING_CASH": "the money does not suffice",
    "PROPOSAL_MISSING_FX_FOR_FUNDING": "there is no exchange rate",
    "PROPOSAL_MISSING_FX_NON_BLOCKING": "there is no exchange rate",
    "BELOW_LOT": "it is less than one lot",
    "BELOW_MIN_QUANTITY": "it is below the smallest quantity",
    "BELOW_MIN_NOTIONAL": "it is below the smallest amount",
    "NOTHING_HELD": "none is held",
    "SOURCE_SKIPPED": "what was to pay for it is not sold",
    "COST_PROHIBITIVE": "taxes would take too much of it",
}
STEPS: Final = {
    "CLIENT_CONSENT": "it is waiting for your consent",
    "RISK_REVIEW": "the bank's risk review looks at it",
    "COMPLIANCE_REVIEW": "the bank's compliance looks at it",
    "EXECUTION_READY": "it can be carried out",
}
LIMITS: Final = {"NEW": "New", "RAISED": "Now more serious", "GROWN": "Increased by this proposal", "RESOLVED": "No longer the case"}

Line = tuple[str, dict[str, str], str]
"""Code, values, sentence."""


def client_lines(material: Material, charges: Charges | None, step: str) -> list[Json]:
    """All lines in the order of the contract; `step` is what is to be done next."""
    found = (line for section in _sections(material, charges, step) for line in section)
    return [{"code": code, "values": values, "text": text} for code, values, text in found]


def _sections(material: Material, charges: Charges | None, step: str) -> Iterator[Iterator[Line]]:
    yield _headline(material)
    yield _flows(material)
    yield _trades(material)
    yield _deals(material)
    yield _changed(material)
    yield _not_done(material)
    yield _costs(material, charges)
    yield _cash(material)
    yield _limits(material)
    yield _not_valued(material)
    yield _next(material, step)


def _headline(material: Material) -> Iterator[Line]:
    buys, deals = sum(trade["side"] == BUY for trade in material.intents(SECURITY_TRADE)), len(material.intents(FX_SPOT))
    sells = len(material.intents(SECURITY_TRADE)) - buys
    counted = [_counted(buys, "purchase"), _counted(sells, "sale"), _counted(deals, "currency exchange")]
    yield "PROPOSAL", {"buys": str(buys), "sells": str(sells), "fx": str(deals)}, f"We propose {counted[0]}, {counted[1]} and {counted[2]}."


def _flows(material: Material) -> Iterator[Line]:
    for flow in material.intents(CASH_FLOW):
        amount, currency = Decimal(flow["amount"]), flow["currency"]
        if amount:
            shown, said = amount_texts(abs(amount), currency)
            code, what = ("MONEY_IN", "come into") if amount > 0 else ("MONEY_OUT", "leave")
            yield code, {"amount": shown, "currency": currency}, f"{said} {currency} {what} the portfolio."


def _trades(material: Material) -> Iterator[Line]:
    for trade in material.intents(SECURITY_TRADE):
        name, side, quantity, notional = trade["instrument_id"], trade["side"], bare(trade["quantity"]), trade["notional"]
        currency = notional["currency"]
        amount, said = amount_texts(Decimal(notional["amount"]), currency)
        values = {"instrument_id": name, "quantity": quantity, "amount": amount, "currency": currency}
        yield side, values, f"{'Buy' if side == BUY else 'Sell'} {spoken(quantity)} of {name} for {said} {currency}."


def _deals(material: Material) -> Iterator[Line]:
    for deal in material.intents(FX_SPOT):
        bought, sold = deal["buy_currency"], deal["sell_currency"]
        buys, said_bought = amount_texts(Decimal(deal["buy_amount"]), bought)
        sells, said_sold = amount_texts(Decimal(deal["sell_amount_estimated"]), sold)
        values = {"buy_amount": buys, "buy_currency": bought, "sell_amount": sells, "sell_currency": sold}
        yield "FX", values, f"Exchange {said_sold} {sold} for {said_bought} {bought}."


def _changed(material: Material) -> Iterator[Line]:
    for row in material.result["diagnostics"]["trade_adjustments"]:
        name, reason = row["instrument_id"], row["reason_codes"][-1]
        proposed, quantity = bare(row["proposed_quantity"]), bare(row["quantity"])
        values = {"instrument_id": name, "proposed": proposed, "quantity": quantity, "reason_code": reason}
        yield "CHANGED", values, f"Of {name}, {spoken(quantity)} instead of {spoken(proposed)} are dealt: {REASONS.get(reason, reason)}."


def _not_done(material: Material) -> Iterator[Line]:
    for row in material.result["diagnostics"]["skipped_trades"]:
        name, reason = row["instrument_id"], row["reason_code"]
        yield "NOT_DONE", {"instrument_id": name, "reason_code": reason}, f"{name} is not dealt: {REASONS.get(reason, reason)}."


def _costs(material: Material, charges: Charges | None) -> Iterator[Line]:
    if charges is None or material.options.costs is None:
        yield "COSTS_NOT_INCLUDED", {}, "What the trades cost is not included in these figures."
        return
    one_off, yearly, base = in_minor_units(charges.one_off, charges.base), in_minor_units(charges.yearly, charges.base), charges.base
    values = {"one_off": one_off, "yearly": yearly, "currency": base}
    yield "COSTS", values, f"The trades cost {spoken(one_off)} {base} once, and what is held then costs {spoken(yearly)} {base} a year."


def _cash(material: Material) -> Iterator[Line]:
    before, after = _cash_weight(material.before), _cash_weight(material.after)
    yield "CASH_AFTER", {"before": before, "after": after}, f"Cash goes from {before} % to {after} % of the portfolio."


def _limits(material: Material) -> Iterator[Line]:
    for issue in (material.result["suitability"] or {}).get("issues", ()):
        change = issue["severity_change"] or issue["status_change"]
        if change in LIMITS:
            values = {"issue_key": issue["issue_key"], "severity": issue["severity"]}
            yield f"LIMIT_{change}", values, f"{LIMITS[change]}: {issue['summary']}"


def _not_valued(material: Material) -> Iterator[Line]:
    """What the state after could not value: totals and weights leave it out."""
    state, market = material.after, material.market
    instruments = sum(1 for _ in unvalued(state, market))
    cash = any(row.amount and row.currency not in market.base_rates for row in state.cash)
    if instruments or cash:
        named = [_counted(instruments, "product")] if instruments else []
        what = " and ".join([*named, "cash without an exchange rate"] if cash else named)
        yield "NOT_VALUED", {"instruments": str(instruments)}, f"Totals and weights leave out what has no value here: {what}."


def _next(material: Material, step: str) -> Iterator[Line]:
    blocked = material.decision.status == BLOCKED
    yield "NEXT", {"step": step}, f"{'It cannot be carried out as it stands' if blocked else 'Next'}: {STEPS[step]}."


def _cash_weight(state: State) -> str:
    return percent(state.by_asset_class[CASH] / state.divisor)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
