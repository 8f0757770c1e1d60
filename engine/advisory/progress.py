"""A proposal on its way: what it is about, and what its stages have made so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from engine.advisory.flows import apply_flows, in_major, worth_of
from engine.advisory.trades import Desk, Outcome, size_trades
from engine.advisory.values import AdvisedTrade
from engine.contracts.options.proposals import ProposalOptions
from engine.contracts.proposals import ProposalSimulateRequest, ProposedCashFlow
from engine.costs import Charges
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ZERO
from engine.snapshots import MarketAndShelf, Snapshots
from engine.standing import Standing, counted_flows, stand
from engine.valuation import State


@dataclass(slots=True)
class Identity:
    """Which proposal it is, and who asked: the ids of the run, the digest of its request, the caller's key."""

    run_id: str
    correlation_id: str
    request_hash: str
    idempotency_key: str | None


@dataclass(slots=True)
class ProposalInProgress:
    """A proposal on its way. It is read whole only where a stage fails.

    `cash` is what there is before the trades: open orders, known flows and proposed flows done. `failures` block, whatever money says.
    """

    request: ProposalSimulateRequest
    identity: Identity
    snapshots: Snapshots
    options: ProposalOptions
    flows: Sequence[ProposedCashFlow]
    charges: Charges
    notes: Notes = field(default_factory=Notes)
    before: State | None = None
    standing: Standing | None = None
    cash: dict[str, Decimal] = field(default_factory=dict)
    outcomes: Sequence[Outcome] = ()
    failures: Sequence[str] = ()

    @classmethod
    def of(cls, request: ProposalSimulateRequest, identity: Identity) -> "ProposalInProgress":
        """Index the snapshots of a request; every amount is in a major currency from here on."""
        shared = MarketAndShelf.of(request.market_data_snapshot, request.shelf_entries)
        found = Snapshots.over(shared, request.portfolio_snapshot)
        snapshots, options = found.under(request.options), found.options(request.options)
        minors = shared.seen_from(request.portfolio_snapshot.base_currency).minors
        charges = Charges.of(options.costs, snapshots.market, snapshots.shelf)
        return cls(request, identity, snapshots, options, in_major(request.proposed_cash_flows, minors), charges)

    @property
    def market(self) -> Market:
        """Prices and rates."""
        return self.snapshots.market

    @property
    def shelf(self) -> Shelf:
        """What the bank allows."""
        return self.snapshots.shelf

    def value(self) -> State:
        """The portfolio as it is."""
        self.before = self.snapshots.before(self.options.valuation_mode, self.notes)
        return self.before

    def size(self) -> None:
        """Let what is under way and the proposed flows happen, and give every trade its quantity."""
        portfolio, before = self.snapshots.portfolio, self.before or self.value()
        self.standing = standing = stand(portfolio, self.snapshots.quantities, before, self.market, self.shelf, self.options, self.notes)
        self.cash = dict(standing.cash)
        overdrawn = apply_flows(self.flows, self.cash, self.options, self.notes)
        minors = self.snapshots.shared.seen_from(portfolio.base_currency).minors
        desk = Desk(self.market, self.shelf, minors, self.options, self.charges, self.notes, standing.sellable)
        self.outcomes = size_trades(self.request.proposed_trades, desk)
        self.notes.warnings += self.charges.unbounded([outcome.trade for outcome in self.outcomes if outcome.trade])
        self.failures = [*overdrawn, *(outcome.failure for outcome in self.outcomes if outcome.failure)]

    def sized(self, side: str) -> list[AdvisedTrade]:
        """The trades of a side as they were sized, by instrument, of one instrument in the order given."""
        trades = [outcome.trade for outcome in self.outcomes if outcome.trade is not None and outcome.trade.side == side]
        return sorted(trades, key=attrgetter("instrument_id"))

    @property
    def worth(self) -> Decimal:
        """What floors and doubts are shares of: the total before with all that flows, at least zero (advisory-practice 4)."""
        before = self.before.total if self.before else ZERO
        known = self.standing.flows if self.standing else ZERO
        return max(ZERO, before + known + worth_of(self.flows, self.market))

    @property
    def flows_have_rates(self) -> bool:
        """Whether all money that flows, proposed or known, is worth something in base."""
        flowing = {flow.currency for flow in self.flows} | {flow.currency for flow in counted_flows(self.snapshots.portfolio, self.options)}
        return flowing <= self.market.base_rates.keys()

    @property
    def overdrafts(self) -> dict[str, Decimal]:
        """Cash of the snapshot that is below zero, by currency."""
        return {row.currency: row.amount for row in self.snapshots.portfolio.cash_balances if row.amount < ZERO}

    @property
    def leaving(self) -> list[str]:
        """The currencies that the proposal takes money out of."""
        return [flow.currency for flow in self.flows if flow.amount < 0]
