"""What schemathesis must know of this API besides its document: names of what there is, and that it codes no bodies."""

import json
import os
from typing import Any

import schemathesis

MADE: dict[str, dict[str, Any]] = json.loads(os.environ["SCHEMA_MADE"])
"""By chapter of the paths, the values of parameters that name something here."""


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: Any) -> None:
    """Let examples of parameters name what was made before: those of the document are nobody's."""
    for path, item in raw_schema["paths"].items():
        chapter = "proposals" if path.startswith("/rebalance/proposals") else "runs"
        for parameter in (parameter for operation in item.values() for parameter in operation["parameters"]):
            if parameter["in"] == "path" and parameter["name"] in MADE[chapter]:
                parameter["example"] = MADE[chapter][parameter["name"]]


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """It names a content coding and codes no body: what is sent is plain."""
    if case.headers:
        case.headers.pop("Content-Encoding", None)
