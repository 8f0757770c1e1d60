"""How a variable of the environment is read (RFC-0024, RFC-0025). What is unset, odd or out of bounds is the default."""

from collections.abc import Mapping
from typing import Final

Environ = Mapping[str, str]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})


def text(environ: Environ, name: str) -> str:
    """A name, trimmed; empty when unset."""
    return environ.get(name, "").strip()


def enumeration(environ: Environ, name: str) -> str:
    """An enumerated value, trimmed, in upper case; empty when unset."""
    return text(environ, name).upper()


def flag(environ: Environ, name: str, *, default: bool) -> bool:
    """True for 1, true, yes, on in any case; any other set value, the empty one included, is false."""
    value = environ.get(name)
    return default if value is None else value.strip().lower() in _TRUE


def members(environ: Environ, name: str) -> frozenset[str]:
    """A set, separated by commas; blanks around members and empty ones do not count."""
    return frozenset(filter(None, map(str.strip, environ.get(name, "").split(","))))


def at_least(environ: Environ, name: str, least: int) -> int | None:
    """A whole number from `least` up; None where it is absent, no number or smaller."""
    try:
        number = int(environ.get(name, ""))
    except ValueError:
        return None
    return number if number >= least else None


def durable(environ: Environ, name: str) -> bool:
    """Whether a backend is DynamoDB."""
    return enumeration(environ, name) == "DYNAMODB"
