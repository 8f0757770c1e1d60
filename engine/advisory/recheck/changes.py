"""What moved between a version of a proposal and a later look at it (advisory-practice 10).

A ratio is y ÷ x − 1, any other change y − x; measures are compared exactly and shown at 28 digits. Where one side is absent there is no change
to give.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from engine.advisory.recheck.request import executed_trades
from engine.contracts.lifecycle.checks import Tolerance
from engine.contracts.proposals import ProposalSimulateRequest
from engine.contracts.snapshots import PortfolioSnapshot
from engine.market import Market
from engine.numbers import arithmetic, plain, rational
from engine.records.proposal_history import Change, Gate
from engine.simulation.plausibility import day_of
from engine.snapshots import MarketAndShelf, Snapshots
from engine.workflow.proposal_gates import stricter

Json = Mapping[str, Any]

GATE: Final = "gate"
MARKET_DATA: Final = "market_data_snapshot"
ONE: Final = Fraction(1)
NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Look:
    """A proposal as it was decided at one time: the request, the result as it is written, and the gate that counts."""

    request: ProposalSimulateRequest
    result: Json
    gate: Gate

    def snapshots(self) -> Snapshots:
        """Its portfolio and its market, amounts in major currencies."""
        shared = MarketAndShelf.of(self.request.market_data_snapshot, self.request.shelf_entries)
        return Snapshots.over(shared, self.request.portfolio_snapshot).under(self.request.options)


def changes_between(then: Look, now: Look, tolerance: Tolerance, *, portfolio_given: bool) -> tuple[Change, ...]:
    """Everything that moved beyond the tolerance, by code, then subject; of one subject in the order of its trades."""
    with arithmetic():
        before, after = then.snapshots(), now.snapshots()
        traded = [str(trade["instrument_id"]) for trade in executed_trades(then.result)]
        instruments = {*traded, *_held(before.portfolio), *_held(after.portfolio)}
        currencies = _currencies(instruments, (before, after))
        found = [
            *_prices(before.market, after.market, instruments, Fraction(tolerance.price)),
            *_rates(before.market, after.market, currencies, Fraction(tolerance.fx)),
            *(_holdings(before.portfolio, after.portfolio) if portfolio_given else ()),
            *_trades(then.result, now.result),
            *_weights(then.result, now.result, traded, Fraction(tolerance.weight)),
            *_gates(then.gate, now.gate),
            *_issues(then.result, now.result),
            *_age(then.request.market_data_snapshot.as_of, now.request.market_data_snapshot.as_of),
        ]
    return tuple(sorted(found, key=lambda change: (change.code, change.subject)))


def _held(portfolio: PortfolioSnapshot) -> set[str]:
    return {row.instrument_id for row in portfolio.positions if row.quantity}


def _currencies(instruments: Iterable[str], looks: Iterable[Snapshots]) -> set[str]:
    """All that is held, or that something held or traded is priced in. Base is always worth itself."""
    named: set[str] = set()
    for look in looks:
        prices = look.market.prices
        named |= {row.currency for row in look.portfolio.cash_balances if row.amount}
        named |= {prices[name].currency for name in instruments if name in prices}
    return named


def _prices(before: Market, after: Market, instruments: Iterable[str], tolerance: Fraction) -> Iterator[Change]:
    for name in instruments:
        was, priced = before.units.get(name), after.units.get(name)
        if was is None:
            continue
        if priced is None:
            yield Change("PRICE_LOST", name, plain(was), None, None)
        elif before.prices[name].currency != after.prices[name].currency:
            yield Change("PRICE_MOVED", name, plain(was), plain(priced), None)
        else:
            yield from _moved("PRICE_MOVED", name, Fraction(was), Fraction(priced), tolerance)


def _rates(before: Market, after: Market, currencies: Iterable[str], tolerance: Fraction) -> Iterator[Change]:
    for currency in currencies:
        was, rate = before.exact_rate(currency), after.exact_rate(currency)
        if was is None:
            continue
        if rate is None:
            yield Change("FX_MOVED", currency, _text(was), None, None)
        else:
            yield from _moved("FX_MOVED", currency, was, rate, tolerance)


def _moved(code: str, subject: str, x: Fraction, y: Fraction, tolerance: Fraction) -> Iterator[Change]:
    if not x:
        if y:
            yield Change(code, subject, _text(x), _text(y), None)
    elif abs(y / x - 1) > tolerance:
        yield Change(code, subject, _text(x), _text(y), _text(y / x - 1))


def _holdings(before: PortfolioSnapshot, after: PortfolioSnapshot) -> Iterator[Change]:
    yield from _differing(
        "HOLDING_CHANGED",
        {row.instrument_id: row.quantity for row in before.positions},
        {row.instrument_id: row.quantity for row in after.positions},
    )
    yield from _differing(
        "CASH_CHANGED",
        {row.currency: row.amount for row in before.cash_balances},
        {row.currency: row.amount for row in after.cash_balances},
    )


def _differing(code: str, before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> Iterator[Change]:
    for name in {**before, **after}:
        x, y = Fraction(before.get(name, 0)), Fraction(after.get(name, 0))
        if x != y:
            yield Change(code, name, _text(x), _text(y), _text(y - x))


def _trades(then: Json, now: Json) -> Iterator[Change]:
    """The executed trades against what became of them. The later look numbers them in their order (`oi_1` is the first)."""
    executed = {trade["intent_id"]: trade for trade in executed_trades(now)}
    for number, trade in enumerate(executed_trades(then), start=1):
        name, wanted, done = str(trade["instrument_id"]), Fraction(trade["quantity"]), executed.get(f"oi_{number}")
        if done is None:
            yield Change("TRADE_LOST", name, _text(wanted), None, None)
        elif (quantity := Fraction(done["quantity"])) != wanted:
            yield Change("TRADE_CHANGED", name, _text(wanted), _text(quantity), _text(quantity - wanted))


def _weights(then: Json, now: Json, traded: Iterable[str], tolerance: Fraction) -> Iterator[Change]:
    before, after = _weights_after(then), _weights_after(now)
    for name in dict.fromkeys(traded):
        x, y = before.get(name, NOTHING), after.get(name, NOTHING)
        if abs(y - x) > tolerance:
            yield Change("WEIGHT_MOVED", name, _text(x), _text(y), _text(y - x))


def _weights_after(result: Json) -> dict[str, Fraction]:
    """Weights in the state after a proposal, from its amounts, which are not rounded as its weights are."""
    after = result["after_simulated"]
    divisor = Fraction(after["total_value"]["amount"]) or ONE
    return {row["instrument_id"]: Fraction(row["value_in_base_ccy"]["amount"]) / divisor for row in after["positions"]}


def _gates(then: Gate, now: Gate) -> Iterator[Change]:
    if now is not then and stricter(then, now) is now:
        yield Change("GATE_WORSE", GATE, then, now, None)


def _issues(then: Json, now: Json) -> Iterator[Change]:
    known = _new_issues(then)
    for key, severity in _new_issues(now).items():
        if key not in known:
            yield Change("NEW_ISSUE", key, None, severity, None)


def _new_issues(result: Json) -> dict[str, str]:
    """Issues that count as new, with their severity."""
    issues = (result["suitability"] or {}).get("issues", ())
    return {row["issue_key"]: row["severity"] for row in issues if row["status_change"] == "NEW" or row["severity_change"]}


def _age(then: str | None, now: str | None) -> Iterator[Change]:
    """Market data that begin with an earlier date than the version's; where one has no date, nobody can tell."""
    was, given = day_of(then or ""), day_of(now or "")
    if was is not None and given is not None and given < was:
        yield Change("DATA_OLD", MARKET_DATA, was.isoformat(), given.isoformat(), str((given - was).days))


def _text(value: Fraction) -> str:
    return plain(rational(value))
