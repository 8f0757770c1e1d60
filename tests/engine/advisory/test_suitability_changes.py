"""What a proposal does to the issues, and who must look at it (advisory-engine 13, 14, S13, advisory-practice 7, rulings-2 proposal 6)."""

from typing import Any

import pytest

from engine.advisory.suitability import Suitability
from engine.contracts.options.proposals import ProposalOptions
from engine.result.gate import NewIssues, decide_gate
from tests.engine.advisory.scans import Json, Scene, buy, entry, rows, sell

CAP = {"single_position_max_weight": "0.2"}  # HIGH above 0.25


def changes(found: Suitability) -> list[tuple[Any, ...]]:
    return rows(found, "issue_key", "severity", "status_change", "severity_change")


def gate(found: Suitability) -> Json:
    """The gate of a proposal that nothing else is the matter with."""
    decided = decide_gate("READY", [], found.reasons(), ProposalOptions(), consent=True, issues=found.new_issues)
    assert decided is not None
    return decided


def test_the_scanner_can_be_switched_off() -> None:
    assert Scene({"A": 1}, options={"enable_suitability_scanner": False}).scan() is None


def test_issues_are_new_stay_or_are_resolved() -> None:
    # of 100 before: A 30, B 22, C 10, cash 38; after: A 30, B 20, C 24, cash 26
    held, after = {"A": 30, "B": 22, "C": 10}, {"A": 30, "B": 20, "C": 24}
    found = Scene(held, after=after, cash=38, cash_after=26, executed=[sell("B", 2), buy("C", 14)], limits=CAP).scanned()
    assert changes(found) == [
        ("SINGLE_POSITION_MAX|C", "MEDIUM", "NEW", None),
        ("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", None),
        ("SINGLE_POSITION_MAX|B", "MEDIUM", "RESOLVED", None),
    ]
    assert found.document["summary"] == {
        "new_count": 1,
        "resolved_count": 1,
        "persistent_count": 1,
        "highest_severity_new": "MEDIUM",
    }


def test_a_resolved_issue_tells_what_was_and_a_persistent_one_what_will_be() -> None:
    # A 26 → 22 of 100: HIGH becomes MEDIUM and stays; B 30 → 20 is resolved and was HIGH
    found = Scene({"A": 26, "B": 30}, after={"A": 22, "B": 20}, cash=44, cash_after=58, executed=[sell("A", 4), sell("B", 10)], limits=CAP)
    assert [(*row[:3], row[3]["measured"]) for row in rows(found.scanned(), "issue_key", "severity", "status_change", "details")] == [
        ("SINGLE_POSITION_MAX|A", "MEDIUM", "PERSISTENT", "0.22"),
        ("SINGLE_POSITION_MAX|B", "HIGH", "RESOLVED", "0.3"),
    ]


def test_the_order_is_change_then_severity_then_dimension_then_key() -> None:
    # Z and Y are new at 0.3; X new at 0.21 and banned; W resolved. Cash 0.1 → 0: below its band, new.
    held = {"W": 90}
    after = {"Z": 30, "Y": 30, "X": 21, "W": 19}
    shelf = [entry("W"), entry("X", status="BANNED"), entry("Y", liquidity_tier=None), entry("Z")]
    limits = CAP | {"cash_band_min_weight": "0.05", "data_quality_issue_severity": "LOW"}
    found = Scene(held, after=after, cash=10, cash_after=0, shelf=shelf, limits=limits).scanned()
    assert rows(found, "status_change", "severity", "dimension", "issue_key") == [
        ("NEW", "HIGH", "CONCENTRATION", "SINGLE_POSITION_MAX|Y"),
        ("NEW", "HIGH", "CONCENTRATION", "SINGLE_POSITION_MAX|Z"),
        ("NEW", "HIGH", "GOVERNANCE", "GOVERNANCE|X|BANNED"),
        ("NEW", "MEDIUM", "CASH", "CASH_BAND"),
        ("NEW", "MEDIUM", "CONCENTRATION", "SINGLE_POSITION_MAX|X"),
        ("NEW", "LOW", "DATA_QUALITY", "DQ|MISSING_LIQUIDITY_TIER|Y"),
        ("RESOLVED", "HIGH", "CONCENTRATION", "SINGLE_POSITION_MAX|W"),
    ]


