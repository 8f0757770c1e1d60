"""How many violations are told, and where each stands."""

import json
from typing import Any

from engine.contracts import Violation
from tests.engine.contract_requests import request, violations


def test_every_missing_member_is_told_at_its_place() -> None:
    """The rows of rows: what is missing at one level never hides what is missing below it."""
    document: dict[str, Any] = {
        "portfolio_snapshot": {"positions": [{"market_value": {}, "lots": [{"unit_cost": {}}]}], "cash_balances": [{}]},
        "market_data_snapshot": {"prices": [{}], "fx_rates": [{}]},
        "model_portfolio": {},
        "options": {"min_trade_notional": {}, "group_constraints": {"a:b": {}}},
    }
    found = violations(json.dumps(document).encode())
    assert {(one.type, one.msg) for one in found} == {("missing", "Field required")}
    assert [".".join(map(str, one.loc)) for one in found] == [
        "body.portfolio_snapshot.portfolio_id",
        "body.portfolio_snapshot.base_currency",
        "body.portfolio_snapshot.positions.0.instrument_id",
        "body.portfolio_snapshot.positions.0.quantity",
        "body.portfolio_snapshot.positions.0.market_value.amount",
        "body.portfolio_snapshot.positions.0.market_value.currency",
        "body.portfolio_snapshot.positions.0.lots.0.lot_id",
        "body.portfolio_snapshot.positions.0.lots.0.quantity",
        "body.portfolio_snapshot.positions.0.lots.0.unit_cost.amount",
        "body.portfolio_snapshot.positions.0.lots.0.unit_cost.currency",
        "body.portfolio_snapshot.positions.0.lots.0.purchase_date",
        "body.portfolio_snapshot.cash_balances.0.currency",
        "body.portfolio_snapshot.cash_balances.0.amount",
        "body.market_data_snapshot.prices.0.instrument_id",
        "body.market_data_snapshot.prices.0.price",
        "body.market_data_snapshot.prices.0.currency",
        "body.market_data_snapshot.fx_rates.0.pair",
        "body.market_data_snapshot.fx_rates.0.rate",
        "body.model_portfolio.targets",
        "body.shelf_entries",
        "body.options.min_trade_notional.amount",
        "body.options.min_trade_notional.currency",
        "body.options.group_constraints.a:b.max_weight",
    ]


def test_more_than_a_hundred_thousand_violations_are_not_even_listed() -> None:
    def refused(count: int) -> tuple[Violation, ...]:
        return violations(request("shelf_entries.0.attributes", dict.fromkeys(map(str, range(count)), 1)))

    assert [(one.loc, one.type) for one in refused(100_001)] == [(("body",), "too_many_errors")]
    assert {one.type for one in refused(100_000)} == {"string_type"}
