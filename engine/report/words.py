"""The vocabulary of documents in plain words. A code that has no words of its own is read as it is spelt."""

import re
from collections.abc import Mapping
from typing import Final

LONG: Final = 96
HEAD, TAIL = 64, 16
"""Characters that are left of a longer text, from its beginning and its end."""

WORDS: Final[Mapping[str, str]] = {
    "READY": "Ready",
    "PENDING_REVIEW": "Review needed",
    "PASS": "Passed",
    "FAIL": "Failed",
    "OK": "In order",
    "HARD": "Blocks",
    "SOFT": "Asks for a review",
    "INFO": "Is noted",
    "NONE": "No order",
    "EXECUTE": "Execute the orders in the sequence shown",
    "FIX_INPUT": "Correct the input and decide again",
    "ADD_FUNDS_OR_REDUCE": "Add money, or ask for less",
    "REQUEST_CLIENT_CONSENT": "Ask the client for consent",
    "RISK_REVIEW": "Have risk review it",
    "COMPLIANCE_REVIEW": "Have compliance review it",
    "EXECUTION_READY": "Ready to execute",
    "HARD_RULE_FAIL": "Rule that blocks",
    "SOFT_RULE_FAIL": "Rule that asks for a review",
    "TARGETS_CONSTRAINED": "Limits moved targets away from the model",
    "TARGETS_BLOCKED": "There are no targets",
    "DATA_QUALITY": "Data quality",
    "DATA_QUALITY_MISSING_PRICE": "Prices are missing",
    "DATA_QUALITY_MISSING_FX": "Exchange rates are missing",
    "RULE_ENGINE": "Rules",
    "TARGETING": "Targets",
    "GROUP_MAX": "Group limit",
    "SINGLE_POSITION_MAX": "Largest single position",
    "MIN_TRADE_SIZE": "Smallest trade",
    "NO_SHORTING": "No short positions",
    "INSUFFICIENT_CASH": "Enough cash",
    "SETTLEMENT_CASH_LADDER": "Cash on every settlement day",
    "PLAUSIBILITY": "Doubt",
    "INTENTS_SUPPRESSED": "Trades too small were left out",
    "THRESHOLD_BREACH": "Outside its limits",
    "LIMIT_BREACH": "Above its limit",
    "GROUP_LIMIT_BREACH": "Above the group's limit",
    "OVERWEIGHT_SCALED": "Overweight scaled down",
    "DRIFT_REBALANCE": "Towards its target",
    "FUNDING": "Pays for purchases",
    "SWEEP": "Sells what is left over",
    "MIN_NOTIONAL": "Minimum amount",
    "ROUNDED_UP": "Rounded up",
    "CASH_LEVEL": "Money there is",
    "TURNOVER_LEVEL": "Turnover cap",
    "GROUP_ROOM": "Group limit",
    "TAX_BUDGET": "Tax budget",
    "LOT_QUANTITY": "Tax lots",
    "LOT_SIZE": "Dealing lot",
    "MONEY_ROUNDING": "Rounded for want of money",
    "TARGET": "Reaches its target",
    "ON_TARGET": "Already on target",
    "NOT_TRADEABLE": "May not be traded",
    "MISSING_DATA": "Data are missing",
    "TURNOVER_LIMIT": "Turnover cap",
    "TURNOVER_PRICE": "Turnover cap",
    "MINIMUM": "Too small a trade",
    "CASH_PRICE": "Money there is",
    "BELOW_MIN_NOTIONAL": "Below the minimum amount",
    "BELOW_MIN_QUANTITY": "Below the minimum quantity",
    "TAX_BUDGET_LIMIT_REACHED": "The tax budget is used up",
    "LOT_QUANTITY_SHORTFALL": "The lots hold less",
    "PARTIAL_REBALANCE_TURNOVER_LIMIT": "The turnover cap left part of the way undone",
    "BUYS_REDUCED_TO_FUNDS": "Purchases were reduced to the money there is",
    "SETTLEMENT_OVERDRAFT_UTILIZED": "An overdraft is used on the way",
    "TOTAL_EXCLUDES_UNVALUED": "The total leaves out what could not be valued",
    "FX_SPOT": "Currency deal",
    "SECURITY_TRADE": "Trade",
    "FULL": "Full rebalance",
    "CASH": "Cash",
    "MANUAL_PROPOSAL": "Proposed by the adviser",
    "PROPOSAL_INPUT_GUARDS": "What was proposed is possible",
    "PROPOSAL_FUNDING_DQ": "Rates for paying what is bought",
    "PROPOSAL_TRADES_SKIPPED": "Every trade is done",
    "PROPOSAL_SELL_TRIMMED": "Sales within the holding",
    "PROPOSAL_WITHDRAWAL_NEGATIVE_CASH": "A withdrawal is more than the cash there is",
    "PROPOSAL_TRADE_NOT_SUPPORTED_BY_SHELF": "The bank does not offer it",
    "PROPOSAL_INVALID_TRADE_INPUT": "The amount is not in the currency of the price",
    "PROPOSAL_MISSING_FX_FOR_FUNDING": "No exchange rate to pay with",
    "PROPOSAL_MISSING_FX_NON_BLOCKING": "No exchange rate to pay with",
    "MISSING_FX_FOR_FUNDING": "No exchange rate to pay with",
    "PROPOSAL_INSUFFICIENT_FUNDING_CASH": "The money does not suffice",
    "PROPOSAL_BUY_SKIPPED_UNFUNDED": "Purchases without money were left out",
    "FUNDING_REPLANNED": "Paid from several currencies",
    "SELL_TRIMMED_TO_HOLDING": "No more is held",
    "OVERDRAFT_HELD": "The overdraft was there before",
    "CASH_FLOOR": "Cash that must stay",
    "VALUE_MISMATCH": "Values do not agree",
    "ORDER_REPEATED": "Such an order is under way already",
    "BOTH_SIDES": "Bought and sold at once",
    "ORDER_TOO_LARGE": "Larger than the portfolio bears",
    "REFERENCE_MODEL_SUM": "The reference model does not add up to one",
    "REFERENCE_MODEL_BASE_CURRENCY_MISMATCH": "The reference model has another base currency",
    "NEW_HIGH_SUITABILITY_ISSUE": "New suitability issue, high",
    "NEW_MEDIUM_SUITABILITY_ISSUE": "New suitability issue, medium",
    "SUITABILITY": "Suitability",
    "FUNDS": "The money there is",
    "HOLDING": "No more is held",
    "WHOLE_HOLDING": "The whole holding",
    "SHELF_MISSING": "Not on the shelf",
    "PRICE_MISSING": "No price",
    "BELOW_LOT": "Less than a lot",
    "NOTHING_HELD": "None is held",
    "SOURCE_SKIPPED": "What pays for it is not sold",
    "COST_PROHIBITIVE": "Taxes would take too much of it",
    "GROWN": "Grown by this proposal",
    "RAISED": "More serious now",
    "turnover.price": "Turnover price",
    "price_missing": "Prices missing",
    "fx_missing": "Exchange rates missing",
    "shelf_missing": "Not on the shelf",
}

