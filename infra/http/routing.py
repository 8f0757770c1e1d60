"""Where a path leads, as API Gateway sees it: a literal segment wins over a `{parameter}`, and that over `{the rest+}`."""

from collections.abc import Iterable
from typing import NamedTuple


class Match(NamedTuple):
    """A template that a path fits, with its parameters as they were sent. The smaller `openness`, the better it fits."""

    openness: tuple[int, ...]
    template: str
    parameters: dict[str, str]


def best_match(templates: Iterable[str], path: str) -> Match | None:
    """The template that the path leads to; None = nowhere. A slash at the end counts."""
    matches = [match for template in templates if (match := _matched(template, path)) is not None]
    return min(matches, key=lambda match: match.openness, default=None)


def _matched(template: str, path: str) -> Match | None:
    openness: list[int] = []
    parameters: dict[str, str] = {}
    wanted, given = template.split("/")[1:], path.split("/")[1:]
    for position, segment in enumerate(wanted):
        if segment.endswith("+}"):
            rest = "/".join(given[position:])
            return Match((*openness, 2), template, parameters | {segment[1:-2]: rest}) if rest else None
        if position >= len(given):
            return None
        if segment.startswith("{") and given[position]:
            parameters[segment[1:-1]] = given[position]
        elif segment != given[position]:
            return None
        openness.append(int(segment.startswith("{")))
    return Match(tuple(openness), template, parameters) if len(wanted) == len(given) else None
