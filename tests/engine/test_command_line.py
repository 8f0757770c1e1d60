"""The engine's command line: what it prints, on which stream, and with which exit code."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine import simulate_json
from engine.__main__ import COMMANDS, Streams, main
from engine.report.text import render
from engine.version import ENGINE_VERSION

FIRST = "events/first_request.json"
CASH = {"currency": "EUR", "amount": "1000"}
REQUEST: dict[str, Any] = {
    "portfolio_snapshot": {"portfolio_id": "pf", "base_currency": "EUR", "cash_balances": [CASH]},
    "market_data_snapshot": {"prices": [{"instrument_id": "A", "price": "10", "currency": "EUR"}]},
    "model_portfolio": {"targets": [{"instrument_id": "A", "weight": "0.5"}]},
    "shelf_entries": [{"instrument_id": "A", "status": "APPROVED"}],
    "options": {},
}


def ask(*arguments: str, body: bytes = b"") -> tuple[int, bytes, str]:
    out, errors = io.BytesIO(), io.BytesIO()
    code = main(arguments, Streams(io.BytesIO(body), out, errors))
    return code, out.getvalue(), errors.getvalue().decode()


def ask_by_process(*arguments: str, body: bytes = b"", **environment: str) -> tuple[int, bytes, str]:
    command = [sys.executable, "-m", "engine", *arguments]
    done = subprocess.run(command, input=body, capture_output=True, check=False, env=environment)  # noqa: S603  (our own program)
    return done.returncode, done.stdout, done.stderr.decode()


def with_changes(**changes: Any) -> bytes:
    return json.dumps(REQUEST | changes).encode()


def test_a_file_is_answered_with_its_text_from_the_root_of_the_repository() -> None:
    code, shown, errors = ask_by_process("simulate", FIRST)

    result = simulate_json(Path(FIRST).read_bytes(), run_id="rr_cli", correlation_id="c_none")
    assert (code, errors) == (0, "")
    assert shown.decode() == render(orjson.loads(result))


def test_text_is_utf_8_where_the_terminal_speaks_ascii() -> None:
    code, shown, errors = ask_by_process("simulate", FIRST, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")

    assert (code, errors) == (0, "")
    assert "── Decision" in shown.decode()


def test_json_is_the_bytes_of_the_engine_and_nothing_more() -> None:
    given = ("simulate", "-", "--json", "--run-id", "rr_7", "--correlation-id", "c_7")
    expected = simulate_json(with_changes(), run_id="rr_7", correlation_id="c_7")

    assert ask_by_process(*given, body=with_changes()) == (0, expected, "")
    assert ask(*given, body=with_changes()) == (0, expected, "")


def test_ids_default_to_the_same_ones_in_every_run() -> None:
    code, shown, _ = ask("simulate", "--json", "-", body=with_changes())

    result = orjson.loads(shown)
    assert code == 0
    assert (result["rebalance_run_id"], result["correlation_id"]) == ("rr_cli", "c_none")
    assert [(intent["side"], intent["quantity"]) for intent in result["intents"]] == [("BUY", "50")]


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("READY", {}),
        ("PENDING_REVIEW", {"options": {"cash_band_max_weight": "0.1"}}),
        ("BLOCKED", {"market_data_snapshot": {}}),
    ],
)
def test_every_outcome_of_the_domain_is_a_success(status: str, changes: dict[str, Any]) -> None:
    code, shown, errors = ask("simulate", "-", body=with_changes(**changes))

    assert (code, errors) == (0, "")
    assert shown.decode().splitlines()[1].split()[0] == status


def test_violations_are_listed_one_a_line_with_both_places_of_a_duplicate() -> None:
    portfolio = REQUEST["portfolio_snapshot"] | {"cash_balances": [CASH, CASH]}

    place = "body.portfolio_snapshot.cash_balances"
    line = f"{place}.0.currency  duplicate  Duplicate currency  {place}.1.currency\n"
    assert ask("simulate", "-", body=with_changes(portfolio_snapshot=portfolio)) == (2, b"", line)


def test_several_violations_keep_a_line_each_even_where_a_key_holds_line_breaks() -> None:
    options = {"max_turnover_pct": "2", "a\nb\x1b[31m": 1}
    code, shown, errors = ask_by_process("simulate", "-", body=with_changes(options=options))

    assert (code, shown) == (2, b"")
    assert sorted(line.split("  ")[:2] for line in errors.splitlines()) == [
        ["body.options.a\\nb\\u001b[31m", "extra_forbidden"],
        ["body.options.max_turnover_pct", "less_than_equal"],
    ]


def test_what_is_no_json_is_a_violation_too() -> None:
    code, out, errors = ask("simulate", "-", body=b'{"options": {},\n  "secret": no}')
    assert (code, out) == (2, b"")
    assert errors.startswith("body  json_invalid  Invalid JSON: ")
    assert "line 2" in errors  # where the member without quotes stands
    assert "secret" not in errors


@pytest.mark.parametrize(("file", "reason"), [("no/such/file", "No such file or directory"), ("engine", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(file: str, reason: str) -> None:
    assert ask("simulate", file) == (2, b"", f"{file}: {reason}\n")
    assert ask_by_process("simulate", file) == (2, b"", f"{file}: {reason}\n")


@pytest.mark.parametrize("given", [(), ("guess",), ("simulate",), ("simulate", "-", "--run-id", ""), ("simulate", "-", "--run-id", "a\nb")])
def test_arguments_that_make_no_sense_exit_2(given: tuple[Any, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        ask(*given)

    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m engine")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        ask("--help")

    assert left.value.code == 0
    told = capsys.readouterr().out
    assert all(command.name in told and command.summary in told for command in COMMANDS)


def test_it_says_by_which_version_it_decides(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        ask("--version")
    assert (left.value.code, capsys.readouterr().out) == (0, f"engine {ENGINE_VERSION}\n")


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    rows = [{"instrument_id": f"I{i}", "price": "10", "currency": "EUR"} for i in range(2_000)]
    positions = [{"instrument_id": row["instrument_id"], "quantity": "1"} for row in rows]
    body = with_changes(portfolio_snapshot=REQUEST["portfolio_snapshot"] | {"positions": positions}, market_data_snapshot={"prices": rows})
    asked = subprocess.Popen(
        [sys.executable, "-m", "engine", "simulate", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert asked.stdout is not None
    asked.stdout.close()

    _, errors = asked.communicate(body)

    assert errors == b""