PREFIXES: Final[Mapping[str, str]] = {
    "CAPPED_BY_GROUP_LIMIT_": "Capped by a group limit",
    "LOCKED_WEIGHT_EXCEEDS_CAP_": "Locked above its cap",
    "FX_MIN_DEAL_UNCONVERTIBLE_": "Smallest deal without a rate",
    "UNKNOWN_CONSTRAINT_ATTRIBUTE_": "Limit on an unknown attribute",
    "CASH_FLOW_LATER_": "A cash flow comes too late to count",
    "PENDING_CASH_IGNORED_": "Pending cash is not counted",
    "DUST_THRESHOLD_UNCONVERTIBLE_": "Minimum amount without a rate",
    "LOT_QUANTITY_MISMATCH_": "Lots do not sum to the quantity",
    "LOT_COST_UNKNOWN_": "A lot's cost is unknown",
    "FX_DEAL_LIFTED_": "Currency deal raised to the smallest deal",
    "FX_SWEEP_LEFT_": "Left in its currency, too small to sell",
    "OVERDRAFT_ON_T_PLUS_": "Overdrawn on day T+",
}
"""What stands before an id or a key."""

SHORT_NAMES: Final = frozenset({"BOND", "FUND", "GOLD"})
LONGER_THAN_AN_ACRONYM: Final = 5

_NAME: Final = re.compile(r"[A-Z]+(_[A-Z]+)*")
CONTROLS: Final = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd")

DIRECTIONS: Final = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd")
"""Characters that turn the direction of a text; where no element can isolate them, they are shown as unknown."""

STATUSES: Final[Mapping[str, str]] = {"LOCKED_DUE_TO_": "Locked", "SHELF_STATUS_": "Shelf"}
"""What stands before a status of the shelf."""

_SPELT: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[a-z][a-z0-9]*(_[a-z0-9]+)*")


def words(code: str) -> str:
    """A code in words; what stands behind a colon or a known prefix follows it."""
    if code in WORDS:
        return WORDS[code]
    for prefix, said in STATUSES.items():
        if code.startswith(prefix):
            return f"{said}: {words(code.removeprefix(prefix)).lower()}"
    for prefix, said in PREFIXES.items():
        if code.startswith(prefix) and code != prefix:
            rest = code.removeprefix(prefix)
            return f"{said}{rest}" if said.endswith("+") else f"{said}: {words(rest) if ':' in rest else shortened(rest)}"
    head, colon, rest = code.partition(":")
    if colon and _SPELT.fullmatch(head):
        return f"{words(head)}: {words(rest)}"
    spelt = _SPELT.fullmatch(code) and len(code) <= LONG and ("_" in code or code.isalpha())
    return code.replace("_", " ").capitalize() if spelt else shortened(code)


def name(key: str) -> str:
    """A key that the bank chose, as EQUITY or NORTH_AMERICA: capitals become a name, short ones and whatever else stay as they are."""
    if key in WORDS:
        return WORDS[key]
    if not _NAME.fullmatch(key) or len(key) > LONG or (len(key) < LONGER_THAN_AN_ACRONYM and key not in SHORT_NAMES):
        return shortened(key)
    return key.replace("_", " ").title()


def whole(text: str) -> str:
    """A sentence of ours to its end, without what a name in it could do to the rest: control characters, and those that turn its direction."""
    return text.translate(CONTROLS | DIRECTIONS)


def shortened(text: str) -> str:
    """A text without control characters, and no longer than a line or two: the beginning and the end of a long one, with its length."""
    shown = text if len(text) <= LONG else f"{text[:HEAD]}…{text[-TAIL:]} ({len(text):,} characters)"
    return shown.translate(CONTROLS)
