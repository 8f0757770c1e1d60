"""The certificate of the deals of a funded plan, and of the order in which all may be done (advisory-practice 4; practice 6.3, 6.4; desk 7)."""

from fractions import Fraction
from itertools import product
from typing import Any

from tests.engine.advisory.funding_checker import DIGITS, ZERO, FundingCertificate, Money, down, up


class PlanCertificate(FundingCertificate):
    """Checks one plan whole."""

    def check(self) -> None:
        """Every check of a plan that reduces its buys."""
        self.check_costs()
        self.check_reduction()
        self.check_deals()
        self.check_floors()
        self.check_worth()
        self.check_rows()
        self.check_dependencies()

    @property
    def bought(self) -> list[Any]:
        return list(self.funding.bought)

    def paid(self) -> Money:
        """What the bought ones take, as they stand."""
        money: Money = {}
        for trade in self.bought:
            money[trade.price.currency] = money.get(trade.price.currency, ZERO) + Fraction(trade.notional) + Fraction(trade.cost)
        return money

    def check_costs(self) -> None:
        """Every order is charged by the schedule, and worth its quantity."""
        asked = {row.number: row for row in self.buys}
        for trade in self.bought:
            row = asked[trade.number]
            assert Fraction(trade.cost) == self.cost("BUY", Fraction(trade.notional), row.currency, rounded=True)
            if Fraction(trade.quantity) == row.quantity:
                assert Fraction(trade.notional) == row.notional
            else:
                assert Fraction(trade.notional) == Fraction(trade.quantity) * row.unit
                assert row.lot is None or Fraction(trade.quantity) % row.lot == 0
                assert Fraction(trade.quantity) >= max(row.least, Fraction(1, 10**12))

    def _foreign(self, deal: Any) -> str:
        return str(deal.sell_currency if deal.buy_currency == self.base else deal.buy_currency)

    def check_deals(self) -> None:
        """One deal a currency, both legs in minor units, rounded against the client, as large as what is short or what base lacks."""
        deals = self.funding.deals
        if not self.deals_allowed or not (self.bought or self.leaving):
            assert not deals
            return
        made = {self._foreign(deal): deal for deal in deals}
        assert len(made) == len(deals)
        kinds = [(deal.rationale.code == "FUNDING", self._foreign(deal)) for deal in deals]
        assert kinds == sorted(kinds)
        assert [deal.intent_id for deal in deals] == [f"oi_fx_{number}" for number in range(1, len(deals) + 1)]
        money, paid = self.after_sells(), self.paid()
        free = {c: money.get(c, ZERO) - paid.get(c, ZERO) - self.kept(c) for c in self.rates if c != self.base}
        for currency, deal in made.items():
            bought, sold = Fraction(deal.buy_amount), Fraction(deal.sell_amount)
            assert deal.pair == f"{deal.buy_currency}/{deal.sell_currency}"
            for amount, name in ((bought, deal.buy_currency), (sold, deal.sell_currency)):
                assert amount * 10 ** DIGITS.get(name, 2) % 1 == 0
            self._check_legs(currency, deal, free[currency], bought, sold)
        need = self.floor - money.get(self.base, ZERO) + paid.get(self.base, ZERO)
        need += sum((Fraction(deal.sell_amount) for deal in deals if deal.sell_currency == self.base), ZERO)
        for currency, amount in free.items():
            assert not (amount < 0 and self.pays_off(currency, paid)) or currency in made, currency
        if self.options.get("conventions") != "DESK" or not any(row.sources for row in self.buys):
            self._check_sweeps(need, free, made)

    def _check_legs(self, currency: str, deal: Any, free: Fraction, bought: Fraction, sold: Fraction) -> None:
        rate, spread = self.rates[currency], self.spread(currency)
        if deal.rationale.code == "FUNDING":
            assert free < 0
            assert self.pays_off(currency, self.paid())
            assert bought == up(max(-free, self.smallest(currency)), currency)
            assert sold == up(bought * rate * (1 + spread), self.base)
            assert (f"FX_DEAL_LIFTED_{currency}" in self.funding.warnings) == (-free < self.smallest(currency))
            self.seen["funding"] += 1
        else:
            assert self.sweeps
            assert 0 < sold <= free
            assert sold >= down(self.smallest(currency), currency)
            assert bought == down(sold * rate * (1 - spread), self.base)
            self.seen["sweep"] += 1

    def _check_sweeps(self, need: Fraction, free: Money, made: dict[str, Any]) -> None:
        """The most valuable balance first, all of it but the last, which gives just enough."""
        spare = sorted((c for c in free if free[c] > 0), key=lambda c: (-free[c] * self.rates[c], c))
        for currency in spare:
            deal, least = made.get(currency), self.smallest(currency)
            if need <= 0 or not self.sweeps or free[currency] < least:
                assert deal is None
                continue
            price = self.rates[currency] * (1 - self.spread(currency))
            enough = up(max(up(need, self.base) / price, least), currency)
            sold = min(enough, down(free[currency], currency))
            got = down(sold * price, self.base)
            assert (deal is None) == (not sold or not got)
            if deal is not None:
                assert Fraction(deal.sell_amount) == sold
                need -= got

    def ends(self) -> Money:
        """What is left of every currency."""
        money = self.after_sells()
        for currency, amount in self.paid().items():
            money[currency] = money.get(currency, ZERO) - amount
        for deal in self.funding.deals:
            money[deal.sell_currency] = money.get(deal.sell_currency, ZERO) - Fraction(deal.sell_amount)
            money[deal.buy_currency] = money.get(deal.buy_currency, ZERO) + Fraction(deal.buy_amount)
        return money

    def check_floors(self) -> None:
        """What is bought leaves every currency at its floor; what nobody asks for is left alone."""
        money, ends = self.after_sells(), self.ends()
        assert self.funding.floor == self.floor
        for currency, amount in ends.items():
            if currency != self.base and not self.pays_off(currency, self.paid()):
                assert amount >= min(money.get(currency, ZERO), self.kept(currency))
            elif currency == self.base and amount < self.floor:
                assert not self.deals_allowed or not self._costs_base(), self.bought
            elif self.bought and (self.deals_allowed or currency in self.paid()):
                assert amount >= (self.floor if currency == self.base else self.kept(currency)), currency

    def _costs_base(self) -> list[str]:
        """The currencies that base would have more without a buy of. Where base is below its floor anyway, what is left costs it nothing."""
        paid = self.paid()
        whole = self.surplus(paid, rounded=True)
        return [name for name in paid if self.surplus({c: paid[c] for c in paid if c != name}, rounded=True) > whole]

    def check_worth(self) -> None:
        """Nothing is made or lost but costs, spreads and less than a minor unit a leg of each deal."""
        money, ends, paid = self.after_sells(), self.ends(), self.paid()
        lost = ZERO
        for deal in self.funding.deals:
            currency = self._foreign(deal)
            cost = Fraction(deal.sell_amount) * self.rates[deal.sell_currency] - Fraction(deal.buy_amount) * self.rates[deal.buy_currency]
            moved = Fraction(deal.buy_amount if deal.buy_currency == currency else deal.sell_amount) * self.rates[currency]
            assert 0 <= cost - moved * self.spread(currency) < Fraction(1, 10 ** DIGITS.get(self.base, 2))
            lost += cost
        before, after = (sum((amount * self.rates[name] for name, amount in state.items()), ZERO) for state in (money, ends))
        assert before == after + sum((amount * self.rates[name] for name, amount in paid.items()), ZERO) + lost

    def check_rows(self) -> None:
        """A row for each target: what is required, there, and bought for it."""
        if not self.deals_allowed:
            assert not self.funding.rows
            return
        money, paid = self.after_sells(), self.paid()
        funded = {deal.buy_currency: deal for deal in self.funding.deals if deal.rationale.code == "FUNDING"}
        paid_off = [currency for currency in self.targets if money.get(currency, ZERO) >= 0 or self.pays_off(currency, paid)]
        assert [row.currency for row in self.funding.rows] == sorted(paid_off)
        for row in self.funding.rows:
            deal = funded.get(row.currency)
            assert Fraction(row.required) == paid.get(row.currency, ZERO)
            assert Fraction(row.available) == money.get(row.currency, ZERO)
            assert Fraction(row.needed) == max(ZERO, Fraction(row.required) - Fraction(row.available))
            assert (row.pair, row.source) == ((deal.pair, deal.sell_currency) if deal else (None, None))

    def check_dependencies(self) -> None:
        """Whatever order the dependencies allow, no currency is ever below what it was, or nothing, where the end is not."""
        ends = self.ends()
        lowest = {name: min(ZERO, self.cash.get(name, ZERO)) for name in ends}
        moves: list[tuple[str, set[str], Money]] = []
        for row in sorted(self.rows, key=lambda row: (row.name, row.number)):
            if row.side == "SELL":
                net = row.notional - self.cost("SELL", row.notional, row.currency, rounded=True)
                moves.append((f"oi_{row.number}", set(), {row.currency: net}))
        for deal in self.funding.deals:
            flows = {deal.sell_currency: -Fraction(deal.sell_amount), deal.buy_currency: Fraction(deal.buy_amount)}
            moves.append((deal.intent_id, set(deal.dependencies), flows))
        for trade in self.bought:
            flows = {trade.price.currency: -Fraction(trade.notional) - Fraction(trade.cost)}
            moves.append((trade.intent_id, set(trade.dependencies), flows))
        for place, (_, waits_for, _) in enumerate(moves):
            assert waits_for <= {name for name, _, _ in moves[:place]}
        if any(ends[name] < lowest[name] for name in ends):
            self.seen["overdrawn in the end"] += 1
            return
        for chosen in product((False, True), repeat=len(moves)):
            done = [move for move, taken in zip(moves, chosen, strict=True) if taken]
            if set().union(*(waits_for for _, waits_for, _ in done)) <= {name for name, _, _ in done}:
                money = {name: self.cash.get(name, ZERO) + sum((flows.get(name, ZERO) for _, _, flows in done), ZERO) for name in ends}
                assert all(money[name] >= lowest[name] for name in ends), done
