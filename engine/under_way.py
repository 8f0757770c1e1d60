"""What is known to happen besides this run: flows of cash that count, and those that come too late (practice 7)."""

from engine.contracts import EngineOptions
from engine.contracts.snapshots import CashFlow, PortfolioSnapshot


def counts(flow: CashFlow, options: EngineOptions) -> bool:
    """Whether sizing reckons with a flow: money that leaves always, money that comes by the settlement horizon."""
    return flow.amount < 0 or flow.day <= options.settlement_horizon_days


def counted_flows(portfolio: PortfolioSnapshot, options: EngineOptions) -> list[CashFlow]:
    """The flows that sizing reckons with, as given."""
    return [flow for flow in portfolio.cash_flows if counts(flow, options)]
