"""Reads a SAM template: parameters and conditions decided, Globals merged into functions, intrinsic functions resolved.

Only the part of CloudFormation that this repository uses; anything else is a `TemplateError`, never a guess.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"

Node = Any
Lookup = Callable[[str, str], Any]
"""Gives an attribute of a resource; the attribute `Ref` is what `!Ref` gives."""

_VARIABLE: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_NO_VALUE: Final = object()


class TemplateError(Exception):
    """The template names something that does not exist, or uses what this reader does not know."""


class Template:
    """A template whose parameters are decided. Resources whose condition does not hold are gone."""

    def __init__(
        self, document: Mapping[str, Node], folder: Path, parameters: Mapping[str, str] | None = None, stack: str = "local"
    ) -> None:
        self.document = document
        self.folder = folder
        self.values: dict[str, Any] = _parameters(document, parameters or {}) | {
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack,
            "AWS::NoValue": _NO_VALUE,
        }
        self._unlooked: dict[str, dict[str, Any]] = {}
        for rule in document.get("Rules", {}).values():
            self._assert(rule)
        self.resources: dict[str, dict[str, Node]] = {
            name: resource
            for name, resource in document["Resources"].items()
            if "Condition" not in resource or self._holds({"Condition": resource["Condition"]})
        }

    @classmethod
    def load(cls, path: Path, parameters: Mapping[str, str] | None = None, stack: str = "local") -> "Template":
        """The template in a file; relative paths in it start at the file's folder."""
        return cls(yaml.load(path.read_text(), _Loader), path.parent, parameters, stack)  # noqa: S506  (a SafeLoader with CloudFormation's tags)

    def of_type(self, kind: str, lookup: Lookup | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and properties of every resource of a type. Without `lookup`, what other resources give is left as an intrinsic."""
        for name, resource in self.resources.items():
            if resource["Type"] == kind:
                yield name, self.properties(name, lookup)

    def properties(self, name: str, lookup: Lookup | None = None) -> dict[str, Any]:
        """The properties of one resource, Globals included. Nobody changes them: without `lookup` all who ask get the same ones."""
        if lookup is not None:
            return self._properties(name, lookup)
        if name not in self._unlooked:
            self._unlooked[name] = self._properties(name, None)
        return self._unlooked[name]

    def _properties(self, name: str, lookup: Lookup | None) -> dict[str, Any]:
        resource = self.resources[name]
        common = self.document.get("Globals", {}).get(resource["Type"].removeprefix("AWS::Serverless::"), {})
        merged = (
            _merged(common, resource.get("Properties", {}))
            if resource["Type"].startswith("AWS::Serverless::")
            else resource.get("Properties", {})
        )
        resolved = self.resolve(merged, lookup)
        assert isinstance(resolved, dict)  # noqa: S101  (properties are an object by the grammar)
        return resolved

    def resolve(self, node: Node, lookup: Lookup | None = None) -> Any:
        """The node without intrinsic functions; those that need `lookup` stay when it is not given."""
        match node:
            case dict() if _intrinsic(node):
                return self._called(node, lookup)
            case dict():
                resolved = {key: self.resolve(value, lookup) for key, value in node.items()}
                return {key: value for key, value in resolved.items() if value is not _NO_VALUE}
            case list():
                return [value for value in (self.resolve(item, lookup) for item in node) if value is not _NO_VALUE]
            case _:
                return node

    def _called(self, call: Mapping[str, Node], lookup: Lookup | None) -> Any:
        """The value of an intrinsic function."""
        match call:
            case {"Ref": str(name)}:
                return self._ref(name, lookup)
            case {"Fn::GetAtt": [str(name), *path]}:
                self._known(name)
                return lookup(name, ".".join(path)) if lookup else call
            case {"Fn::Sub": str(text)}:
                return self._sub(text, {}, call, lookup)
            case {"Fn::Sub": [str(text), dict(variables)]}:
                return self._sub(text, self.resolve(variables, lookup), call, lookup)
            case {"Fn::Join": [str(separator), parts]}:
                resolved = self.resolve(parts, lookup)
                return separator.join(map(str, resolved)) if all(isinstance(part, str | int) for part in resolved) else call
            case {"Fn::If": [str(condition), yes, no]}:
                return self.resolve(yes if self._holds({"Condition": condition}) else no, lookup)
            case {"Fn::FindInMap": [name, first, second]}:
                keys = [self.resolve(part, lookup) for part in (name, first, second)]
                return self.document["Mappings"][keys[0]][keys[1]][keys[2]]
            case _:
                raise TemplateError(f"intrinsic function not known here: {next(iter(call))}")

    def _ref(self, name: str, lookup: Lookup | None) -> Any:
        if name in self.values:
            return self.values[name]
        resource, _, made = name.partition(".")  # what SAM makes of a resource: `!Ref Function.Alias`
        self._known(resource)
        return lookup(resource, made or "Ref") if lookup else {"Ref": name}

    def _sub(self, text: str, variables: Mapping[str, Any], node: Node, lookup: Lookup | None) -> Any:
        def replaced(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            if found[1] in variables or name in self.values:
                return str(variables.get(found[1], self.values.get(name)))
            self._known(name)
            return str(lookup(name, attribute or "Ref")) if lookup else found[0]

        substituted = _VARIABLE.sub(replaced, text)
        return substituted.replace("${!", "${") if lookup or not _VARIABLE.search(substituted) else node

    def _known(self, name: str) -> None:
        if name not in self.document["Resources"]:
            raise TemplateError(f"no such parameter or resource: {name}")

    def _assert(self, rule: Mapping[str, Node]) -> None:
        """Refuse parameters that a rule of the template refuses, with the rule's own words."""
        if "RuleCondition" in rule and not self._holds(rule["RuleCondition"]):
            return
        for assertion in rule["Assertions"]:
            if not self._holds(assertion["Assert"]):
                raise TemplateError(assertion["AssertDescription"])

    def _holds(self, condition: Node) -> bool:
        match condition:
            case {"Condition": str(name)}:
                return self._holds(self.document["Conditions"][name])
            case {"Fn::Equals": [left, right]}:
                return str(self.resolve(left)) == str(self.resolve(right))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
            case {"Fn::And": list(parts)}:
                return all(map(self._holds, parts))
            case {"Fn::Or": list(parts)}:
                return any(map(self._holds, parts))
            case _:
                raise TemplateError(f"not a condition: {condition}")


def _parameters(document: Mapping[str, Node], given: Mapping[str, str]) -> dict[str, Any]:
    declared = document.get("Parameters", {})
    if unknown := sorted(set(given) - set(declared)):
        raise TemplateError(f"no such parameters: {', '.join(unknown)}")
    values = {name: given.get(name, parameter.get("Default")) for name, parameter in declared.items()}
    for name, value in values.items():
        allowed = [str(choice) for choice in declared[name].get("AllowedValues", [])]
        if value is None or (allowed and str(value) not in allowed):
            raise TemplateError(f"parameter {name}: {value!r} is not allowed")
    lists = {name for name, parameter in declared.items() if parameter.get("Type") == "CommaDelimitedList"}
    return {name: str(value).split(",") if name in lists else value for name, value in values.items()}


def _merged(common: Node, own: Node) -> Node:
    """SAM's rule for Globals: objects are merged, lists appended, anything else of the resource's own wins."""
    if isinstance(common, dict) and isinstance(own, dict) and not (_intrinsic(common) or _intrinsic(own)):
        return {key: _merged(common[key], own[key]) if key in common and key in own else (common | own)[key] for key in common | own}
    if isinstance(common, list) and isinstance(own, list):
        return common + own
    return own


def _intrinsic(node: Mapping[str, Node]) -> bool:
    return len(node) == 1 and (next(iter(node)) == "Ref" or next(iter(node)).startswith("Fn::"))


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML ships no types
    """YAML with CloudFormation's short forms: `!Ref x` reads as `{Ref: x}`, `!GetAtt a.b` as `{Fn::GetAtt: [a, b]}`."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Node]:
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
