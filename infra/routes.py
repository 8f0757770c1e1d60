"""The API's routes: every path template with its methods. The deployment template must agree, which a test checks."""

from collections.abc import Mapping
from typing import Final

ROUTES: Final[Mapping[str, frozenset[str]]] = {
    "/rebalance/simulate": frozenset({"POST"}),
    "/rebalance/analyze": frozenset({"POST"}),
}


def methods_of(path: str) -> frozenset[str]:
    """The methods that a path takes; none for an unknown path, as one with a trailing slash.

    A literal segment wins over a `{parameter}`, which takes exactly one non-empty segment.
    """
    given = path.split("/")
    matching = [template for template in ROUTES if _matches(template.split("/"), given)]
    return ROUTES[min(matching, key=lambda template: template.count("{"))] if matching else frozenset()


def _matches(template: list[str], given: list[str]) -> bool:
    return len(template) == len(given) and all(
        segment == wanted or (wanted.startswith("{") and bool(segment)) for wanted, segment in zip(template, given, strict=True)
    )
