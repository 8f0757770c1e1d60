"""A verification for people: one line, and what differs in three."""

from typing import Any, Final

from engine.evidence.canonical import canonical
from engine.evidence.verification import Verification
from engine.version import ENGINE_VERSION

MAX_SHOWN: Final = 160
"""Characters of a value."""


def render_verdict(verification: Verification) -> str:
    """The verdict in a line, and where something differs a line for the place and for each value."""
    recorded_by = verification.recorded_engine_version
    lines = [f"{verification.verdict}  {verification.run_id}  recorded by engine {recorded_by}, checked by {ENGINE_VERSION}"]
    where = verification.difference
    if where is not None:
        lines += [f"{where.document} {where.path or '/'}  {where.reason}"]
        lines += [f"recorded  {_shown(where.recorded)}", f"expected  {_shown(where.expected)}"]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    """A value as one short line of JSON."""
    text = canonical(value).decode()
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
