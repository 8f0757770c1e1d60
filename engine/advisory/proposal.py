"""The proposal on one page: value, flows, trades, funding, rules, drift, suitability, gate (RFC-0014)."""

from collections.abc import Sequence
from copy import copy
from decimal import DecimalException

from engine.advisory.checks import replans
from engine.advisory.courses import Course, carry_out, not_carried_out
from engine.advisory.document import ProposalDecision, render_proposal
from engine.advisory.funded_plan import plan_funded
from engine.advisory.funding import fund_each_currency
from engine.advisory.progress import Identity, ProposalInProgress
from engine.advisory.values import AdvisedTrade
from engine.contracts.proposals import ProposalSimulateRequest
from engine.intents.orders import BUY, SELL
from engine.numbers import ZERO, arithmetic
from engine.rebalance import NO_HASH
from engine.result.states import can_be_shown
from engine.result.status import BLOCKED
from engine.simulation.rules import HARD, NUMERIC_RANGE
from engine.valuation import State, unvalued

Trades = Sequence[AdvisedTrade]


def propose(
    request: ProposalSimulateRequest,
    *,
    run_id: str,
    correlation_id: str,
    request_hash: str = NO_HASH,
    idempotency_key: str | None = None,
) -> ProposalDecision:
    """Say what a proposal comes to, and who must look at it (RFC-0014). Never raises on a validated request."""
    with arithmetic():
        progress = ProposalInProgress.of(request, Identity(run_id, correlation_id, request_hash, idempotency_key))
        try:
            return render_proposal(progress, _run_stages(progress))
        except DecimalException:
            return render_proposal(progress, not_carried_out(progress, _shown_before(progress), NUMERIC_RANGE))


def _run_stages(progress: ProposalInProgress) -> Course:
    before = progress.value()
    progress.size()
    sells, buys = progress.sized(SELL), progress.sized(BUY)
    course = _pay(progress, before, sells, buys)
    if course.status == BLOCKED and replans(progress.options, course.rows, course.funding):
        again = _pay_from_all(progress, before, sells, [copy(buy) for buy in buys], as_sized=True)
        if again and not any(row.severity == HARD and not row.passed for row in again.rows):
            again.replanned = True
            return again
    return course


def _pay(progress: ProposalInProgress, before: State, sells: Trades, buys: Trades) -> Course:
    """Buy what there is money for; where nothing is to be reduced, or a rate is missing, each currency from one source."""
    if progress.options.reduces_buys and (course := _pay_from_all(progress, before, sells, buys, as_sized=False)):
        return course
    cash = dict(progress.cash)
    for sell in sells:
        for currency, amount in sell.cash_flows():
            cash[currency] = cash.get(currency, ZERO) + amount
    return carry_out(progress, before, sells, fund_each_currency(cash, buys, progress.market, progress.options))


def _pay_from_all(progress: ProposalInProgress, before: State, sells: Trades, buys: Trades, *, as_sized: bool) -> Course | None:
    """Buy with all the money there is, in whatever currency; None where a rate is missing for that, and then the buys are as they were."""
    if not progress.flows_have_rates:
        return None
    funding = plan_funded(
        progress.cash,
        buys,
        sells,
        progress.leaving,
        progress.worth,
        progress.market,
        progress.options,
        progress.charges,
        as_sized=as_sized,
        overdrafts=progress.overdrafts,
    )
    return None if funding is None else carry_out(progress, before, sells, funding)


def _shown_before(progress: ProposalInProgress) -> State:
    """The portfolio as it is, without values where these, or their shares of the total, leave the range of decimals."""
    snapshots = progress.snapshots
    if progress.before is not None and can_be_shown(progress.before, snapshots.market):
        return progress.before
    return unvalued(snapshots.quantities, snapshots.portfolio.cash_balances, snapshots.market, snapshots.shelf)
