"""`python -m infra.local run`: sends the example portfolio to the local stack and prints what every group of endpoints says of it.

First comes the decision, then its records and its replay, then the look-ups. The request is the JSON of
events/example_portfolio, real prices and rates of one day (events/example_portfolio/SOURCES.md). What is printed is plain
text of at most 100 columns, the same in a terminal and in a pipe. The functions' own log is shown only when the run fails.
"""

import json
import sys
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from socket import socket
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from engine.report.text import heading, render
from infra.aws.clients import client
from infra.local.server import serving
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from infra.local.stored import stored
from infra.template import TemplateError

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "events" / "example_portfolio"
PAGES: Final = Path("build")
"""Where the pages of the run and of a proposal are written, from where the command is called."""
PARTS: Final = ("portfolio_snapshot", "market_data_snapshot", "model_portfolio", "shelf_entries", "options")
PATH: Final = "/rebalance/simulate"
PROPOSAL_PATH: Final = "/rebalance/proposals/artifact"
PROPOSAL: Final = ROOT / "events" / "first_proposal.json"
WIDTH: Final = 100
PATIENCE_SECONDS: Final = 60
OK: Final = 200

Document = Mapping[str, Any]
ELSEWHERE: Final[tuple[tuple[str, Callable[[Document], str]], ...]] = (
    ("/rebalance/runs/{run_id}/verification", lambda said: f"decided again: {said['verdict']}"),
    ("/rebalance/runs/{run_id}/workflow", lambda said: f"review: {said['workflow_status']}"),
    ("/rebalance/lineage/{run_id}", lambda said: f"edges: {len(said['edges'])}"),
    ("/rebalance/idempotency/{key}/history", lambda said: f"runs under this key: {len(said['history'])}"),
    ("/rebalance/runs?status={status}", lambda said: f"runs listed: {len(said['items'])}"),
    ("/rebalance/supportability/summary", lambda said: f"runs kept: {said['run_count']}"),
    ("/rebalance/policies/catalog", lambda said: f"policy packs: {said['total']}"),
)
"""What else a newcomer may ask, and the fact that is shown of each answer."""


class RunFailed(Exception):  # noqa: N818  (named for what the person at the terminal is told)
    """The stack answered otherwise than it promises; the message says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the API with the time it took, in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def example_request() -> bytes:
    """The request body: the parts of events/example_portfolio under their member names, always the same bytes."""
    parts = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in PARTS}
    return json.dumps(parts, separators=(",", ":")).encode()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the example; 0 when every promise held, 1 with the reason on standard error otherwise."""
    parser = ArgumentParser(prog="python -m infra.local run", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1; a free one is taken when it is busy")
    arguments = parser.parse_args(argv)
    say, log = partial(print, file=sys.stdout, flush=True), StringIO()
    started = time.perf_counter()
    try:
        with (
            redirect_stdout(log),
            LocalStack.from_template(variables=EVERYTHING_OPEN) as stack,
            serving(stack, free_port(arguments.port)) as url,
        ):
            say(f"local stack of template.yaml at {url}, up after {time.perf_counter() - started:.1f} s")
            kept = partial(stored, client("dynamodb"), client("s3"))
            for part in show(url, example_request(), f"example-{uuid.uuid4()}", kept, PAGES):
                say(part)
    except (RunFailed, TemplateError, OSError) as failure:
        print(f"{log.getvalue()}run failed: {failure}", file=sys.stderr)
        return 1
    return 0


def free_port(wanted: int) -> int:
    """The wanted port of 127.0.0.1, or any free one when it is taken."""
    for port in (wanted, 0):
        with socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            free: int = probe.getsockname()[1]
            return free
    raise RunFailed("127.0.0.1 has no free port")


def show(url: str, body: bytes, key: str, kept: Callable[[str], str], pages: Path) -> Iterator[str]:
    """Ask for a decision, tell it and where `kept` finds it, ask again, write its page. Raises RunFailed when an answer breaks a promise."""
    yield f"POST {PATH}, {len(body):,} bytes, Idempotency-Key {key}"
    first = post(url, body, key)
    if first.status != OK:
        raise RunFailed(f"POST {PATH} answered {first.status}: {first.body.decode(errors='replace')}")
    result = json.loads(first.body)
    yield f"{first.status} in {first.seconds * 1000:.0f} ms, {len(first.body):,} bytes\n"
    yield render(result, WIDTH)
    yield f"{heading('Kept', WIDTH)}\n{kept(result['rebalance_run_id'])}\n"
    yield f"{heading('The same request again', WIDTH)}\n{replay(first, post(url, body, key))}\n"
    names = {"run_id": result["rebalance_run_id"], "key": key, "status": result["status"]}
    said = [(path.format(**names), fact) for path, fact in ELSEWHERE]
    yield heading("What else can be asked", WIDTH) + "".join(f"\nGET {path}\n    {fact(get(url, path))}" for path, fact in said)
    yield f"\n{heading('For people', WIDTH)}"
    artifact = Request(f"{url}/rebalance/runs/{names['run_id']}/artifact")  # noqa: S310  (the URL is the local gateway's own)
    yield f"page of the run:      {written(artifact, pages / 'run.html')}"
    yield f"page of a proposal:   {written(_posted(url + PROPOSAL_PATH, PROPOSAL.read_bytes(), key), pages / 'proposal.html')}"


def post(url: str, body: bytes, key: str) -> Answer:
    """One POST of the request under an idempotency key; a refusal is an answer too. Raises OSError when nobody answers."""
    return _asked(_posted(url + PATH, body, key))


def _posted(url: str, body: bytes, key: str) -> Request:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key, "X-Correlation-Id": "make-run"}
    return Request(url, body, headers, method="POST")  # noqa: S310  (the URL is the local gateway's own)


def get(url: str, path: str) -> Document:
    """The document at a path; RunFailed when there is none."""
    answer = _asked(Request(url + path))  # noqa: S310  (as above)
    if answer.status != OK:
        raise RunFailed(f"GET {path} answered {answer.status}: {answer.body.decode(errors='replace')}")
    document: Document = json.loads(answer.body)
    return document


def written(request: Request, file: Path) -> Path:
    """The page that answers a request, kept in a file; RunFailed when there is none."""
    request.add_header("Accept", "text/html")
    answer = _asked(request)
    if answer.status != OK or not answer.headers.get("content-type", "").startswith("text/html"):
        what = f"{request.get_method()} {request.selector}"
        raise RunFailed(f"{what} answered {answer.status} and no page: {answer.body.decode(errors='replace')}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(answer.body)
    return file


def _asked(request: Request) -> Answer:
    started = time.perf_counter()
    try:
        with urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310  (as above)
            status, answered, content = reply.status, dict(reply.headers.items()), reply.read()
    except HTTPError as refusal:
        with refusal:
            status, answered, content = refusal.code, dict(refusal.headers.items()), refusal.read()
    return Answer(status, {name.lower(): value for name, value in answered.items()}, content, time.perf_counter() - started)


def replay(first: Answer, again: Answer) -> str:
    """Say that the second answer is the first one, byte for byte; RunFailed if it is not."""
    if again.status != OK or again.headers.get("idempotent-replayed") != "true":
        raise RunFailed(f"the same request again answered {again.status} without Idempotent-Replayed: true")
    if again.body != first.body:
        raise RunFailed("the replayed answer differs from the first one")
    return f"{again.status} in {again.seconds * 1000:.0f} ms, Idempotent-Replayed: true, the same {len(again.body):,} bytes"
