"""`python -m infra.openapi` writes docs/openapi.json; with `--check` it fails where that differs from the code."""

import argparse
import sys
from collections.abc import Sequence

from infra.openapi.document import DOCUMENT, text


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where docs/openapi.json differs from the code")
    asked = parser.parse_args(arguments)
    if not asked.check:
        DOCUMENT.write_bytes(text())
        return 0
    if not DOCUMENT.exists() or DOCUMENT.read_bytes() != text():
        print("docs/openapi.json is not what the code says: python -m infra.openapi", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
