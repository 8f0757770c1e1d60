"""Concentrations: positions, issuers, liquidity tiers and attributes above their caps (advisory-engine 13, advisory-practice 7)."""

from decimal import Decimal

import pytest

from tests.engine.advisory.scans import Json, Scene, entry, keys, rows, the_issue

SINGLE = {"single_position_max_weight": "0.1"}


@pytest.mark.parametrize(
    ("weight", "severity"),
    [
        ("10", None),  # the cap itself
        ("10.00001", None),  # 0.1000001 is the cap and the slack of 0.0000001, and not above them
        ("10.000011", "MEDIUM"),
        ("10.004", "MEDIUM"),
        ("12.5", "MEDIUM"),  # 1.25 × the cap
        ("12.50000001", "HIGH"),  # no slack there
        ("100", "HIGH"),
    ],
)
def test_a_position_is_too_large_above_its_cap_and_far_too_large_above_five_quarters_of_it(weight: str, severity: str | None) -> None:
    scene = Scene({"A": weight}, cash=str(100 - Decimal(weight)), limits=SINGLE)
    assert rows(scene.scanned(), "issue_key", "severity") == ([("SINGLE_POSITION_MAX|A", severity)] if severity else [])


def test_what_a_position_above_its_cap_says() -> None:
    # 1 ÷ 6 with 28 digits; a cap shows its digits as they were given
    scene = Scene(
        {"A": 1}, cash=5, limits={"single_position_max_weight": "0.10"}, snapshot={"snapshot_id": "ps_7"}, market={"snapshot_id": "MD-31"}
    )
    assert scene.scanned().document["issues"] == [
        {
            "issue_id": "SUIT_SINGLE_POSITION_MAX",
            "issue_key": "SINGLE_POSITION_MAX|A",
            "dimension": "CONCENTRATION",
            "severity": "HIGH",
            "status_change": "PERSISTENT",
            "severity_change": None,
            "summary": "A is above the 10.00% limit for one position.",
            "details": {"instrument_id": "A", "threshold": "0.10", "measured": "0.1666666666666666666666666667"},
            "evidence": {
                "as_of": "MD-31",
                "snapshot_ids": {"portfolio_snapshot_id": "ps_7", "market_data_snapshot_id": "MD-31"},
            },
        }
    ]


def test_unnamed_snapshots_are_known_by_the_portfolio_and_as_md() -> None:
    (issue,) = Scene({"A": 1}, limits=SINGLE).scanned().document["issues"]
    assert issue["evidence"] == {
        "as_of": "md",
        "snapshot_ids": {"portfolio_snapshot_id": "pf_1", "market_data_snapshot_id": "md"},
    }


@pytest.mark.parametrize(("cap", "shown"), [("0.10125", "10.12%"), ("0.10135", "10.14%"), ("0", "0.00%"), ("0.333", "33.30%")])
def test_caps_are_told_in_percent_half_even_at_two_decimals(cap: str, shown: str) -> None:
    found = Scene({"A": 1}, limits={"single_position_max_weight": cap}).scanned()
    assert the_issue(found, "SINGLE_POSITION_MAX|A")["summary"] == f"A is above the {shown} limit for one position."


ISSUERS = [entry("A", issuer_id="ACME"), entry("B", issuer_id="ACME"), entry("C", issuer_id="ZETA")]


def test_an_issuer_is_the_sum_of_its_positions() -> None:
    # 12 + 9 of 100 are 0.21; ZETA has 0.20, which is the cap
    found = Scene({"A": 12, "B": 9, "C": 20}, cash=59, shelf=ISSUERS, limits={"issuer_max_weight": "0.20"}).scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "details", "summary") == [
        (
            "SUIT_ISSUER_MAX",
            "ISSUER_MAX|ACME",
            "ISSUER",
            "MEDIUM",
            {"issuer_id": "ACME", "threshold": "0.20", "measured": "0.21"},
            "ACME is above the 20.00% exposure limit for one issuer.",
        )
    ]


