"""`python -m layers.machines FOLDER`: a template for each state machine that template.yaml deploys, its definition written out in it.

`sam validate --lint` looks at no definition that stands in a file of its own; cfn-lint holds one that stands in a template to the schema of
the language.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from infra.template import ACCOUNT, REGION, Template

TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"
MACHINE: Final = "AWS::Serverless::StateMachine"
STAND_IN: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:any:live"


def written_out(template: Template, machine: dict[str, Any]) -> dict[str, Any]:
    """A template of one machine. Whatever its definition asks of other resources is the name of some function."""
    text = (template.folder / machine["DefinitionUri"]).read_text(encoding="utf-8")
    for variable, value in machine["DefinitionSubstitutions"].items():
        text = text.replace(f"${{{variable}}}", value if isinstance(value, str) else STAND_IN)
    properties = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/any", "DefinitionString": json.dumps(json.loads(text))}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}},
    }


def main(folder: Path) -> None:
    """Write them, one file each."""
    template = Template.load(TEMPLATE)
    folder.mkdir(parents=True, exist_ok=True)
    for name, machine in template.of_type(MACHINE):
        (folder / f"{name}.json").write_text(json.dumps(written_out(template, machine)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
