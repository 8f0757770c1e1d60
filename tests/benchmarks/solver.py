"""The certified target stage, as a ratio to stating and solving the same problem in cvxpy afresh."""

import gc
import random
import statistics
from importlib import import_module
from typing import Any

import orjson

from engine.contracts import RebalanceRequest, parse_request
from engine.contracts.options import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.snapshots import Snapshots
from engine.targets.certified import solver_targets
from engine.universe import Universe, build_universe
from tests.benchmarks.engine_bytes import timed

SIZES = (50, 200)
GROUPS = 8
LIMIT = 0.6
PAIRS = 41


def question(size: int) -> RebalanceRequest:
    """A model of `size` instruments in 8 groups (4 sectors, 4 regions), every second group too heavy, positions capped."""
    rng = random.Random(size)  # noqa: S311  (repeatable input)
    names = [f"I{n:03}" for n in range(size)]
    share = [rng.random() ** 2 for _ in names]
    weights = {i: round(s / sum(share), 4) for i, s in zip(names, share, strict=True)}
    places = {i: {"sector": f"S{rng.randrange(4)}", "region": f"R{rng.randrange(4)}"} for i in names}
    limits = {}
    for n in range(GROUPS):
        kind, value = ("sector", f"S{n}") if n < GROUPS // 2 else ("region", f"R{n - GROUPS // 2}")
        heavy = sum(weights[i] for i in names if places[i][kind] == value)
        limits[f"{kind}:{value}"] = {"max_weight": str(round(heavy * (0.85 if n % 2 else 1.2), 4))}
    return parse_request(
        orjson.dumps(
            {
                "portfolio_snapshot": {
                    "portfolio_id": "pf",
                    "base_currency": "USD",
                    "cash_balances": [{"currency": "USD", "amount": "1000000"}],
                },
                "market_data_snapshot": {"prices": [{"instrument_id": i, "price": "10", "currency": "USD"} for i in names]},
                "model_portfolio": {"targets": [{"instrument_id": i, "weight": str(w)} for i, w in weights.items()]},
                "shelf_entries": [{"instrument_id": i, "status": "APPROVED", "attributes": places[i]} for i in names],
                "options": {
                    "target_method": "SOLVER",
                    "cash_band_min_weight": "0.02",
                    "cash_band_max_weight": "0.05",
                    "single_position_max_weight": str(round(2.5 / size, 4)),
                    "group_constraints": limits,
                },
            }
        )
    )


def main() -> bool:
    """Print the ratios; True when every one keeps its promise."""
    cp: Any = import_module("cvxpy")  # a second to import; other benchmarks must not pay it
    import numpy as np  # noqa: PLC0415  (as above)

    gc.collect()
    kept = True
    print("certified target stage     N     ms   x fresh cvxpy")
    for size in SIZES:
        asked = question(size)
        snapshots, options = Snapshots.of(asked), asked.options
        before = snapshots.before(options.valuation_mode, Notes())
        universe = build_universe(snapshots.targets, before, snapshots.shelf, options, Notes())
        model = np.array([float(weight) for weight in universe.model.values()])
        members = []
        for key, limit in sorted(options.group_constraints.items()):
            carriers = snapshots.shelf.carriers(*key.split(":"))
            members.append(([n for n, i in enumerate(universe.model) if i in carriers], float(limit.max_weight)))

        def afresh(model: Any = model, members: list[tuple[list[int], float]] = members, options: EngineOptions = options) -> None:
            weights = cp.Variable(len(model))
            limits = [weights >= 0, cp.sum(weights) >= float(1 - options.cash_band_max_weight)]
            limits += [
                cp.sum(weights) <= float(1 - options.cash_band_min_weight),
                weights <= float(options.single_position_max_weight or 1),
            ]
            limits += [cp.sum(weights[places]) <= most for places, most in members]
            cp.Problem(cp.Minimize(cp.sum_squares(weights - model)), limits).solve(solver=cp.CLARABEL)

        def stage(universe: Universe = universe, shelf: Shelf = snapshots.shelf, options: EngineOptions = options) -> None:
            if not solver_targets(universe, shelf, options, Notes()).strategy["binding"]:
                raise AssertionError("the benchmark's limits must bind")

        stage()
        afresh()
        pairs = [(timed(stage, 1), timed(afresh, 1)) for _ in range(PAIRS)]
        ratio = statistics.median(ours / fresh for ours, fresh in pairs)
        milliseconds = statistics.median(ours for ours, _ in pairs) * 1e3
        kept &= ratio <= LIMIT
        print(
            f"                       {size:5d} {milliseconds:6.2f} {ratio:8.2f}   {'ok' if ratio <= LIMIT else f'OVER THE LIMIT OF {LIMIT}'}"
        )
    return kept
