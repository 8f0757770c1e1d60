"""The format of everything that is recorded, and who may read it: `v` of each item, by its kind.

A kind's version grows when a reader of the version before would misread an item; a member that such a reader may ignore needs none. A
release reads every version up to its own. What a newer one recorded it refuses as a whole, by `RECORDED_BY_NEWER_RELEASE`, and leaves as it
is (decisions 0022). Rows of an index carry no `v`: what an index shows stands in the template and keeps its meaning as long as the index.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.ports.outside import StoreUnavailable
from engine.usecases.refusals import Code
from infra.aws.expressions import Item


class Format(StrEnum):
    """Kinds of records whose shapes change apart from each other."""

    RUNS = "runs"
    REVIEWS = "reviews"
    OPERATIONS = "operations"
    BOOKS = "books"
    PROPOSALS = "proposals"
    PROPOSAL_KEYS = "proposal-keys"
    POLICY_PACKS = "policy-packs"
    COUNTERS = "counters"
    SWEEPER = "sweeper"


VERSIONS: Final[Mapping[str, int]] = {
    Format.RUNS: 2,
    Format.REVIEWS: 1,
    Format.OPERATIONS: 1,
    Format.BOOKS: 1,
    Format.PROPOSALS: 1,
    Format.PROPOSAL_KEYS: 1,
    Format.POLICY_PACKS: 1,
    Format.COUNTERS: 1,
    Format.SWEEPER: 1,
}
"""What this release records, and the newest that it reads. The output `Formats` of template.yaml says the same of a deployed stack."""

FIRST: Final = 1
"""The version of what says none: every kind began with it."""

TOLD: Final = ("pk", "sk", "v")
"""The attributes that tell an item's kind and version."""

KEPT: Final[Mapping[str, tuple[tuple[str, Format], ...]]] = {
    "RUN": (("META", Format.RUNS), ("", Format.REVIEWS)),
    "CORR": (("", Format.RUNS),),
    "HASH": (("", Format.RUNS),),
    "IDEM": (("", Format.RUNS),),
    "OP": (("RUN#", Format.RUNS), ("", Format.OPERATIONS)),
    "OPCORR": (("", Format.OPERATIONS),),
    "OPKEY": (("", Format.OPERATIONS),),
    "BOOK": (("", Format.BOOKS),),
    "STATS": (("", Format.COUNTERS),),
    "SWEEPER": (("", Format.SWEEPER),),
    "PP": (("", Format.PROPOSALS),),
    "IK": (("", Format.PROPOSALS),),
    "IK#SIM": (("", Format.PROPOSAL_KEYS),),
    "PACKS": (("", Format.POLICY_PACKS),),
    "PACKAUD": (("", Format.POLICY_PACKS),),
}
"""By what stands behind the tenant in `infra.aws.keys`, and what the sort key begins with, the first that fits."""


def told(versions: Mapping[str, int] = VERSIONS) -> str:
    """The versions as a stack's output tells them: `books=1 counters=1 …`, by name."""
    return " ".join(f"{kind}={versions[kind]}" for kind in sorted(versions))


def told_by(text: str) -> dict[str, int]:
    """The versions that an output tells. ValueError for a text that tells none."""
    return {kind: int(version) for kind, _, version in (part.partition("=") for part in text.split())}


def format_of(pk: str, sk: str) -> Format:
    """The kind of the item under a key. KeyError for a partition that no key of ours names."""
    _, _, kind, *rest = pk.split("#")
    named = f"{kind}#{rest[0]}" if rest else kind
    return next(kept for begins, kept in KEPT.get(named) or KEPT[kind] if sk.startswith(begins))


def readable(item: Item) -> Item:
    """The item, if this release knows its format; else StoreUnavailable(`RECORDED_BY_NEWER_RELEASE`). Without `v` it is of the first."""
    version = item.get("v", FIRST)
    if version > FIRST and version > VERSIONS[format_of(item["pk"], item["sk"])]:
        raise StoreUnavailable(Code.RECORDED_BY_NEWER_RELEASE)
    return item
