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
    FLAGS.update(flags_of(raw_schema["components"]["schemas"]))
    for path, item in raw_schema["paths"].items():
        chapter = "proposals" if path.startswith("/rebalance/proposals") else "runs"
        for parameter in (parameter for operation in item.values() for parameter in operation["parameters"]):
            if parameter["in"] == "path" and parameter["name"] in MADE[chapter]:
                parameter["example"] = MADE[chapter][parameter["name"]]


FLAGS: set[str] = set()
"""Members of bodies that are true or false."""
TAKEN_FOR_FLAGS = {"0", "1", "0.0", "1.0", "f", "n", "no", "off", "false", "t", "y", "yes", "on", "true"}
"""What else the service takes for one, as clients of other languages write it. The document names what they should write."""


def flags_of(schema: Any) -> set[str]:
    """The names of members that are booleans, anywhere in a schema."""
    found: set[str] = set()
    if isinstance(schema, dict):
        members = schema.get("properties")
        found |= {name for name, member in members.items() if '"boolean"' in json.dumps(member)} if isinstance(members, dict) else set()
        found |= set().union(*map(flags_of, schema.values()))
    elif isinstance(schema, list):
        found |= set().union(*map(flags_of, schema)) if schema else set()
    return found


def spells_a_flag_otherwise(body: Any) -> bool:
    """Whether a body holds a flag in one of the other forms that are taken: it breaks the document and is right to be accepted."""
    if isinstance(body, dict):
        mine = (value for name, value in body.items() if name in FLAGS and not isinstance(value, bool))
        return any(str(value).lower() in TAKEN_FOR_FLAGS for value in mine) or any(map(spells_a_flag_otherwise, body.values()))
    return isinstance(body, list) and any(map(spells_a_flag_otherwise, body))


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave out what the service takes by kindness."""
    return not spells_a_flag_otherwise(case.body)


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """It names a content coding and codes no body: what is sent is plain."""
    if case.headers:
        case.headers.pop("Content-Encoding", None)