def test_an_issuer_far_above_its_cap_is_high() -> None:
    # 0.2501 > 1.25 × 0.2
    found = Scene({"A": "16.01", "B": 9}, cash="74.99", shelf=ISSUERS, limits={"issuer_max_weight": "0.2"}).scanned()
    assert rows(found, "issue_key", "severity") == [("ISSUER_MAX|ACME", "HIGH")]


def test_issuers_of_one_group_count_together_and_who_has_no_issuer_counts_nowhere() -> None:
    # BV belongs to ACME: 12 + 9. C names only the head of its group, which sums but still lacks its issuer. D has neither, E no entry.
    shelf = [
        entry("A", issuer_id="ACME"),
        entry("B", issuer_id="ACME_BV", ultimate_issuer_id="ACME"),
        entry("C", issuer_id=None, ultimate_issuer_id="ZETA"),
        entry("D", issuer_id="", ultimate_issuer_id=""),
    ]
    found = Scene({"A": 12, "B": 9, "C": 25, "D": 24, "E": 30}, shelf=shelf, limits={"issuer_max_weight": "0.2"}).scanned()
    assert keys(found, lambda issue: issue.finding.dimension == "ISSUER") == ["ISSUER_MAX|ACME", "ISSUER_MAX|ZETA"]
    assert keys(found, lambda issue: issue.finding.dimension == "DATA_QUALITY") == [
        "DQ|MISSING_ISSUER|C",
        "DQ|MISSING_ISSUER|D",
        "DQ|MISSING_SHELF|E",
    ]


TIERS = [entry("A", liquidity_tier="L4"), entry("B", liquidity_tier="L4"), entry("C", liquidity_tier="L5"), entry("D", liquidity_tier="L1")]
TIERED = {"A": 6, "B": 5, "C": 5, "D": 84}


def test_tiers_have_limits_of_their_own_and_only_those_that_are_named() -> None:
    # L4: 0.11 > 0.10, at most 1.25 × 0.10; L5: 0.05 is its cap; L1 has none
    found = Scene(TIERED, shelf=TIERS, limits={"max_weight_by_liquidity_tier": {"L4": "0.10", "L5": "0.05"}}).scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "details", "summary") == [
        (
            "SUIT_LIQUIDITY_MAX",
            "LIQUIDITY_MAX|L4",
            "LIQUIDITY",
            "MEDIUM",
            {"liquidity_tier": "L4", "threshold": "0.10", "measured": "0.11"},
            "Liquidity tier L4 is above its 10.00% exposure limit.",
        )
    ]


def test_given_tiers_replace_those_of_the_default() -> None:
    found = Scene(TIERED, shelf=TIERS, limits={"max_weight_by_liquidity_tier": {"L1": "0.5"}}).scanned()
    assert keys(found) == ["LIQUIDITY_MAX|L1"]


def test_limits_of_1_0_hold_where_none_are_given() -> None:
    # 0.105 > 0.10 and of L4; 0.21 of one issuer > 0.20; L5 has 0.06 > 0.05; cash 0 is under 0.01
    shelf = [entry("A", liquidity_tier="L4", issuer_id="I"), entry("B", issuer_id="I"), entry("C", liquidity_tier="L5"), entry("D")]
    scene = Scene({"A": "10.5", "B": "10.5", "C": 6, "D": 73}, shelf=shelf, options={"suitability_thresholds": {}})
    assert rows(scene.scanned(), "issue_key", "severity") == [
        ("SINGLE_POSITION_MAX|D", "HIGH"),
        ("ISSUER_MAX|ISS_D", "HIGH"),
        ("CASH_BAND", "MEDIUM"),
        ("SINGLE_POSITION_MAX|A", "MEDIUM"),
        ("SINGLE_POSITION_MAX|B", "MEDIUM"),
        ("ISSUER_MAX|I", "MEDIUM"),
        ("LIQUIDITY_MAX|L4", "MEDIUM"),
        ("LIQUIDITY_MAX|L5", "MEDIUM"),
    ]


def test_shorts_count_nowhere() -> None:
    # of 100: A 50, B short 30, cash 80. ACME is A's 0.5, not 0.2
    shelf = [entry("A", issuer_id="ACME"), entry("B", issuer_id="ACME", status="BANNED")]
    found = Scene({"A": 50, "B": -30}, cash=80, shelf=shelf, limits={"issuer_max_weight": "0.4"}).scanned()
    assert [row["measured"] for (row,) in rows(found, "details")] == ["0.5"]


