"""`python -m infra.local`: the product on this machine.

up serves the API, invoke runs one event, fire runs a schedule, run rebalances the example portfolio, book and book-demo decide many portfolios.
"""

import argparse
import importlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from threading import Event
from typing import Final

from infra.local.authority import ROLES, Authority
from infra.local.functions import FunctionError
from infra.local.stack import EVERYTHING_OPEN, LocalStack

CALLERS: Final = "Who calls without a token is local-user, who may do anything. Tokens, for the tenant local and twelve hours:"
BOOKS: Final = {"book": "run", "book-demo": "demo"}
OPENED: Final = (
    "Every group of endpoints is open here. Deployed, books, reviews, lineage, key history and pack administration open by parameter."
)


def up(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from infra.local.server import serving  # noqa: PLC0415  (only this command serves)

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with LocalStack.from_template(variables=EVERYTHING_OPEN) as stack, stack.polling(), serving(stack, arguments.port) as address:
        print(f"Serving {address} (GET {address}/health; Ctrl-C ends)")
        print(OPENED)
        print(tokens(stack.authority), flush=True)
        stop.wait()
    return 0


def tokens(authority: Authority) -> str:
    """A token for each who takes part, to be pasted into a shell: `curl -H "Authorization: Bearer $ADVISER" …`."""
    lines = (f"{role.name}={authority.token(role.actor, role.scopes)}  # {' '.join(role.scopes)}" for role in ROLES)
    return "\n".join((CALLERS, *lines))


def invoke(arguments: argparse.Namespace) -> int:
    """Run one event through a function and print its answer; 1 when the function fails."""
    event = json.loads(arguments.event.read_text())
    return _shown(lambda stack: stack.invoke(arguments.name, event))


def fire(arguments: argparse.Namespace) -> int:
    """Run a function as its schedule does and print its answer; 1 when the function fails."""
    return _shown(lambda stack: stack.fire(arguments.name))


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the example."""
    example = importlib.import_module("infra.local.example")
    return int(example.main(arguments.rest) or 0)


def _shown(call: Callable[[LocalStack], object]) -> int:
    with (
        redirect_stdout(sys.stderr),
        LocalStack.from_template(variables=EVERYTHING_OPEN) as stack,
    ):  # the answer alone goes to standard output
        try:
            answer, status = call(stack), 0
        except KeyError as unknown:
            sys.exit(f"no function {unknown} in the template; there are {', '.join(sorted(stack.functions))}")
        except FunctionError as error:
            answer, status = error.as_json(), 1
        stack.deliver(retry_now=False)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return status


def main(given: Sequence[str]) -> int:
    """Parse the command line and run the command."""
    if given[:1] and given[0] in BOOKS:
        books = importlib.import_module("infra.local.books.__main__")
        return int(books.main([BOOKS[given[0]], *given[1:]]))
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The system in one process, without Docker and AWS.")
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("up", help="serve the API on 127.0.0.1 until Ctrl-C")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(command=up)
    one = commands.add_parser("invoke", help="run one event through a function and print its answer")
    one.add_argument("name", help="Simulate or SimulateFunction")
    one.add_argument("event", type=Path, help="events/simulate.json")
    one.set_defaults(command=invoke)
    schedule = commands.add_parser("fire", help="run a function as its schedule does")
    schedule.add_argument("name")
    schedule.set_defaults(command=fire)
    example = commands.add_parser("run", help="rebalance the example portfolio and print its orders")
    example.add_argument("rest", nargs=argparse.REMAINDER)
    example.set_defaults(command=run)
    for name, about in (("book", "run a book of portfolios on this machine"), ("book-demo", "the same with a generated book")):
        commands.add_parser(name, help=about)  # its options are its own
    arguments = parser.parse_args(given)
    return int(arguments.command(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
