"""`python -m layers.size`: what each function carries unzipped, its layers included. Fails above 200 MB (Lambda's own limit is 250 MiB).

Reads what `sam build` wrote, so it measures what would be deployed.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.template import Template

BUILT: Final = Path(".aws-sam/build/template.yaml")
MAX_BYTES: Final = 200_000_000


def unzipped(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sizes(template: Template) -> Mapping[str, Mapping[str, int]]:
    """For each function the bytes of its own code and of each of its layers."""
    layers = {name: unzipped(template.folder / layer["ContentUri"]) for name, layer in template.of_type("AWS::Serverless::LayerVersion")}
    return {
        name: {"code": unzipped(template.folder / function["CodeUri"])}
        | {layer["Ref"]: layers[layer["Ref"]] for layer in function.get("Layers", [])}
        for name, function in template.of_type("AWS::Serverless::Function")
    }


def main() -> int:
    """Print the table; 1 when a function is too large, 2 when nothing is built."""
    if not BUILT.exists():
        print(f"{BUILT} is missing: run `make build` first", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2
    measured = sizes(Template.load(BUILT))
    columns = sorted({part for parts in measured.values() for part in parts})
    print(f"{'MB unzipped':24}" + "".join(f"{column:>14}" for column in columns) + f"{'total':>10}{'limit':>8}")  # noqa: T201  (a command line prints)
    for name, parts in sorted(measured.items()):
        cells = "".join(f"{parts[column] / 1e6:14.1f}" if column in parts else f"{'-':>14}" for column in columns)
        total = sum(parts.values())
        print(f"{name:24}{cells}{total / 1e6:10.1f}{MAX_BYTES / 1e6:8.0f}" + ("  TOO LARGE" if total > MAX_BYTES else ""))  # noqa: T201  (a command line prints)
    return int(any(sum(parts.values()) > MAX_BYTES for parts in measured.values()))


if __name__ == "__main__":
    sys.exit(main())
