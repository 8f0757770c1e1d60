"""The numerical statement of the target problem: the only module that sees numpy and cvxpy, and only when called (RFC-0012).

Its answer is a guess at which limits bind. The exact method takes it as a start; no digit of a result comes from here.
"""

import warnings
from collections.abc import Callable
from typing import Any, Final

from engine.targets.polytope import FREE, LOWER, UPPER, ActiveSet
from engine.targets.problem import UNITS, TargetProblem

CLARABEL: Final = "CLARABEL"
KEPT_SHAPES: Final = 32
MAX_PARAMETER_SIZE: Final = 20_000
MANY_ROWS: Final = 24
"""With so many rows that bind an exact step costs more than some numerical ones, which find what the solver's tolerance blurs."""
ROUNDS: Final = 20
NEGLIGIBLE: Final = 1e-13

Guess = Callable[[TargetProblem], ActiveSet | None]
"""Guesses which limits bind; None when it cannot say."""


class SolverMissing(Exception):  # noqa: N818  (named for what the caller is told)
    """The solver libraries are not installed."""


class _Statement:
    """The problem in cvxpy for a number of weights and rows. Its numbers are parameters: it is compiled once, solved often."""

    def __init__(self, cvxpy: Any, weights: int, rows: int, matrix: Any = None, *, nearest: bool = True) -> None:
        self.weights = cvxpy.Variable(weights)
        self.model = cvxpy.Parameter(weights)
        self.upper = cvxpy.Parameter(weights)
        self.bounds = cvxpy.Parameter(rows)
        self.matrix = cvxpy.Parameter((rows, weights)) if matrix is None else matrix
        self.long_only = self.weights >= 0
        self.capped = self.weights <= self.upper
        self.coupled = self.matrix @ self.weights <= self.bounds
        distance = cvxpy.sum_squares(self.weights - self.model)
        objective = cvxpy.Minimize(distance) if nearest else cvxpy.Maximize(cvxpy.sum(self.weights))
        self.problem = cvxpy.Problem(objective, [self.long_only, self.capped, self.coupled])


_idle: dict[tuple[int, int], list[_Statement]] = {}
"""Compiled statements by shape, each used by one caller at a time: taken out while it solves."""


def clarabel_guess(problem: TargetProblem) -> ActiveSet | None:
    """The limits that bind by Clarabel's solution."""
    return numerical_guess(problem, CLARABEL)


def clarabel_greatest(problem: TargetProblem) -> ActiveSet | None:
    """The limits that bind, by Clarabel's solution, where as much is invested as they admit, whatever the least is; None as above."""
    cvxpy, np = _libraries()
    matrix, bounds, beyond = _rows(problem, np)
    statement = _Statement(cvxpy, matrix.shape[1], matrix.shape[0], matrix, nearest=False)
    share = beyond / len(problem.ids)  # weights of about one: the solver's tolerance is absolute
    statement.upper.value = np.full(matrix.shape[1], (beyond if problem.cap is None else problem.cap) / share)
    statement.bounds.value = np.array([beyond, *bounds[1:]]) / share
    return _binding(statement, np) if _solved(cvxpy, statement, CLARABEL) else None


def numerical_guess(problem: TargetProblem, solver: str, **settings: Any) -> ActiveSet | None:
    """The limits that bind by the named solver's solution: those whose multiplier exceeds their slack.

    None when the solver fails, is inaccurate or finds no point. Give no setting that depends on time.
    """
    cvxpy, np = _libraries()
    matrix, bounds, beyond = _rows(problem, np)
    shape = (matrix.shape[1], matrix.shape[0])
    statement = _taken(cvxpy, shape, matrix)
    statement.model.value = np.array([float(weight) for weight in problem.model])
    statement.upper.value = np.full(shape[0], (beyond if problem.cap is None else problem.cap) / UNITS)
    statement.bounds.value = np.array([bound / UNITS for bound in bounds])
    if not _solved(cvxpy, statement, solver, **settings):
        return None
    guess = _binding(statement, np)
    if len(guess.rows) >= MANY_ROWS:
        guess = _sharpened(guess, statement, np)
    if statement.matrix.size <= MAX_PARAMETER_SIZE:
        _give_back(shape, statement)
    return guess


