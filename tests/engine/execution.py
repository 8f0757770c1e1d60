"""Orders executed one by one in every order that their dependencies allow, to see what no order may do to the money."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

Json = Mapping[str, Any]
Flows = dict[str, Fraction]


def flows(order: Json) -> Flows:
    """What an order moves, by currency."""
    if order["intent_type"] == "FX_SPOT":
        return {order["sell_currency"]: -Fraction(order["sell_amount_estimated"]), order["buy_currency"]: Fraction(order["buy_amount"])}
    amount = Fraction(order["notional"]["amount"])
    return {order["notional"]["currency"]: amount if order["side"] == "SELL" else -amount}


class Graph:
    """The orders of a result and what each waits for."""

    def __init__(self, orders: Sequence[Json]) -> None:
        self.moves = {order["intent_id"]: flows(order) for order in orders}
        self.waits_for = {order["intent_id"]: set(order["dependencies"]) for order in orders}
        assert all(self.waits_for[name] <= self.moves.keys() for name in self.moves)

    def listed(self) -> list[str]:
        """As the result lists them."""
        return list(self.moves)

    def drawn(self, rng: Random) -> Iterator[str]:
        """Any order that the graph allows."""
        done: set[str] = set()
        while len(done) < len(self.moves):
            ready = [name for name in self.moves if name not in done and self.waits_for[name] <= done]
            assert ready, "orders wait for each other"
            name = rng.choice(ready)
            done.add(name)
            yield name

    def before(self, name: str) -> set[str]:
        """Everything that an order waits for, directly or not."""
        found: set[str] = set()
        open_ = [name]
        while open_:
            for earlier in self.waits_for[open_.pop()] - found:
                found.add(earlier)
                open_.append(earlier)
        return found

    def worst(self, currency: str) -> list[str]:
        """Who spends a currency goes first, whoever needs the least of its income before; who brings it goes when he must."""
        spenders = [name for name, moves in self.moves.items() if moves.get(currency, 0) < 0]

        def income(name: str) -> Fraction:
            return sum((max(Fraction(0), self.moves[earlier].get(currency, Fraction(0))) for earlier in self.before(name)), Fraction(0))

        order: list[str] = []
        for name in [*sorted(spenders, key=lambda name: (income(name), self.moves[name][currency])), *self.moves]:
            for needed in [*self.sorted_before(name), name]:
                if needed not in order:
                    order.append(needed)
        return order

    def sorted_before(self, name: str) -> list[str]:
        """What an order waits for, each after what it waits for itself."""
        needed = self.before(name)
        done: list[str] = []
        while len(done) < len(needed):
            done += [other for other in self.moves if other in needed and other not in done and self.waits_for[other] <= set(done)]
        return done

    def lowest(self, start: Flows, order: Iterator[str] | Sequence[str]) -> Flows:
        """The lowest balance of every currency on the way."""
        balances, lowest = dict(start), dict(start)
        done: set[str] = set()
        for name in order:
            assert self.waits_for[name] <= done
            done.add(name)
            for currency, amount in self.moves[name].items():
                balances[currency] = balances.get(currency, Fraction(0)) + amount
                lowest[currency] = min(lowest.get(currency, Fraction(0)), balances[currency])
        return lowest
