"""`python -m layers.translated FILE [Parameter=value …]`: template.yaml as CloudFormation gets it, for whoever reads no SAM.

Needs SAM's translator, which `make scan` has beside `sam` itself. What functions, layers and definitions are packed into stands at an address made up.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from infra.template import REGION, Template

TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"
MAX_RESOURCES: Final = 500
MAX_BYTES: Final = 1_000_000
"""What CloudFormation takes of a template that is uploaded."""


def translated(document: Any, parameters: Mapping[str, str]) -> Any:
    """The document with every serverless resource spelt out."""
    from samtranslator.parser.parser import Parser  # noqa: PLC0415  (of another environment than the rest of this package)
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    own = json.loads(json.dumps(document, default=str))  # a copy without aliases, which the translator changes
    for resource in own["Resources"].values():
        for packed in {"CodeUri", "ContentUri", "DefinitionUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][packed] = "s3://packed/here"
    values = {name: parameters.get(name, parameter.get("Default")) for name, parameter in own["Parameters"].items()}
    return Translator({}, Parser()).translate(own, values)


def unknown(document: Any) -> list[str]:
    """Types that CloudFormation does not know in every region. It refuses a template that names one, whatever its conditions say."""
    from cfnlint.helpers import REGIONS  # noqa: PLC0415  (of another environment than the rest of this package)
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER as KNOWN  # noqa: PLC0415

    named = {resource["Type"] for resource in document["Resources"].values()}
    return sorted({f"{kind} in {region}" for region in REGIONS for kind in named - set(KNOWN.get_resource_types(region))})


def main(arguments: Sequence[str]) -> int:
    """Write the template; 1 when CloudFormation would not take it, or not everywhere."""
    logging.disable(logging.WARNING)
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    path, given = Path(arguments[0]), dict(argument.split("=", 1) for argument in arguments[1:])
    document = translated(Template.load(TEMPLATE).document, given)
    text = json.dumps(document, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    resources, size = len(document["Resources"]), len(json.dumps(document).encode())
    print(f"{resources} of {MAX_RESOURCES} resources, {size:,} of {MAX_BYTES:,} bytes")  # noqa: T201  (a command line prints)
    foreign = unknown(document)
    for missing in foreign:
        print(f"not known: {missing}")  # noqa: T201  (a command line prints)
    return int(resources > MAX_RESOURCES or size > MAX_BYTES or bool(foreign))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
