"""Requests whose identities release 1.0 published: each touches another part of the contract."""

from typing import Any, Final

Json = dict[str, Any]

FIRST: Final[Json] = {
    "portfolio_snapshot": {
        "portfolio_id": "pf_first",
        "base_currency": "EUR",
        "positions": [{"instrument_id": "AAPL", "quantity": "320"}, {"instrument_id": "AZN.L", "quantity": "4000"}],
        "cash_balances": [{"currency": "EUR", "amount": "100000.00"}],
    },
    "market_data_snapshot": {
        "prices": [
            {"instrument_id": "AAPL", "price": "669.79", "currency": "USD"},
            {"instrument_id": "MSFT", "price": "30.78", "currency": "USD"},
            {"instrument_id": "AZN.L", "price": "29.075", "currency": "GBP"},
            {"instrument_id": "CALL-EUR", "price": "1", "currency": "EUR"},
        ],
        "fx_rates": [{"pair": "EUR/USD", "rate": "1.2896"}, {"pair": "EUR/GBP", "rate": "0.8017"}],
    },
    "model_portfolio": {
        "targets": [
            {"instrument_id": "AAPL", "weight": "0.25"},
            {"instrument_id": "MSFT", "weight": "0.25"},
            {"instrument_id": "AZN.L", "weight": "0.25"},
            {"instrument_id": "CALL-EUR", "weight": "0.20"},
        ]
    },
    "shelf_entries": [
        {"instrument_id": "AAPL", "status": "APPROVED", "asset_class": "EQUITY"},
        {"instrument_id": "MSFT", "status": "APPROVED", "asset_class": "EQUITY"},
        {"instrument_id": "AZN.L", "status": "APPROVED", "asset_class": "EQUITY"},
        {"instrument_id": "CALL-EUR", "status": "APPROVED", "asset_class": "MONEY_MARKET"},
    ],
    "options": {"cash_band_min_weight": "0.02", "cash_band_max_weight": "0.08", "single_position_max_weight": "0.30"},
}
"""The first request of release 1.0, as its README showed it."""

SMALL: Final[Json] = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "USD", "cash_balances": [{"currency": "USD", "amount": "1000"}]},
    "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "USD"}]},
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.5"}]},
    "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
    "options": {},
}
FULL_SHELF: Final[Json] = {
    "instrument_id": "A",
    "status": "RESTRICTED",
    "asset_class": "EQUITY",
    "issuer_id": "ISS_1",
    "liquidity_tier": "L4",
    "settlement_days": 3,
    "min_notional": {"amount": "500", "currency": "USD"},
    "attributes": {"sector": "TECH", "région": "é"},
}
LOTS: Final[Json] = {
    "instrument_id": "A",
    "quantity": "40",
    "market_value": {"amount": "400.0", "currency": "USD"},
    "lots": [{"lot_id": "l", "quantity": "40", "unit_cost": {"amount": "8.5", "currency": "EUR"}, "purchase_date": "2024-03-15"}],
}
MOMENT: Final = "2026-03-31T22:00:00Z"

REQUESTS: Final[dict[str, Json]] = {
    "first request": FIRST,
    "small": SMALL,
    "empty": {
        "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "USD"},
        "market_data_snapshot": {},
        "model_portfolio": {"targets": []},
        "shelf_entries": [],
        "options": {},
    },
    "dated": SMALL
    | {
        "portfolio_snapshot": SMALL["portfolio_snapshot"] | {"snapshot_id": "ps_1", "as_of": MOMENT},
        "market_data_snapshot": SMALL["market_data_snapshot"] | {"snapshot_id": "md_1", "as_of": MOMENT},
    },
    "full shelf": SMALL | {"shelf_entries": [FULL_SHELF]},
    "lots": SMALL | {"portfolio_snapshot": SMALL["portfolio_snapshot"] | {"positions": [LOTS]}},
    "settled cash": SMALL
    | {
        "portfolio_snapshot": {
            "portfolio_id": "pf",
            "base_currency": "USD",
            "cash_balances": [{"currency": "EUR", "amount": "-5", "settled": "1.50", "pending": "-6.50"}],
        },
        "market_data_snapshot": {"fx_rates": [{"pair": "EUR/USD", "rate": "1.0842"}]},
    },
    "valuation and targets": SMALL
    | {
        "options": {
            "valuation_mode": "TRUST_SNAPSHOT",
            "target_method": "SOLVER",
            "compare_target_methods": True,
            "compare_target_methods_tolerance": "0.001",
            "cash_band_min_weight": "0.01",
            "cash_band_max_weight": "0.05",
            "single_position_max_weight": "0.10",
            "min_cash_buffer_pct": "0.005",
        }
    },
    "sizing": SMALL
    | {
        "options": {
            "min_trade_notional": {"amount": "500", "currency": "USD"},
            "dust_trade_threshold": {"amount": "1", "currency": "EUR"},
            "allow_restricted": True,
            "suppress_dust_trades": False,
            "fx_buffer_pct": "0",
            "max_turnover_pct": "0.15",
            "enable_tax_awareness": True,
            "max_realized_capital_gains": "10000",
        }
    },
    "settlement and gates": SMALL
    | {
        "options": {
            "enable_settlement_awareness": True,
            "settlement_horizon_days": 7,
            "fx_settlement_days": 1,
            "max_overdraft_by_ccy": {"USD": "1000"},
            "enable_workflow_gates": False,
            "workflow_requires_client_consent": True,
            "client_consent_already_obtained": True,
            "link_buy_to_same_currency_sell_dependency": False,
            "block_on_missing_prices": False,
            "block_on_missing_fx": False,
        }
    },
    "groups": SMALL | {"options": {"group_constraints": {"sector:TECH": {"max_weight": "0.25"}, "a:b": {"max_weight": 0}}}},
    "advisory": SMALL
    | {
        "options": {
            "enable_proposal_simulation": True,
            "proposal_apply_cash_flows_first": False,
            "proposal_block_negative_cash": False,
            "suitability_thresholds": {"issuer_max_weight": "0.3", "max_weight_by_liquidity_tier": {"L3": "0.2"}},
            "drift_top_contributors_limit": 7,
            "fx_funding_source_currency": "BASE_ONLY",
        }
    },
}
BATCH: Final[Json] = {name: rows for name, rows in SMALL.items() if name != "options"} | {
    "scenarios": {"base": {"description": "as it is", "options": {}}, "capped": {"options": {"max_turnover_pct": "0.1"}}}
}
PACK: Final[Json] = {
    "version": "2026.1",
    "turnover_policy": {"max_turnover_pct": "0.15"},
    "constraint_policy": {"group_constraints": {"sector:TECH": {"max_weight": "0.20"}}},
    "idempotency_policy": {"replay_enabled": False},
}
