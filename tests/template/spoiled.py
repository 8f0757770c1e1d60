"""A template with something wrong in it, and what the rules say of it."""

import json
from collections.abc import Callable
from typing import Any

from infra.local.stack import TEMPLATE
from infra.template import Template
from tests.template.rules import RULES

Spoil = Callable[[Any], Any]
Sabotage = dict[str, tuple[Spoil, list[str]]]
"""By name what is done to the document, and all violations that must be named."""


def violations(document: Any, **parameters: str) -> list[str]:
    template = Template(document, TEMPLATE.parent, {"AlarmEmail": "operations@example.com", **parameters})
    return [violation for rule in RULES for violation in rule(template)]


def spoiled(original: Any, spoil: Spoil) -> Any:
    document = json.loads(json.dumps(original))  # a copy in which no alias ties two functions together
    spoil(document)
    return document


def properties(document: Any, name: str) -> Any:
    return document["Resources"][name]["Properties"]


def delete(document: Any, name: str) -> None:
    del document["Resources"][name]
