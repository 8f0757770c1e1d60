"""What a store keeps of a run that must be there."""

from engine.ports.runs import RunStore
from engine.records.runs import RunDocuments, RunHead
from tests.support.samples import TENANT


def head_of(runs: RunStore, run_id: str, tenant: str = TENANT) -> RunHead:
    head = runs.head(tenant, run_id)
    assert head is not None
    return head


def documents_of(runs: RunStore, run_id: str, tenant: str = TENANT) -> RunDocuments:
    documents = runs.documents(tenant, run_id)
    assert documents is not None
    return documents
