"""What an artifact states beside the figures: suitability, assumptions and limits, disclosures (advisory-engine 16)."""

from dataclasses import asdict
from typing import Final

from engine.advisory.artifact.material import SECURITY_TRADE, Json, Material

UNNAMED_MARKET_DATA: Final = "md"
CHANGES: Final = {"NEW": "New", "PERSISTENT": "Still there", "RESOLVED": "Resolved"}
COSTS_LEFT_OUT: Final = "Transaction costs, fees and the bid/ask spread are outside the figures."
COSTS_COUNTED: Final = "Commissions, transaction taxes and FX spreads are in the figures, as the schedule of the request states them."
TAX: Final = "What the trades mean for the client's tax is outside the figures."
EXECUTION: Final = "The time that execution takes, and prices that move meanwhile, are outside the figures."
DISCLAIMER: Final = (
    "This proposal rests on the snapshots of holdings, prices and rates that it names. Past prices do not promise future performance."
)


def suitability_summary(material: Material) -> Json:
    """The findings of the scanner with their counts, and the client's profile as it was given."""
    found: Json | None = material.result["suitability"]
    profile = material.options.client_profile and asdict(material.options.client_profile)
    if found is None:
        return {
            "status": "NOT_AVAILABLE",
            "new_issues": 0,
            "resolved_issues": 0,
            "persistent_issues": 0,
            "highest_severity_new": None,
            "highlights": [],
            "issues": [],
            "client_profile": profile,
        }
    summary, issues = found["summary"], found["issues"]
    return {
        "status": "AVAILABLE",
        "new_issues": summary["new_count"],
        "resolved_issues": summary["resolved_count"],
        "persistent_issues": summary["persistent_count"],
        "highest_severity_new": summary["highest_severity_new"],
        "highlights": [_highlight(issue) for issue in issues[: material.rows]],
        "issues": issues,
        "client_profile": profile,
    }


def _highlight(issue: Json) -> Json:
    change = issue["status_change"]
    return {"code": change, "text": f"{CHANGES[change]}: {issue['issue_id']}"}


def assumptions_and_limits(material: Material) -> Json:
    """What the figures rest on, and what they leave out."""
    options = material.options
    market_data = material.request.market_data_snapshot.snapshot_id or UNNAMED_MARKET_DATA
    costed = options.costs is not None
    return {
        "pricing": {
            "market_data_snapshot_id": market_data,
            "prices_as_of": market_data,
            "fx_as_of": market_data,
            "valuation_mode": options.valuation_mode.value,
        },
        "costs_and_fees": {"included": costed, "notes": COSTS_COUNTED if costed else COSTS_LEFT_OUT},
        "tax": {"included": False, "notes": TAX},
        "execution": {"included": False, "notes": EXECUTION},
    }


def disclosures(material: Material) -> Json:
    """The disclaimer, and a place for the document of every product that is traded."""
    traded = sorted({trade["instrument_id"] for trade in material.intents(SECURITY_TRADE)})
    return {
        "risk_disclaimer": DISCLAIMER,
        "product_docs": [{"instrument_id": name, "doc_ref": "KID or fact sheet to be attached"} for name in traded],
    }
