"""What holds for whatever is scanned: counts add up, the order is total, and rows may come in any order (advisory-engine 13)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from engine.advisory.suitability import Suitability
from tests.engine.advisory.scans import Json, Scene, buy, entry, sell
from tests.support.effort import examples

NAMES: Final = "ABCDEF"
WORTH: Final = 1000
"""Of every state: weights are finite decimals then, so that sums are exact in any order."""

RANKS: Final = ["HIGH", "MEDIUM", "LOW"]
CHANGES: Final = ["NEW", "PERSISTENT", "RESOLVED"]

holdings = st.dictionaries(st.sampled_from(NAMES), st.integers(-200, 500), max_size=6)
caps = st.sampled_from(["0", "0.05", "0.1", "0.25", "0.4", "1"])


@st.composite
def shelves(draw: st.DrawFn) -> list[Json]:
    """Some of the instruments, each stating some of what can be stated."""
    named = draw(st.lists(st.sampled_from(NAMES), unique=True))
    statuses = st.sampled_from(["APPROVED", "APPROVED", "RESTRICTED", "SELL_ONLY", "BANNED", "SUSPENDED"])
    return [
        entry(
            name,
            status=draw(statuses),
            issuer_id=draw(st.sampled_from([None, "", "I1", "I2"])),
            ultimate_issuer_id=draw(st.sampled_from([None, None, "I1", "G"])),
            liquidity_tier=draw(st.sampled_from([None, "L1", "L4", "L5"])),
            attributes=draw(st.dictionaries(st.sampled_from(["sector", "region"]), st.sampled_from(["", "X", "Y"]))),
            product_risk=draw(st.sampled_from([None, 1, 7])),
            min_holding_years=draw(st.sampled_from([None, 1, 9])),
        )
        for name in named
    ]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Any two states of the same worth, with some of the trades between them."""
    held, after = draw(holdings), draw(holdings)
    names = st.sampled_from(sorted({*held, *after}) or ["A"])
    limits = {
        "single_position_max_weight": draw(caps),
        "issuer_max_weight": draw(caps),
        "max_weight_by_liquidity_tier": draw(st.dictionaries(st.sampled_from(["L1", "L4"]), caps)),
        "max_weight_by_attribute": draw(st.dictionaries(st.sampled_from(["sector:X", "sector:*", "region:Y"]), caps)),
        "data_quality_issue_severity": draw(st.sampled_from(RANKS)),
        "cash_band_max_weight": draw(caps),
    }
    return Scene(
        held,
        after={**dict.fromkeys(held, 0), **after},
        cash=WORTH - sum(held.values()),
        cash_after=WORTH - sum(after.values()),
        shelf=draw(shelves()),
        executed=draw(st.lists(st.builds(buy, names) | st.builds(sell, names), max_size=4)) if held or after else [],
        prices=draw(st.dictionaries(st.sampled_from(sorted(held) or ["A"]), st.just(("1", "EUR")), max_size=1)),
        limits=limits,
        flows=draw(st.lists(st.sampled_from(["-10", "10"]), max_size=2)),
        options={
            "allow_restricted": draw(st.booleans()),
            "client_profile": draw(st.none() | st.just({"max_product_risk": 3, "horizon_years": 5})),
        },
    )


def issues(found: Suitability) -> list[Mapping[str, Any]]:
    shown: list[Mapping[str, Any]] = found.document["issues"]
    return shown


@examples(80)
@given(scenes())
def test_counts_add_up_and_the_gate_follows_from_them(scene: Scene) -> None:
    found = scene.scanned()
    shown, summary, new = issues(found), found.document["summary"], found.new_issues
    assert [summary[f"{change.lower()}_count"] for change in CHANGES] == [
        sum(issue["status_change"] == change for issue in shown) for change in CHANGES
    ]
    looked_at = [issue["severity"] for issue in shown if issue["status_change"] == "NEW" or issue["severity_change"]]
    assert (new.high, new.medium) == (looked_at.count("HIGH"), looked_at.count("MEDIUM"))
    assert summary["highest_severity_new"] == next((rank for rank in RANKS if rank in looked_at), None)
    assert [reason.severity for reason in found.reasons()] == [rank for rank in looked_at if rank != "LOW"]
    assert (found.document["recommended_gate"] == "NONE") == (not new.high and not new.medium)
    assert (found.document["recommended_gate"] == "COMPLIANCE_REVIEW") == (new.high > new.eased)


@examples(80)
@given(scenes())
def test_no_two_issues_have_a_key_and_their_order_is_total(scene: Scene) -> None:
    shown = issues(scene.scanned())
    places = [
        (CHANGES.index(issue["status_change"]), RANKS.index(issue["severity"]), issue["dimension"], issue["issue_key"]) for issue in shown
    ]
    assert places == sorted(places)
    assert len({issue["issue_key"] for issue in shown}) == len(shown)
    assert all(issue["severity_change"] is None or issue["status_change"] == "PERSISTENT" for issue in shown)


@examples(80)
@given(scenes(), st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order(scene: Scene, chance: Any) -> None:
    def mixed(rows: Mapping[str, Any]) -> dict[str, Any]:
        return {name: rows[name] for name in chance.sample(sorted(rows), len(rows))}

    first = scene.scanned().document
    assert scene.after is not None
    assert scene.limits is not None
    scene.held, scene.after = mixed(scene.held), mixed(scene.after)
    scene.shelf, scene.executed = chance.sample(list(scene.shelf or ()), len(list(scene.shelf or ()))), scene.executed[::-1]
    scene.limits = {name: mixed(limit) if isinstance(limit, dict) else limit for name, limit in mixed(scene.limits).items()}
    assert scene.scanned().document == first


@examples(60)
@given(scenes())
def test_what_one_way_makes_the_other_way_resolves(scene: Scene) -> None:
    # what depends on trades or on the way alone aside: growth of what should not grow, and the client
    def by_change(found: Suitability, change: str) -> list[str]:
        return sorted(
            issue["issue_key"]
            for issue in issues(found)
            if issue["status_change"] == change and not issue["issue_id"].endswith("INCREASE") and issue["dimension"] != "CLIENT"
        )

    there = scene.scanned()
    everyone = dict.fromkeys([*scene.held, *(scene.after or ())], 0)
    back = Scene(
        everyone | dict(scene.after or {}),
        after=everyone | dict(scene.held),
        cash=scene.cash_after or 0,
        cash_after=scene.cash,
        shelf=scene.shelf,
        limits=scene.limits,
    ).scanned()
    assert by_change(there, "NEW") == by_change(back, "RESOLVED")
    assert by_change(there, "RESOLVED") == by_change(back, "NEW")


@examples(60)
@given(scenes())
def test_every_figure_is_a_share_of_the_state(scene: Scene) -> None:
    for issue in issues(scene.scanned()):
        for name, text in issue["details"].items():
            if name.startswith("measured"):
                assert Decimal(text) * WORTH == int(Decimal(text) * WORTH)
