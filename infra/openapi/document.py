"""The document whole: what it is called, who may call, and all that the parts say."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from infra.api import CALLS
from infra.openapi.models import ANSWERS, REQUESTS
from infra.openapi.operations import BEARER, header_components, operation
from infra.openapi.problems import examples as problem_examples
from infra.openapi.schemas import Json, components
from infra.openapi.words import TAGS

FOLDER: Final = Path(__file__).parents[2]
DOCUMENT: Final = FOLDER / "docs" / "openapi.json"
TITLE: Final = "Private Banking Rebalance API"
DESCRIPTION: Final = """\
Orders that bring portfolios to their mandates, and proposals of advisers, decided by a deterministic engine and kept with evidence.

Decimals travel as strings in answers; requests may send strings or numbers. Times are UTC with their offset. Ids are opaque. Members that a
request has and the contract does not are ignored, but among `options`, where they are refused: a misspelt limit must never be dropped in silence.
Members of answers are never left out, but where their description says so. Every refusal is a problem (RFC 9457) with a stable `code`.
`conventions: DESK` asks for what a portfolio desk is used to; it stands in every example.
"""


def release() -> str:
    """The product's version, as its callers see it."""
    return str(tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


@cache
def document() -> Json:
    """The document. The same for the same code, whatever the order in which sets are walked."""
    schemas, requests, answers = components(REQUESTS, ANSWERS)
    examples = problem_examples()
    paths: dict[str, Json] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = operation(call, requests, answers, examples)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": release(),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": header_components(),
            "examples": examples,
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the bank's issuer. Of a call's scopes one is enough; some commands on proposals need a particular one.",
                }
            },
        },
    }


def text() -> bytes:
    """The document as it is committed: members sorted, one to a line."""
    return (json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
