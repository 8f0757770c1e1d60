"""Writes the typed part of the client from the API's document: `python client/generate.py` writes, `--check` compares.

Types come from datamodel-code-generator; the methods, one for each operation that answers JSON, from here.
"""

import ast
import json
import keyword
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "openapi.json"
GENERATED: Final = Path(__file__).parent / "rebalance_client" / "generated"
JSON: Final = "application/json"
OF_THE_TRANSPORT: Final = {"Content-Encoding", "X-Tenant-Id"}  # it codes bodies; the token names the tenant
PYTHON: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}

Document = Mapping[str, Any]


def types(document: Path) -> str:
    """The module of types: a TypedDict for every schema."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "wire.py"
        command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(document), "--input-file-type", "openapi"]
        command += ["--output", str(made), "--output-model-type", "typing.TypedDict", "--target-python-version", "3.11"]
        command += ["--use-standard-collections", "--use-union-operator", "--use-schema-description", "--use-field-description"]
        command += ["--enum-field-as-literal", "all", "--disable-timestamp", "--formatters", "ruff-format"]
        subprocess.run(command, check=True)  # noqa: S603  (our own tool)
        return made.read_text(encoding="utf-8")


def operations(document: Document, known: set[str]) -> str:
    """The module of methods: what each takes and answers, and nothing of how it is sent."""
    methods = list(_methods(document, known))
    lines = [
        '"""Every operation of the API as a method; made by client/generate.py, so that nothing here is written by hand."""',
        "",
        "from collections.abc import Mapping",
        "from typing import Any, Final",
        "",
        "from rebalance_client.answers import Answer",
        "from rebalance_client.generated import wire",
        "",
        f"RELEASE: Final = {json.dumps(document['info']['version'])}",
        '"""The release whose document this was made from."""',
        "",
        "",
        "class Operations:",
        '    """What the API can be asked for. `Client` sends it."""',
        "",
        "    def _send(",
        "        self,",
        "        method: str,",
        "        path: str,",
        "        *,",
        "        query: Mapping[str, Any] | None = None,",
        "        headers: Mapping[str, str | None] | None = None,",
        "        body: Any = None,",
        "    ) -> Answer[Any]:",
        "        raise NotImplementedError",
        "",
    ]
    return "\n".join(lines + methods).rstrip() + "\n"


def _methods(document: Document, known: set[str]) -> Iterator[str]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answered = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            if answered and (JSON in answered[0].get("content", {JSON: {}}) or not answered[0].get("content")):
                yield _method(method.upper(), path, operation, answered[0], known)


def _method(method: str, path: str, operation: Document, answered: Document, known: set[str]) -> str:
    parameters = [row for row in operation.get("parameters", ()) if row["name"] not in OF_THE_TRANSPORT]
    asked = {row["name"] for row in parameters if row["in"] != "header"}
    in_path = [row for row in parameters if row["in"] == "path"]
    named = [row for row in parameters if row["in"] != "path"]
    named.sort(key=lambda row: not row.get("required", False))
    sent = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    answer = _type(answered.get("content", {}).get(JSON, {}).get("schema"), known) if answered.get("content") else "None"
    takes = ["self", *(f"{_name(row, asked)}: {_type(row['schema'], known)}" for row in in_path)]
    takes += [f"body: {_type(sent, known)}"] if sent else []
    if named:
        takes += ["*", *(_declared(row, known, asked) for row in named)]
    address = re.sub(r"\{(\w+)\}", r"{wire_segment(\1)}", path)
    shown = f'f"{address}"' if in_path else f'"{path}"'
    given = [f'"{method}"', shown.replace("wire_segment", "segment")]
    query = [row for row in named if row["in"] == "query"]
    headers = [row for row in named if row["in"] == "header"]
    given += [f"query={{{', '.join(_pair(row, asked) for row in query)}}}"] if query else []
    given += [f"headers={{{', '.join(_pair(row, asked) for row in headers)}}}"] if headers else []
    given += ["body=body"] if sent else []
    words = " ".join(str(operation.get("description") or operation.get("summary", "")).split()).replace("\\", "\\\\").replace('"""', "'''")
    first, _, rest = words.partition(". ")
    told = f"{first.rstrip('.')}." + (f"\n\n        {rest}" if rest else "")
    return (
        f"    def {operation['operationId']}({', '.join(takes)}) -> Answer[{answer}]:\n"
        f'        """{told}\n\n        {method} {path}\n        """\n'
        f"        return self._send({', '.join(given)})\n"
    )


def _declared(row: Document, known: set[str], asked: AbstractSet[str]) -> str:
    kind = _type(row["schema"], known)
    return f"{_name(row, asked)}: {kind}" if row.get("required") else f"{_name(row, asked)}: {kind} | None = None"


def _pair(row: Document, asked: AbstractSet[str]) -> str:
    return f'"{row["name"]}": {_name(row, asked)}'


def _name(row: Document, asked: AbstractSet[str]) -> str:
    """A parameter as Python spells it: `X-Policy-Pack-Id` is policy_pack_id unless path or query have that, `from` is from_."""
    name = row["name"].replace("-", "_").lower()
    name = name if name.removeprefix("x_") in asked and row["in"] == "header" else name.removeprefix("x_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _type(schema: Document | None, known: set[str]) -> str:
    if not schema:
        return "Any"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2].replace("-", "")
        return f"wire.{name}" if name in known else "Any"
    if "enum" in schema or "anyOf" in schema or "oneOf" in schema:
        return "str"
    return PYTHON.get(str(schema.get("type")), "dict[str, Any]")


def generated() -> dict[str, str]:
    """Every generated module by its name, formatted as the rest of the project."""
    wire = types(DOCUMENT)
    known = {node.name for node in ast.walk(ast.parse(wire)) if isinstance(node, ast.ClassDef)}
    known |= {node.target.id for node in ast.parse(wire).body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    text = operations(json.loads(DOCUMENT.read_bytes()), known)
    text = text.replace("from rebalance_client.answers import Answer\n", "from rebalance_client.answers import Answer, segment\n")
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(GENERATED / "operations.py"), "-"]
    text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603  (our own tool)
    return {"wire.py": wire, "operations.py": text}


def main() -> int:
    """Write what differs, or with `--check` say what differs."""
    differing = {
        name: text for name, text in generated().items() if not (GENERATED / name).exists() or (GENERATED / name).read_text() != text
    }
    if "--check" in sys.argv:
        sys.stderr.writelines(f"client: {name} is not what docs/openapi.json makes; run make client\n" for name in differing)
        return int(bool(differing))
    for name, text in differing.items():
        (GENERATED / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
