"""`python -m layers.setting STAGE NAME`: what samconfig.toml says of a stage's deployment, as words of a shell that `sam` reads as they were meant.

A parameter may be JSON, as `TokenIssuersJson=[{"issuer": …}]`: a shell takes its quotes away, and `sam` reads a value to its first quote or blank unless it
stands in quotes, with those within escaped.
"""

import shlex
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SETTINGS: Final = Path(__file__).parents[1] / "samconfig.toml"
PARAMETERS: Final = "parameter_overrides"


def for_sam(parameter: str) -> str:
    """`Name=value` as an argument of `sam`; one that is in quotes already stays as it is."""
    name, _, value = parameter.partition("=")
    if value.startswith('"') or not set(value) & set(' "'):
        return parameter
    escaped = value.replace('"', '\\"')
    return f'{name}="{escaped}"'


def words(said: str | Sequence[str], name: str) -> str:
    """What is said, each part a word of its own."""
    parts = [said] if isinstance(said, str) else said
    return shlex.join(map(for_sam, parts) if name == PARAMETERS else parts)


def main(arguments: Sequence[str]) -> int:
    """Print the words; KeyError for a stage or a setting that there is not."""
    stage, name = arguments
    print(words(tomllib.loads(SETTINGS.read_text(encoding="utf-8"))[stage]["deploy"]["parameters"][name], name))  # noqa: T201  (a command line prints)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
