"""The engine from a command line: `python -m engine simulate`, `propose`, `verify` and `allocate`, each of a file.

`verify` proves what was recorded of a rebalance or a proposal, `allocate` shares fills of a book's blocks. A domain outcome, BLOCKED included,
exits 0; what is not verified exits 1. A request that breaks its contract exits 2 with one violation a line on standard error: place, type,
message and, for a duplicate, its second place. A file that cannot be read exits 2 too.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import orjson

from engine import InvalidRequest, Violation, proposal_artifact_json, propose_json, simulate_json
from engine.evidence.files import document_in
from engine.evidence.verification import Undecidable, Verdict, Verification, verify_file
from engine.evidence.verification import verify as verify_run
from engine.records.runs import NO_CORRELATION
from engine.report.text import render, render_proposal
from engine.report.verdict import render_verdict
from engine.version import ENGINE_VERSION

STANDARD_INPUT: Final = "-"
UNDATED: Final = "1970-01-01T00:00:00+00:00"
"""When an artifact was built that nobody asks the time of: equal requests print equal artifacts."""

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


def declare_propose(parser: argparse.ArgumentParser) -> None:
    """The ids and the time that a caller of the API would get from the service."""
    parser.add_argument("--run-id", type=printable, default="pr_cli", help="id of the proposal's run (default: %(default)s)")
    parser.add_argument("--correlation-id", type=printable, default=NO_CORRELATION, help="the caller's id (default: %(default)s)")
    parser.add_argument(
        "--created-at", type=instant, default=UNDATED, help="when the artifact is built, with its offset from UTC (default: %(default)s)"
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="print the result document itself, as JSON")
    shown.add_argument("--artifact", action="store_true", help="print the artifact, as JSON: what `verify` reads")


def propose(body: bytes, arguments: argparse.Namespace) -> Answer:
    """Say what a proposal comes to; the result document, the artifact, or its text for people."""
    ids = {"run_id": arguments.run_id, "correlation_id": arguments.correlation_id}
    if arguments.json:
        return Answer(propose_json(body, **ids))
    artifact = proposal_artifact_json(body, **ids, created_at=datetime.fromisoformat(arguments.created_at))
    return Answer(artifact if arguments.artifact else render_proposal(orjson.loads(artifact)).encode())


def declare_verify(parser: argparse.ArgumentParser) -> None:
    """Everything that a verification needs is in its file, but for what the runs of a book share."""
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument("--shared", type=Path, help="the shared document of a book, of which FILE holds result lines")


def verify(body: bytes, arguments: argparse.Namespace) -> Answer:
    """Decide recorded runs or a proposal again and compare; each verdict in a line, and its first difference in three."""
    found = [verify_file(body)] if arguments.shared is None else _verified_lines(body, arguments.shared.read_bytes())
    shown = [orjson.dumps(one.as_json()) if arguments.json else render_verdict(one).encode() for one in found]
    return Answer(b"".join(text + b"\n" for text in shown), DONE if all(one.verdict is Verdict.VERIFIED for one in found) else NOT_VERIFIED)


def _verified_lines(lines: bytes, shared: bytes) -> list[Verification]:
    """The verdict on every run; lines that failed hold none. Raises `InvalidRequest`, the number of the line first in each place."""
    from engine.books.evidence import failed_line, run_of_line  # noqa: PLC0415  (for books only)
    from engine.books.shared import SharedBook  # noqa: PLC0415

    book, found = SharedBook.of(shared), []
    for number, text in enumerate(lines.split(b"\n"), start=1):
        try:
            if text.strip() and not failed_line(line := document_in(text)):
                found.append(verify_run(*run_of_line(line, book)))
        except InvalidRequest as invalid:
            raise InvalidRequest([replace(one, loc=(number, *one.loc)) for one in invalid.violations]) from None
    return found


def declare_allocate(_: argparse.ArgumentParser) -> None:
    """Everything that an allocation needs is in its file."""


def allocate(body: bytes, _: argparse.Namespace) -> Answer:
    """Share fills of a book's blocks among their portfolios; a line of JSON for each."""
    from engine.books.fills import allocate_lines  # noqa: PLC0415  (for books only)

    return Answer(b"".join(allocate_lines(body.split(b"\n"))))


COMMANDS: Final = (
    Command("simulate", "decide one rebalance (RFC-0001)", declare_simulate, simulate),
    Command("propose", "say what a proposal comes to (RFC-0014)", declare_propose, propose),
    Command(
        "verify",
        "prove a recorded run or proposal (RFC-0019)",
        declare_verify,
        verify,
        "an artifact of either, a version of a proposal, a support bundle or {result, request, options}",
    ),
    Command(
        "allocate", "share fills of a book's blocks", declare_allocate, allocate, "blocks as JSON lines, with what was filled as `filled`"
    ),
)


def printable(text: str) -> str:
    """An argument that can be shown and stored."""
    if not text or not text.isprintable():
        raise argparse.ArgumentTypeError("must be printable text")
    return text


def instant(text: str) -> str:
    """A time that says how far it is from UTC."""
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise argparse.ArgumentTypeError("must be a time with its offset, as 2026-03-31T22:00:00+00:00")
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
    except OSError as error:
        streams.errors.write(f"{error.filename}: {error.strerror}\n".encode(errors="backslashreplace"))
        return REFUSED
    except Undecidable as lacking:
        streams.errors.write(f"{lacking}\n".encode())
        return REFUSED
    except InvalidRequest as refused:
        streams.errors.write("".join(f"{line}\n" for line in _lines(refused.violations)).encode())
        return REFUSED
    streams.out.write(answer.text)
    return answer.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine", description="Rebalance portfolios; nothing leaves this process.")
    parser.add_argument("--version", action="version", version=f"engine {ENGINE_VERSION}")
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
