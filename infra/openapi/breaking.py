"""What of a released document its callers would miss in a later one: operations, parameters, members, values, scopes."""

from collections.abc import Iterator
from typing import Any, Final

from infra.openapi.narrowing import Break, Comparison
from infra.openapi.schemas import Json

WORDS: Final = frozenset({"description", "summary", "examples", "example", "tags", "info", "servers", "x-codes"})
"""What nobody's program depends on."""


def contract(document: Json) -> Json:
    """The document without its words and examples: what is kept of a release to compare with."""
    kept: Json = _bare(document, named=False)
    kept["info"] = {name: document["info"][name] for name in ("title", "version")}
    return kept


def _bare(part: Any, *, named: bool) -> Any:
    """Without words; where the members are `named` by us, as properties are, a name is no keyword."""
    if isinstance(part, list):
        return [_bare(one, named=False) for one in part]
    if not isinstance(part, dict):
        return part
    free = {"properties", "paths", "schemas", "responses", "headers", "content"}
    return {name: _bare(value, named=name in free and not named) for name, value in part.items() if named or name not in WORDS}


def breaks(old: Json, new: Json) -> list[Break]:
    """All that breaks, each once, in the order of the paths."""
    comparison = Comparison(old, new)
    return list(dict.fromkeys(one for path in sorted(old["paths"]) for one in _path(comparison, path)))


def _path(comparison: Comparison, path: str) -> Iterator[Break]:
    operations = comparison.new["paths"].get(path, {})
    for method, was in sorted(comparison.old["paths"][path].items()):
        name = f"{method.upper()} {path}"
        if method not in operations:
            yield Break(name, "", "is gone")
            continue
        now = operations[method]
        yield from _parameters(comparison, name, was, now)
        yield from _body(comparison, name, was, now)
        yield from _answers(comparison, name, was, now)
        yield from _scopes(name, was, now)


def _parameters(comparison: Comparison, name: str, was: Json, now: Json) -> Iterator[Break]:
    before, after = ({(one["in"], one["name"]): one for one in operation.get("parameters", ())} for operation in (was, now))
    for (place, parameter), one in before.items():
        told = f"{place} {parameter}"
        if (place, parameter) not in after:
            yield Break(name, told, "is not read any more")
        else:
            if after[place, parameter].get("required") and not one.get("required"):
                yield Break(name, told, "is required now")
            yield from comparison.sent(name, told, one["schema"], after[place, parameter]["schema"])
    for place, parameter in after.keys() - before.keys():
        if after[place, parameter].get("required"):
            yield Break(name, f"{place} {parameter}", "is required now")


def _body(comparison: Comparison, name: str, was: Json, now: Json) -> Iterator[Break]:
    before, after = was.get("requestBody"), now.get("requestBody")
    if before is None:
        if after is not None and after.get("required"):
            yield Break(name, "body", "is required now")
        return
    for kind, content in before["content"].items():
        if after is None or kind not in after["content"]:
            yield Break(name, "body", f"{kind} is not taken any more")
        else:
            yield from comparison.sent(name, "body", content["schema"], after["content"][kind]["schema"])


def _answers(comparison: Comparison, name: str, was: Json, now: Json) -> Iterator[Break]:
    for status, said in was["responses"].items():
        if not status.startswith("2"):
            continue
        before, after = _response(said, comparison.old), _response(now["responses"].get(status), comparison.new)
        if after is None or before is None:
            yield Break(name, status, "is never answered any more")
            continue
        yield from (
            Break(name, f"{status} header {header}", "is gone")
            for header in before.get("headers", {}).keys() - after.get("headers", {}).keys()
        )
        for kind, content in before.get("content", {}).items():
            if kind not in after.get("content", {}):
                yield Break(name, status, f"is never answered as {kind} any more")
            else:
                yield from comparison.answered(name, status, content["schema"], after["content"][kind]["schema"])


def _response(said: Json | None, document: Json) -> Json | None:
    if said is None or "$ref" not in said:
        return said
    found: Json = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    return found


def _scopes(name: str, was: Json, now: Json) -> Iterator[Break]:
    """Of a call's scopes one is enough: each that was must still be."""
    before, after = set(was.get("x-required-scopes", ())), set(now.get("x-required-scopes", ()))
    if after and not before:
        yield Break(name, "scopes", "needs a token now")
    elif after:
        yield from (Break(name, "scopes", f"{scope} is not enough any more") for scope in sorted(before - after))
