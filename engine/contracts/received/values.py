"""How many values a JSON text has at most, told before anything is built of it."""

from typing import Final

MOST_VALUES: Final = 1_000_000
"""Of a text with whole lists of snapshots, for a function of 1,769 MB: each value costs memory, up to 800 bytes when a text is refused for every one."""

_BEFORE_VALUES: Final = b",[{"


def values_at_most(text: bytes) -> int:
    """The commas and opening brackets in it, in texts too: no JSON has more values or members than that."""
    return len(text) - len(text.translate(None, _BEFORE_VALUES))
