"""Cold start of the simulate function, as a ratio to what any function on AWS with pydantic must load."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1.4
ROUNDS = 9
LEAVE = "; import os; os._exit(0)"  # a container is not torn down after INIT
FLOOR = "import boto3, pydantic; boto3.client('dynamodb'); boto3.client('s3')" + LEAVE
FUNCTION = "import sys; sys.path[:0] = ['functions/simulate', '.']; import app" + LEAVE
ENVIRON = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",  # adapters connect during INIT, so that both sides make two clients
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DPM_SUPPORTABILITY_STORE_BACKEND": "DYNAMODB",
    "DPM_TABLE_NAME": "runs",
    "DPM_PAYLOAD_BUCKET": "payloads",
    "PROPOSAL_STORE_BACKEND": "DYNAMODB",
    "PROPOSAL_TABLE_NAME": "proposals",
}


def seconds(code: str, compiled: str) -> float:
    """Wall time of a fresh process, with bytecode at hand as in the layers."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ | ENVIRON | {"PYTHONPYCACHEPREFIX": compiled}, check=True)  # noqa: S603  (our own command)
    return time.perf_counter() - start


def main() -> bool:
    """Print the medians of alternating rounds; True when the promise holds."""
    with tempfile.TemporaryDirectory() as compiled:
        seconds(FUNCTION, compiled), seconds(FLOOR, compiled)
        rounds = [(seconds(FUNCTION, compiled), seconds(FLOOR, compiled)) for _ in range(ROUNDS)]
    function, floor = (statistics.median(column) * 1e3 for column in zip(*rounds, strict=True))
    ratio = statistics.median(f / b for f, b in rounds)
    print(f"cold start of simulate: {function:.0f} ms, floor {floor:.0f} ms, ratio {ratio:.2f} (at most {LIMIT})")
    return ratio <= LIMIT


if __name__ == "__main__":
    sys.exit(not main())
