"""What buys and their costs take at a level, against the same sum written a second time (desk 3, 6.1, 8.2)."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.costs import FREE, Terms
from engine.guarded.exact import Parts
from engine.guarded.funds import Funds, Ledger, MinorUnits, Purse
from engine.guarded.level import level
from engine.guarded.payments import Payments, bends_of

PROFILE = settings(deadline=None, derandomize=True, database=None, max_examples=300)
SHARES = st.sampled_from((0, 10, 25, 100, 500))
Row = tuple[int, Terms]


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Demands in EUR cents, with their terms in EUR."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        least = draw(st.sampled_from((0, 5, 15)))
        most = draw(st.sampled_from((None, least, least + 10, least + 100)))
        rate, tax = Fraction(draw(SHARES), 10_000), Fraction(draw(SHARES), 10_000)
        found.append((draw(st.integers(1, 10**6)), Terms(rate, Fraction(least), None if most is None else Fraction(most), tax)))
    return found


def paid(demands: list[Row], at: Fraction) -> Fraction:
    """Amounts and costs that a level leaves, in cents."""
    total = Fraction(0)
    for demand, terms in demands:
        amount = demand - at
        if amount > 0:
            commission = max(amount * terms.rate, terms.minimum * 100)
            commission = commission if terms.maximum is None else min(commission, terms.maximum * 100)
            total += amount + commission + amount * terms.tax
    return total


def payments_of(demands: list[Row]) -> Payments:
    return Payments(bend for demand, terms in demands for bend in bends_of(demand, terms, 100))


@PROFILE
@given(rows(), st.fractions(0, 10**6))
def test_a_level_leaves_amounts_and_their_costs(demands: list[Row], at: Fraction) -> None:
    payments = payments_of(demands)
    for point in (at, *(Fraction(bend) for bend in payments.levels)):
        assert payments.at(point) == paid(demands, point)
    assert payments.at(Fraction(0)) == paid(demands, Fraction(0))
    assert payments.largest == max(demand for demand, _ in demands)


@PROFILE
@given(rows(), st.integers(0, 3 * 10**6))
def test_the_level_of_a_budget_is_the_least_that_pays_costs_too(demands: list[Row], budget: int) -> None:
    payments = payments_of(demands)
    found = level(lambda at: budget - payments.at(at), payments.largest, payments.breaks)
    assert found is not None  # at the largest demand nothing is left to pay
    assert paid(demands, found) <= budget
    assert not found or paid(demands, found - Fraction(1, 10**9)) > budget


def test_a_buy_that_ends_frees_its_least_commission() -> None:
    # 100 and 15 of 110: 95 and 15 at level 5. 100 and 15, 200 and 15 of 210: at 100 the first ends, and 15 with it: 115 are paid; above
    # it 100 − λ + 200 − λ + 30 = 210 → 60
    terms = Terms(minimum=Fraction(15))
    assert payments_of([(10_000, terms)]).at(Fraction(500)) == 11_000
    two = payments_of([(10_000, terms), (20_000, terms)])
    assert [two.at(Fraction(point)) for point in (0, 6_000, 9_999, 10_000)] == [33_000, 21_000, 13_002, 11_500]


def test_free_buys_take_what_they_ask_for() -> None:
    assert payments_of([(10, FREE), (30, FREE)]).at(Fraction(5)) == 30


CENT = Parts.of({"USD": Fraction(1), "EUR": Fraction(3, 2)}, steps=0, units=2, money=2, shares=0)
SPREAD = Fraction(1, 50)


def test_a_spread_is_paid_by_who_deals() -> None:
    # 2 % of 15 USD: −10 EUR cost 15.30, 10 EUR bring 14.70
    funds = Funds("USD", 0, 0, {"EUR": Purse(0, 0, SPREAD)}, Fraction(1))
    ten = 10 * CENT.worth["EUR"]
    assert [funds.effect("EUR", amount) / CENT.per_base for amount in (-ten, 0, ten)] == [Fraction("-15.3"), 0, Fraction("14.7")]


def test_a_purse_that_does_not_give_is_bought_for_only() -> None:
    # 10 EUR are 15 USD: they are paid where they lack, and bring nothing where they are left over
    funds = Funds("USD", 0, 0, {"EUR": Purse(0, gives=False)}, Fraction(1))
    ten = 10 * CENT.worth["EUR"]
    for effect in (funds.effect, MinorUnits(funds, CENT, {"USD": 2, "EUR": 2}).effect):
        assert [effect("EUR", amount) for amount in (-ten, ten)] == [-15 * CENT.per_base, 0]
        assert Ledger(funds, {"EUR": ten}, effect).surplus == 0


@PROFILE
@given(st.integers(-10_000, 10_000), st.sampled_from((0, 700, 2_500)), st.sampled_from((Fraction(0), SPREAD, Fraction(1, 3_000))))
def test_rounded_deals_are_against_the_client_by_less_than_a_cent_a_leg(hundredths: int, smallest: int, spread: Fraction) -> None:
    balance = hundredths * CENT.worth["EUR"] // 1000
    funds = Funds("USD", 0, 0, {"EUR": Purse(0, smallest * CENT.worth["EUR"] // 1000, spread)}, Fraction(1))
    exact = funds.effect("EUR", balance)
    rounded = MinorUnits(funds, CENT, {"USD": 2, "EUR": 2}).effect("EUR", balance)
    cents = (CENT.per_base + CENT.worth["EUR"] * (1 + spread)) / 100
    assert 0 <= exact - rounded < cents
    assert rounded * 100 % CENT.per_base == 0