@pytest.mark.parametrize(
    ("severity", "recommended", "step", "counts"),
    [
        ("LOW", "NONE", "CLIENT_CONSENT_REQUIRED", (0, 0)),
        ("MEDIUM", "RISK_REVIEW", "RISK_REVIEW_REQUIRED", (0, 1)),
        ("HIGH", "COMPLIANCE_REVIEW", "COMPLIANCE_REVIEW_REQUIRED", (1, 0)),
    ],
)
def test_who_looks_at_what_is_new(severity: str, recommended: str, step: str, counts: tuple[int, int]) -> None:
    # B is bought and lacks its tier; A lacked its own before
    shelf = [entry("A", liquidity_tier=None), entry("B", liquidity_tier=None)]
    limits = {"data_quality_issue_severity": severity}
    found = Scene({"A": 1}, after={"A": 1, "B": 1}, cash=2, cash_after=1, executed=[buy("B")], shelf=shelf, limits=limits).scanned()
    decided = gate(found)
    assert found.document["summary"] == {
        "new_count": 1,
        "resolved_count": 0,
        "persistent_count": 1,
        "highest_severity_new": severity,
    }
    assert found.document["recommended_gate"] == recommended
    assert decided["gate"] == step
    assert (decided["summary"]["new_high_suitability_count"], decided["summary"]["new_medium_suitability_count"]) == counts
    assert decided["reasons"] == (
        []
        if severity == "LOW"
        else [
            {
                "reason_code": f"NEW_{severity}_SUITABILITY_ISSUE",
                "severity": severity,
                "source": "SUITABILITY",
                "details": {"issue_id": "SUIT_DATA_QUALITY", "issue_key": "DQ|MISSING_LIQUIDITY_TIER|B"},
            }
        ]
    )


def test_nothing_new_needs_nobody() -> None:
    found = Scene({"A": 30}, cash=70, limits=CAP).scanned()
    assert found.document["summary"] == {"new_count": 0, "resolved_count": 0, "persistent_count": 1, "highest_severity_new": None}
    assert (found.document["recommended_gate"], found.new_issues, list(found.reasons())) == ("NONE", NewIssues(), [])


NV: Json = {"held": {"NV": 3000, "F1": 2100, "F2": 2100}, "cash": 1600, "limits": {"single_position_max_weight": "0.10"}}


def test_buying_more_of_a_breach_is_looked_at() -> None:
    # advisory-practice vector 9: 3,000 of 8,800 are 34.1 %, with 1,500 more 51.1 %
    found = Scene(**NV, after={"NV": 4500, "F1": 2100, "F2": 2100}, cash_after=100, executed=[buy("NV", 1500)]).scanned()
    assert changes(found) == [
        ("SINGLE_POSITION_MAX|F1", "HIGH", "PERSISTENT", None),
        ("SINGLE_POSITION_MAX|F2", "HIGH", "PERSISTENT", None),
        ("SINGLE_POSITION_MAX|NV", "HIGH", "PERSISTENT", "GROWN"),
    ]
    assert found.document["summary"] == {
        "new_count": 0,
        "resolved_count": 0,
        "persistent_count": 3,
        "highest_severity_new": "HIGH",
    }
    assert found.document["recommended_gate"] == "COMPLIANCE_REVIEW"
    decided = gate(found)
    assert (decided["gate"], decided["summary"]["new_high_suitability_count"]) == ("COMPLIANCE_REVIEW_REQUIRED", 1)
    assert [reason["details"] for reason in decided["reasons"]] == [
        {"issue_id": "SUIT_SINGLE_POSITION_MAX", "issue_key": "SINGLE_POSITION_MAX|NV", "severity_change": "GROWN"}
    ]


def test_a_breach_that_only_a_withdrawal_makes_larger_is_not() -> None:
    # advisory-practice vector 9: 1,500 of 1,600 leave, 3,000 of 7,300 are 41.1 %, as HIGH as before
    found = Scene(**NV, cash_after=100, flows=["-1500"]).scanned()
    assert [row[3] for row in changes(found)] == [None, None, None]
    assert (found.document["recommended_gate"], gate(found)["gate"]) == ("NONE", "CLIENT_CONSENT_REQUIRED")


GROUPS: dict[str, tuple[Json, str]] = {
    "issuer": ({"issuer_max_weight": "0.2"}, "ISSUER_MAX|ACME"),
    "ultimate issuer": ({"issuer_max_weight": "0.2"}, "ISSUER_MAX|GROUP"),
    "tier": ({"max_weight_by_liquidity_tier": {"L4": "0.2"}}, "LIQUIDITY_MAX|L4"),
    "attribute": ({"max_weight_by_attribute": {"sector:*": "0.2"}}, "ATTRIBUTE_MAX|sector:TECH"),
}


