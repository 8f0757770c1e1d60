"""Functions as Lambda starts them: under the runtime interface emulator of the SAM CLI."""

import json
import os
import platform
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from layers.bare import Unproved

CLIENT: Final = Path(".venv/rie")
DEPLOY: Final = Path(".venv/deploy")
STARTS_WITHIN: Final = 10
"""Seconds until the emulator listens; the function itself starts with its first event."""

LOG_BYTES: Final = 4_000
"""How much of its log is told of a function that is not proved."""


def emulator() -> Path:
    """The emulator's program for this machine's processor."""
    processor = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    found = sorted(DEPLOY.glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{processor}"))
    if not found or not CLIENT.is_dir():
        raise Unproved("the runtime interface emulator or its client is not installed: run this as `make prove`")
    return found[0].absolute()


def copied(code: Path, into: Path) -> Path:
    """A function's code where it is its task's root."""
    return Path(shutil.copytree(code, into, ignore=shutil.ignore_patterns("__pycache__")))


@dataclass(frozen=True, slots=True)
class Container:
    """One started function; it takes one event at a time."""

    address: str

    def invoke(self, event: Any, *, patience: float = 60) -> tuple[str, float]:
        """What the runtime answers, as it stands, and after how many seconds."""
        sent, started = json.dumps(event).encode(), time.perf_counter()
        request = urllib.request.Request(f"{self.address}/2015-03-31/functions/function/invocations", sent)  # noqa: S310  (on 127.0.0.1)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310  (as above)
                told = answer.read()
        except urllib.error.HTTPError as refused:
            told = refused.read()
        return told.decode(), time.perf_counter() - started


@contextmanager
def container(python: str, opt: Path, task: Path, environ: Mapping[str, str], *, timeout: float) -> Iterator[Container]:
    """A function as Lambda would start it, ended with the block. `timeout` in seconds, as its template says."""
    door, runtime = _free(), _free()
    path = [task, opt / "python/lib/python3.13/site-packages", opt / "python", CLIENT.absolute()]
    given = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "LAMBDA_TASK_ROOT": str(task),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(int(timeout)),
        **environ,
    }
    command = [str(emulator()), "--log-level", "error", "--runtime-interface-emulator-address", f"127.0.0.1:{door}"]
    command += ["--runtime-api-address", f"127.0.0.1:{runtime}", python, "-S", "-m", "awslambdaric", "app.handler"]
    with TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=task, env=given, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603  (found above)
        try:
            _wait_for(door, process)
            yield Container(f"http://127.0.0.1:{door}")
        except Unproved as wrong:
            log.seek(0)
            raise Unproved(f"{wrong}\n{log.read()[-LOG_BYTES:].decode(errors='replace')}") from wrong
        finally:
            process.terminate()  # the emulator ends the runtime with itself
            process.wait(timeout=STARTS_WITHIN)


def _free() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(STARTS_WITHIN * 50):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise Unproved("the runtime interface emulator does not start")
