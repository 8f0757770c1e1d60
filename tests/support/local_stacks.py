"""Small systems for the local stack's own tests: a template and its handlers in a folder."""

from collections.abc import Mapping
from pathlib import Path

from infra.local.stack import LocalStack

INTEGRATION = '{x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:x:lambda:path/functions/${%s.Arn}/invocations"}}'


def to(function: str) -> str:
    """The gateway's integration with a function."""
    return INTEGRATION % function


def system(folder: Path, template: str, handlers: Mapping[str, str]) -> LocalStack:
    (folder / "template.yaml").write_text(template)
    for name, code in handlers.items():
        (folder / name).mkdir()
        (folder / name / "app.py").write_text(code)
    return LocalStack.from_template(folder / "template.yaml")
