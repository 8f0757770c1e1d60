"""A decided result read back: the engine writes rows as text at once, which sections read and hashes need with their keys sorted."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from engine.evidence.canonical import canonical

Json = dict[str, Any]


@dataclass(slots=True)
class WrittenRows:
    """Lists that are JSON text in a result. The same list stands in several places: it is read and sorted once."""

    _read: dict[orjson.Fragment, Any] = field(default_factory=dict)
    _sorted: dict[orjson.Fragment, orjson.Fragment] = field(default_factory=dict)

    def read(self, value: Any) -> Any:
        """The value with its written rows as JSON types. Text is looked for among members, not in lists of objects."""
        if isinstance(value, dict):
            return {name: self.read(member) for name, member in value.items()}
        return self._rows(value) if isinstance(value, orjson.Fragment) else value

    def canonical(self, value: Any) -> Any:
        """The value with canonical text for its written rows."""
        if isinstance(value, dict):
            return {name: self.canonical(member) for name, member in value.items()}
        if not isinstance(value, orjson.Fragment):
            return value
        if value not in self._sorted:
            self._sorted[value] = orjson.Fragment(canonical(self._rows(value)))
        return self._sorted[value]

    def _rows(self, written: orjson.Fragment) -> Any:
        if written not in self._read:
            self._read[written] = orjson.loads(orjson.dumps(written))
        return self._read[written]
