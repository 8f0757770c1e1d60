"""An accepted what-if batch as it waits for its execution: what was sent, and the policy pack as it stood then (dpm-service S10)."""

from dataclasses import dataclass
from typing import Any

import orjson

from engine.contracts.batches import BatchRebalanceRequest, parse_batch
from engine.contracts.packs import PACK_CONTENT
from engine.contracts.recorded import recorded
from engine.evidence.canonical import canonical, digest, request_document
from engine.policy_packs import PackSource, PolicyPack, Selection
from engine.usecases.packs import Shape


@dataclass(frozen=True, slots=True)
class AcceptedBatch:
    """A valid batch with its shape. `body` is what the caller sent, so that a later execution reads what an immediate one reads."""

    body: bytes
    request: BatchRebalanceRequest
    shape: Shape

    @classmethod
    def of(cls, document: bytes) -> "AcceptedBatch":
        """What `document` holds. Raises InvalidRequest where a release since has become stricter."""
        kept = orjson.loads(document)
        body = kept["body"].encode()
        return cls(body, parse_batch(body), _shape_of(kept["policy_pack"]))

    def document(self) -> bytes:
        """The whole acceptance as JSON."""
        selection, pack = self.shape.selection, self.shape.pack
        chosen = {
            "policy_pack_id": selection.policy_pack_id,
            "source": selection.source,
            "definition": pack.definition() if pack else None,
            "revision": pack.revision if pack else None,
        }
        return orjson.dumps({"body": self.body.decode(), "policy_pack": chosen})

    def request_hash(self) -> str:
        """What an idempotency key stands for: the validated request, and the pack's definition beside it (dpm-service S7)."""
        text = canonical(request_document(self.request))
        return digest(text + self.shape.trace.digest.encode() if self.shape.trace else text)

    @property
    def rows(self) -> int:
        """What executing it costs, roughly: instruments held or wanted, once for every scenario."""
        return len(self.request.scenarios) * (len(self.request.portfolio_snapshot.positions) + len(self.request.model_portfolio.targets))


def _shape_of(kept: dict[str, Any]) -> Shape:
    selection = Selection(kept["policy_pack_id"], PackSource(kept["source"]))
    if kept["definition"] is None:
        return Shape(selection)
    content = {name: value for name, value in kept["definition"].items() if name != "policy_pack_id"}
    return Shape(selection, PolicyPack(kept["definition"]["policy_pack_id"], recorded(PACK_CONTENT, content), kept["revision"]))
