"""The page of a version of a proposal: what its artifact says, where the proposal stands, and all that happened to it (advisory-lifecycle 4).

Takes `{version, proposal, events, approvals}`, each as the API answers it. Figures of the artifact carry the paths that they have in it, all
others those in that document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from engine.report.figures import Kind
from engine.report.headline import verdict
from engine.report.places import Place
from engine.report.proposal_page import proposal_page
from engine.report.proposal_sections import result_in
from engine.report.rows import Fact, Line, Page, Panel, Part, Table, Verdict

EVENTS: Final = ("When", "What", "From", "To", "By", "Version", "Said")
VERIFY: Final = (
    "The version as application/json is the evidence itself, with what its request hash was made of; python -m engine verify FILE checks it "
    "anywhere, and GET …/verification here."
)
APPROVALS: Final = ("When", "Approval", "Answer", "By", "Version", "Artifact")


def version_page(document: Mapping[str, Any]) -> Page:
    """Everything that is shown of a version."""
    page, root = proposal_page(document["version"]["artifact"]), Place.of(document)
    client, *others = page.panels  # what the client reads comes first
    panels = [client, Panel("life", "Where it stands", list(_standing(root))), *others, *_history(root)]
    return replace(page, verdict=_verdict(root), panels=panels, verify=[VERIFY, *page.verify[1:]])


def _verdict(root: Place) -> Verdict:
    """The headline under the gate that counts, where the request had made its own milder."""
    version = root["version"]
    here = result_in(version["artifact"])
    return verdict(Place(here.value | {"gate_decision": version["gate_decision"].value}, here.path))


def _standing(root: Place) -> Iterator[Part]:
    proposal, version = root["proposal"], root["version"]
    yield Fact("Proposal", proposal["proposal_id"].text)
    if title := proposal.get("title"):
        yield Fact("Title", title.text)
    yield Fact("State", proposal["current_state"].code)
    yield Fact("Version", version["version_no"].show(Kind.COUNT))
    if version["version_no"].value != proposal["current_version_no"].value:
        yield Line("This is not the current version: what is approved or executed now is another one.")
    yield Fact("Gate", version["gate_decision"]["gate"].code)
    if version["artifact"]["gate_decision"]["gate"].value != version["gate_decision"]["gate"].value:
        yield Line("The request would have made its own gate milder; the one here counts.")
    if end := version.get("valid_until"):
        yield Fact("Valid until", end.show(Kind.TIME))
    yield Fact("Artifact", version["artifact_hash"].text)


def _history(root: Place) -> Iterator[Panel]:
    events = [
        (
            event["occurred_at"].show(Kind.TIME),
            event["event_type"].code,
            event["from_state"].code if event["from_state"].value else "",
            event["to_state"].code,
            event["actor_id"].text,
            event["version_no"].show(Kind.COUNT),
            event["reason"]["text"].text if isinstance(event["reason"].value.get("text"), str) else "",
        )
        for event in root["events"]
    ]
    yield Panel("events", "What happened", [Table("<<<<<><", EVENTS, events)])
    approvals = [
        (
            given["occurred_at"].show(Kind.TIME),
            given["approval_type"].code,
            "Approved" if given["approved"].value else "Refused",
            given["actor_id"].text,
            given["version_no"].show(Kind.COUNT),
            given["artifact_hash"].text,
        )
        for given in root["approvals"]
    ]
    if approvals:
        yield Panel("approvals", "Approvals", [Table("<<<<><", APPROVALS, approvals)])
