"""What the orders of a proposal cost, order by order (desk 8.5)."""

from engine.advisory.courses import Course, cost_of_deal, costs_of
from engine.advisory.progress import ProposalInProgress
from engine.advisory.values import AdvisedTrade
from engine.guarded.exact import twelve_places
from engine.numbers import ZERO
from engine.result.amounts import Json, money

BASIS_POINTS = 10_000


def render_costs(progress: ProposalInProgress, course: Course) -> Json:
    """The block of the result: commissions and taxes by trade, spreads by deal, and their share of what is traded."""
    base, deals = progress.market.base, course.funding.deals
    whole = costs_of(progress, course.trades, deals)
    traded = sum([trade.notional_base for trade in course.trades], ZERO)
    return {
        "total": money(whole, base),
        "trades": [_trade(progress, trade) for trade in course.trades],
        "fx": [{"intent_id": deal.intent_id, "total_base": money(cost_of_deal(progress, deal), base)} for deal in deals],
        "turnover_bps": twelve_places(whole / traded * BASIS_POINTS) if traded else None,
    }


def _trade(progress: ProposalInProgress, trade: AdvisedTrade) -> Json:
    currency = trade.price.currency
    cost = progress.charges.cost(trade.instrument_id, trade.side, trade.notional, currency)
    [(_, net)] = trade.cash_flows()
    return {
        "intent_id": trade.intent_id,
        "instrument_id": trade.instrument_id,
        "commission": money(cost.commission, currency),
        "transaction_tax": money(cost.tax, currency),
        "net_cash": money(net, currency),
        "total_base": money(cost.total * trade.rate, progress.market.base),
    }
