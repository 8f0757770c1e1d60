"""The certified target stage, as a ratio to stating and solving the same problem in cvxpy afresh."""

import gc
import random
import statistics
import time
from collections import Counter
from importlib import import_module
from typing import Any

import orjson

from engine.contracts import RebalanceRequest, parse_request
from engine.contracts.options.rebalance import EngineOptions
from engine.market import Shelf
from engine.notes import Notes
from engine.rebalance import rebalance
from engine.snapshots import Snapshots
from engine.targets.certified import solver_targets
from engine.universe import Universe, build_universe
from tests.benchmarks.engine_bytes import timed

SIZES = (50, 200)
GROUPS = 8
LIMIT = 0.6
PAIRS = 41
LARGEST = 10_000
MOST_GROUPS = 500
SECONDS = 10


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
    return stated(
        {i: str(weight) for i, weight in weights.items()},
        places,
        {
            "cash_band_min_weight": "0.02",
            "cash_band_max_weight": "0.05",
            "single_position_max_weight": str(round(2.5 / size, 4)),
            "group_constraints": limits,
        },
    )


def crowd(allowed: float, cash: str) -> RebalanceRequest:
    """A model of two attributes with half the groups each, every group allowed a share of what it wants, and so much cash at most."""
    rng = random.Random(LARGEST)  # noqa: S311  (repeatable input)
    share = {f"I{n:05}": rng.random() ** 2 + 0.01 for n in range(LARGEST)}
    whole = sum(share.values())
    places = {i: {kind: f"{kind[0]}{rng.randrange(MOST_GROUPS // 2)}" for kind in ("sector", "region")} for i in share}
    heavy: dict[str, float] = {}
    for i, attributes in places.items():
        for kind, value in attributes.items():
            heavy[f"{kind}:{value}"] = heavy.get(f"{kind}:{value}", 0) + share[i] / whole
    limits = {key: {"max_weight": f"{weight * allowed:.6f}"} for key, weight in heavy.items()}
    return stated(
        {i: f"{part / whole:.8f}" for i, part in share.items()}, places, {"cash_band_max_weight": cash, "group_constraints": limits}
    )


def nested() -> RebalanceRequest:
    """450 industries in 50 sectors, each allowed about as much as it wants; now the industries hold less, now their sector."""
    rng = random.Random(LARGEST)  # noqa: S311  (repeatable input)
    places = {}
    for n in range(LARGEST):
        industry = rng.randrange(450)
        places[f"I{n:05}"] = {"industry": f"i{industry}", "sector": f"s{industry % 50}"}
    wanted = Counter(f"{kind}:{value}" for attributes in places.values() for kind, value in attributes.items())
    limits = {key: {"max_weight": f"{count / LARGEST * rng.uniform(0.8, 1.1):.6f}"} for key, count in wanted.items()}
    return stated(dict.fromkeys(places, f"{1 / LARGEST}"), places, {"cash_band_max_weight": "0.05", "group_constraints": limits})


def full() -> RebalanceRequest:
    """500 rooms of 0.0019 that hold 0.95 together, and 0.95 must be invested."""
    rng = random.Random(LARGEST)  # noqa: S311  (repeatable input)
    share = {f"I{n:05}": rng.random() ** 2 + 0.01 for n in range(LARGEST)}
    whole = sum(share.values())
    places = {i: {"room": f"r{n % MOST_GROUPS}"} for n, i in enumerate(share)}
    limits = {f"room:r{room}": {"max_weight": "0.0019"} for room in range(MOST_GROUPS)}
    weights = {i: f"{part / whole:.8f}" for i, part in share.items()}
    return stated(weights, places, {"cash_band_max_weight": "0.05", "group_constraints": limits})


def crossed(attributes: int, groups: int, cash: str, *, uneven: bool = False) -> RebalanceRequest:
    """Every instrument in a group of each attribute. Groups hold 0.96 together, or now little and now much, beside a position cap."""
    rng = random.Random(LARGEST)  # noqa: S311  (repeatable input)
    share = {f"I{n:05}": 1.0 if uneven else rng.random() ** 2 + 0.01 for n in range(LARGEST)}
    whole = sum(share.values())
    places = {i: {f"a{k}": f"v{rng.randrange(groups)}" for k in range(attributes)} for i in share}
    sizes = Counter(f"{kind}:{value}" for at in places.values() for kind, value in at.items())
    options: dict[str, Any] = {"cash_band_max_weight": cash}
    limits = dict.fromkeys(sizes, 0.96 / groups)
    if uneven:
        options["single_position_max_weight"] = "0.00014"
        limits = {key: count / LARGEST * rng.choice((0.6, 1.6)) for key, count in sizes.items()}
    options["group_constraints"] = {key: {"max_weight": f"{weight:.6f}"} for key, weight in limits.items()}
    return stated({i: f"{part / whole:.8f}" for i, part in share.items()}, places, options)


def stated(weights: dict[str, str], places: dict[str, dict[str, str]], options: dict[str, Any]) -> RebalanceRequest:
    """The request of a book that is all cash."""
    return parse_request(
        orjson.dumps(
            {
                "portfolio_snapshot": {
                    "portfolio_id": "pf",
                    "base_currency": "USD",
                    "cash_balances": [{"currency": "USD", "amount": "100000000"}],
                },
                "market_data_snapshot": {"prices": [{"instrument_id": i, "price": "10", "currency": "USD"} for i in weights]},
                "model_portfolio": {"targets": [{"instrument_id": i, "weight": weight} for i, weight in weights.items()]},
                "shelf_entries": [{"instrument_id": i, "status": "APPROVED", "attributes": places[i]} for i in weights],
                "options": {"target_method": "SOLVER", **options},
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
    return largest() and kept


def largest() -> bool:
    """Print what the largest decisions take of one processor; True when all end in time."""
    kept = True
    print(f"{LARGEST} instruments, {MOST_GROUPS} groups          s")
    for name, asked, status in (
        ("weights exist", crowd(0.9, "0.2"), "READY"),
        ("none exist", crowd(0.9, "0.05"), "BLOCKED"),
        ("groups in groups", nested(), "BLOCKED"),
        ("groups that are full", full(), "READY"),
        ("two attributes, full", crossed(2, 250, "0.04"), "READY"),
        ("three attributes, full", crossed(3, 160, "0.04"), "READY"),
        ("two attributes, uneven", crossed(2, 250, "0.3", uneven=True), "READY"),
        ("two attributes, too little", crossed(2, 250, "0.03", uneven=True), "BLOCKED"),
        ("three attributes, too little", crossed(3, 170, "0.01", uneven=True), "BLOCKED"),
    ):
        start = time.process_time()
        result = orjson.loads(rebalance(asked, run_id="rr_bench", correlation_id="c_bench").to_json())
        seconds = time.process_time() - start
        if result["status"] != status:
            raise AssertionError(f"{name}: the decision must be {status}")
        kept &= seconds <= SECONDS
        print(f"    {name:28} {seconds:6.1f}   {'ok' if seconds <= SECONDS else f'OVER THE LIMIT OF {SECONDS}'}")
    return kept
