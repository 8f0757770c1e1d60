"""advisory-engine vector 1, whose artifact is worked out by hand here, section by section.

before   BND_EU 300 × 101.5 × 0.95 = 28,927.50; EQ_US 40 × 210.25 × 0.88 = 7,400.80; cash 9,000 + 250 × 0.88 = 9,220; all 45,548.30
trades   BND_EU 20 × 101.5 = 2,030 EUR; EQ_US for 4,000 USD; FND_JP 300 × 1,830 = 549,000 JPY = 3,229.41176… CHF
deals    549,000 JPY ÷ 170 = 3,229.41 CHF; 4,000 − 250 = 3,750 USD × 0.88 = 3,300.00 CHF
after    BND_EU 280 × 101.5 × 0.95 = 26,999.00; EQ_US 7,400.80 + 3,520.00 = 10,920.80; FND_JP 3,229.41176…
         cash CHF 9,000 − 1,000 − 3,229.41 − 3,300 = 1,470.59, USD 0, EUR 2,030 × 0.95 = 1,928.50; all 44,548.30176…
"""

from decimal import Decimal

from tests.engine.advisory.artifacts import RUN, V1, artifact

MADE = artifact(V1)
IMPACT, ORDERS = MADE["portfolio_impact"], MADE["trades_and_funding"]


def test_it_has_the_members_of_the_contract_in_their_order() -> None:
    assert list(MADE) == [
        "artifact_id",
        "proposal_run_id",
        "correlation_id",
        "created_at",
        "status",
        "gate_decision",
        "summary",
        "portfolio_impact",
        "trades_and_funding",
        "suitability_summary",
        "assumptions_and_limits",
        "disclosures",
        "evidence_bundle",
    ]
    assert MADE["artifact_id"] == RUN.replace("pr_", "pa_")
    assert (MADE["proposal_run_id"], MADE["correlation_id"]) == (RUN, "c_1")
    assert MADE["created_at"] == "2026-03-31T12:00:00+00:00"
    assert MADE["status"] == "READY"
    assert MADE["gate_decision"]["gate"] == "COMPLIANCE_REVIEW_REQUIRED"  # the dollars' share grew by a buy (advisory-practice 7)


def test_the_summary_names_what_it_is_for_and_what_comes_of_it() -> None:
    summary = MADE["summary"]
    assert "PF-31" in summary["title"]
    assert summary["objective_tags"] == ["RISK_ALIGNMENT", "CASH_DEPLOYMENT", "DRIFT_REDUCTION"]
    assert summary["advisor_notes"] == []
    assert summary["recommended_next_step"] == "COMPLIANCE_REVIEW"
    # cash 9,220 ÷ 45,548.30 = 0.20242; 3,399.09 ÷ 44,548.30 = 0.07630. Drift 0.187517…, 0.032362… as published.
    assert [(row["code"], row["value"]) for row in summary["key_takeaways"]] == [
        ("STATUS", "The status of the proposal is READY."),
        ("INTENTS", "3 security trades and 2 FX intents were produced."),
        ("CASH", "The weight of cash moved from 0.2024 to 0.0763."),
        ("DRIFT", "Asset-class drift moved from 0.1875 to 0.0324."),
        ("SUITABILITY", "Suitability issues: 1 new, 0 resolved, 4 persistent."),
    ]


def test_allocations_are_ordered_by_weight_then_key() -> None:
    before, after = IMPACT["before"], IMPACT["after"]
    rows = [(row["key"], row["weight"], Decimal(row["value"]["amount"])) for row in before["allocation_by_asset_class"]]
    # 28,927.50, 9,220 and 7,400.80 of 45,548.30
    assert rows == [("BOND", "0.6351", Decimal("28927.5")), ("CASH", "0.2024", Decimal(9220)), ("EQUITY", "0.1625", Decimal("7400.8"))]
    # 26,999, 14,150.21176… and 3,399.09 of 44,548.30176…
    assert [(row["key"], row["weight"]) for row in after["allocation_by_asset_class"]] == [
        ("BOND", "0.6061"),
        ("EQUITY", "0.3176"),
        ("CASH", "0.0763"),
    ]
    assert [row["key"] for row in after["allocation_by_instrument"]] == ["BND_EU", "EQ_US", "FND_JP"]
    assert set(before) == {"total_value", "allocation_by_asset_class", "allocation_by_instrument"}
    assert before["total_value"] == {"amount": "45548.3000", "currency": "CHF"}
    assert after["total_value"] == {"amount": "44548.30176470588235294117647", "currency": "CHF"}


def test_the_largest_changes_are_rounded_each_by_itself() -> None:
    # EQ_US 10,920.80 ÷ 44,548.30… − 7,400.80 ÷ 45,548.30 = 0.245145… − 0.162482… = 0.082663…, not 0.2451 − 0.1625 = 0.0826
    assert [tuple(row.values()) for row in IMPACT["delta"]["largest_weight_changes"]] == [
        ("INSTRUMENT", "EQ_US", "0.1625", "0.2451", "0.0827"),
        ("INSTRUMENT", "FND_JP", "0.0000", "0.0725", "0.0725"),
        ("INSTRUMENT", "BND_EU", "0.6351", "0.6061", "-0.0290"),
    ]
    assert IMPACT["delta"]["total_value_delta"] == {"amount": "-999.99823529411764705882353", "currency": "CHF"}


