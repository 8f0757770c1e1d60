"""Refusals that several calls have alike stand once, as components under a name that says what they are; each call keeps their description."""

import json
from collections import Counter
from typing import Final

from infra.openapi.problems import UNSERVED
from infra.openapi.schemas import Json

CODES: Final = "x-codes"
_UNSERVED: Final = frozenset(code.value for code in UNSERVED)


def shared_refusals(paths: dict[str, Json]) -> Json:
    """Take refusals that stand more than once out of the operations; the components that they become."""
    places = [operation["responses"] for item in paths.values() for operation in item.values()]
    often = Counter(_text(response) for responses in places for response in responses.values() if CODES in response)
    names: dict[str, str] = {}
    made: Json = {}
    for responses in places:
        for status, response in responses.items():
            text = _text(response)
            if often[text] > 1:
                name = names.setdefault(text, _free(status, response, made))
                made[name] = response
                responses[status] = {"$ref": f"#/components/responses/{name}", "description": response["description"]}
    return made


def _free(status: str, response: Json, taken: Json) -> str:
    """A name of its codes that nothing else has; those of an environment that may not serve go without saying."""
    codes = [code for code in response[CODES] if code not in _UNSERVED]
    name = ".".join([status, *(codes or ["ENVIRONMENT"])])
    alike = sum(other == name or other.startswith(f"{name}-") for other in taken)
    return f"{name}-{alike + 1}" if alike else name


def _text(response: Json) -> str:
    return json.dumps(response, sort_keys=True)
