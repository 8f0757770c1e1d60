"""`rebalance`: the API from a terminal. What is printed for people is a table, with `--json` it is the answer itself.

Exit code 0 for every answer, BLOCKED included; 1 where a run is not verified, an operation or a book failed; 2 where the call was refused, could not be
read or got no answer.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from rebalance_client.answers import Answer, BookFailed, Problem, Unreachable, Unsendable
from rebalance_client.client import Client, StillRunning
from rebalance_client.generated.operations import RELEASE
from rebalance_client.shown import show_batch, show_operation, show_problem, show_proposal, show_proposal_head, show_run, show_verification

NOT_VERIFIED: Final = 1
REFUSED: Final = 2
STANDARD_INPUT: Final = "-"

app = typer.Typer(help="Rebalance portfolios over the API.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The request as JSON; - reads standard input.", allow_dash=True)]
Url = Annotated[str, typer.Option("--url", envvar="REBALANCE_URL", help="Base address of the API, its stage included.")]
Token = Annotated[
    str,
    typer.Option(
        "--token", envvar="REBALANCE_TOKEN", help="Bearer token; better given by the variable.", show_default=False, show_envvar=True
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer itself.")]
Key = Annotated[str | None, typer.Option("--key", help="Idempotency key; drawn where none is given.")]
Pack = Annotated[str | None, typer.Option("--policy-pack", help="The policy pack to apply.")]
Correlation = Annotated[str | None, typer.Option("--correlation-id", help="Your own name for this piece of work.")]

LOCAL: Final = "http://127.0.0.1:8000"
Show = Callable[[Console, Any], None]


def _versions(asked: bool) -> None:  # noqa: FBT001  (as typer calls it)
    if asked:
        from rebalance_client.evidence import ENGINE_VERSION  # noqa: PLC0415  (loads the engine, which nothing else needs)

        sys.stdout.write(f"rebalance {RELEASE}, engine {ENGINE_VERSION}{os.linesep}")
        raise typer.Exit


@app.callback()
def versions(
    version: Annotated[
        bool, typer.Option("--version", callback=_versions, is_eager=True, help="Print the release of client and engine.")
    ] = False,
) -> None:
    """Rebalance portfolios over the API."""


def client_of(url: str, token: str) -> Client:
    """The client of a command."""
    return Client(url, token=lambda: token or None)


@app.command()
def simulate(
    file: File,
    url: Url = LOCAL,
    token: Token = "",
    key: Key = None,
    policy_pack: Pack = None,
    correlation_id: Correlation = None,
    as_json: Json = False,
) -> None:
    """Decide one rebalance and show its orders."""
    used = key or Client.new_key()
    with client_of(url, token) as client:
        _say(
            lambda: client.simulate(_request(file), idempotency_key=used, correlation_id=correlation_id, policy_pack_id=policy_pack),
            show_run,
            as_json=as_json,
            key=used,
        )


@app.command()
def analyze(
    file: File,
    url: Url = LOCAL,
    token: Token = "",
    later: Annotated[bool, typer.Option("--async", help="Have it accepted, then wait for it.")] = False,
    key: Key = None,
    policy_pack: Pack = None,
    correlation_id: Correlation = None,
    as_json: Json = False,
) -> None:
    """Compare several sets of options over one portfolio."""
    if key and not later:
        raise typer.BadParameter("goes with --async: what is answered at once is kept under no key", param_hint="--key")
    used = key or Client.new_key()
    with client_of(url, token) as client:
        if not later:
            _say(
                lambda: client.analyze(_request(file), correlation_id=correlation_id, policy_pack_id=policy_pack),
                show_batch,
                as_json=as_json,
            )
            return

        def accepted_and_done() -> Answer[Any]:
            accepted = client.analyze_async(_request(file), idempotency_key=used, correlation_id=correlation_id, policy_pack_id=policy_pack)
            return client.wait_for(accepted.value["operation_id"])

        _say(accepted_and_done, show_operation, as_json=as_json, failed=lambda value: value["status"] == "FAILED", key=used)


@app.command()
def propose(
    file: File,
    url: Url = LOCAL,
    token: Token = "",
    artifact: Annotated[bool, typer.Option("--artifact", help="Ask for the artifact, which proves it.")] = False,
    key: Key = None,
    correlation_id: Correlation = None,
    as_json: Json = False,
) -> None:
    """Say what an adviser's proposal comes to."""
    used = key or Client.new_key()
    with client_of(url, token) as client:
        ids = {"idempotency_key": used, "correlation_id": correlation_id}
        _say(
            lambda: client.proposal_artifact(_request(file), **ids) if artifact else client.proposal_simulate(_request(file), **ids),  # type: ignore[arg-type]
            show_proposal,
            as_json=as_json,
            key=used,
        )


