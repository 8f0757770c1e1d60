"""Where a result comes from: snapshots, request and engine version."""

from typing import Any, Final

from pydantic import TypeAdapter

from engine.contracts.snapshots import MarketDataSnapshot, PortfolioSnapshot
from engine.evidence.canonical import Path, canonical, digest, document_of
from engine.version import ENGINE_VERSION

_PORTFOLIO: Final = TypeAdapter(PortfolioSnapshot)
_MARKET: Final = TypeAdapter(MarketDataSnapshot)


def snapshot_id(adapter: TypeAdapter[Any], snapshot: Any, within: Path) -> str:
    """The given id, else the digest of the validated snapshot's canonical text."""
    given: str | None = snapshot.snapshot_id
    return digest(canonical(document_of(adapter, snapshot, within))) if given is None else given


def snapshot_lineage(portfolio: PortfolioSnapshot, market: MarketDataSnapshot) -> dict[str, Any]:
    """The part of the lineage that every run over these snapshots shares."""
    return {
        "portfolio_snapshot_id": snapshot_id(_PORTFOLIO, portfolio, ("portfolio_snapshot",)),
        "market_data_snapshot_id": snapshot_id(_MARKET, market, ("market_data_snapshot",)),
        "portfolio_as_of": portfolio.as_of,
        "market_data_as_of": market.as_of,
    }


def render_lineage(snapshots: dict[str, Any], request_hash: str) -> dict[str, Any]:
    """The lineage block of a result."""
    return {
        "portfolio_snapshot_id": snapshots["portfolio_snapshot_id"],
        "market_data_snapshot_id": snapshots["market_data_snapshot_id"],
        "request_hash": request_hash,
        "idempotency_key": None,
        "engine_version": ENGINE_VERSION,
        "portfolio_as_of": snapshots["portfolio_as_of"],
        "market_data_as_of": snapshots["market_data_as_of"],
    }
