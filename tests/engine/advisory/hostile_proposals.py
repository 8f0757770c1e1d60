"""Hostile requests of advisors: the portfolios and markets of the hostile rebalances, and what a proposal alone has.

By hand: `python -m tests.engine.advisory.hostile_proposals SEED` prints the request of a seed and what the engine answers.
"""

import json
import sys
from decimal import Decimal
from typing import Any, Final

from engine import propose_json
from tests.engine.hostile_practice import Layer, hostile_practice
from tests.support.hostile_requests import CURRENCIES, IDS, Json

NOT_OF_PROPOSALS: Final = (
    "quantity_rounding",
    "money_rounding",
    "turnover_policy",
    "fx_policy",
    "dependencies",
    "unavailable_weight",
    "exits_below_minimum",
    "explain",
    "available_cash",
    "odd_lot_exit",
    "max_distance_after",
)
RATES: Final = ("0", "5", "50", "500", "0.0001", "499.99999999999999")
MATCHES: Final = (None, None, "sector:T", "sector:F", "region:U", "ü:ß")
CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "proposal_quantities": ("AS_PROPOSED", "EXECUTABLE"),
    "proposal_withdrawals": ("AT_ONCE", "AFTER_SELLS"),
    "proposal_apply_cash_flows_first": (True, False),
    "proposal_block_negative_cash": (True, False),
    "auto_funding": (True, True, False),
    "fx_funding_source_currency": ("ANY_CASH", "BASE_ONLY"),
    "enable_drift_analytics": (True, False),
    "enable_instrument_drift": (True, False),
    "enable_suitability_scanner": (True, True, True, False),
    "drift_top_contributors_limit": (1, 5, 20),
}


