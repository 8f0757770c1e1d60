"""Random questions whose groups cross: every instrument has a value in each of two or three attributes, and every value its limit."""

import random
from decimal import Decimal
from typing import Any

from tests.engine.optimum_checker import Question

TWELVE = Decimal(1).scaleb(-12)


def crossing(seed: int) -> Question:
    """Limits a share of what is wanted, equal ones that add up to what must be invested, or tight and loose ones beside a position cap."""
    rng = random.Random(seed)  # noqa: S311  (test data, repeatable)
    size, attributes = rng.randint(8, 24), 2 + seed % 2
    kind = ("share", "full", "tight and loose")[seed // 2 % 3]
    share = [rng.choice((0, 1, 2, 3)) if seed % 5 == 0 else rng.random() for _ in range(size)]
    model = {f"I{i:02}": (Decimal(one) / Decimal(sum(share) or 1)).quantize(Decimal("0.0001")) for i, one in enumerate(share)}
    groups: dict[str, Any] = {}
    for name in "pqr"[:attributes]:
        values = rng.randint(2, 6)
        value_of = {i: rng.randrange(values) for i in model}
        for value in range(values):
            members = [i for i in model if value_of[i] == value]
            wanted = sum((model[i] for i in members), Decimal(0))
            if kind == "share":
                maximum = wanted * rng.choice((70, 90, 100, 110)) / 100
            elif kind == "full":
                maximum = (Decimal("0.96") / values).quantize(TWELVE)
            else:
                maximum = Decimal(len(members)) / size * rng.choice((Decimal("0.6"), Decimal("1.6")))
            groups[f"{name}:{value}"] = min(maximum, Decimal(1)).quantize(TWELVE), members
    most_cash = {"share": rng.choice(("0.05", "0.2")), "full": "0.04", "tight and loose": rng.choice(("0.1", "0.2", "0.3"))}[kind]
    cap = (Decimal("1.4") / size).quantize(Decimal("0.001")) if kind == "tight and loose" else None
    return Question(model, {}, (Decimal(0), Decimal(most_cash)), cap, groups)
