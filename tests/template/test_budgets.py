"""Every function has its row of budgets, and what passes one is told."""

import pytest

from infra.local.stack import TEMPLATE
from infra.template import Template
from layers.budgets import BUDGETS, Budget
from layers.loads import FUNCTION, Loaded, environment, over
from layers.size import too_large

ROW = Budget(megabytes=36, modules=100, kilobytes=9, ratio=1.5)


def test_every_function_has_its_row() -> None:
    assert {name for name, _ in Template.load(TEMPLATE).of_type(FUNCTION)} == set(BUDGETS)


def test_no_row_allows_what_lambda_does_not_take() -> None:
    assert max(row.megabytes for row in BUDGETS.values()) * 1_000_000 < 250 * 1024 * 1024


@pytest.mark.parametrize(
    ("found", "budget", "told"),
    [
        (Loaded(100, 9_000, frozenset({"pydantic"})), ROW, []),
        (Loaded(101, 9_001, frozenset()), ROW, ["f: 101 modules, 100 are allowed", "f: 9 kB of modules, 9 are allowed"]),
        (Loaded(1, 1, frozenset({"numpy", "cvxpy", "json"})), ROW, ["f: loads cvxpy, numpy before anybody asks for it"]),
        (Loaded(1, 1, frozenset()), None, ["f: no budget in layers/budgets.py"]),
    ],
)
def test_what_passes_a_budget_is_told(found: Loaded, budget: Budget | None, told: list[str]) -> None:
    assert list(over("f", found, budget)) == told


@pytest.mark.parametrize(
    ("name", "size", "large"),
    [("FallbackFunction", 36_000_000, False), ("FallbackFunction", 36_000_001, True), ("UnknownFunction", 1, True)],
)
def test_a_function_without_a_row_is_too_large(name: str, size: int, large: bool) -> None:
    assert too_large(name, {"code": 1, "Layer": size - 1}) is large


def test_a_start_is_told_what_lambda_tells_it() -> None:
    told = environment(Template.load(TEMPLATE), "WorkerFunction")
    assert (told["DPM_TABLE_NAME"], told["DPM_OPERATIONS_QUEUE_URL"], told["APP_PERSISTENCE_PROFILE"]) == (
        "RunsTable",
        "OperationsQueue",
        "PRODUCTION",
    )