@pytest.mark.parametrize(("limits", "key"), GROUPS.values(), ids=GROUPS)
@pytest.mark.parametrize(
    ("bought", "grown"),
    [("B", "GROWN"), ("C", None)],  # B is of the group, C is not
)
def test_a_group_grows_when_a_member_is_bought(limits: Json, key: str, bought: str, grown: str | None) -> None:
    # the group weighs 30 of 100 before: A 30. After a buy of B it weighs 35; with C bought A itself is worth more: 35
    ultimate = {"ultimate_issuer_id": "GROUP"} if key == "ISSUER_MAX|GROUP" else {}
    member = {"issuer_id": "ACME", "liquidity_tier": "L4", "attributes": {"sector": "TECH"}, **ultimate}
    shelf = [entry("A", **member), entry("B", **member), entry("C", attributes={"sector": "OIL"})]
    after = {"A": 30, "B": 5} if bought == "B" else {"A": 35, "C": 5}
    found = Scene(
        {"A": 30}, after=after, cash=70, cash_after=100 - sum(after.values()), executed=[buy(bought, 5)], shelf=shelf, limits=limits
    )
    assert changes(found.scanned()) == [(key, "HIGH", "PERSISTENT", grown)]


@pytest.mark.parametrize(("after", "grown"), [("30", None), ("29", None), ("30.00001", None), ("30.000011", "GROWN")])
def test_a_breach_grows_by_more_than_the_slack(after: str, grown: str | None) -> None:
    rest = {"30": "70", "29": "71", "30.00001": "69.99999", "30.000011": "69.999989"}[after]
    found = Scene({"A": 30}, after={"A": after}, cash=70, cash_after=rest, executed=[buy("A")], limits=CAP).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", grown)]


def test_a_buy_that_was_left_out_makes_nothing_grow() -> None:
    found = Scene({"A": 30}, cash=70, cash_after=50, proposed=[buy("A")], flows=["-20"], limits=CAP).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", None)]


def test_a_sale_makes_nothing_grow() -> None:
    # 30 of 100, then 29 of 80
    found = Scene({"A": 30}, after={"A": 29}, cash=70, cash_after=51, executed=[sell("A")], flows=["-20"], limits=CAP).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", None)]


def test_the_cash_band_does_not_grow() -> None:
    held, limits = {"A": 10, "B": 50}, {"cash_band_max_weight": "0.1"}
    found = Scene(held, after={"A": 12, "B": 20}, cash=40, cash_after=68, executed=[buy("A", 2), sell("B", 30)], limits=limits).scanned()
    assert changes(found) == [("CASH_BAND", "MEDIUM", "PERSISTENT", None)]


def test_a_severity_that_rises_counts_as_new_and_its_growth_is_not_told_besides() -> None:
    # 24 → 26 of 100: above 0.25 now
    found = Scene({"A": 24}, after={"A": 26}, cash=76, cash_after=74, executed=[buy("A", 2)], limits=CAP).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", "RAISED")]
    assert found.document["summary"]["persistent_count"] == 1
    assert found.document["summary"]["highest_severity_new"] == "HIGH"
    assert found.document["recommended_gate"] == "COMPLIANCE_REVIEW"
    decided = gate(found)
    assert decided["gate"] == "COMPLIANCE_REVIEW_REQUIRED"
    assert decided["summary"]["new_high_suitability_count"] == 1
    assert [reason["details"] for reason in decided["reasons"]] == [
        {"issue_id": "SUIT_SINGLE_POSITION_MAX", "issue_key": "SINGLE_POSITION_MAX|A", "severity_change": "RAISED"}
    ]


LEAVES: dict[str, Json] = {
    "a proposed withdrawal": {"flows": ["-10"]},
    "a known one": {"snapshot": {"cash_flows": [{"currency": "EUR", "amount": "-10", "day": 2}]}},
    "one among deposits": {"flows": ["5", "-15"]},
    "paid by the sale of something else": {"flows": ["-10"], "executed": [sell("B", 10)], "after": {"A": 24, "B": 0}, "cash_after": 66},
}


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES)
def test_what_a_withdrawal_alone_raises_is_reviewed_by_risk(leaves: Json) -> None:
    # 24 of 100, then 24 of 90: 0.2667
    usual: Json = {"held": {"A": 24, "B": 10}, "cash": 66, "cash_after": 56, "limits": CAP}
    found = Scene(**(usual | leaves)).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", "RAISED")]
    assert found.document["summary"]["highest_severity_new"] == "HIGH"
    assert found.document["recommended_gate"] == "RISK_REVIEW"
    decided = gate(found)
    assert (decided["gate"], decided["recommended_next_step"]) == ("RISK_REVIEW_REQUIRED", "RISK_REVIEW")
    assert decided["summary"]["new_high_suitability_count"] == 1
    assert decided["reasons"] == [
        {
            "reason_code": "NEW_HIGH_SUITABILITY_ISSUE",
            "severity": "HIGH",
            "source": "SUITABILITY",
            "details": {
                "issue_id": "SUIT_SINGLE_POSITION_MAX",
                "issue_key": "SINGLE_POSITION_MAX|A",
                "severity_change": "RAISED",
                "cause": "WITHDRAWAL",
            },
        }
    ]


