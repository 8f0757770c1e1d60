"""Cold start of the simulate function, as a ratio to what any function on AWS with pydantic must load."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1.4
ROUNDS = 9
LEAVE = "; import os; os._exit(0)"  # a container is not torn down after INIT
FLOOR = "import boto3, pydantic; boto3.client('dynamodb'); boto3.client('s3')" + LEAVE
FUNCTION = "import sys; sys.path[:0] = ['functions/simulate', '.']; import app" + LEAVE
ENVIRON = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
    "DPM_TABLE_NAME": "runs",
    "DPM_PAYLOAD_BUCKET": "payloads",
    "PROPOSAL_STORE_BACKEND": "DYNAMODB",
    "PROPOSAL_TABLE_NAME": "proposals",
    "BOOKS_BUCKET": "books",
}
ON_LAMBDA = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""As deployed: adapters connect during INIT, so that both sides make two clients; the template switches plugins off."""


def seconds(code: str, compiled: str, more: Mapping[str, str]) -> float:
    """Wall time of a fresh process, with bytecode at hand as in the layers."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ |= {**ENVIRON, **more, "PYTHONPYCACHEPREFIX": compiled}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, check=True)  # noqa: S603  (our own command)
    return time.perf_counter() - start


def main() -> bool:
    """Print the medians of alternating rounds; True when importing the function keeps its promise. The whole INIT stands beside it."""
    sides: tuple[tuple[str, dict[str, str]], ...] = ((FLOOR, {}), (FUNCTION, {}), (FUNCTION, ON_LAMBDA))
    with tempfile.TemporaryDirectory() as compiled:
        for code, more in sides:
            seconds(code, compiled, more)
        rounds = [[seconds(code, compiled, more) for code, more in sides] for _ in range(ROUNDS)]
    floor, imported, started = (statistics.median(column) * 1e3 for column in zip(*rounds, strict=True))
    ratio = statistics.median(whole / least for least, _, whole in rounds)
    alone = statistics.median(part / least for least, part, _ in rounds)
    print(
        f"cold start of simulate: floor {floor:.0f} ms; import {imported:.0f} ms, ratio {alone:.2f} (at most {LIMIT}); "
        f"with its two clients, as INIT makes them, {started:.0f} ms, ratio {ratio:.2f}"
    )
    return alone <= LIMIT


if __name__ == "__main__":
    sys.exit(not main())
