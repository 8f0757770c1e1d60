"""Proving what the service recorded, without it: digests, and the decision made again by the engine that comes with the client."""

import json
from typing import Any

from engine.evidence.verification import Verification, verify_file


def verify(document: Any) -> Verification:
    """The verdict on an artifact, a support bundle or a proposal's version. Raises `engine.InvalidRequest` for anything else."""
    return verify_file(document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode())
