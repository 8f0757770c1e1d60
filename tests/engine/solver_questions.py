"""Random questions for the certified solver: overlapping groups, locked weight, ties, zero caps, one-point cash bands."""

import random
from decimal import Decimal
from random import Random
from typing import Any

from engine.targets.problem import TargetProblem
from tests.engine.optimum_checker import Question

SIZES = (1, 2, 3, 5, 8, 13, 21, 34, 60)
GROUPS = 8


def question(seed: int) -> Question:
    """The question of a seed. Seeds that are equal modulo 81 have the same number of weights and, mostly, of groups."""
    shape = seed % (len(SIZES) * (GROUPS + 1))
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    size, groups = SIZES[shape // (GROUPS + 1)], shape % (GROUPS + 1)
    ids = [f"I{i:02}" for i in range(size)]
    rng.shuffle(ids)
    locked = {f"L{i}": _decimal(rng, 0, 0.15, rng.choice((2, 4, 12))) for i in range(rng.choice((0, 0, 1, 3)))}
    model = _model(rng, ids)
    low = Decimal(rng.choice((0, 0, 2, 5, 10))) / 100
    high = rng.choice((Decimal(1), Decimal(1), low, low + Decimal("0.05"), Decimal("0.5")))
    fair = Decimal(1) / size
    cap = rng.choice((None, None, Decimal("0.1"), fair.quantize(Decimal("0.0001")), 2 * fair, min(3 * fair, Decimal(1))))
    if rng.random() < 0.03:
        cap = Decimal(0)
    return Question(model, locked, (low, high), cap, {f"a:{g}": _group(rng, model, locked) for g in range(groups)})


def crowded(seed: int) -> Question:
    """A question with some forty groups: two attributes whose groups share no member, and groups that overlap."""
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    ids = [f"I{i:02}" for i in range(rng.choice((40, 70)))]
    model, locked = _model(rng, ids), {f"L{i}": _decimal(rng, 0, 0.1, 4) for i in range(rng.choice((0, 2)))}
    groups = {f"o:{g}": _group(rng, model, locked) for g in range(4)}
    for name in ("p", "q"):
        values, factor = {i: rng.randrange(18) for i in [*model, *locked]}, rng.choice((60, 90, 110, 150))
        for value in range(18):
            members = [i for i in values if values[i] == value]
            wanted = sum((model.get(i, locked.get(i, Decimal(0))) for i in members), Decimal(0))
            groups[f"{name}:{value}"] = min(wanted * factor / 100, Decimal(1)), members
    high = rng.choice((Decimal(1), Decimal("0.2"), Decimal("0.05")))
    return Question(model, locked, (Decimal(0), high), rng.choice((None, Decimal("0.05"))), groups)


def _model(rng: Random, ids: list[str]) -> dict[str, Any]:
    kind = rng.choice(("tied", "smooth", "sparse", "dust"))
    if kind == "tied":
        choices = [_decimal(rng, 0, 2 / len(ids), 2) for _ in range(3)]
        return {i: min(rng.choice(choices), Decimal(1)) for i in ids}
    if kind == "dust":
        return {i: Decimal(rng.randint(0, 3)).scaleb(-12) for i in ids}
    share = [rng.random() ** 2 if kind == "smooth" or rng.random() < 0.4 else 0 for _ in ids]
    scale = rng.choice((0.7, 1, 1, 1.3)) / (sum(share) or 1)
    places = rng.choice((3, 4, 8, 20))
    return {i: min(Decimal(s * scale).quantize(Decimal(1).scaleb(-places)), Decimal(1)) for i, s in zip(ids, share, strict=True)}


def _group(rng: Random, model: dict[str, Any], locked: dict[str, Any]) -> tuple[Decimal, list[Any]]:
    chance = rng.choice((0.1, 0.3, 0.6))
    members = [i for i in [*model, *locked] if rng.random() < chance]
    wanted = sum((model.get(i, locked.get(i, Decimal(0))) for i in members), Decimal(0))
    tight = wanted * Decimal(rng.choice((50, 80, 100, 100, 110, 130))) / 100
    return min(rng.choice((tight, tight, tight.quantize(Decimal("0.01")), Decimal("0.3"))), Decimal(1)), members


def _decimal(rng: Random, low: int, high: float, places: int) -> Decimal:
    return Decimal(rng.uniform(low, high)).quantize(Decimal(1).scaleb(-places))


def stated(asked: Question, rng: random.Random | None = None) -> TargetProblem:
    """The solver's statement of a question; with rng, every list permuted."""

    def order(values: Any) -> list[Any]:
        ordered = list(values)
        if rng:
            rng.shuffle(ordered)
        return ordered

    return TargetProblem.of(
        dict(order(asked.model.items())),
        dict(order(asked.locked.items())),
        asked.cash_band,
        asked.position_max,
        {key: (maximum, order(members)) for key, (maximum, members) in order(asked.groups.items())},
    )