class Proposal(Layer):
    """Draws what a proposal has; portfolio, market and shelf stay, and most of the options."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed + 2_000_000)

    def onto(self, request: Json) -> Json:
        """The request as an advisor's."""
        request.pop("model_portfolio")
        options = {name: value for name, value in request["options"].items() if name not in NOT_OF_PROPOSALS}
        request["options"] = {**options, "enable_proposal_simulation": True, **self.advisory()}
        if request["options"].get("funding") == "AS_SIZED" and request["options"].keys() & {"cash_reserve", "fx_min_deal", "costs"}:
            request["options"]["funding"] = None
        if self.chance(0.5):
            tidied(request)
        for row in request["shelf_entries"]:
            self.client_side(row)
        request["proposed_cash_flows"] = [self.proposed_flow() for _ in range(self.rng.choice((0, 0, 1, 2, 4)))]
        request["proposed_trades"] = self.trades(request)
        if self.chance(0.5):
            request["reference_model"] = self.model(request)
        return request

    def client_side(self, row: Json) -> None:
        """What a shelf entry says for those who advise."""
        rng = self.rng
        if self.chance(0.7):
            row["issuer_id"] = rng.choice(("I1", "I2", ""))
        if self.chance(0.2):
            row["ultimate_issuer_id"] = rng.choice(("I1", "I2", ""))
        if self.chance(0.7):
            row["liquidity_tier"] = rng.choice(("L1", "L3", "L4", "L5"))
        if self.chance(0.3):
            row |= {"product_risk": rng.randint(1, 7), "min_holding_years": rng.randint(0, 99)}
        if self.chance(0.2):
            row["knowledge_required"] = rng.choice(("", "X", "🏦"))
        if self.chance(0.2):
            row["ongoing_cost_pct"] = self.fraction("limit")

    def proposed_flow(self) -> Json:
        amount = self.exact(self.amount("cash"))
        return {"currency": self.rng.choice((*CURRENCIES[:3], "GBX", "¤")), "amount": amount}

    def trades(self, request: Json) -> list[Json]:
        """Any trades, sells of what is held more often than not, a switch now and then."""
        held = [row["instrument_id"] for row in request["portfolio_snapshot"]["positions"]]
        prices = {row["instrument_id"]: row["currency"] for row in request["market_data_snapshot"]["prices"]}
        names = [*prices, *held] or ["nothing"]
        if self.chance(0.1):
            names += self.some(IDS, 1)
        found, sold = [], list[str]()
        for _ in range(self.rng.choice((0, 1, 2, 3, 6))):
            side = self.rng.choice(("BUY", "SELL"))
            name = self.rng.choice(held if side == "SELL" and held and self.chance(0.8) else names)
            row = {"side": side, "instrument_id": name, **self.how_much(side, prices.get(name, "USD"))}
            if side == "SELL":
                sold.append(name)
            elif self.chance(0.3):
                row["priority"] = self.rng.randint(1, 99)
            found.append(row)
        if sold and self.chance(0.4):
            found.append({"side": "BUY", "instrument_id": self.rng.choice(names), "proceeds_of": sorted(set(sold))})
        return found

    def how_much(self, side: str, currency: str) -> Json:
        if side == "SELL" and self.chance(0.2):
            return {"sell_all": True}
        if self.chance(0.5):
            return {"quantity": self.exact(self.above_zero("quantity"))}
        if self.chance(0.05):
            currency = self.rng.choice(CURRENCIES)
        return {"notional": {"amount": self.exact(self.above_zero("cash")), "currency": currency}}

    def exact(self, number: str | float) -> str | int:
        """A number that is no JSON fraction, which amounts and quantities of a proposal may not be."""
        return str(self.rng.randint(1, 10**6)) if isinstance(number, float) else number

    def model(self, request: Json) -> Json:
        """A reference model, whose weights are anything."""
        names = [row["instrument_id"] for row in request["shelf_entries"]]
        return {
            "model_id": "m",
            "as_of": "2026-03-31",
            "base_currency": self.rng.choice((request["portfolio_snapshot"]["base_currency"],) * 9 + ("EUR",)),
            "asset_class_targets": [
                {"asset_class": name, "weight": self.amount("weight")} for name in self.some(("EQUITY", "CASH", ""), 3)
            ],
            "instrument_targets": [{"instrument_id": name, "weight": self.fraction("weight")} for name in self.some(tuple(names), 4)],
        }

    def advisory(self) -> Json:
        """Any combination of the options of proposals."""
        found: Json = {name: self.rng.choice(values) for name, values in CHOICES.items() if self.chance(0.3)}
        if self.chance(0.4):
            found["funding"] = self.rng.choice(("AS_SIZED", "REDUCE_BUYS"))
        if self.chance(0.3):
            found["costs"] = self.costs()
        if self.chance(0.1):
            found["cost_disclosure"] = {"service_fee_pct": self.fraction("limit"), "holding_years": self.rng.randint(1, 30)}
        if self.chance(0.3):
            found["client_profile"] = {
                "max_product_risk": self.rng.randint(1, 7),
                "knowledge": ["X"],
                "horizon_years": self.rng.randint(0, 99),
            }
        if self.chance(0.3):
            keys = self.some(("sector:T", "sector:*", "region:*", "ü:ß", "nothing:*"), 3)
            found["suitability_thresholds"] = {
                "max_weight_by_attribute": {key: self.fraction("limit") for key in keys},
                "single_position_max_weight": self.fraction("limit"),
            }
        return found

    def costs(self) -> Json:
        """A schedule without two rows of one key."""
        rows: dict[Any, Json] = {
            (match, currency, side): {"match": match, "currency": currency, "side": side, "rate_bps": self.rng.choice(RATES)}
            for match, currency, side in (
                (self.rng.choice(MATCHES), self.rng.choice((None, "USD", "EUR", "GBX")), self.rng.choice((None, "BUY", "SELL")))
                for _ in range(self.rng.randint(0, 3))
            )
        }
        for row in rows.values():
            if self.chance(0.5):
                row["minimum"] = self.money(self.positive("cost"))
        taxes = {
            (match, side): {"match": match, "side": side, "rate_bps": self.rng.choice(RATES)} for match in MATCHES for side in ("BUY",)
        }
        spreads = {currency: self.rng.choice(RATES) for currency in self.some(CURRENCIES, 3)}
        return {
            "commission": list(rows.values()),
            "transaction_tax": [row for row in taxes.values() if self.chance(0.3)],
            "fx_spread_bps": self.rng.choice(RATES),
            "fx_spread_bps_by_currency": spreads,
        }


def tidied(request: Json) -> None:
    """Let the bank approve of everything, and rates say one thing: otherwise hardly a proposal passes."""
    portfolio, market = request["portfolio_snapshot"], request["market_data_snapshot"]
    known = {row["instrument_id"] for row in request["shelf_entries"]}
    priced = {row["instrument_id"] for row in market["prices"]}
    request["shelf_entries"] += [{"instrument_id": name, "status": "APPROVED"} for name in sorted(priced - known)]
    for row in request["shelf_entries"]:
        row["status"] = "APPROVED"
    for rows in ("positions", "open_orders"):
        portfolio[rows] = [row for row in portfolio.get(rows, []) if row["instrument_id"] in priced]
    pairs = {
        frozenset(row["pair"].split("/")): row
        for row in [{"pair": "EUR/USD", "rate": "2"}, {"pair": "USD/JPY", "rate": "7"}, *market["fx_rates"]]
    }
    market["fx_rates"] = list(pairs.values())
    for row in market["prices"]:
        row["price"] = row["price"] if Decimal(str(row["price"])) else "10"
    for row in market["fx_rates"]:
        row["rate"] = row["rate"] if Decimal(str(row["rate"])) else "3"


def hostile_proposal(seed: int) -> Json:
    """The request of a seed."""
    return Proposal(seed).onto(hostile_practice(seed))


if __name__ == "__main__":
    body = json.dumps(hostile_proposal(int(sys.argv[1])), indent=1)
    sys.stdout.write(f"{body}\n{propose_json(body.encode(), run_id='pr_1', correlation_id='c_1').decode()}\n")
