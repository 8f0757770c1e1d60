"""From the exact optimum to weights with 12 decimals that never break an upper limit (RFC-0012)."""

from engine.targets.problem import TargetProblem


def rounded(problem: TargetProblem, weights: list[int], scale: int) -> tuple[list[int], int]:
    """The weights (numerators over scale, in units of 1e-12) in whole units, and how many units the least sum is short.

    Each weight is floored. Units that the sum then lacks go one at a time to the largest remainder, equal ones by id,
    where cap and groups have room; when none has room the shortfall is returned.
    """
    units = [weight // scale for weight in weights]
    short = problem.least - sum(units)
    if short <= 0:
        return units, 0
    room = [group.room - sum(units[i] for i in group.members) for group in problem.groups]
    groups_of: list[list[int]] = [[] for _ in units]
    for number, group in enumerate(problem.groups):
        for i in group.members:
            groups_of[i].append(number)
    order = sorted(range(len(units)), key=lambda i: (-(weights[i] % scale), problem.ids[i]))
    placed = True
    while short and placed:  # a second round comes after every first unit: each unit lowers a remainder by one
        placed = False
        for i in order:
            if short and (problem.cap is None or units[i] < problem.cap) and all(room[g] for g in groups_of[i]):
                units[i] += 1
                short -= 1
                placed = True
                for g in groups_of[i]:
                    room[g] -= 1
    return units, short
