"""Where a schema takes less than it took, or answers otherwise than it answered.

Of what is sent, everything that was taken must be taken still. Of what is answered, a reader of before must understand everything that
comes now: nothing is gone that was always there, nothing is of another type. New members and new values are none of that: readers skip
what they do not know.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from infra.openapi.schemas import BOUNDED, Json

Breaks = list["Break"]


class Break(NamedTuple):
    """What a caller of before trips over: the operation, the place in it, and what happened there."""

    operation: str
    place: str
    what: str


_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


@dataclass
class Comparison:
    """Two documents. `seen` are the pairs of components that are being compared, or were: what refers to itself comes to an end."""

    old: Json
    new: Json
    seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def sent(self, operation: str, place: str, old: Json, new: Json) -> Iterator[Break]:
        """What was taken and is not any more."""
        if self._known(old, new, answered=False):
            return
        now = list(alternatives(new, self.new))
        for was in alternatives(old, self.old):
            yield from self._nearest(
                [self._narrowed(operation, place, was, one) for one in _alike(was, now)],
                Break(operation, place, f"{_kind(was) or 'anything'} is not taken any more"),
            )

    def answered(self, operation: str, place: str, old: Json, new: Json) -> Iterator[Break]:
        """What comes now and did not come so."""
        if self._known(old, new, answered=True):
            return
        then = list(alternatives(old, self.old))
        for now in alternatives(new, self.new):
            yield from self._nearest(
                [self._changed(operation, place, one, now) for one in _alike(now, then)],
                Break(operation, place, f"may be {_kind(now) or 'anything'} now"),
            )

    def _known(self, old: Json, new: Json, *, answered: bool) -> bool:
        if "$ref" not in old or "$ref" not in new:
            return False
        pair = (old["$ref"], new["$ref"], answered)
        known = pair in self.seen
        self.seen.add(pair)
        return known

    def _nearest(self, candidates: Iterable[Iterator[Break]], nothing: Break) -> Iterator[Break]:
        """The breaks against the alternative that has the fewest."""
        tried = []
        for candidate in candidates:
            seen = set(self.seen)
            tried.append(list(candidate))
            if tried[-1]:
                self.seen = seen  # what broke there must be told again where it is met again
            else:
                return
        yield from min(tried, key=len, default=[nothing])

    def _narrowed(self, operation: str, place: str, old: Json, new: Json) -> Iterator[Break]:
        def told(what: str, name: str = "") -> Break:
            return Break(operation, _below(place, name), what)

        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield told("is required now", name)
        yield from self._members(operation, place, old, new, self.sent, "is not read any more")
        if old.get("additionalProperties", True) and new.get("additionalProperties", True) is False:
            yield told("refuses members that it does not know now")
        yield from (told(what) for what in _tightened(old, new))

    def _changed(self, operation: str, place: str, old: Json, new: Json) -> Iterator[Break]:
        for name in sorted((set(old.get("required", ())) - set(new.get("required", ()))) & new.get("properties", {}).keys()):
            yield Break(operation, _below(place, name), "may be absent now")
        yield from self._members(operation, place, old, new, self.answered, "is gone")
        if gone := _values(old) - _values(new):
            said = "may be any text now" if not _values(new) else f"is never {', '.join(sorted(gone))} any more"
            yield Break(operation, place, said)
        if "pattern" in old and old["pattern"] != new.get("pattern"):
            yield Break(operation, place, "is written otherwise now")
        if "format" in old and old["format"] != new.get("format"):
            yield Break(operation, place, f"is not always {old['format']} any more")

    def _members(
        self, operation: str, place: str, old: Json, new: Json, compare: Callable[[str, str, Json, Json], Iterator[Break]], gone: str
    ) -> Iterator[Break]:
        """What became of the members of an object, of the values of a map, of the rows of a list."""
        properties: Mapping[str, Json] = new.get("properties", {})
        for name, member in old.get("properties", {}).items():
            if name in properties:
                yield from compare(operation, _below(place, name), member, properties[name])
            else:
                yield Break(operation, _below(place, name), gone)
        for keyword, name in (("additionalProperties", "*"), ("items", "[]")):
            if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
                yield from compare(operation, _below(place, name), old[keyword], new[keyword])


def alternatives(schema: Json, document: Json) -> Iterator[Json]:
    """What a schema may be, each one without references, with what is said beside them; of several types each is one."""
    if "$ref" in schema:
        _, kind, name = schema["$ref"].rsplit("/", 2)
        yield from (_beside(schema, one) for one in alternatives(document["components"][kind][name], document))
    elif "anyOf" in schema or "oneOf" in schema:
        for choice in schema.get("anyOf") or schema["oneOf"]:
            yield from (_beside(schema, one) for one in alternatives(choice, document))
    elif isinstance(schema.get("type"), list):
        yield from ({**schema, "type": kind} for kind in schema["type"])
    else:
        yield schema


def _beside(schema: Json, one: Json) -> Json:
    """An alternative with the bounds that stand beside all of them and concern its type."""
    bounds = {keyword: bound for keyword, bound in schema.items() if _kind(one) in BOUNDED.get(keyword, ())}
    return {**bounds, **one} if bounds else one


def _alike(schema: Json, others: Sequence[Json]) -> list[Json]:
    """Those of its type, or of any; where members say by one value what an object is, those that say the same."""
    typed = [other for other in others if _kind(other) in {"", _kind(schema)}]
    said = _said(schema)
    return [other for other in typed if said and _said(other) == said] or typed


def _said(schema: Json) -> dict[str, Any]:
    return {name: member["const"] for name, member in schema.get("properties", {}).items() if "const" in member}


def _kind(schema: Json) -> str:
    """Its type; empty for anything."""
    return str(schema.get("type", ""))


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if name else place


def _values(schema: Json) -> set[str]:
    """The values that it lists, as text; none where it lists none."""
    listed: Any = [schema["const"]] if "const" in schema else schema.get("enum", ())
    return {str(value) for value in listed}


def _tightened(old: Json, new: Json) -> Iterator[str]:
    """Which values are not taken any more, by the keywords of a text, a number or a list."""
    if _values(new) and not _values(old):
        yield f"takes {', '.join(sorted(_values(new)))} alone now"
    elif gone := _values(old) - _values(new) if _values(new) else set():
        yield f"does not take {', '.join(sorted(gone))} any more"
    for keyword in ("pattern", "format", "propertyNames"):
        if keyword in new and new[keyword] != old.get(keyword):
            yield f"must have another {keyword} now"
    for keyword in _LOWER:
        if keyword in new and (keyword not in old or new[keyword] > old[keyword]):
            yield f"has a {keyword} of {new[keyword]} now"
    for keyword in _UPPER:
        if keyword in new and (keyword not in old or new[keyword] < old[keyword]):
            yield f"has a {keyword} of {new[keyword]} now"
