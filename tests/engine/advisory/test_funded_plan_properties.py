"""Funded plans of any size against their certificate: levels, last lots, deals, floors, dependencies (advisory-practice 4)."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers import arithmetic
from tests.engine.advisory.deal_checker import PlanCertificate
from tests.engine.advisory.funding_checker import DIGITS, ZERO, Row
from tests.engine.advisory.plans import Json, plan
from tests.support.effort import examples

pytestmark = pytest.mark.soak

PAIRS = {
    "USD": (("EUR/USD", "1.10"), ("EUR/USD", "1.0946"), ("USD/EUR", "0.8"), ("EUR/USD", "1.25")),
    "CHF": (("CHF/EUR", "1.05"), ("EUR/CHF", "0.93"), ("CHF/EUR", "1")),
    "JPY": (("EUR/JPY", "163.27"), ("EUR/JPY", "160")),
}
CASH = ("0", "10", "100", "333.33", "1000", "2500", "7000", "-20", "-900")
UNITS = ("1", "3", "7.5", "10", "33.33", "88", "250")
LOTS = (None, "1", "1", "1", "10", "0.01")
SPREADS = ("0", "20", "100")


def money(amount: str, currency: str) -> str:
    """An amount as a currency has it: 150 yen to the euro."""
    return str(int(Decimal(amount) * 150)) if currency == "JPY" else amount


@st.composite
def trades(draw: st.DrawFn, *, lots: tuple[str | None, ...] = LOTS) -> list[Json]:
    """Buys of few lots in up to three currencies, with sells that bring more than they cost."""
    rows: list[Json] = []
    for number in range(draw(st.integers(1, 4))):
        currency, lot = draw(st.sampled_from(("EUR", "EUR", "USD", "USD", "CHF", "JPY"))), draw(st.sampled_from(lots))
        unit = money(draw(st.sampled_from(UNITS)), currency)
        row: Json = {"side": "BUY", "name": f"B{number}", "unit": unit, "currency": currency, "lot": lot, "quantity": None}
        if lot is None and draw(st.booleans()):
            row["notional"] = money(draw(st.sampled_from(("100", "333.33", "1000.01", "2500"))), currency)
        else:
            row["quantity"] = str(Decimal(lot or "0.5") * draw(st.integers(1, 60)))
            row["least"] = str(Decimal(row["quantity"]) * draw(st.sampled_from((0, 0, 0, 50, 90))) / 100)
        row["priority"] = draw(st.sampled_from((1, 2, 100, 100)))
        rows.append(row)
    for number in range(draw(st.integers(0, 2))):
        currency = draw(st.sampled_from(("EUR", "USD", "CHF")))
        rows.append({"side": "SELL", "name": f"S{number}", "unit": "40", "currency": currency, "lot": None, "quantity": "5"})
        if draw(st.booleans()):
            rows[number]["sources"] = [f"S{number}"] if rows[number]["side"] == "BUY" else []
    return rows


@st.composite
def schedules(draw: st.DrawFn) -> Json:
    """Costs of every kind."""
    least = draw(st.sampled_from(("0", "5", "15")))
    row: Json = {"rate_bps": draw(st.sampled_from(("0", "25", "50", "300"))), "minimum": {"amount": least, "currency": "EUR"}}
    if draw(st.booleans()):
        row["maximum"] = {"amount": str(int(least) + draw(st.sampled_from((0, 10)))), "currency": "EUR"}
    taxes = draw(st.sampled_from(([], [{"rate_bps": "50", "side": "BUY"}])))
    return {"commission": [row], "transaction_tax": taxes, "fx_spread_bps": draw(st.sampled_from(SPREADS))}


@st.composite
def options(draw: st.DrawFn) -> Json:
    """What shapes a plan, one or two of it at once."""
    found: Json = {"conventions": "DESK"}
    if draw(st.booleans()):
        found["costs"] = draw(schedules())
    if draw(st.integers(0, 3)) == 0:
        found["fx_min_deal"] = {"amount": draw(st.sampled_from(("50", "400"))), "currency": "EUR"}
    if draw(st.integers(0, 3)) == 0:
        found["cash_reserve"] = draw(st.dictionaries(st.sampled_from(("EUR", "USD")), st.sampled_from(("50", "400")), min_size=1))
    if draw(st.integers(0, 3)) == 0:
        found["cash_band_min_weight"] = "0.05"
    found["fx_funding_source_currency"] = draw(st.sampled_from(("ANY_CASH", "ANY_CASH", "BASE_ONLY")))
    found["auto_funding"] = draw(st.sampled_from((True, True, True, False)))
    return found


@st.composite
def books(draw: st.DrawFn, *, lots: tuple[str | None, ...] = LOTS) -> Json:
    """Cash, rates, what is proposed and what leaves."""
    cash = {currency: money(draw(st.sampled_from(CASH)), currency) for currency in ("EUR", *PAIRS)}
    rates = dict(draw(st.sampled_from(pairs)) for pairs in PAIRS.values())
    leaving = draw(st.sampled_from(((), (), ("USD",), ("EUR",))))
    for currency in leaving:
        cash[currency] = str(Decimal(cash[currency]) - 300)
    below = [currency for currency in cash if cash[currency].startswith("-")]
    return {
        "cash": cash,
        "rates": rates,
        "rows": draw(trades(lots=lots)),
        "leaving": leaving,
        "worth": draw(st.sampled_from(("0", "9000"))),
        "overdrafts": {currency: cash[currency] for currency in below if draw(st.booleans())},
    }


def exact_rates(rates: Json) -> dict[str, Fraction]:
    found = {"EUR": Fraction(1)}
    for pair, rate in rates.items():
        source, _, target = pair.partition("/")
        found[target if source == "EUR" else source] = 1 / Fraction(rate) if source == "EUR" else Fraction(rate)
    return found


def asked(rows: list[Json]) -> list[Row]:
    found = []
    for number, row in enumerate(rows, start=1):
        with arithmetic():
            notional = Decimal(row["notional"]) if "notional" in row else Decimal(row["quantity"]) * Decimal(row["unit"])
            quantity = Decimal(row["quantity"]) if row["quantity"] else notional / Decimal(row["unit"])
        lot = None if row["lot"] is None else Fraction(row["lot"])
        numbers = (Fraction(row["unit"]), Fraction(quantity), Fraction(notional), lot, Fraction(row.get("least", "0")))
        found.append(
            Row(number, row["name"], row["side"], row["currency"], *numbers, row.get("priority", 100), tuple(row.get("sources", ())))
        )
    return found


def planned(book: Json, stated: Json, **members: Any) -> Any:
    shape = {name: book[name] for name in ("rates", "leaving", "worth", "overdrafts")}
    return plan(book["cash"], book["rows"], options=stated, **shape, **members)


def certificate(book: Json, stated: Json, funding: Any) -> PlanCertificate:
    cash = {currency: Fraction(amount) for currency, amount in book["cash"].items()}
    rates = exact_rates(book["rates"])
    old = {currency: Fraction(amount) for currency, amount in book["overdrafts"].items()}
    leaving = tuple(book["leaving"])
    return PlanCertificate(cash, asked(book["rows"]), rates, stated, Fraction(book["worth"]), leaving, funding, overdrafts=old)


def test_a_plan_keeps_its_certificate() -> None:
    seen: Counter[str] = Counter()

    @examples(200)
    @given(books(), options())
    def holds(book: Json, stated: Json) -> None:
        found = certificate(book, stated, planned(book, stated))
        found.check()
        seen.update(found.seen)

    holds()
    kinds = {"levelled", "left out", "given back", "give-back refused", "repaired", "funding", "sweep", "own money", "nothing can be paid"}
    assert kinds <= seen.keys()


@examples(150)
@given(books(), options(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_proposed_changes_nothing(book: Json, stated: Json, random: Any) -> None:
    shuffled = [*book["rows"]]
    random.shuffle(shuffled)
    cash = dict(random.sample(sorted(book["cash"].items()), len(book["cash"])))

    def facts(funding: Any) -> Any:
        names = {trade.intent_id: trade.instrument_id for trade in funding.bought}
        bought = {
            trade.instrument_id: (trade.quantity, trade.notional, trade.cost, trade.adjusted, len(trade.dependencies))
            for trade in funding.bought
        }
        assert len(names) == len(bought)
        deals = [(deal.intent_id, deal.pair, deal.buy_amount, deal.sell_amount, len(deal.dependencies)) for deal in funding.deals]
        skipped = sorted((trade.instrument_id, code) for trade, code in funding.skipped)
        return bought, deals, skipped, funding.warnings, funding.floor

    assert facts(planned(book, stated)) == facts(planned(book | {"rows": shuffled, "cash": cash}, stated))


@examples(200)
@given(books(lots=(None,)))
def test_as_sized_all_is_bought_and_money_that_is_there_suffices(book: Json) -> None:
    sources: Json = {"fx_funding_source_currency": "ANY_CASH"}
    funding = planned(book, sources, as_sized=True)
    found = certificate(book, sources, funding)
    trimmed = [trade for trade in funding.bought if "MONEY_ROUNDING" in trade.adjusted]
    rows = {row.number: row for row in found.buys}
    assert [trade.number for trade in funding.bought] == [row.number for row in found.buys]
    gap = -found.surplus(found.payment([(row, row.notional) for row in found.buys], rounded=True), rounded=True)
    amounts = [row for row in found.buys if "notional" in book["rows"][row.number - 1]]
    found.check_deals()
    found.check_worth()
    found.check_rows()
    found.check_dependencies()
    if 0 < gap <= Fraction(len(amounts), 100):
        [trade] = trimmed
        largest = max(amounts, key=lambda row: (row.notional * found.rates[row.currency], -row.number))
        digits = 10 ** DIGITS.get(largest.currency, 2)
        taken = largest.notional - Fraction(trade.notional)
        assert trade.number == largest.number
        assert 0 <= taken - gap / found.rates[largest.currency] < Fraction(1, digits)
        return
    assert not trimmed
    assert all(Fraction(trade.notional) == rows[trade.number].notional for trade in funding.bought)
    if gap <= 0:
        assert found.ends().get("EUR", ZERO) >= found.floor
