"""`python -m tests.schema [--minutes M] [--seed N]`: schemathesis against the running local stack, over the whole document that it serves.

All of its checks, for so many minutes; with another seed it looks elsewhere. The stack is served on a port of 127.0.0.1 with every group of
endpoints open. Its gateway asks everybody for a token, as the deployed one does, and an administrator's is sent.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from infra.local.authority import ROLES
from infra.local.gateway import Gateway
from infra.local.server import serving
from infra.local.stack import EVERYTHING_OPEN, LocalStack
from tests.schema.made import made

HERE: Final = Path(__file__).parent
LOG: Final = Path("build") / "schema.log"
"""Where the functions' lines go."""
ADMINISTRATOR: Final = next(role for role in ROLES if role.name == "ADMINISTRATOR")
TENANT: Final = "bank-a"
"""As the document's examples say."""
SEED: Final = 20261126
MINUTES: Final = 2.5


def asking(stack: LocalStack) -> None:
    """Let the stack's gateway ask everybody who they are."""
    [(_, api)] = stack.template.of_type("AWS::Serverless::Api", stack.resources.attribute)
    stack.gateways[0] = Gateway(api, stack.functions.values(), asks_everybody=True)


def command(address: str, token: str, seed: int, minutes: float) -> list[str]:
    """What schemathesis is asked to do."""
    return [
        str(Path(sys.executable).parent / "schemathesis"),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{address}/openapi.json"),
        *("--url", address),
        *("--header", f"Authorization: Bearer {token}"),
        *("--checks", "all"),
        *("--seed", str(seed)),
        *("--max-time", str(round(minutes * 60))),
        *("--generation-database", "none"),
        *("--request-timeout", "60"),
        *("--suppress-health-check", "all"),
        "--continue-on-failure",
        "--no-color",
    ]


def main(given: Sequence[str]) -> int:
    """Serve, look, and say what schemathesis says: 0 when it found nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.schema", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args(given)
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("w") as log, redirect_stdout(log), LocalStack.from_template(variables=EVERYTHING_OPEN) as stack:
        asking(stack)
        token = stack.authority.token(ADMINISTRATOR.actor, ADMINISTRATOR.scopes, tenant=TENANT)
        there = json.dumps(made(stack, token))
        with stack.polling(), serving(stack) as address:
            asked = command(address, token, arguments.seed, arguments.minutes)
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.schema.hooks", "SCHEMA_MADE": there, "COLUMNS": "140"}
            return subprocess.run(asked, env=environment, check=False).returncode  # noqa: S603  (the installed tool)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
