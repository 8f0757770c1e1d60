"""The table of calls: every path leads to one call, every call to a function that is there (the template's rules ask where routes lead)."""

from pathlib import Path

import pytest

from infra.api import CALLS, ROUTES
from infra.http.door import door
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.routing import best_match
from infra.observability import logger
from infra.settings.container import Settings
from infra.system import utc_now

ROOT = Path(__file__).parents[2]


def test_a_call_has_a_name_and_a_route_of_its_own() -> None:
    assert len({call.id for call in CALLS}) == len({call.route for call in CALLS}) == len(CALLS)


@pytest.mark.parametrize("function", sorted({call.function for call in CALLS}))
def test_every_call_has_a_function_that_is_there(function: str) -> None:
    assert (ROOT / "functions" / function / "app.py").is_file()


@pytest.mark.parametrize("path", [path for path in ROUTES if "{" not in path])
def test_a_path_without_parameters_leads_to_itself(path: str) -> None:
    match = best_match(ROUTES, path)
    assert match is not None
    assert (match.template, match.parameters) == (path, {})


@pytest.mark.parametrize("path", ["", "/rebalance", "/rebalance/simulate/", "/rebalance//simulate", "/rebalance/simulate/run"])
def test_everything_else_leads_nowhere(path: str) -> None:
    assert best_match(ROUTES, path) is None


@pytest.mark.parametrize(
    ("path", "template", "parameters"),
    [
        ("/a/b", "/a/b", {}),
        ("/a/c", "/a/{one}", {"one": "c"}),
        ("/a/%2F", "/a/{one}", {"one": "%2F"}),
        ("/x/b", "/{first}/b", {"first": "x"}),
        ("/a/b/c", "/{rest+}", {"rest": "a/b/c"}),
        ("/a/", "/{rest+}", {"rest": "a/"}),
    ],
)
def test_the_more_a_template_says_the_better_it_fits(path: str, template: str, parameters: dict[str, str]) -> None:
    match = best_match(["/{rest+}", "/{first}/b", "/a/{one}", "/a/b"], path)
    assert match is not None
    assert (match.template, match.parameters) == (template, parameters)


def nothing(_: Request) -> Response:
    return Response(200, b"{}")


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ((), "async_dispatch: .*: analyze_async, execute_operation"),
        (("analyze_async",), "async_dispatch: .*: execute_operation"),
        (("analyze_async", "execute_operation", "simulate"), "async_dispatch: .*: simulate"),
        (("analyze_async", "execute_operation", "no_call"), "async_dispatch: .*: no_call"),
    ],
)
def test_a_door_takes_an_endpoint_for_each_of_its_functions_calls_and_no_other(ids: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        door("async_dispatch", dict.fromkeys(ids, nothing), Settings(), utc_now, logger("door"))
