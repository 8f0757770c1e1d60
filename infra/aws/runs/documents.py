"""The documents of a run, bound into one text: one object in the bucket or, small, one attribute of META.

Where an artifact is kept, it is the text: result, request and options stand in it byte for byte. Where none is, they follow each other.
The text is gzip in up to three members, cut where the result begins and ends: who reads the result alone fetches and unpacks one of
them, and any gzip opens the whole object. META tells, under `documents`:

    spans    where each document stands in the text, `[start, end]`
    packed   bytes of each member, in order
    sha256   `result`: of the result; `all`: of the spans and the text, which names the object
    gz       the members themselves, where they are small enough for META

An artifact that was kept later stands beside these, as a document of its own: `{sha256, size, gz or key}`. So did every document of a run
before version 2 of the items.
"""

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Final

from engine.ports.outside import EvidenceCorrupt
from engine.records.runs import RunDocuments
from infra.aws import keys
from infra.aws.expressions import Item
from infra.aws.payloads import Payloads, unpacked

KIND: Final = "runs"

MALFORMED: Final = (zlib.error, LookupError, TypeError, ValueError, AttributeError)
"""What is raised where META tells something that was never bound."""


@dataclass(frozen=True, slots=True)
class Binder:
    """Documents ready to be kept: what META tells of them, and the members. Equal documents make equal binders."""

    told: Item
    packed: bytes

    @classmethod
    def of(cls, documents: RunDocuments) -> "Binder":
        """The documents of a run, bound."""
        text = documents.artifact or b""
        spans = {} if documents.artifact is None else {"artifact": [0, len(text)]}
        for kind, document in (("result", documents.result), ("request", documents.request), ("options", documents.options)):
            start = text.find(document)
            if start < 0:
                start, text = len(text), text + document
            spans[kind] = [start, start + len(document)]
        members = [gzip.compress(text[start:end], compresslevel=6, mtime=0) for start, end in _cuts(spans)]
        digests = {"result": sha256(documents.result).digest(), "all": _digest(spans, text)}
        return cls({"spans": spans, "packed": list(map(len, members)), "sha256": digests}, b"".join(members))

    def kept(self, payloads: Payloads, tenant: str, run_id: str) -> Item:
        """What META tells, once the members lie where it says."""
        if len(self.packed) <= payloads.inline_max_bytes:
            return self.told | {"gz": self.packed}
        payloads.put(_object(tenant, run_id, self.told), self.packed)
        return self.told


@dataclass(frozen=True, slots=True)
class Kept:
    """The documents of a recorded run, fetched as they are asked for. Raises EvidenceCorrupt for what its digest does not prove."""

    payloads: Payloads
    tenant: str
    run_id: str
    told: Item

    def result(self) -> bytes:
        """The result; of a binder in the bucket, no more than its member is fetched."""
        if "spans" not in self.told:
            return self._single("result")
        try:
            start, end = self.told["spans"]["result"]
            first, last = _members(self.told)[_cuts(self.told["spans"]).index((start, end))]
            packed = self.told["gz"][first:last] if "gz" in self.told else self.payloads.fetch(self._object, first, last - 1)
            return unpacked(packed, end - start, self.told["sha256"]["result"])
        except MALFORMED as error:
            raise EvidenceCorrupt(self._object) from error

    def all(self) -> RunDocuments:
        """All of them; what is bound is fetched in one go."""
        if "spans" not in self.told:
            kinds = ("result", "request", "options", *({"artifact"} & set(self.told)))
            return RunDocuments(**{kind: self._single(kind) for kind in kinds})
        bound = self._bound()
        return RunDocuments(**bound | ({"artifact": self._single("artifact")} if "artifact" in self.told else {}))

    def objects(self) -> list[str]:
        """The keys of all that lies in the bucket."""
        single = [document["key"] for document in self.told.values() if isinstance(document, dict) and "key" in document]
        return [*single, self._object] if "spans" in self.told and "gz" not in self.told else single

    def proves(self, result: bytes) -> bool:
        """Whether this very result was recorded, by its digest."""
        told = self.told["sha256"]["result"].hex() if "spans" in self.told else self.told["result"]["sha256"]
        return bool(told == sha256(result).hexdigest())

    @property
    def _object(self) -> str:
        return _object(self.tenant, self.run_id, self.told)

    def _bound(self) -> dict[str, bytes]:
        """Every document of the text, once text, spans and result are proved."""
        try:
            spans, digests = self.told["spans"], self.told["sha256"]
            packed = self.told["gz"] if "gz" in self.told else self.payloads.fetch(self._object)
            if len(packed) != sum(self.told["packed"]):
                raise ValueError("packed")
            members = zip(_members(self.told), _cuts(spans), strict=True)
            text = b"".join(unpacked(packed[first:last], end - start) for (first, last), (start, end) in members)
            bound = {kind: text[start:end] for kind, (start, end) in spans.items()}
            if _digest(spans, text) != digests["all"] or sha256(bound["result"]).digest() != digests["result"]:
                raise ValueError("sha256")
        except MALFORMED as error:
            raise EvidenceCorrupt(self._object) from error
        return bound

    def _single(self, kind: str) -> bytes:
        """A document of its own; a run that does not point at it is as corrupt as a document that differs."""
        try:
            return self.payloads.read(self.told[kind])
        except KeyError as error:
            raise EvidenceCorrupt(f"{keys.run(self.tenant, self.run_id)} {kind}") from error


def _cuts(spans: Mapping[str, Sequence[int]]) -> list[tuple[int, int]]:
    """Where in the text each member begins and ends."""
    return list(pairwise(sorted({0, *spans["result"], max(end for _, end in spans.values())})))


def _members(told: Item) -> list[tuple[int, int]]:
    """Where in the object each member begins and ends."""
    return list(pairwise(accumulate(told["packed"], initial=0)))


def _digest(spans: Mapping[str, Sequence[int]], text: bytes) -> bytes:
    """Proves every document at once: the text, and where each stands in it."""
    proof = sha256(json.dumps(spans, sort_keys=True).encode())
    proof.update(text)
    return proof.digest()


def _object(tenant: str, run_id: str, told: Item) -> str:
    """The key of a binder in the bucket; of one that tells no digest, what comes nearest."""
    try:
        return keys.payload(tenant, KIND, run_id, told["sha256"]["all"].hex())
    except MALFORMED:
        return f"{keys.run(tenant, run_id)} documents"
