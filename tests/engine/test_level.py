"""The level against its certificate, by a checker that shares no code with it (desk 3.2)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.guarded.funded_turnover import turnover_levels
from engine.guarded.funds import Funds, Ledger, Orders, Purse
from engine.guarded.level import Demands, level, level_on_total

AMOUNTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=12)
CURRENCIES = ("USD", "EUR", "GBP")
PROFILE = settings(deadline=None, derandomize=True, database=None, max_examples=300)


def takes(demands: list[int], at: Fraction) -> list[Fraction]:
    return [max(Fraction(0), demand - at) for demand in demands]


@PROFILE
@given(AMOUNTS, st.integers(0, 10**7))
def test_a_total_is_spent_whole_or_nothing_is_cut(demands: list[int], budget: int) -> None:
    at = level_on_total(demands, budget)
    spent = sum(takes(demands, at))
    assert spent == min(sum(demands), budget)
    assert at == 0 or sum(demands) > budget


def test_two_demands_share_what_there_is() -> None:
    # 200 and 120 ask, 120 is there: cut by 100 each, 100 + 20 = 120
    assert level_on_total([200, 120], 120) == 100


def test_a_demand_below_the_level_gets_nothing() -> None:
    # 90 and 10 ask, 60 is there: 30 off the first leaves 60, and nothing for the second
    assert level_on_total([90, 10], 60) == 30


def test_rationals_are_levelled_exactly() -> None:
    # 1/3 and 1/2 ask, nothing is there: the largest demand is the smallest level that leaves nothing
    assert level_on_total([Fraction(1, 3), Fraction(1, 2)], 0) == Fraction(1, 2)


def test_no_level_helps_where_nothing_can_be_paid() -> None:
    assert level(lambda at: at - 10, Fraction(5)) is None


def test_a_jump_is_met_at_its_edge() -> None:
    # what is left over jumps from −1 to 2 at 7
    assert level(lambda at: Fraction(2) if at >= 7 else Fraction(-1), Fraction(10), lambda low, high: (7,)) == 7


@st.composite
def books(draw: st.DrawFn) -> tuple[Funds, list[tuple[str, int]], list[tuple[str, int]]]:
    amounts = st.tuples(st.sampled_from(CURRENCIES), st.integers(1, 10_000))
    foreign = {currency: Purse(draw(st.integers(-3_000, 8_000)), draw(st.sampled_from((0, 0, 500, 2_500)))) for currency in CURRENCIES[1:]}
    funds = Funds(
        "USD",
        draw(st.integers(-2_000, 20_000)),
        draw(st.integers(0, 2_000)),
        foreign,
        Fraction(draw(st.sampled_from((100, 101, 105))), 100),
    )
    return funds, draw(st.lists(amounts, max_size=6)), draw(st.lists(amounts, min_size=1, max_size=8))


def net(buys: list[tuple[str, Fraction]], sells: list[tuple[str, Fraction]] = []) -> dict[str, Fraction]:  # noqa: B006  (never changed)
    found: dict[str, Fraction] = {}
    for sign, rows in ((-1, buys), (1, sells)):
        for currency, amount in rows:
            found[currency] = found.get(currency, Fraction(0)) + sign * amount
    return found


def surplus(funds: Funds, orders: dict[str, Fraction]) -> Fraction:
    """The rule of desk 6.1, written a second time."""
    left = Fraction(funds.cash - funds.floor) + orders.get("USD", Fraction(0))
    for currency, purse in funds.foreign.items():
        balance = purse.free + orders.get(currency, Fraction(0))
        if balance < 0:
            left -= max(-balance * funds.reserve, Fraction(purse.smallest_deal))
        elif balance >= purse.smallest_deal:
            left += balance
    return left


@PROFILE
@given(books())
def test_the_price_of_cash_is_the_least_that_can_be_paid(book: tuple[Funds, list[tuple[str, int]], list[tuple[str, int]]]) -> None:
    funds, _, buys = book
    orders = Orders.of(buys)

    def after(at: Fraction) -> dict[str, Fraction]:
        return net([(currency, max(Fraction(0), amount - at)) for currency, amount in buys])

    def proceeds(at: Fraction) -> dict[str, Fraction | int]:
        return {name: -amount for name, amount in orders.left(at).items()}

    found = level(lambda at: funds.surplus(proceeds(at)), orders.together.largest, orders.together.breaks, funds.turning_points(proceeds))
    if found is None:
        assert surplus(funds, after(orders.together.largest)) < 0
        return
    assert surplus(funds, after(found)) >= 0
    if found:
        assert surplus(funds, after(found - Fraction(1, 10**9))) < 0


@PROFILE
@given(books(), st.integers(0, 60_000))
def test_a_funded_turnover_keeps_both_budgets(book: tuple[Funds, list[tuple[str, int]], list[tuple[str, int]]], budget: int) -> None:
    funds, sells, buys = book
    found = turnover_levels(sells, buys, budget, funds)
    everything = sum(amount for _, amount in [*sells, *buys])
    if found is None:
        assert everything <= budget
        return
    sold = [(currency, max(Fraction(0), amount - found.sells)) for currency, amount in sells]
    bought = [(currency, max(Fraction(0), amount - found.buys)) for currency, amount in buys]
    turned = sum(amount for _, amount in [*sold, *bought])
    paid = surplus(funds, net(bought, sold)) >= 0
    assert turned <= budget
    assert paid or not any(amount for _, amount in bought)
    assert found.buys >= found.sells
    if found.buys > found.sells and paid:
        nearer = found.buys - Fraction(1, 10**9)
        more = [(currency, max(Fraction(0), amount - nearer)) for currency, amount in buys]
        room = budget - sum(amount for _, amount in more)
        at = level_on_total([amount for _, amount in sells], max(0, int(room))) if sells else Fraction(0)
        fewer = [(currency, max(Fraction(0), amount - at)) for currency, amount in sells]
        assert surplus(funds, net(more, fewer)) < Fraction(len(sells) + 1)


def test_one_currency_is_the_optimum_under_both_budgets() -> None:
    # A and B may be sold for 6,000 each, C wants 12,000, half of it may be turned: 6,000 bought, 3,000 of each sold
    funds = Funds("USD", 0, 0, {}, Fraction(1))
    found = turnover_levels([("USD", 6_000), ("USD", 6_000)], [("USD", 12_000)], 12_000, funds)
    assert found is not None
    assert [found.buys, found.sells, found.price, found.cash_price] == [6_000, 3_000, 4_500, 1_500]


def test_sells_done_whole_leave_the_rest_of_a_turnover_unused() -> None:
    # 1 may be sold, 3 are wanted, 3 may be turned: ½ off each costs 2½ and brings ½; with the sell whole 1 can be bought
    found = turnover_levels([("USD", 1)], [("USD", 3)], 3, Funds("USD", 0, 0, {}, Fraction(1)))
    assert found is not None
    assert [found.buys, found.sells, found.price, found.cash_price] == [2, 0, 0, 2]


@PROFILE
@given(books(), st.lists(st.tuples(st.sampled_from(CURRENCIES), st.integers(-3_000, 3_000)), max_size=10))
def test_a_ledger_says_what_the_whole_sum_says(
    book: tuple[Funds, list[tuple[str, int]], list[tuple[str, int]]], moves: list[tuple[str, int]]
) -> None:
    funds, _, _ = book
    ledger = Ledger(funds, {}, funds.effect)
    done: dict[str, Fraction] = {}
    for currency, proceeds in moves:
        done[currency] = done.get(currency, Fraction(0)) + proceeds
        assert ledger.after(currency, proceeds) == surplus(funds, done)
        ledger.settle(currency, proceeds)


@pytest.mark.parametrize(("at", "left"), [(0, 30), (5, 15), (10, 0), (Fraction(1, 2), Fraction(57, 2))])
def test_what_a_level_leaves_is_at_hand(at: Fraction | int, left: Fraction | int) -> None:
    # 10, 10, 10: at 5 each keeps 5; at ½ each keeps 9½
    assert Demands([10, 10, 10]).left(Fraction(at)) == left
