"""Ordinary proposals of ordinary clients, one a seed, and whether their money is there: reckoned in rationals, without the engine.

By hand: `python -m tests.engine.advisory.ordinary KIND SEED` prints the request and what the engine answers.
"""

import json
import sys
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from random import Random
from typing import Any, Final

from engine import propose_json
from tests.engine.terms import MINOR_DIGITS

Json = dict[str, Any]

RATES: Final = {"EUR": "1", "USD": "0.9216", "CHF": "1.0437", "GBP": "1.1712", "JPY": "0.006173"}
"""Units of EUR, the base of all these clients."""

TWO: Final = ("EUR", "USD")
FOUR: Final = ("EUR", "USD", "CHF", "GBP")
FIVE: Final = (*FOUR, "JPY")
LINES: Final = 12


class Client:
    """A client with holdings and cash in some currencies, and what may be bought."""

    def __init__(self, seed: int, currencies: tuple[str, ...]) -> None:
        self.rng = Random(seed)  # noqa: S311  (test data, repeatable)
        self.currencies = currencies
        self.names = [f"I{number:02d}" for number in range(LINES)]
        self.currency = {name: self.rng.choice(currencies) for name in self.names}
        self.price = {name: self.cents(self.rng.uniform(5, 400), self.currency[name]) for name in self.names}
        self.held = {name: self.rng.randint(1, 500) for name in self.rng.sample(self.names, LINES // 2)}
        self.cash = {currency: self.cents(self.rng.uniform(0, 30_000), currency) for currency in currencies}

    def cents(self, euros: float, currency: str) -> Decimal:
        """An amount of some euros in a currency, in its minor units."""
        digits = MINOR_DIGITS.get(currency, 2)
        return round(Decimal(euros) / Decimal(RATES[currency]), digits) + Decimal(1).scaleb(-digits)

    def request(self, trades: list[Json], flows: list[Json] | None = None, **options: Any) -> Json:
        """Such a proposal; rates are quoted either way round."""
        pairs = [(currency, Decimal(rate)) for currency, rate in RATES.items() if currency in self.currencies and currency != "EUR"]
        return {
            "portfolio_snapshot": {
                "portfolio_id": "pf",
                "base_currency": "EUR",
                "positions": [{"instrument_id": name, "quantity": str(units)} for name, units in self.held.items()],
                "cash_balances": [{"currency": currency, "amount": str(amount)} for currency, amount in self.cash.items()],
            },
            "market_data_snapshot": {
                "prices": [{"instrument_id": name, "price": str(self.price[name]), "currency": self.currency[name]} for name in self.names],
                "fx_rates": [
                    {"pair": f"{currency}/EUR", "rate": str(rate)}
                    if self.rng.random() < 0.5
                    else {"pair": f"EUR/{currency}", "rate": str(round(1 / rate, 6))}
                    for currency, rate in pairs
                ],
            },
            "shelf_entries": [
                {"instrument_id": name, "status": "APPROVED", "asset_class": "EQUITY", "issuer_id": name, "liquidity_tier": "L1"}
                for name in self.names
            ],
            "options": {"enable_proposal_simulation": True, **options},
            "proposed_cash_flows": flows or [],
            "proposed_trades": trades,
        }

    def sells(self, most: int) -> list[Json]:
        """Some sells of what is held, in part or whole."""
        names = self.rng.sample(sorted(self.held), self.rng.randint(0, most))
        return [{"side": "SELL", "instrument_id": name, **self._sold(self.held[name])} for name in names]

    def _sold(self, held: int) -> Json:
        return {"sell_all": True} if self.rng.random() < 0.3 else {"quantity": str(self.rng.randint(1, held))}

    def buys(self, worth: Fraction, share: float) -> list[Json]:
        """Some buys for a share of a worth in euros, by units or for an amount."""
        names = self.rng.sample(self.names, self.rng.randint(1, 5))
        weights = [self.rng.random() + 0.1 for _ in names]
        return [self._bought(name, float(worth) * share * weight / sum(weights)) for name, weight in zip(names, weights, strict=True)]

    def _bought(self, name: str, euros: float) -> Json:
        row: Json = {"side": "BUY", "instrument_id": name}
        amount = self.cents(euros, self.currency[name])
        if self.rng.random() < 0.5:
            return {**row, "notional": {"amount": str(amount), "currency": self.currency[name]}}
        return {**row, "quantity": str(max(1, int(amount / self.price[name])))}


def in_currencies(seed: int, currencies: tuple[str, ...], **options: Any) -> Json:
    """Sells and buys for most of the money, or all but all of it."""
    client = Client(seed, currencies)
    sells = client.sells(2)
    money = Money(client.request(sells))
    share = client.rng.choice((0.3, 0.7, 0.95, 0.995, 0.99999))
    return client.request([*sells, *client.buys(money.all_in_euros(), share)], **options)


def two_currencies(seed: int, **options: Any) -> Json:
    """A client of two currencies."""
    return in_currencies(seed, TWO, **options)


def four_currencies(seed: int, **options: Any) -> Json:
    """A client of four currencies, or of five with yen."""
    return in_currencies(seed, FIVE if seed % 3 == 0 else FOUR, **options)


def all_the_cash(seed: int, **options: Any) -> Json:
    """Amounts in cents, each rounded as people round, that together are all the cash there is: up to cents too much."""
    client = Client(seed, TWO if seed % 2 else ("EUR",))
    worth = Money(client.request([])).all_in_euros()
    names = client.rng.sample(client.names, client.rng.randint(2, 6))
    weights = [client.rng.randint(1, 40) for _ in names]
    trades = []
    for name, weight in zip(names, weights, strict=True):
        amount = worth * weight / sum(weights) / Fraction(RATES[client.currency[name]])
        cents = Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
        trades.append({"side": "BUY", "instrument_id": name, "notional": {"amount": str(cents), "currency": client.currency[name]}})
    return client.request(trades, **options)


def paid_withdrawal(seed: int, **options: Any) -> Json:
    """A withdrawal that the cash at hand does not cover and a sale does, in any currency; now and then something is bought besides."""
    client = Client(seed, FOUR)
    sells = client.sells(LINES // 2) or [{"side": "SELL", "instrument_id": max(client.held), "sell_all": True}]
    worth = Money(client.request(sells)).all_in_euros()
    currency = client.rng.choice(FOUR)
    amount = client.cents(float(worth) * client.rng.choice((0.5, 0.9, 0.999)), currency)
    flows = [{"currency": currency, "amount": f"-{amount}"}]
    buys = client.buys(worth, client.rng.choice((0.05, 0.3))) if client.rng.random() < 0.4 else []
    return client.request([*sells, *buys], flows, **{"conventions": "DESK", **options})


KINDS: Final = {make.__name__: make for make in (two_currencies, four_currencies, all_the_cash, paid_withdrawal)}


class Money:
    """The money of a proposal: what there is by currency after flows and sells, what its buys ask for, and whether deals against base, in minor units, pay it."""

    def __init__(self, request: Json) -> None:
        market = request["market_data_snapshot"]
        quoted = {row["pair"]: Fraction(row["rate"]) for row in market["fx_rates"]}
        self.rates = {"EUR": Fraction(1)}
        self.rates |= {pair[:3]: rate for pair, rate in quoted.items() if pair.endswith("/EUR")}
        self.rates |= {pair[4:]: 1 / rate for pair, rate in quoted.items() if pair.startswith("EUR/")}
        self.prices = {row["instrument_id"]: (Fraction(row["price"]), row["currency"]) for row in market["prices"]}
        portfolio = request["portfolio_snapshot"]
        self.held = {row["instrument_id"]: Fraction(row["quantity"]) for row in portfolio["positions"]}
        self.cash = {row["currency"]: Fraction(row["amount"]) for row in portfolio["cash_balances"]}
        self.asked: dict[str, Fraction] = {}
        self.amounts = 0
        for flow in request["proposed_cash_flows"]:
            self.cash[flow["currency"]] = self.cash.get(flow["currency"], Fraction()) + Fraction(flow["amount"])
        for trade in request["proposed_trades"]:
            self._count(trade)

    def _count(self, trade: Json) -> None:
        price, currency = self.prices[trade["instrument_id"]]
        given = trade.get("notional")
        self.amounts += given is not None
        units = self.held[trade["instrument_id"]] if trade.get("sell_all") else Fraction(trade.get("quantity", 0))
        amount = Fraction(given["amount"]) if given else units * price
        into = self.cash if trade["side"] == "SELL" else self.asked
        into[currency] = into.get(currency, Fraction()) + amount

    def all_in_euros(self) -> Fraction:
        """What all the cash is worth."""
        return sum((amount * self.rates[currency] for currency, amount in self.cash.items()), Fraction())

    def left(self, *, with_buys: bool = True) -> Fraction:
        """What base has in the end when all foreign cash that is left over is sold for it; below zero it is what is missing."""
        base = Fraction()
        for currency in self.cash.keys() | self.asked.keys():
            u = self.cash.get(currency, Fraction()) - (self.asked.get(currency, Fraction()) if with_buys else 0)
            if currency == "EUR":
                base += u
            elif u < 0:
                base -= up(up(-u, currency) * self.rates[currency], "EUR")
            else:
                base += down(down(u, currency) * self.rates[currency], "EUR")
        return base


def up(amount: Fraction, currency: str) -> Fraction:
    """An amount rounded up to minor units."""
    scale = 10 ** MINOR_DIGITS.get(currency, 2)
    return Fraction(ceil(amount * scale), scale)


def down(amount: Fraction, currency: str) -> Fraction:
    """An amount rounded down to minor units."""
    scale = 10 ** MINOR_DIGITS.get(currency, 2)
    return Fraction(floor(amount * scale), scale)


if __name__ == "__main__":
    body = json.dumps(KINDS[sys.argv[1]](int(sys.argv[2])), indent=1)
    sys.stdout.write(f"{body}\n{propose_json(body.encode(), run_id='pr_1', correlation_id='c_1').decode()}\n")
