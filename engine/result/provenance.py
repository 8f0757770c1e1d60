"""Where a result comes from: snapshots, request and engine version. The wire calls it lineage (dpm-engine 15)."""

from typing import Self

from msgspec import Struct

from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.snapshots import PortfolioSnapshot
from engine.evidence.canonical import canonical_rows, digest
from engine.result.amounts import Json
from engine.version import ENGINE_VERSION


class Origin(Struct):
    """A snapshot by its identity: the given id, else the digest of its canonical text; and when it was true."""

    snapshot_id: str
    as_of: str | None

    @classmethod
    def of_portfolio(cls, snapshot: PortfolioSnapshot) -> Self:
        """Of what the client holds."""
        return cls(snapshot.snapshot_id or _content_id(snapshot), snapshot.as_of)

    @classmethod
    def of_market(cls, snapshot: MarketDataSnapshot) -> Self:
        """Of prices and rates."""
        return cls(snapshot.snapshot_id or _content_id(snapshot), snapshot.as_of)


def _content_id(snapshot: PortfolioSnapshot | MarketDataSnapshot) -> str:
    return digest(canonical_rows(snapshot))


def render_provenance(portfolio: Origin, market: Origin, request_hash: str, idempotency_key: str | None = None) -> Json:
    """The lineage block of a result."""
    return {
        "portfolio_snapshot_id": portfolio.snapshot_id,
        "market_data_snapshot_id": market.snapshot_id,
        "request_hash": request_hash,
        "idempotency_key": idempotency_key,
        "engine_version": ENGINE_VERSION,
        "portfolio_as_of": portfolio.as_of,
        "market_data_as_of": market.as_of,
    }
