"""Cash, governance, missing data, attempted buys and the client: every row of the scanner's tables (advisory-engine 13, advisory-practice 7)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.engine.advisory.scans import Json, Scene, buy, entry, keys, rows, the_issue

BAND = {"cash_band_min_weight": "0.01", "cash_band_max_weight": "0.05"}


@pytest.mark.parametrize(
    ("cash", "outside"),
    [
        ("0.99999", False),  # 0.0099999 is the band's end less the slack
        ("0.999989", True),
        ("1", False),
        ("5", False),
        ("5.00001", False),  # and here with it
        ("5.000011", True),
        ("0", True),
    ],
)
def test_cash_stays_within_its_band(cash: str, outside: bool) -> None:
    # positions fill up to 100
    held = str(100 - Decimal(cash))
    found = Scene({"A": held}, cash=cash, limits=BAND).scanned()
    assert keys(found) == (["CASH_BAND"] if outside else [])


def test_what_cash_outside_its_band_says() -> None:
    (row,) = rows(Scene({"A": 1}, cash=1, limits=BAND).scanned(), "issue_id", "dimension", "severity", "details", "summary")
    assert row == (
        "SUIT_CASH_BAND",
        "CASH",
        "MEDIUM",
        {"threshold_min": "0.01", "threshold_max": "0.05", "measured": "0.5"},
        "The cash weight lies outside the advisory band of 1.00% to 5.00%.",
    )


def test_a_holding_of_the_class_cash_is_cash() -> None:
    # 0.04 in a money market fund and 0.02 in the account
    found = Scene({"A": 94, "MM": 4}, cash=2, shelf=[entry("A"), entry("MM", asset_class="CASH")], limits=BAND).scanned()
    assert the_issue(found, "CASH_BAND")["details"]["measured"] == "0.06"


@pytest.mark.parametrize("status", ["BANNED", "SUSPENDED"])
def test_what_the_bank_does_not_want_is_an_issue_while_it_is_held(status: str) -> None:
    scene = Scene({"A": 10, "B": 90}, after={"A": 5, "B": 90}, cash_after=5, shelf=[entry("A", status=status), entry("B")])
    (row,) = rows(scene.scanned(), "issue_id", "issue_key", "dimension", "severity", "status_change", "details", "summary")
    assert row == (
        f"SUIT_GOVERNANCE_{status}",
        f"GOVERNANCE|A|{status}",
        "GOVERNANCE",
        "HIGH",
        "PERSISTENT",
        {"instrument_id": "A", "shelf_status": status, "measured": "0.05"},
        f"A is held although the shelf calls it {status}.",
    )


@pytest.mark.parametrize("status", ["BANNED", "SUSPENDED"])
@pytest.mark.parametrize(("held", "found"), [("0.00001", False), ("0.000011", True)])  # of 100: the slack itself, and more
def test_a_trace_of_it_is_none(status: str, held: str, found: bool) -> None:
    scene = Scene({"A": held}, cash=str(100 - Decimal(held)), shelf=[entry("A", status=status)])
    assert bool(keys(scene.scanned())) is found


INCREASE: dict[str, tuple[Json, Json, str, str]] = {
    "SELL_ONLY": ({"status": "SELL_ONLY"}, {}, "HIGH", "A grows in the proposed state although the shelf calls it SELL_ONLY."),
    "SELL_ONLY though restricted ones are allowed": (
        {"status": "SELL_ONLY"},
        {"allow_restricted": True},
        "HIGH",
        "A grows in the proposed state although the shelf calls it SELL_ONLY.",
    ),
    "RESTRICTED": ({"status": "RESTRICTED"}, {}, "HIGH", "A grows in the proposed state although the shelf calls it RESTRICTED."),
    "RESTRICTED and allowed": (
        {"status": "RESTRICTED"},
        {"allow_restricted": True},
        "MEDIUM",
        "A, which the shelf calls RESTRICTED, grows in the proposed state, under the permission given.",
    ),
}


@pytest.mark.parametrize(("members", "options", "severity", "summary"), INCREASE.values(), ids=INCREASE)
def test_what_should_not_grow_is_an_issue_when_it_does(members: Json, options: Json, severity: str, summary: str) -> None:
    # a withdrawal of half the portfolio doubles A's weight: 10 of 100, then 10 of 50
    scene = Scene({"A": 10}, cash=90, cash_after=40, shelf=[entry("A", **members)], options=options)
    status = members["status"]
    allowed = {"allow_restricted": "true" if options else "false"} if status == "RESTRICTED" else {}
    (row,) = rows(scene.scanned(), "issue_id", "issue_key", "severity", "status_change", "details", "summary")
    assert row == (
        f"SUIT_GOVERNANCE_{status}_INCREASE",
        f"GOVERNANCE|A|{status}",
        severity,
        "NEW",
        {"instrument_id": "A", "shelf_status": status, "measured_before": "0.1", "measured_after": "0.2", **allowed},
        summary,
    )


@pytest.mark.parametrize("status", ["SELL_ONLY", "RESTRICTED", "APPROVED"])
@pytest.mark.parametrize(("after", "grows"), [("10", False), ("10.00001", False), ("10.000011", True)])
def test_it_grows_by_more_than_the_slack(status: str, after: str, grows: bool) -> None:
    scene = Scene({"A": 10}, after={"A": after}, cash=90, cash_after=str(100 - Decimal(after)), shelf=[entry("A", status=status)])
    assert bool(keys(scene.scanned())) is (grows and status != "APPROVED")


def test_of_a_holding_without_entry_nothing_else_is_known() -> None:
    found = Scene(
        {"A": 100}, shelf=[], limits={"single_position_max_weight": "0.5", "max_weight_by_attribute": {"sector:*": "0.1"}}
    ).scanned()
    assert keys(found) == ["SINGLE_POSITION_MAX|A", "DQ|MISSING_SHELF|A"]


MISSING: dict[str, tuple[list[Json], str, str, str]] = {
    "entry": ([], "MISSING_SHELF", "shelf_entry", "A has no shelf entry: nothing can be said about it."),
    "issuer": ([entry("A", issuer_id=None)], "MISSING_ISSUER", "issuer_id", "The shelf does not state the issuer of A."),
    "empty issuer": ([entry("A", issuer_id="")], "MISSING_ISSUER", "issuer_id", "The shelf does not state the issuer of A."),
    "tier": (
        [entry("A", liquidity_tier=None)],
        "MISSING_LIQUIDITY_TIER",
        "liquidity_tier",
        "The shelf does not state the liquidity tier of A.",
    ),
}


@pytest.mark.parametrize("severity", ["LOW", "MEDIUM", "HIGH"])
@pytest.mark.parametrize(("shelf", "kind", "fields", "summary"), MISSING.values(), ids=MISSING)
def test_what_the_shelf_does_not_state(severity: str, shelf: list[Json], kind: str, fields: str, summary: str) -> None:
    found = Scene({"A": 1}, shelf=shelf, limits={"data_quality_issue_severity": severity}).scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "details", "summary") == [
        ("SUIT_DATA_QUALITY", f"DQ|{kind}|A", "DATA_QUALITY", severity, {"instrument_id": "A", "missing_fields": fields}, summary)
    ]


@pytest.mark.parametrize("held", ["0", "-5"])
def test_nobody_asks_about_what_is_not_held_long(held: str) -> None:
    assert keys(Scene({"A": held, "B": 50}, cash=50, shelf=[entry("B")]).scanned()) == []


NO_VALUE: dict[str, tuple[tuple[str, str] | None, str, str]] = {
    "price": (None, "price", "A has no value for want of a price: no weight is right without it."),
    "rate": (("1", "USD"), "fx_rate", "A has no value for want of a rate: no weight is right without it."),
}


@pytest.mark.parametrize("held", ["5", "-5"])
@pytest.mark.parametrize(("price", "fields", "summary"), NO_VALUE.values(), ids=NO_VALUE)
def test_what_has_no_value_afterwards_is_new_and_high_whatever_was_before(
    held: str, price: tuple[str, str] | None, fields: str, summary: str
) -> None:
    scene = Scene({"A": held}, cash=100, prices={"A": price}, limits={"data_quality_issue_severity": "LOW"})
    found = scene.scanned()
    assert rows(found, "issue_id", "issue_key", "dimension", "severity", "status_change", "details", "summary") == [
        (
            "SUIT_DATA_QUALITY",
            "DQ|UNVALUED|A",
            "DATA_QUALITY",
            "HIGH",
            "NEW",
            {"instrument_id": "A", "missing_fields": fields},
            summary,
        )
    ]
    assert found.document["recommended_gate"] == "COMPLIANCE_REVIEW"


def test_what_is_gone_needs_no_value() -> None:
    assert keys(Scene({"A": 5}, after={"A": 0}, cash=100, prices={"A": None}).scanned()) == []


ATTEMPT: dict[str, tuple[str, Json, str, str]] = {
    "SELL_ONLY": ("SELL_ONLY", {}, "HIGH", "The proposal tries to buy A although the shelf calls it SELL_ONLY."),
    "RESTRICTED": ("RESTRICTED", {}, "HIGH", "The proposal tries to buy A although the shelf calls it RESTRICTED."),
    "RESTRICTED and allowed": (
        "RESTRICTED",
        {"allow_restricted": True},
        "MEDIUM",
        "The proposal buys A, which the shelf calls RESTRICTED, under the permission given.",
    ),
}


@pytest.mark.parametrize(("status", "options", "severity", "summary"), ATTEMPT.values(), ids=ATTEMPT)
@pytest.mark.parametrize(("held", "weight"), [({"A": 10, "B": 90}, "0.1"), ({"B": 100}, "0")])
def test_who_tries_to_buy_it_is_told_though_nothing_comes_of_it(
    held: dict[str, int], weight: str, status: str, options: Json, severity: str, summary: str
) -> None:
    scene = Scene(held, proposed=[buy("A")], shelf=[entry("A", status=status), entry("B")], options=options)
    allowed = {"allow_restricted": "true" if options else "false"} if status == "RESTRICTED" else {}
    (row,) = rows(scene.scanned(), "issue_id", "issue_key", "dimension", "severity", "status_change", "details", "summary")
    assert row == (
        f"SUIT_GOVERNANCE_{status}_INCREASE",
        f"GOVERNANCE|A|{status}",
        "GOVERNANCE",
        severity,
        "NEW",
        {"instrument_id": "A", "shelf_status": status, "measured_before": weight, "measured_after": weight, **allowed},
        summary,
    )


def test_an_attempt_replaces_what_the_scan_finds_of_the_same_holding() -> None:
    scene = Scene({"A": 10}, after={"A": 20}, cash=90, cash_after=80, executed=[buy("A", 10)], shelf=[entry("A", status="RESTRICTED")])
    (row,) = rows(scene.scanned(), "summary", "details")
    assert row[0] == "The proposal tries to buy A although the shelf calls it RESTRICTED."
    assert (row[1]["measured_before"], row[1]["measured_after"]) == ("0.1", "0.2")


@pytest.mark.parametrize("status", ["APPROVED", "BANNED", "SUSPENDED"])
def test_other_attempts_are_no_issue(status: str) -> None:
    assert keys(Scene({"B": 100}, proposed=[buy("A")], shelf=[entry("A", status=status), entry("B")]).scanned()) == []


def test_an_attempt_of_what_the_shelf_does_not_know_is_no_issue_nor_is_a_sale() -> None:
    sale = {"side": "SELL", "instrument_id": "B", "quantity": "1"}
    assert keys(Scene({"B": 100}, proposed=[buy("A"), sale], shelf=[entry("B", status="SELL_ONLY")]).scanned()) == []


SUITED: Json = {"product_risk": 4, "knowledge_required": "STRUCTURED", "min_holding_years": 5}
CLIENT: Json = {"max_product_risk": 4, "knowledge": ["EQUITY", "STRUCTURED"], "horizon_years": 5}
UNSUITED: dict[str, tuple[Json, Json, tuple[Any, ...]]] = {
    "too risky": (
        {"product_risk": 5},
        {},
        (
            "SUIT_PRODUCT_RISK",
            "PRODUCT_RISK|A",
            "HIGH",
            {"instrument_id": "A", "required": "5", "client": "4"},
            "A has product risk 5, above the client's 4.",
        ),
    ),
    "not understood": (
        {"knowledge_required": "OPTIONS"},
        {},
        (
            "SUIT_KNOWLEDGE",
            "KNOWLEDGE|A",
            "HIGH",
            {"instrument_id": "A", "required": "OPTIONS", "client": "EQUITY, STRUCTURED"},
            "A asks for knowledge of OPTIONS, which the client does not have.",
        ),
    ),
    "nothing is understood": (
        {},
        {"knowledge": []},
        (
            "SUIT_KNOWLEDGE",
            "KNOWLEDGE|A",
            "HIGH",
            {"instrument_id": "A", "required": "STRUCTURED", "client": ""},
            "A asks for knowledge of STRUCTURED, which the client does not have.",
        ),
    ),
    "too long": (
        {"min_holding_years": 6},
        {},
        (
            "SUIT_HORIZON",
            "HORIZON|A",
            "MEDIUM",
            {"instrument_id": "A", "required": "6", "client": "5"},
            "A should be held for 6 years, longer than the client's horizon of 5.",
        ),
    ),
    "no time at all": (
        {"min_holding_years": 1},
        {"horizon_years": 0},
        (
            "SUIT_HORIZON",
            "HORIZON|A",
            "MEDIUM",
            {"instrument_id": "A", "required": "1", "client": "0"},
            "A should be held for 1 year, longer than the client's horizon of 0.",
        ),
    ),
    "risk unknown": (
        {"product_risk": None},
        {},
        (
            "SUIT_DATA_QUALITY",
            "DQ|MISSING_PRODUCT_RISK|A",
            "MEDIUM",
            {"instrument_id": "A", "missing_fields": "product_risk"},
            "The shelf does not state the product risk of A.",
        ),
    ),
    "holding period unknown": (
        {"min_holding_years": None},
        {},
        (
            "SUIT_DATA_QUALITY",
            "DQ|MISSING_HORIZON|A",
            "MEDIUM",
            {"instrument_id": "A", "missing_fields": "min_holding_years"},
            "The shelf does not state the least holding period of A.",
        ),
    ),
}


def bought(members: Json, profile: Json | None, **more: Any) -> Scene:
    options = {} if profile is None else {"client_profile": profile}
    held, after = {"A": 10}, {"A": 20}
    return Scene(held, after=after, cash=90, cash_after=80, shelf=[entry("A", **(SUITED | members))], options=options, **more)


@pytest.mark.parametrize(("members", "profile", "expected"), UNSUITED.values(), ids=UNSUITED)
def test_a_buy_that_does_not_suit_the_client_is_new_though_it_is_held_already(
    members: Json, profile: Json, expected: tuple[Any, ...]
) -> None:
    found = bought(members, CLIENT | profile, executed=[buy("A", 5), buy("A", 5)]).scanned()
    assert rows(found, "issue_id", "issue_key", "severity", "details", "summary") == [expected]
    assert rows(found, "dimension", "status_change") == [("CLIENT", "NEW")]


NO_QUESTION: dict[str, tuple[Json, Json | None]] = {
    "all within": ({}, CLIENT),
    "no profile": ({"product_risk": 7, "min_holding_years": 99}, None),
    "no limits": ({"product_risk": 7, "min_holding_years": 99}, {"knowledge": ["STRUCTURED"]}),
    "no limits and nothing known": ({"product_risk": None, "min_holding_years": None}, {"knowledge": ["STRUCTURED"]}),
    "no knowledge needed": ({"knowledge_required": None}, CLIENT | {"knowledge": []}),
}


@pytest.mark.parametrize(("members", "profile"), NO_QUESTION.values(), ids=NO_QUESTION)
def test_a_buy_within_the_profile_or_without_one_is_no_issue(members: Json, profile: Json | None) -> None:
    assert keys(bought(members, profile, executed=[buy("A", 10)]).scanned()) == []


def test_only_executed_buys_are_held_against_the_client() -> None:
    unfit = {"product_risk": 7, "knowledge_required": "NONE", "min_holding_years": 99}
    sale = {"side": "SELL", "instrument_id": "A", "quantity": "1"}
    assert keys(bought(unfit, CLIENT, proposed=[buy("A")], executed=[sale]).scanned()) == []
