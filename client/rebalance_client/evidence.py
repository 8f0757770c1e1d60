"""Proving what the service recorded, without it: digests, and the decision made again by the engine that comes with the client."""

import json
from typing import Any

from engine.evidence.verification import Undecidable, Verification, verify_file
from engine.version import ENGINE_VERSION

__all__ = ["ENGINE_VERSION", "Undecidable", "verify"]


def verify(document: Any) -> Verification:
    """The verdict on an artifact, a support bundle or a proposal's version. Raises `engine.InvalidRequest` for anything else.

    Raises Undecidable for a run that was decided with a solver where none is installed: the package's extra `solver` brings it.
    """
    return verify_file(document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode())
