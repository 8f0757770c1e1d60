"""The document whole: what it is called, who may call, and all that the parts say."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from infra.api import CALLS
from infra.documentation.landing import TITLE
from infra.http.identity import Scope
from infra.openapi.models import ANSWERS, REQUESTS
from infra.openapi.operations import BEARER, operation
from infra.openapi.problems import problem_examples
from infra.openapi.schemas import Json, components
from infra.openapi.sharing import shared_refusals
from infra.openapi.story import examples
from infra.openapi.words import TAGS
from infra.release import RELEASE

FOLDER: Final = Path(__file__).parents[2]
DOCUMENT: Final = FOLDER / "docs" / "openapi.json"
RELEASED: Final = FOLDER / "docs" / "openapi-released.json"
"""The contract of the last release: the document without its words and examples."""
DESCRIPTION: Final = """\
Orders that bring portfolios to their mandates, and proposals of advisers, decided by a deterministic engine and kept with evidence.

Decimals travel as strings in answers; requests may send strings or numbers. Times are UTC with their offset. Ids are opaque. Members that a
request has and the contract does not are ignored, but among `options`, where they are refused: a misspelt limit must never be dropped in silence.
Members of answers are never left out, but where their description says so. Every refusal is a problem (RFC 9457) with a stable `code`.
Every answer names its call in `X-Correlation-Id`. A list goes on at its `Link`; what is accepted is looked up at its `Location`; what never
changes has an `ETag`, may be kept for a day, and is asked for again by `If-None-Match`. An outage says in `Retry-After` when to come back.
What answers GET answers HEAD, without its body. `Deprecation` is reserved for calls that will go; none does.
An answer of more than 1 MB comes compressed, to callers who accept gzip. `conventions: DESK` asks for what a portfolio desk is used to; it stands in every example.
"""
TOKEN: Final = f"""\
A token of an issuer that the bank names. Of a call's scopes one is enough; which one a command on a proposal needs depends on the command.
Scopes: {", ".join(f"`{scope}`" for scope in Scope)}."""


@cache
def document() -> Json:
    """The document. The same for the same code, whatever the order in which sets are walked."""
    schemas, requests, answers = components(REQUESTS, ANSWERS)
    told = examples()
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = operation(call, requests, answers, told)
    refusals = shared_refusals(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": RELEASE,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".", "description": "Where this document was read, with the stage or the path that stands before it."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals,
            "examples": {**problem_examples(), **told.shared},
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": TOKEN,
                }
            },
        },
    }


def text() -> bytes:
    """The document as it is committed."""
    return written(document())


def written(document: Json) -> bytes:
    """A document as a file: members sorted, one to a line."""
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
