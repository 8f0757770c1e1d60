"""`python -m infra.openapi` writes docs/openapi.json; `--check` and `--against` hold it to the code and to what was released."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.openapi.breaking import breaks, contract
from infra.openapi.document import DOCUMENT, RELEASED, document, text, written
from infra.openapi.narrowing import Break


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m infra.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where docs/openapi.json differs from the code")
    parser.add_argument("--against", type=Path, metavar="FILE", help="write nothing; fail where callers of that document would trip")
    parser.add_argument("--release", action="store_true", help=f"write docs/{RELEASED.name}: what later documents must not break")
    asked = parser.parse_args(arguments)
    if asked.release:
        RELEASED.write_bytes(written(contract(document())))
    if asked.release or not (asked.check or asked.against):
        DOCUMENT.write_bytes(text())
        return 0
    failed = False
    if asked.check and (not DOCUMENT.exists() or DOCUMENT.read_bytes() != text()):
        print("docs/openapi.json is not what the code says: python -m infra.openapi", file=sys.stderr)
        failed = True
    if asked.against and (found := breaks(json.loads(asked.against.read_text(encoding="utf-8")), document())):
        print(table(found), file=sys.stderr)
        failed = True
    return int(failed)


def table(found: Sequence[Break]) -> str:
    """What breaks, a line each, in columns."""
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in found]
    return "\n".join(["What callers of the released document would trip over:", *lines])


if __name__ == "__main__":
    sys.exit(main())
