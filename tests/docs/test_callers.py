"""README.md says of every call which scopes open it, as the table of calls does."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from infra.api import CALLS, Call
from infra.http.identity import Scope

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
ROWS = [
    (re.findall(r"`([^`]+)`", calls), re.findall(r"`([^`]+)`", scopes))
    for calls, scopes in re.findall(
        r"^\| (`(?:GET|POST|PUT|DELETE) .+) \| (`.+`) \|$", README.partition("## Who may call")[2], re.MULTILINE
    )
]


@pytest.mark.parametrize("call", [call for call in CALLS if not call.anybodys], ids=lambda call: call.id)
def test_the_first_row_that_fits_a_call_names_its_scopes(call: Call) -> None:
    rows = (scopes for calls, scopes in ROWS if any(fnmatchcase(call.route, pattern.replace("…", "*")) for pattern in calls))
    assert next(rows, None) == [scope.value for scope in call.scopes]


def test_every_scope_opens_something() -> None:
    assert {scope for _, scopes in ROWS for scope in scopes} == set(Scope)
