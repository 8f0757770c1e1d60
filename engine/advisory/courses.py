"""One way to carry a proposal out: its orders, the portfolio after them, and what the rules say of it (advisory-engine 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.advisory.checks import Done, rules_of
from engine.advisory.doubts import doubts_of
from engine.advisory.flows import worth_of
from engine.advisory.progress import ProposalInProgress
from engine.advisory.values import AdvisedTrade, Funding
from engine.contracts import ValuationMode
from engine.contracts.conventions import Conventions
from engine.contracts.snapshots import OrderSide
from engine.intents.orders import FxDeal, Order
from engine.notes import Notes
from engine.numbers import ZERO
from engine.result.status import BLOCKED, status_of
from engine.simulation.after_state import apply_orders
from engine.simulation.plausibility import Facts, doubted
from engine.simulation.reconciliation import Reconciliation
from engine.simulation.rules import Checked, RuleRow, evaluate
from engine.valuation import State, value


@dataclass(slots=True)
class Course:
    """One way to carry a proposal out, and where it leads. `skipped` are the trades left out with their code, by number.

    `replanned` says that it is the second way, since on the first one a currency was not paid.
    """

    status: str
    before: State
    after: State
    rows: list[RuleRow]
    reconciliation: Reconciliation
    notes: Notes
    funding: Funding
    sells: Sequence[AdvisedTrade] = ()
    failures: Sequence[str] = ()
    skipped: Sequence[tuple[int, str]] = ()
    in_range: bool = True
    replanned: bool = False

    @property
    def trades(self) -> list[AdvisedTrade]:
        """The trades that are executed: sells, then buys, each in instrument order."""
        return [*self.sells, *self.funding.bought]

    @property
    def orders(self) -> list[Order]:
        """The orders as a result lists them; where they know every payer, their deals are in order of execution already."""
        deals = self.funding.deals if self.funding.complete else sorted(self.funding.deals, key=lambda deal: deal.pair)
        return [*self.sells, *deals, *self.funding.bought]


def carry_out(progress: ProposalInProgress, before: State, sells: Sequence[AdvisedTrade], funding: Funding) -> Course:
    """Execute the trades as they are paid, value the portfolio after them and ask the rules; the notes so far are not touched."""
    notes, standing = _continued(progress.notes), progress.standing
    if standing is None:
        raise ValueError("a proposal is carried out once it is sized")
    market, shelf, options, portfolio = progress.market, progress.shelf, progress.options, progress.snapshots.portfolio
    notes.warnings += funding.warnings
    for pair in funding.missing_pairs:
        notes.fx_missing[pair] = None
    _link(sells, funding, to_sells=options.link_buy_to_same_currency_sell_dependency is True)
    quantities, cash = apply_orders(standing.quantities, progress.cash, portfolio.cash_balances, [*sells, *funding.deals, *funding.bought])
    calculated = before if options.valuation_mode is ValuationMode.CALCULATED else None
    after = value(quantities, cash, market, shelf, notes, earlier=calculated)

    trades, failures = [*sells, *funding.bought], [*progress.failures, *funding.failures]
    left_out = [(outcome.number, outcome.skipped) for outcome in progress.outcomes if outcome.skipped]
    skipped = sorted([*left_out, *((trade.number, code) for trade, code in funding.skipped)])
    open_buys = {order.instrument_id for order in portfolio.open_orders if order.side is OrderSide.BUY}
    done = Done(trades, [code for _, code in skipped], failures, funding, progress.overdrafts, open_buys)
    doubts = doubted(_facts(progress, trades), doubts_of(portfolio.open_orders, progress.request.reference_model))
    rows = evaluate(Checked(after, standing.quantities, frozenset(), shelf, options, notes), rules_of(done, doubts))

    reconciliation = Reconciliation.of(
        before.total,
        after.total,
        after.base,
        standing.flows if standing.flows_known else None,
        start=_start(progress),
        proposed_flows=worth_of(progress.flows, market, notes) if progress.flows else None,
        costs=costs_of(progress, trades, funding.deals) if options.costs is not None else None,
    )
    if not reconciliation.agrees:
        rows.append(reconciliation.failure())
    status = status_of(rows)
    if status == BLOCKED and progress.snapshots.lacks_values(options.valuation_mode):
        notes.warn("TOTAL_EXCLUDES_UNVALUED")
    return Course(status, before, after, rows, reconciliation, notes, funding, sells, failures, skipped)


def not_carried_out(progress: ProposalInProgress, before: State, row: RuleRow) -> Course:
    """A proposal that ends before it has orders: one rule says why, and the portfolio stays as it is."""
    reconciliation = Reconciliation.of(before.total, before.total, before.base)
    return Course(BLOCKED, before, before, [row], reconciliation, progress.notes, Funding([]), in_range=False)


def costs_of(progress: ProposalInProgress, trades: Sequence[AdvisedTrade], deals: Sequence[FxDeal]) -> Decimal:
    """What the orders cost in all, in base; an order without a rate adds nothing."""
    traded = sum([trade.cost * trade.rate for trade in trades], ZERO)
    return traded + sum([cost_of_deal(progress, deal) for deal in deals], ZERO)


def cost_of_deal(progress: ProposalInProgress, deal: FxDeal) -> Decimal:
    """What a deal costs against the mid rate, in base: spread and rounding (desk 8.2)."""
    rates = progress.market.base_rates
    return deal.sell_amount * rates.get(deal.sell_currency, ZERO) - deal.buy_amount * rates.get(deal.buy_currency, ZERO)


def _continued(notes: Notes) -> Notes:
    """The notes so far, for one of several ways on."""
    onward = Notes()
    onward.take(notes)
    onward.shelf_missing.update(notes.shelf_missing)
    return onward


def _link(sells: Sequence[AdvisedTrade], funding: Funding, *, to_sells: bool) -> None:
    """Write the dependencies of every buy: the deal of its currency, the sells of a switch, and, where wished, the last sell in its currency.

    Where every payer is known, they stand in order of execution (practice 6.4).
    """
    if funding.complete:
        payers: Sequence[Order] = [*sells, *funding.deals]
        place = {payer.intent_id: number for number, payer in enumerate(payers)}
        for buy in funding.bought:
            buy.dependencies = sorted({*_named(buy, sells), *buy.dependencies}, key=place.__getitem__)
        return
    deals = {deal.buy_currency: deal.intent_id for deal in funding.deals}
    last = {sell.price.currency: sell.intent_id for sell in sells} if to_sells else {}
    waits_for = {currency: [by[currency] for by in (deals, last) if currency in by] for currency in {*deals, *last}}
    for buy in funding.bought:
        buy.dependencies = waits_for.get(buy.price.currency, ())
        if buy.sources:
            named = _named(buy, sells)
            buy.dependencies = list(dict.fromkeys([*buy.dependencies[:1], *named, *buy.dependencies[1:]]))


def _named(buy: AdvisedTrade, sells: Sequence[AdvisedTrade]) -> list[str]:
    """The sells that a switch names."""
    return [sell.intent_id for sell in sells if sell.instrument_id in buy.sources] if buy.sources else []


def _start(progress: ProposalInProgress) -> Decimal | None:
    """What reconciliation starts from where the portfolio before is trusted: a desk compares like with like (advisory-practice 8)."""
    options = progress.options
    if options.conventions is not Conventions.DESK or options.valuation_mode is ValuationMode.CALCULATED:
        return None
    return progress.snapshots.before(ValuationMode.CALCULATED, Notes()).total


def _facts(progress: ProposalInProgress, trades: Sequence[AdvisedTrade]) -> Facts:
    request, options = progress.request, progress.options
    return Facts(
        progress.snapshots.portfolio.positions,
        ZERO,
        progress.market,
        trades,
        progress.worth,
        request.portfolio_snapshot.as_of,
        request.market_data_snapshot.as_of,
        options,
        trusted_too=options.conventions is Conventions.DESK,
    )