def test_the_reconciliation_is_the_results() -> None:
    result = MADE["evidence_bundle"]["engine_outputs"]["proposal_result"]
    assert IMPACT["reconciliation"] == result["reconciliation"]
    assert IMPACT["reconciliation"]["tolerance"]["amount"] == "22.77415000"


def test_trades_stand_in_result_order_with_raw_money_and_bare_quantities() -> None:
    trades = ORDERS["trade_list"]
    assert [(row["intent_id"], row["side"], row["instrument_id"], row["quantity"]) for row in trades] == [
        ("oi_2", "SELL", "BND_EU", "20"),
        ("oi_1", "BUY", "EQ_US", "19.02497027348394768133174792"),  # 4,000 ÷ 210.25
        ("oi_3", "BUY", "FND_JP", "300"),
    ]
    assert [row["estimated_notional"] for row in trades] == [
        {"amount": "2030.0", "currency": "EUR"},
        {"amount": "4000", "currency": "USD"},
        {"amount": "549000", "currency": "JPY"},
    ]
    assert [row["estimated_notional_base"]["amount"] for row in trades[:2]] == ["1928.500", "3520.00"]
    assert [row["dependencies"] for row in trades] == [[], ["oi_fx_2"], ["oi_fx_1"]]
    assert {row["type"] for row in trades} == {"SECURITY_TRADE"}
    assert {row["rationale"]["code"] for row in trades} == {"MANUAL_PROPOSAL"}
    assert [row["price"] for row in trades] == [
        {"amount": "101.5", "currency": "EUR", "basis": "UNIT"},
        {"amount": "210.25", "currency": "USD", "basis": "UNIT"},
        {"amount": "1830", "currency": "JPY", "basis": "UNIT"},
    ]
    assert not any("accrued_interest" in row for row in trades)


def test_deals_tell_the_listed_rate_and_the_one_they_are_made_at() -> None:
    assert ORDERS["fx_list"] == [
        {
            "intent_id": "oi_fx_1",
            "pair": "JPY/CHF",
            "buy_amount": "549000",
            "sell_amount_estimated": "3229.41",
            "rate": None,  # only CHF/JPY is listed
            "effective_rate": "0.005882352941176470588235294118",  # 1 ÷ 170
        },
        {
            "intent_id": "oi_fx_2",
            "pair": "USD/CHF",
            "buy_amount": "3750",
            "sell_amount_estimated": "3300",
            "rate": "0.8800",
            "effective_rate": "0.88",
        },
    ]
    assert ORDERS["ordering_policy"] == "CASH_FLOW->SELL->FX->BUY"
    assert [note["code"] for note in ORDERS["execution_notes"]] == ["DEPENDENCY"]


def test_suitability_is_told_in_short_and_in_full() -> None:
    found = MADE["suitability_summary"]
    assert (found["status"], found["new_issues"], found["resolved_issues"], found["persistent_issues"]) == ("AVAILABLE", 1, 0, 4)
    assert (found["highest_severity_new"], found["client_profile"]) == ("HIGH", None)
    assert [issue["issue_key"] for issue in found["issues"]] == [
        "ISSUER_MAX|ISS_E",
        "SINGLE_POSITION_MAX|BND_EU",
        "SINGLE_POSITION_MAX|EQ_US",
        "ISSUER_MAX|ISS_B",
        "CASH_BAND",
    ]
    assert [row["code"] for row in found["highlights"]] == ["NEW", *["PERSISTENT"] * 4]
    assert all(issue["issue_id"] in row["text"] for issue, row in zip(found["issues"], found["highlights"], strict=True))


def test_assumptions_and_disclosures_name_the_market_data_and_every_product() -> None:
    assert MADE["assumptions_and_limits"]["pricing"] == {
        "market_data_snapshot_id": "MD-31",
        "prices_as_of": "MD-31",
        "fx_as_of": "MD-31",
        "valuation_mode": "CALCULATED",
    }
    limits = {name: block["included"] for name, block in MADE["assumptions_and_limits"].items() if name != "pricing"}
    assert limits == {"costs_and_fees": False, "tax": False, "execution": False}
    assert [row["instrument_id"] for row in MADE["disclosures"]["product_docs"]] == ["BND_EU", "EQ_US", "FND_JP"]
    assert MADE["disclosures"]["risk_disclaimer"]


def test_the_evidence_holds_request_result_and_hashes() -> None:
    bundle = MADE["evidence_bundle"]
    assert list(bundle) == ["inputs", "engine_outputs", "hashes", "engine_version"]
    assert set(bundle["inputs"]) == {
        "portfolio_snapshot",
        "market_data_snapshot",
        "shelf_entries",
        "options",
        "proposed_cash_flows",
        "proposed_trades",
        "reference_model",
    }
    assert list(bundle["hashes"]) == ["request_hash", "artifact_hash", "content_hash"]
    result = bundle["engine_outputs"]["proposal_result"]
    assert bundle["hashes"]["request_hash"] == result["lineage"]["request_hash"]
    assert bundle["engine_version"] == result["lineage"]["engine_version"]
