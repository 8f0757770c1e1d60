"""`python -m layers.processor x86_64|arm64`: fails when a built library is for another processor than the functions would get.

`sam build` compiles for whatever ARCH says and writes nothing of it down; published under another architecture, a layer's libraries
do not load and every function that imports them ends before it answers. The libraries' own headers are the truth.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BUILT: Final = Path(".aws-sam/build")
MACHINES: Final = {"x86_64": 62, "arm64": 183}
"""What an ELF header says of the processor (`e_machine`), by Lambda's name for it."""

_HEADER: Final = 20


def machine_of(library: Path) -> int | None:
    """The processor that a library is for; None for a file that is no library."""
    with library.open("rb") as opened:
        header = opened.read(_HEADER)
    if len(header) < _HEADER or not header.startswith(b"\x7fELF"):
        return None
    return int.from_bytes(header[18:20], "little" if header[5] == 1 else "big")


def libraries(built: Path) -> Iterator[tuple[Path, int]]:
    """Every library below a folder, with its processor."""
    for path in sorted(built.rglob("*.so*")):
        if path.is_file() and (machine := machine_of(path)) is not None:
            yield path, machine


def main(arguments: list[str]) -> int:
    """0 when all libraries are for the named processor, 1 when some are not, 2 when nothing is built or no processor is named."""
    if len(arguments) not in {1, 2} or arguments[0] not in MACHINES:
        print(f"name one of {', '.join(MACHINES)}", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2
    wanted, built = arguments[0], Path(arguments[1]) if arguments[1:] else BUILT
    found = list(libraries(built))
    if not found:
        print(f"no libraries in {built}: run `make build` first", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2
    foreign = [path for path, machine in found if machine != MACHINES[wanted]]
    for path in foreign[:5]:
        print(f"not for {wanted}: {path.relative_to(built)}", file=sys.stderr)  # noqa: T201  (a command line prints)
    print(f"{len(found) - len(foreign)} of {len(found)} libraries are for {wanted}")  # noqa: T201  (a command line prints)
    return int(bool(foreign))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
