"""Groups in groups, as industries in sectors: what they admit together is found by adding up, from the inside out (RFC-0012)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from engine.targets.problem import Group, TargetProblem

Sum = Fraction | int | None
"""In units; None is without limit."""


class _Room(NamedTuple):
    """A group by its number, None for all there is: its members in no inner group, and the places of the inner groups next to it."""

    group: int | None
    own: list[int]
    inner: list[int]


class Most(NamedTuple):
    """The greatest sum of weights ≥ 0, and by room whether it is its group's own bound that limits it there."""

    total: Sum
    bounded: list[bool]


@dataclass(frozen=True, slots=True)
class Nest:
    """Groups of which any two share no member or one holds the other: inner ones before outer ones, all there is last."""

    rooms: list[_Room]
    groups: frozenset[int]

    @classmethod
    def of(cls, groups: Mapping[int, Group], size: int) -> "Nest":
        """The nest of such groups, by number, among so many weights."""
        numbers = sorted(groups, key=lambda n: (len(groups[n].members), -n))
        place_of: dict[int | None, int] = {n: place for place, n in enumerate([*numbers, None])}
        rooms = [_Room(n, [], []) for n in place_of]
        innermost: list[int | None] = [None] * size
        for n in reversed(numbers):
            rooms[place_of[innermost[groups[n].members[0]]]].inner.append(place_of[n])
            for i in groups[n].members:
                innermost[i] = n
        for i, inner in enumerate(innermost):
            rooms[place_of[inner]].own.append(i)
        return cls(rooms, frozenset(numbers))

    def most(self, bounds: Mapping[int, Fraction | int], cap: Fraction | int | None) -> Most:
        """What these bounds of groups, and a position cap, admit."""
        sums, bounded = list[Sum](), list[bool]()
        for group, own, inner in self.rooms:
            parts = [sums[place] for place in inner]
            parts += [None if cap is None else cap * len(own)] if own else []
            total = None if None in parts else sum([part for part in parts if part is not None])
            bound = None if group is None else bounds.get(group)
            bounded.append(bound is not None and (total is None or bound <= total))
            sums.append(bound if bounded[-1] else total)
        return Most(sums[-1], bounded)

    def limiting(self, most: Most) -> tuple[list[int], list[int]]:
        """What limits the sum: these groups, and for these members the position cap."""
        groups, capped, waiting = list[int](), list[int](), [len(self.rooms) - 1]
        while waiting:
            place = waiting.pop()
            group, own, inner = self.rooms[place]
            if most.bounded[place] and group is not None:
                groups.append(group)
            else:
                capped += own
                waiting += inner
        return sorted(groups), sorted(capped)


def nests(problem: TargetProblem) -> Iterator[Nest]:
    """Nests that hold every group of the problem that has members: for each attribute its groups, and all others that fit in with them."""
    groups = {n: group for n, group in enumerate(problem.groups) if group.members}
    crossed_by = _crossings(groups)
    attributes: dict[str, list[int]] = {}
    for n, group in groups.items():
        attributes.setdefault(group.key.partition(":")[0], []).append(n)
    known: list[frozenset[int]] = []
    for of_attribute in attributes.values():
        if any(nest.issuperset(of_attribute) for nest in known):
            continue
        chosen, crossed = set[int](), 0
        for n in [*of_attribute, *groups]:
            if not crossed >> n & 1:
                chosen.add(n)
                crossed |= crossed_by[n]
        known.append(frozenset(chosen))
        yield Nest.of({n: groups[n] for n in chosen}, len(problem.ids))


def _crossings(groups: Mapping[int, Group]) -> dict[int, int]:
    """Per group those, as bits, with which it shares some members while neither holds the other."""
    masks: dict[int, int] = {n: _bits(group.members) for n, group in groups.items()}
    found = dict.fromkeys(masks, 0)
    for n, one in masks.items():
        for k, other in masks.items():
            if k >= n:
                break
            if (shared := one & other) and shared not in (one, other):
                found[n] |= 1 << k
                found[k] |= 1 << n
    return found


def _bits(places: Sequence[int]) -> int:
    found = bytearray(places[-1] // 8 + 1)
    for place in places:
        found[place // 8] |= 1 << place % 8
    return int.from_bytes(found, "little")
