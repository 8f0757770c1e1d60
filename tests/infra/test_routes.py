import pytest

from infra.api import ROUTES, methods_of


@pytest.mark.parametrize("path", [path for path in ROUTES if "{" not in path])
def test_a_route_takes_its_methods(path):
    assert methods_of(path) == ROUTES[path]


@pytest.mark.parametrize("path", ["", "/", "/rebalance", "/rebalance/simulate/", "/rebalance//simulate", "/rebalance/simulate/run"])
def test_everything_else_is_unknown(path):
    assert methods_of(path) == frozenset()