NOT_ALONE: dict[str, Json] = {
    "it is bought": {"executed": [buy("A")], "flows": ["-10"]},
    "it is sold": {"executed": [sell("A")], "flows": ["-10"]},
    "an order of it is open": {
        "snapshot": {"open_orders": [{"instrument_id": "A", "side": "BUY", "quantity": "1"}]},
        "flows": ["-10"],
    },
    "no money leaves": {"flows": ["10"]},
}


@pytest.mark.parametrize("case", NOT_ALONE.values(), ids=NOT_ALONE)
def test_what_is_raised_otherwise_is_reviewed_by_compliance(case: Json) -> None:
    found = Scene(held={"A": 24, "B": 10}, cash=66, cash_after=56, limits=CAP, **case).scanned()
    assert changes(found) == [("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", "RAISED")]
    assert found.document["recommended_gate"] == "COMPLIANCE_REVIEW"
    decided = gate(found)
    assert decided["gate"] == "COMPLIANCE_REVIEW_REQUIRED"
    assert "cause" not in decided["reasons"][0]["details"]


def test_a_group_is_traded_when_one_of_its_members_is() -> None:
    # ACME has A 14 and B 10 of 100; B 1 is sold and 10 leave: 23 of 90 are 0.2556
    shelf = [entry("A", issuer_id="ACME"), entry("B", issuer_id="ACME")]
    limits = {"issuer_max_weight": "0.2"}
    scene = Scene({"A": 14, "B": 10}, after={"A": 14, "B": 9}, cash=76, cash_after=67, shelf=shelf, limits=limits, flows=["-10"])
    assert scene.scanned().document["recommended_gate"] == "RISK_REVIEW"
    scene.executed = [sell("B")]
    assert scene.scanned().document["recommended_gate"] == "COMPLIANCE_REVIEW"


def test_one_issue_for_compliance_among_those_for_risk_is_enough() -> None:
    # A 24 → 24 of 90 by the withdrawal, C is bought to 0.3
    scene = Scene({"A": 24}, after={"A": 24, "C": 27}, cash=76, cash_after=39, executed=[buy("C", 27)], flows=["-10"], limits=CAP)
    found = scene.scanned()
    assert changes(found) == [
        ("SINGLE_POSITION_MAX|C", "HIGH", "NEW", None),
        ("SINGLE_POSITION_MAX|A", "HIGH", "PERSISTENT", "RAISED"),
    ]
    assert found.new_issues == NewIssues(high=2, medium=0, eased=1)
    assert found.document["recommended_gate"] == "COMPLIANCE_REVIEW"
    assert gate(found)["gate"] == "COMPLIANCE_REVIEW_REQUIRED"


def test_what_changed_is_told_apart() -> None:
    # A 24 → 26 raised, B 30 → 31 grown, C 21 → 20 resolved, D 22 stays, E new
    held = {"A": 24, "B": 30, "C": 21, "D": 22}
    after = {"A": 26, "B": 31, "C": 20, "D": 22, "E": 1}
    trades = [buy("A", 2), buy("B", 1), sell("C", 1), buy("E", 1)]
    shelf = [*(entry(name) for name in "ABCD"), entry("E", status="BANNED")]
    found = Scene(held, after=after, cash=3, cash_after=0, executed=trades, shelf=shelf, limits=CAP).scanned()
    assert [(issue.key, issue.severity_change or issue.status_change) for issue in found.issues] == [
        ("GOVERNANCE|E|BANNED", "NEW"),
        ("SINGLE_POSITION_MAX|A", "RAISED"),
        ("SINGLE_POSITION_MAX|B", "GROWN"),
        ("SINGLE_POSITION_MAX|D", "PERSISTENT"),
        ("SINGLE_POSITION_MAX|C", "RESOLVED"),
    ]
