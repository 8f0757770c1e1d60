"""Layers as Lambda lays them out for a function: one tree in their order, read-only."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.template import Template
from layers.bare import Unproved


def unpacked(folders: Sequence[Path], into: Path) -> Path:
    """The layers' folders in one tree, later ones over earlier ones, nothing to be written anywhere below."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            target = into / path.relative_to(folder)
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                os.link(path, target)
    for path in [into, *filter(Path.is_dir, into.rglob("*"))]:
        path.chmod(0o555)
    return into


@dataclass(frozen=True, slots=True)
class Opts:
    """The trees of a built template's functions; those with the same layers share one."""

    room: Path
    trees: dict[tuple[str, ...], Path] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def made(cls, built: Path) -> "Iterator[Opts]":
        """Beside what was built, so that files need not be copied, and gone with the block."""
        with TemporaryDirectory(dir=built.resolve().parent, prefix="opt-") as room:
            yield cls(Path(room))

    def of(self, template: Template, name: str) -> Path:
        """The tree of a function. Unproved where one of its layers was not built."""
        layers = tuple(layer["Ref"] for layer in template.properties(name)["Layers"])
        if layers not in self.trees:
            found = [template.folder / template.properties(layer)["ContentUri"] for layer in layers]
            if missing := [str(folder) for folder in found if not folder.is_dir()]:
                raise Unproved(f"not built: {', '.join(missing)}")
            self.trees[layers] = unpacked(found, self.room / "-".join(layers))
        return self.trees[layers]