@app.command()
def book(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="The portfolios, JSON Lines.")],
    shared: Annotated[Path, typer.Argument(metavar="SHARED", help="What all of them share, JSON.")],
    url: Url = LOCAL,
    token: Token = "",
    records: Annotated[str, typer.Option("--records", help="Runs to keep as runs of their own: NONE, REVIEW or ALL.")] = "NONE",
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Decide many portfolios in one run: upload, start, follow, and show what came of it. The same files under the same key are one book."""
    from rebalance_client.books import Bar, run_book, show_summary  # noqa: PLC0415  (progress is drawn for books alone)

    console, used = Console(stderr=True), key or Client.new_key()
    console.print(f"--key {used}", style="dim", markup=False, highlight=False, soft_wrap=True)
    with client_of(url, token) as client, Bar(console) as bar:
        _say(
            lambda: run_book(client, manifest, shared, key=used, records=records, told=bar),
            show_summary,
            as_json=as_json,
            failed=lambda summary: summary["status"] != "COMPLETE",
        )


@app.command()
def status(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="rr_… of a run, dop_… or pop_… of an operation, pp_… of a proposal, bk_… of a book.")
    ],
    url: Url = LOCAL,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Show where a run, an operation, a proposal or a book stands."""
    with client_of(url, token) as client:
        kinds: dict[str, tuple[Callable[[], Answer[Any]], Show]] = {
            "rr_": (lambda: client.run(name), lambda console, value: show_run(console, value["result"])),
            "dop_": (lambda: client.operation(name), show_operation),
            "pop_": (lambda: client.proposal_operation(name), show_operation),
            "pp_": (lambda: client.proposal(name), show_proposal_head),
            "bk_": (lambda: client.book(name), _show_book),
        }
        kind = next((prefix for prefix in kinds if name.startswith(prefix)), None)
        if kind is None:
            raise typer.BadParameter("begins with none of " + ", ".join(kinds))
        ask, show = kinds[kind]
        _say(ask, show, as_json=as_json)


@app.command()
def verify(
    what: Annotated[
        str, typer.Argument(metavar="FILE|ID", help="An artifact, bundle or version as JSON, or rr_… of a run to fetch it of.")
    ],
    url: Url = LOCAL,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Decide a recorded run or proposal again, on this machine, and compare it byte by byte."""
    from rebalance_client.evidence import Undecidable  # noqa: PLC0415  (loads the engine, which nothing else needs)
    from rebalance_client.evidence import verify as proved  # noqa: PLC0415  (as above)

    try:
        if what.startswith("rr_") and not Path(what).exists():
            with client_of(url, token) as client:
                document: Any = client.artifact(what).value
        else:
            document = sys.stdin.buffer.read() if what == STANDARD_INPUT else Path(what).read_bytes()
        verification = proved(document)
    except Problem as problem:
        _refuse(problem)
    except OSError as error:
        _fail(f"{what}: {error.strerror}")
    except (Unreachable, Unsendable) as error:
        _fail(str(error))
    except Undecidable as lacking:
        _fail(f"{what}: {lacking}: pip install 'rebalance-engine[solver]'")
    except ValueError as error:
        _fail(f"{what} is not an artifact, support bundle or version of a proposal: {error}")
    told = verification.as_json()
    if as_json:
        _print(told)
    else:
        show_verification(Console(), told)
    raise typer.Exit(0 if told["verdict"] == "VERIFIED" else NOT_VERIFIED)


def _show_book(console: Console, found: Any) -> None:
    from rebalance_client.books import show_book  # noqa: PLC0415  (as in `book`)

    show_book(console, found)


def _request(file: Path) -> Any:
    """The bytes of a request, as they are: decimals keep all their digits."""
    try:
        return sys.stdin.buffer.read() if str(file) == STANDARD_INPUT else file.read_bytes()
    except OSError as error:
        _fail(f"{file}: {error.strerror}")


def _say(
    ask: Callable[[], Answer[Any]], show: Show, *, as_json: bool, failed: Callable[[Any], bool] = lambda _: False, key: str | None = None
) -> None:
    """Ask, and print what was answered; where nothing was, the key under which it may be asked again without doing it twice."""
    try:
        answer = ask()
    except Problem as problem:
        _refuse(problem)
    except BookFailed as error:
        _fail(str(error), NOT_VERIFIED)
    except Unreachable as error:
        _fail(f"{error}; ask again with --key {key}" if key else str(error))
    except (Unsendable, StillRunning) as error:
        _fail(str(error))
    if as_json:
        _print(answer.value)
    else:
        show(Console(), answer.value)
    if failed(answer.value):
        raise typer.Exit(1)


def _print(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + os.linesep)


def _refuse(problem: Problem) -> Any:
    show_problem(Console(stderr=True), problem.status, problem.document)
    raise typer.Exit(REFUSED)


def _fail(text: str, code: int = REFUSED) -> Any:
    Console(stderr=True).print(text, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)
