"""Cold start of the simulate function, as a ratio to what any function on AWS with pydantic must load."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 1.4
ROUNDS = 7
FLOOR = "import boto3, pydantic; boto3.client('dynamodb'); boto3.client('s3')"
FUNCTION = "import sys; sys.path[:0] = ['functions/simulate', '.']; import app"
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
}
ON_LAMBDA = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}
"""Makes the function connect its adapters while it is imported, as it does during INIT: both sides then make two clients."""


def seconds(code: str) -> float:
    """Wall time of a fresh process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | ENVIRON | ON_LAMBDA, check=True)  # noqa: S603  (our own command)
    return time.perf_counter() - start


def ratio() -> tuple[float, float, float]:
    """Medians over alternating rounds: the ratio, the function's seconds, the floor's seconds."""
    seconds(FUNCTION), seconds(FLOOR)
    rounds = [(seconds(FUNCTION), seconds(FLOOR)) for _ in range(ROUNDS)]
    ratios, functions, floors = [f / b for f, b in rounds], [f for f, _ in rounds], [b for _, b in rounds]
    return statistics.median(ratios), statistics.median(functions), statistics.median(floors)


def main() -> bool:
    """Print the figures; True when the promise holds."""
    found, function, floor = ratio()
    print(f"cold start of simulate: {function * 1e3:.0f} ms, floor {floor * 1e3:.0f} ms, ratio {found:.2f} (at most {LIMIT})")
    return found <= LIMIT


if __name__ == "__main__":
    sys.exit(not main())
