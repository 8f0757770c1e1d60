"""`python -m layers.release [Parameter=value …]`: the name of a release, counted from every built file and the parameters it is deployed with.

A function's alias moves to a new version only when this name changes: SAM looks at its code and properties, and sees neither the value of
a parameter nor what an emulator or a hand changed. The same files with the same parameters have the same name, so that nothing moves for nothing.
"""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

BUILT: Final = Path(".aws-sam/build")


def release(built: Path, parameters: Sequence[str]) -> str:
    """64 hex digits of the files below a folder, by name and content, and of the parameters in their order."""
    digest = hashlib.sha256()
    for path in sorted(built.rglob("*")):
        if path.is_file():
            _add(digest, path.relative_to(built).as_posix().encode(), path.read_bytes())
    _add(digest, *(parameter.encode() for parameter in parameters))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", *parts: bytes) -> None:
    """Every part with its length, so that no two lists of parts read alike."""
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)


def main(parameters: Sequence[str]) -> int:
    """Print the name; 2 when nothing is built."""
    if not (BUILT / "template.yaml").exists():
        print(f"{BUILT} is missing: run `make build` first", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2
    print(release(BUILT, parameters))  # noqa: T201  (a command line prints)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