def _libraries() -> tuple[Any, Any]:
    try:
        import cvxpy  # noqa: PLC0415  (a second to import: only requests that solve pay it)
        import numpy as np  # noqa: PLC0415  (as above)
    except ImportError as missing:
        raise SolverMissing from missing
    return cvxpy, np


def _rows(problem: TargetProblem, np: Any) -> tuple[Any, list[int], int]:
    """The matrix of rows, their bounds in units, and a sum that no weights reach. No bound is further away."""
    bounds = [-problem.least, problem.most, *(group.room for group in problem.groups)]
    matrix = np.zeros((len(bounds), len(problem.ids)))
    matrix[0], matrix[1] = -1, 1
    for number, group in enumerate(problem.groups, start=2):
        matrix[number, list(group.members)] = 1
    beyond = max(problem.most, 0) + UNITS
    return matrix, [min(max(bound, -beyond), beyond) for bound in bounds], beyond


def _solved(cvxpy: Any, statement: _Statement, solver: str, **settings: Any) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):  # an inaccurate solution is told by its status
            statement.problem.solve(solver=solver, **settings)
    except (cvxpy.SolverError, ArithmeticError, ValueError):
        return False
    return bool(statement.problem.status == cvxpy.OPTIMAL)


def _taken(cvxpy: Any, shape: tuple[int, int], matrix: Any) -> _Statement:
    if matrix.size > MAX_PARAMETER_SIZE:
        return _Statement(cvxpy, *shape, matrix)
    kept = _idle.get(shape)
    statement = kept.pop() if kept else _Statement(cvxpy, *shape)
    statement.matrix.value = matrix
    return statement


def _give_back(shape: tuple[int, int], statement: _Statement) -> None:
    if len(_idle) > KEPT_SHAPES:
        _idle.clear()
    _idle.setdefault(shape, []).append(statement)


def _binding(statement: _Statement, np: Any) -> ActiveSet:
    weights = statement.weights.value
    at = np.full(weights.shape, FREE)
    at[statement.upper.value - weights < statement.capped.dual_value] = UPPER
    at[weights < statement.long_only.dual_value] = LOWER
    matrix = statement.matrix if isinstance(statement.matrix, np.ndarray) else statement.matrix.value
    rows = statement.bounds.value - matrix @ weights < statement.coupled.dual_value
    return ActiveSet(at.tolist(), np.flatnonzero(rows).tolist())


def _sharpened(guess: ActiveSet, statement: _Statement, np: Any) -> ActiveSet:
    """The guess after a few numerical steps of an active-set method: solve what is held, drop what pulls, hold what is violated."""
    matrix = statement.matrix if isinstance(statement.matrix, np.ndarray) else statement.matrix.value
    model, upper, bounds = statement.model.value, statement.upper.value, statement.bounds.value
    at, rows = np.array(guess.at), np.zeros(len(bounds), dtype=bool)
    rows[guess.rows] = True
    for _ in range(ROUNDS):
        held, active = np.where(at == FREE, model, np.where(at == UPPER, upper, 0)), matrix[rows]
        free = active[:, at == FREE]
        try:
            multipliers = np.linalg.solve(free @ free.T + NEGLIGIBLE * np.eye(len(active)), active @ held - bounds[rows])
        except np.linalg.LinAlgError:
            break
        pull = model - active.T @ multipliers
        weights = np.where(at == FREE, pull, held)
        sides = np.where(pull < -NEGLIGIBLE, LOWER, np.where(pull > upper + NEGLIGIBLE, UPPER, FREE))
        binding = matrix @ weights > bounds + NEGLIGIBLE
        binding[rows] = multipliers > 0
        if (sides == at).all() and (binding == rows).all():
            break
        at, rows = sides, binding
    return ActiveSet(at.tolist(), np.flatnonzero(rows).tolist())
