"""Phase one where thousands of rows hang together: what a pivot does not touch costs nothing (RFC-0012)."""

from engine.targets.algebra.effort import Effort
from engine.targets.algebra.simplex import Column, basic_solution

ROOMS, ROWS = 500, 20
NUMBERS = 70 * ROOMS * ROWS
"""Some thousand pivots: to make every row anew at each would take a thousand times ROOMS * ROWS."""


def test_rooms_that_add_up_to_the_whole_cost_what_their_pivots_touch() -> None:
    # room[r] - all = -r for r = 1 … 500, and in the first row of each room room[r] - all - zero[r] = -r - 1: zero[r] = 1. Since room[500] ≥ 0
    # all ≥ 500, and room[r] = all - r. A basic solution leaves one of the dependent columns at nothing: room[500], so that all = 500.
    everything = frozenset(range(ROOMS * ROWS))
    rooms = [frozenset(range(room * ROWS, (room + 1) * ROWS)) for room in range(ROOMS)]
    zeros = [Column(-1, frozenset([min(room)])) for room in rooms]
    right = [-room - (row == 0) for room in range(1, ROOMS + 1) for row in range(ROWS)]
    columns = [Column(-1, everything), *zeros, *(Column(1, room) for room in rooms)]
    found = basic_solution(columns, right, Effort(NUMBERS))
    assert found == [ROOMS, *[1] * ROOMS, *(ROOMS - room for room in range(1, ROOMS + 1))]
