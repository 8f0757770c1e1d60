"""docs/openapi.json is what the code says. That it is what OpenAPI 3.1 calls a document, `make document` looks at."""

import json
import tomllib
from typing import Any

from infra.api import CALLS
from infra.openapi.document import DOCUMENT, FOLDER, document, text
from infra.openapi.models import ANSWERS, REQUESTS
from infra.openapi.operations import FILES
from infra.openapi.schemas import parts_of
from infra.openapi.words import TAGS, WORDS
from infra.release import RELEASE

COMMITTED: Any = json.loads(DOCUMENT.read_text(encoding="utf-8"))
SCHEMAS = COMMITTED["components"]["schemas"]


def test_the_committed_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_bytes() == text(), "python -m infra.openapi"


def test_it_tells_the_release_of_the_project() -> None:
    release = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert COMMITTED["info"]["version"] == RELEASE == release


def test_every_call_is_an_operation_and_every_operation_a_call() -> None:
    operations = {
        (path, method.upper()): operation["operationId"] for path, item in COMMITTED["paths"].items() for method, operation in item.items()
    }
    assert operations == {(call.path, call.method): call.id for call in CALLS}


def test_every_call_has_words_and_its_answer_a_model() -> None:
    assert set(WORDS) == {call.id for call in CALLS}
    assert {words.tag for words in WORDS.values()} <= set(TAGS)
    assert {call.answer for call in CALLS} - set(FILES) - {""} <= set(ANSWERS)
    assert set(REQUESTS) == {call.id for call in CALLS if call.body.plain}


def test_every_property_has_a_description_and_an_example() -> None:
    for name, schema in SCHEMAS.items():
        assert schema.get("description"), name
        for member, described in schema.get("properties", {}).items():
            assert described.get("description"), f"{name}.{member}"
            assert {"example", "examples", "$ref"} & described.keys(), f"{name}.{member}"


def resolved(response: Any) -> Any:
    return COMMITTED["components"]["responses"][response["$ref"].rpartition("/")[2]] if "$ref" in response else response


def below(content: dict[str, Any], seen: set[str]) -> None:
    """Every component that a body leads to."""
    reached = [content["schema"].get("$ref", "")]
    while reached:
        name = reached.pop().rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            reached += [part["$ref"] for part in parts_of(SCHEMAS[name]) if "$ref" in part]


def test_requests_and_answers_share_no_component() -> None:
    sent, told = set[str](), set[str]()
    for operation in [operation for item in document()["paths"].values() for operation in item.values()]:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            below(content, sent)
        for content in [
            content for response in operation["responses"].values() for content in resolved(response).get("content", {}).values()
        ]:
            below(content, told)
    assert not sent & told
    assert sent | told == set(SCHEMAS)
