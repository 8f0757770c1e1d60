"""States to measure and scan, without a proposal around them: every instrument costs 1 EUR unless it says otherwise.

What is held and the cash are amounts, so of a portfolio of 100 they are percents.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from engine.advisory.drift import Drift, measure_drift
from engine.advisory.suitability import Issue, Suitability, scan
from engine.advisory.values import AdvisedTrade
from engine.contracts.market_data import Price
from engine.contracts.proposals import ProposalSimulateRequest, parse_proposal
from engine.contracts.results.advisory.drift import DriftAnalysis
from engine.contracts.results.advisory.suitability import SuitabilityResult
from engine.contracts.snapshots import CashBalance
from engine.market import Market, Shelf
from engine.notes import Notes
from engine.numbers import ONE, arithmetic
from engine.snapshots import MarketAndShelf, Snapshots
from engine.valuation import State, value

Json = dict[str, Any]
Holdings = Mapping[str, str | int]

DRIFT: Final = TypeAdapter(DriftAnalysis)
SUITABILITY: Final = TypeAdapter(SuitabilityResult)
NOTHING_LIMITED: Final[Json] = {
    "single_position_max_weight": "1",
    "issuer_max_weight": "1",
    "max_weight_by_liquidity_tier": {},
    "cash_band_min_weight": "0",
    "cash_band_max_weight": "1",
}


def entry(instrument_id: str, **members: Any) -> Json:
    """A shelf entry that leaves nothing to ask."""
    known = {"status": "APPROVED", "asset_class": "EQUITY", "issuer_id": f"ISS_{instrument_id}", "liquidity_tier": "L1"}
    return {"instrument_id": instrument_id, **known, **members}


def buy(instrument_id: str, quantity: str | int = 1) -> Json:
    return {"side": "BUY", "instrument_id": instrument_id, "quantity": str(quantity)}


def sell(instrument_id: str, quantity: str | int = 1) -> Json:
    return {"side": "SELL", "instrument_id": instrument_id, "quantity": str(quantity)}


@dataclass
class Scene:
    """A portfolio before and after. `held` and `cash` become `after` and `cash_after` where those are given.

    `executed` trades were `proposed` too; what was only proposed was left out. `limits` are the thresholds that limit anything.
    """

    held: Holdings
    after: Holdings | None = None
    cash: str | int = 0
    cash_after: str | int | None = None
    shelf: Iterable[Json] | None = None
    executed: Sequence[Json] = ()
    proposed: Sequence[Json] = ()
    prices: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)
    limits: Json | None = None
    options: Json = field(default_factory=dict)
    flows: Sequence[str] = ()
    snapshot: Json = field(default_factory=dict)
    market: Json = field(default_factory=dict)
    model: Json | None = None

    def request(self) -> ProposalSimulateRequest:
        """The proposal, parsed as one that came in."""
        traded = [*self.executed, *self.proposed]
        names = dict.fromkeys([*self.held, *(self.after or ()), *(trade["instrument_id"] for trade in traded)])
        prices = dict.fromkeys(names, ("1", "EUR")) | dict(self.prices)
        body = {
            "portfolio_snapshot": {
                "portfolio_id": "pf_1",
                "base_currency": "EUR",
                "positions": [{"instrument_id": name, "quantity": str(held)} for name, held in self.held.items()],
                "cash_balances": [{"currency": "EUR", "amount": str(self.cash)}],
                **self.snapshot,
            },
            "market_data_snapshot": {
                "prices": [{"instrument_id": name, "price": row[0], "currency": row[1]} for name, row in prices.items() if row],
                **self.market,
            },
            "shelf_entries": [entry(name) for name in names] if self.shelf is None else list(self.shelf),
            "options": {
                "suitability_thresholds": NOTHING_LIMITED if self.limits is None else NOTHING_LIMITED | self.limits,
                **self.options,
            },
            "proposed_trades": traded,
            "proposed_cash_flows": [{"currency": "EUR", "amount": amount} for amount in self.flows],
            "reference_model": self.model,
        }
        return parse_proposal(json.dumps(body).encode())

    def scan(self) -> Suitability | None:
        """What the scanner says of it, if anything."""
        request, (before, after, market, shelf) = self._stage()
        with arithmetic():
            return scan(before, after, [_advised(trade) for trade in self.executed], request, shelf, market, request.options)

    def scanned(self) -> Suitability:
        """What the scanner says of it; as the result models say."""
        found = self.scan()
        assert found is not None
        described(SUITABILITY, found.document)
        return found

    def drift(self, notes: Notes | None = None) -> Drift | None:
        """How far it is from the model; as the result models say."""
        request, (before, after, _, _) = self._stage()
        traded = [trade["instrument_id"] for trade in self.executed]
        with arithmetic():
            found = measure_drift(before, after, traded, request.reference_model, request.options, notes or Notes())
        if found:
            described(DRIFT, found.document)
        return found

    def _stage(self) -> tuple[ProposalSimulateRequest, tuple[State, State, Market, Shelf]]:
        request = self.request()
        snapshots = Snapshots.over(MarketAndShelf.of(request.market_data_snapshot, request.shelf_entries), request.portfolio_snapshot)
        after = self.held if self.after is None else self.after
        quantities = {name: Decimal(held) for name, held in after.items()}
        cash = [CashBalance("EUR", Decimal(self.cash if self.cash_after is None else self.cash_after))]
        with arithmetic():
            before = snapshots.before(request.options.valuation_mode, Notes())
            left = value(quantities, cash, snapshots.market, snapshots.shelf, Notes())
        return request, (before, left, snapshots.market, snapshots.shelf)


def _advised(trade: Json) -> AdvisedTrade:
    name = trade["instrument_id"]
    return AdvisedTrade(name, trade["side"], Decimal(trade["quantity"]), Price(name, ONE, "EUR"), ONE, ONE)


def described(model: TypeAdapter[Any], document: Json) -> None:
    """A document has the members of its model, in that order, and no others."""
    text = orjson.dumps(document)
    shown = model.dump_json(model.validate_json(text, strict=True))
    assert json.loads(shown, object_pairs_hook=list) == json.loads(text, object_pairs_hook=list)


def rows(found: Suitability, *members: str) -> list[tuple[Any, ...]]:
    """Some members of every issue, in order."""
    return [tuple(issue[member] for member in members) for issue in found.document["issues"]]


def keys(found: Suitability, wanted: Callable[[Issue], bool] = lambda _: True) -> list[str]:
    """The keys of the issues, in order."""
    return [issue.key for issue in found.issues if wanted(issue)]


def the_issue(found: Suitability, key: str) -> Json:
    """The issue of a key."""
    (issue,) = [row for row in found.document["issues"] if row["issue_key"] == key]
    shown: Json = issue
    return shown
