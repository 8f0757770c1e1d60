"""Proposals bytes to bytes, as a ratio to the least that any implementation must do with the same bytes; their artifacts against both."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import orjson

import engine
from engine.evidence.canonical import canonical
from tests.benchmarks.containers import as_in_a_container
from tests.benchmarks.engine_bytes import pair_ratio
from tests.benchmarks.portfolios import portfolio_request

POSITIONS, TRADES = 50, 20
LIMIT, DESK_LIMIT, ARTIFACT_LIMIT = 9.0, 1.6, 1.5
"""Reading twenty trades and fifty rows of a shelf into checked values takes three floors by itself (decision 0020), and the floor has no
suitability, no drift and no rules. Beside the proposal and the two dumps, an artifact needs the request's own canonical text and three digests."""

MOMENT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
RATE = Decimal("1.0842")


def proposal_request(positions: int, trades: int, **options: object) -> bytes:
    """A proposal over the portfolio of the other benchmarks: sells and buys in five currencies, by units and for amounts, a withdrawal, a reference model by class."""
    request = orjson.loads(portfolio_request(positions))
    request.pop("model_portfolio")
    prices = request["market_data_snapshot"]["prices"]
    request["options"] = {"enable_proposal_simulation": True, **options}
    for n, row in enumerate(request["shelf_entries"]):
        row |= {"issuer_id": f"ISS_{n % 20}", "liquidity_tier": f"L{1 + n % 3}"}
    request["proposed_cash_flows"] = [{"currency": "USD", "amount": "-25000"}]
    request["proposed_trades"] = [_trade(n, prices[n * 7 % positions]) for n in range(trades)]
    weights = {"EQUITY": "0.7", "FUND": "0.2", "CASH": "0.1"}
    request["reference_model"] = {
        "model_id": "m",
        "as_of": "2026-03-31",
        "base_currency": "USD",
        "asset_class_targets": [{"asset_class": name, "weight": weight} for name, weight in weights.items()],
    }
    body: bytes = orjson.dumps(request)
    return body


def _trade(n: int, price: dict[str, Any]) -> dict[str, Any]:
    row = {"instrument_id": price["instrument_id"], "side": "SELL" if n % 2 else "BUY"}
    if n % 4 == 0:
        return {**row, "notional": {"amount": f"{20_000 + 137 * n}.50", "currency": price["currency"]}}
    return {**row, "quantity": str(100 + n)}


def floor_of(body: bytes, answer: bytes) -> Callable[[], None]:
    """What nobody can leave out: read the bytes, value each holding, write the answer."""
    result = orjson.loads(answer)
    values = [(Decimal(row["quantity"]), RATE) for row in orjson.loads(body)["portfolio_snapshot"]["positions"]]

    def floor() -> None:
        orjson.loads(body)
        for quantity, rate in values:
            quantity * rate
        orjson.dumps(result)

    return floor


def main() -> bool:
    """Print the ratios; True when every promise holds."""
    classic, desk = (proposal_request(POSITIONS, TRADES, conventions=conventions) for conventions in ("CLASSIC", "DESK"))
    propose, propose_desk = (partial(engine.propose_json, body, run_id="pr_bench", correlation_id="c") for body in (classic, desk))
    compose = partial(engine.proposal_artifact_json, classic, run_id="pr_bench", correlation_id="c", created_at=MOMENT, idempotency_key="k")
    artifact = orjson.loads(compose())

    def decided_and_written_twice() -> None:
        propose()
        canonical(artifact)
        canonical(artifact)

    with as_in_a_container():
        ratio, seconds = pair_ratio(propose, floor_of(classic, propose()))
        slower, _ = pair_ratio(propose_desk, propose)
        more, longer = pair_ratio(compose, decided_and_written_twice)
    print(f"{POSITIONS} positions, {TRADES} trades: {seconds * 1e3:.2f} ms, {ratio:.2f} floors (at most {LIMIT:.0f})")
    print(f"under DESK against CLASSIC: {slower:.2f} (at most {DESK_LIMIT})")
    print(f"its artifact: {longer * 1e3:.2f} ms, {more:.2f} of the proposal and two canonical dumps (at most {ARTIFACT_LIMIT})")
    return ratio <= LIMIT and slower <= DESK_LIMIT and more <= ARTIFACT_LIMIT


if __name__ == "__main__":
    main()
