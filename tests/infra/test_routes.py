"""The table of calls: every path leads to one call, every call to the function that serves it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.api import CALLS, ROUTES
from infra.http.door import door
from infra.http.endpoints import Request
from infra.http.messages import Response
from infra.http.routing import best_match
from infra.local.gateway import ANY
from infra.observability import logger
from infra.settings.container import Settings
from infra.system import utc_now
from infra.template import Template

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"


def led_astray(template: Template) -> Iterator[str]:
    """Routes of the template that reach another function than the table's."""
    for path, item in template.properties("Api")["DefinitionBody"]["paths"].items():
        for method, operation in item.items():
            reached = re.findall(r"\$\{(\w+)Function\.Arn\}/invocations", str(operation))
            wanted = [call.function.title().replace("_", "") for call in CALLS if call.route == f"{method.upper()} {path}"]
            if method != ANY and reached != wanted:
                yield f"{method.upper()} {path}: reaches {reached}, the table says {wanted}"


def test_every_route_of_the_template_reaches_the_function_of_the_table() -> None:
    template = Template.load(TEMPLATE)
    assert list(led_astray(template)) == []
    paths = template.document["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
    paths["/rebalance/policies/catalog"]["get"] = paths["/rebalance/runs"]["get"]
    assert list(led_astray(template)) == ["GET /rebalance/policies/catalog: reaches ['RunLookup'], the table says ['PolicyPacks']"]


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


@pytest.mark.parametrize("path", ["", "/", "/rebalance", "/rebalance/simulate/", "/rebalance//simulate", "/rebalance/simulate/run"])
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
