"""Runs the contract suite a second time, on an emulator of DynamoDB, S3 and SQS that is stricter than moto (`make contract-strict`).

The emulator lives in its own environment, listens on 127.0.0.1 only and is stopped by its process id when the suite ends.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
EMULATOR = ROOT / ".venv" / "strict" / "bin" / "ministack"
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def emulator(port: int) -> Iterator[str]:
    """The endpoint of an emulator that lives as long as the block."""
    with TemporaryDirectory() as home:
        env = os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "dynamodb,s3,sqs", "LOG_LEVEL": "ERROR"}
        env |= {"S3_DATA_DIR": f"{home}/s3", "TMPDIR": home}
        process = subprocess.Popen([EMULATOR], env=env, cwd=home, stdout=subprocess.DEVNULL)  # noqa: S603  (our own pinned program)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            sys.exit(f"the emulator ended with {process.returncode}")
        time.sleep(0.1)
    sys.exit("the emulator did not start")


def main() -> int:
    """The suite's own exit code."""
    if not EMULATOR.exists():
        sys.exit("run this as: make contract-strict")
    with emulator(free_port()) as endpoint:
        suite = [sys.executable, "-m", "pytest", "tests/contract", "-k", "dynamodb", *sys.argv[1:]]
        return subprocess.run(suite, env=os.environ | {"CONTRACT_ENDPOINT": endpoint}, cwd=ROOT, check=False).returncode  # noqa: S603  (our own suite)


if __name__ == "__main__":
    sys.exit(main())