COUNTRIES = [
    entry("CN1", attributes={"country": "CN"}),
    entry("CN2", attributes={"country": "CN"}),
    entry("US1", attributes={"country": "US"}),
    entry("DE1", attributes={"country": "DE"}),
    entry("XX1"),
    entry("XX2", attributes={"country": ""}),
]
BY_COUNTRY = {"CN1": 6, "CN2": 5, "US1": 40, "DE1": 30, "XX1": 10, "XX2": 9}


def by_attribute(**caps: str) -> Json:
    return {"max_weight_by_attribute": {key.replace("_", ":", 1).replace("ALL", "*"): cap for key, cap in caps.items()}}


def test_attributes_are_limited_by_value_and_all_other_values_by_the_star() -> None:
    # CN: 0.11 > 0.10 (row of its own, above the star); US: 0.40 > 0.30 × 1.25 = 0.375, HIGH; DE: 0.30 is the star's cap
    found = Scene(BY_COUNTRY, shelf=COUNTRIES, limits=by_attribute(country_CN="0.10", country_ALL="0.3")).scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "details", "summary")[:2] == [
        (
            "SUIT_ATTRIBUTE_MAX",
            "ATTRIBUTE_MAX|country:US",
            "CONCENTRATION",
            "HIGH",
            {"attribute": "country", "value": "US", "threshold": "0.3", "measured": "0.4"},
            "country US is above its 30.00% exposure limit.",
        ),
        (
            "SUIT_ATTRIBUTE_MAX",
            "ATTRIBUTE_MAX|country:CN",
            "CONCENTRATION",
            "MEDIUM",
            {"attribute": "country", "value": "CN", "threshold": "0.10", "measured": "0.11"},
            "country CN is above its 10.00% exposure limit.",
        ),
    ]


def test_a_row_of_its_own_may_be_wider_than_the_star() -> None:
    found = Scene(BY_COUNTRY, shelf=COUNTRIES, limits=by_attribute(country_US="0.5", country_ALL="0.1")).scanned()
    assert keys(found, lambda issue: issue.key.startswith("ATTRIBUTE")) == ["ATTRIBUTE_MAX|country:DE", "ATTRIBUTE_MAX|country:CN"]


def test_without_a_star_only_named_values_are_limited() -> None:
    found = Scene(BY_COUNTRY, shelf=COUNTRIES, limits=by_attribute(country_CN="0.1")).scanned()
    assert keys(found, lambda issue: issue.key.startswith("ATTRIBUTE")) == ["ATTRIBUTE_MAX|country:CN"]


@pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH"])
def test_a_holding_that_does_not_state_a_limited_attribute_lacks_data(severity: str) -> None:
    limits = by_attribute(country_CN="1") | {"data_quality_issue_severity": severity}
    found = Scene(BY_COUNTRY, shelf=COUNTRIES, limits=limits).scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "details", "summary") == [
        (
            "SUIT_DATA_QUALITY",
            f"DQ|MISSING_ATTRIBUTE_country|{name}",
            "DATA_QUALITY",
            severity,
            {"instrument_id": name, "missing_fields": "attributes.country"},
            f"The shelf does not state the attribute country of {name}.",
        )
        for name in ("XX1", "XX2")
    ]


def test_two_attributes_are_two_limits() -> None:
    # both carry TECH: 0.6 > 0.5; EU is A's 0.4 alone
    shelf = [entry("A", attributes={"sector": "TECH", "region": "EU"}), entry("B", attributes={"sector": "TECH", "region": "US"})]
    found = Scene(
        {"A": 40, "B": 20}, cash=40, shelf=shelf, limits=by_attribute(sector_TECH="0.5", region_EU="0.4", region_US="0.1")
    ).scanned()
    assert rows(found, "issue_key", "severity") == [("ATTRIBUTE_MAX|region:US", "HIGH"), ("ATTRIBUTE_MAX|sector:TECH", "MEDIUM")]
