"""`python -m layers.size`: what each function carries unzipped, its layers included. Fails above its row in `layers/budgets.py`.

Reads what `sam build` wrote, so it measures what would be deployed.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.template import Template
from layers.budgets import BUDGETS

BUILT: Final = Path(".aws-sam/build/template.yaml")


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


def too_large(name: str, parts: Mapping[str, int]) -> bool:
    """Whether a function passes its budget, or has none."""
    return name not in BUDGETS or sum(parts.values()) > BUDGETS[name].megabytes * 1_000_000


def main() -> int:
    """Print the table; 1 when a function is too large, 2 when nothing is built."""
    if not BUILT.exists():
        print(f"{BUILT} is missing: run `make build` first", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2
    measured = sizes(Template.load(BUILT))
    columns = sorted({part for parts in measured.values() for part in parts})
    print(f"{'MB unzipped':26}" + "".join(f"{column:>14}" for column in columns) + f"{'total':>10}{'of':>6}")  # noqa: T201  (a command line prints)
    for name, parts in sorted(measured.items()):
        cells = "".join(f"{parts[column] / 1e6:14.1f}" if column in parts else f"{'-':>14}" for column in columns)
        allowed = f"{BUDGETS[name].megabytes:6}" if name in BUDGETS else f"{'-':>6}"
        print(f"{name:26}{cells}{sum(parts.values()) / 1e6:10.1f}{allowed}" + ("  TOO LARGE" if too_large(name, parts) else ""))  # noqa: T201  (a command line prints)
    return int(any(too_large(name, parts) for name, parts in measured.items()))


if __name__ == "__main__":
    sys.exit(main())
