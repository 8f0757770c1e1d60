"""The engine from a command line: `python -m engine simulate FILE` decides one rebalance, `verify FILE` proves a recorded one.

A domain outcome, BLOCKED included, exits 0; a run that is not verified exits 1. A request that breaks its contract exits 2 with one violation a line on
standard error: place, type, message and, for a duplicate, its second place. A file that cannot be read exits 2 too.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import orjson

from engine import InvalidRequest, Violation, simulate_json
from engine.evidence.verification import Verdict, verify_file
from engine.records.runs import NO_CORRELATION
from engine.report.text import render
from engine.report.verdict import render_verdict

STANDARD_INPUT: Final = "-"
DONE: Final = 0
NOT_VERIFIED: Final = 1
REFUSED: Final = 2


@dataclass(frozen=True, slots=True)
class Streams:
    """The three standard streams, as bytes: what is printed is UTF-8 whatever the locale says."""

    source: BinaryIO
    out: BinaryIO
    errors: BinaryIO


class Answer(NamedTuple):
    """What a command prints, and the exit code that goes with it."""

    text: bytes
    code: int = DONE


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: how it is asked for, and what it makes of the bytes of its file."""

    name: str
    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    answer: Callable[[bytes, argparse.Namespace], Answer]
    file: str = "the request as JSON"


def declare_simulate(parser: argparse.ArgumentParser) -> None:
    """The ids that a caller of the API would get from the service."""
    parser.add_argument("--run-id", type=printable, default="rr_cli", help="id of the run (default: %(default)s)")
    parser.add_argument("--correlation-id", type=printable, default=NO_CORRELATION, help="the caller's id (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the result document itself, as JSON")


def simulate(body: bytes, arguments: argparse.Namespace) -> Answer:
    """Decide one rebalance; the result document, or its text for people."""
    result = simulate_json(body, run_id=arguments.run_id, correlation_id=arguments.correlation_id)
    return Answer(result if arguments.json else render(orjson.loads(result)).encode())


def declare_verify(parser: argparse.ArgumentParser) -> None:
    """Everything that a verification needs is in its file."""
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def verify(body: bytes, arguments: argparse.Namespace) -> Answer:
    """Decide a recorded run again and compare; the verdict in a line, and the first difference in three."""
    verification = verify_file(body)
    text = orjson.dumps(verification.as_json()) if arguments.json else render_verdict(verification).encode()
    return Answer(text + b"\n", DONE if verification.verdict is Verdict.VERIFIED else NOT_VERIFIED)


COMMANDS: Final = (
    Command("simulate", "decide one rebalance (RFC-0001)", declare_simulate, simulate),
    Command(
        "verify", "prove a recorded run (RFC-0019)", declare_verify, verify, "an artifact, a support bundle or {result, request, options}"
    ),
)


def printable(text: str) -> str:
    """An argument that can be shown and stored."""
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("must be printable text")
    return text


def main(given: Sequence[str], streams: Streams) -> int:
    """Run the command that the arguments name; returns the exit code."""
    arguments = _parser().parse_args(given)
    command: Command = arguments.command
    try:
        body = streams.source.read() if arguments.file == STANDARD_INPUT else Path(arguments.file).read_bytes()
    except OSError as error:
        streams.errors.write(f"{arguments.file}: {error.strerror}\n".encode(errors="backslashreplace"))
        return REFUSED
    try:
        answer = command.answer(body, arguments)
    except InvalidRequest as refused:
        streams.errors.write("".join(f"{line}\n" for line in _lines(refused.violations)).encode())
        return REFUSED
    streams.out.write(answer.text)
    return answer.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine", description="Rebalance portfolios; nothing leaves this process.")
    names = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        named = names.add_parser(command.name, help=command.summary, description=command.summary)
        named.add_argument("file", metavar="FILE", help=f"{command.file}; {STANDARD_INPUT} reads standard input")
        command.declare(named)
        named.set_defaults(command=command)
    return parser


def _lines(violations: Sequence[Violation]) -> Iterator[str]:
    for violation in violations:
        places = [violation.loc] if violation.other_loc is None else [violation.loc, violation.other_loc]
        place, *second = (".".join(_shown(part) for part in one) for one in places)
        yield "  ".join([place, violation.type, violation.msg, *second])


def _shown(part: str | int) -> str:
    """A part of a place; a client's own keys cannot break the line."""
    return json.dumps(part)[1:-1] if isinstance(part, str) else str(part)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that leaves early ends the program without a word
    sys.exit(main(sys.argv[1:], Streams(sys.stdin.buffer, sys.stdout.buffer, sys.stderr.buffer)))
