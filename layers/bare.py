"""A bare interpreter of the runtime's version, which sees the built layers and nothing else of this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

VERSION: Final = "3.13"
BUILT: Final = Path(".aws-sam/build")
LAYERS: Final = ("RuntimeLayer", "EngineLayer", "SolverLayer")


class Unproved(Exception):  # noqa: N818  (named for what the person at the terminal is told)
    """The layers do not do what they are shipped for; the message says what is wrong."""


def interpreter() -> str | None:
    """A Python of the runtime's version that really starts (a pyenv shim may not): on the path, else among pyenv's."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(map(str, versions.glob(f"{VERSION}.*/bin/python{VERSION}")))
    for python in filter(None, [shutil.which(f"python{VERSION}"), *reversed(installed)]):
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:  # noqa: S603  (found above)
            return python
    return None


def folders(built: Path) -> list[Path]:
    """What a function finds on its path from the layers, in their order."""
    found = [(built / layer / "python").resolve() for layer in LAYERS]
    if missing := [str(folder) for folder in found if not folder.is_dir()]:
        raise Unproved(f"not built: {', '.join(missing)}")
    return found


def answer(python: str, path: list[Path], program: str, given: bytes = b"") -> str:
    """What a program prints in a fresh process that sees these folders and the standard library."""
    run = subprocess.run(  # noqa: S603  (an interpreter found above, on our own program)
        [python, "-S", "-B", "-c", program],
        input=given,
        env={"PYTHONPATH": os.pathsep.join(map(str, path))},
        cwd="/",
        capture_output=True,
        check=False,
    )
    if run.returncode:
        raise Unproved(run.stderr.decode(errors="replace"))
    return run.stdout.decode()


def proved(subject: str, prove: Callable[[str, Path], str], arguments: list[str]) -> int:
    """Print what was proved: 0 when it holds, 1 when it does not, 2 where the proof is due (in CI) and impossible."""
    python = interpreter()
    if python is None:
        print(f"{subject}: NOT PROVED, there is no Python {VERSION} on this machine", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 2 if os.environ.get("CI") else 0
    try:
        print(f"{subject}: {prove(python, Path(arguments[0]) if arguments else BUILT)}")  # noqa: T201  (a command line prints)
    except Unproved as wrong:
        print(f"{subject}: {wrong}", file=sys.stderr)  # noqa: T201  (a command line prints)
        return 1
    return 0
