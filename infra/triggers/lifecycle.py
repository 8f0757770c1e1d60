"""The life of proposals, built alike for the API, the workers and the sweeper."""

from dataclasses import dataclass
from typing import Self

from engine.usecases.proposals.checks import CheckVersion, ListChecks
from engine.usecases.proposals.creating import CreateProposal
from engine.usecases.proposals.outcomes import FindProposalOperation
from engine.usecases.proposals.reading import ReadProposals
from engine.usecases.proposals.transitions import ActOnProposal
from engine.usecases.proposals.verification import VerifyVersion
from engine.usecases.proposals.versions import AddVersion
from infra.adapters import Adapters
from infra.settings.container import Settings
from infra.system import pause


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Everything that can be done to a proposal."""

    create: CreateProposal
    add_version: AddVersion
    act: ActOnProposal
    check: CheckVersion
    checks: ListChecks
    read: ReadProposals
    verify: VerifyVersion
    operations: FindProposalOperation

    @classmethod
    def of(cls, settings: Settings, adapters: Adapters) -> Self:
        """Over these adapters, with what the settings insist on."""
        outside = (adapters.proposals, adapters.clock, adapters.ids)
        guards, standards = settings.proposals.safeguards, settings.proposals.standards()
        return cls(
            create=CreateProposal(*outside, guards, standards, pause, adapters.watch),
            add_version=AddVersion(*outside, guards, standards, pause, adapters.watch),
            act=ActOnProposal(*outside, guards, pause, adapters.watch),
            check=CheckVersion(*outside, standards, pause),
            checks=ListChecks(adapters.proposals),
            read=ReadProposals(adapters.proposals),
            verify=VerifyVersion(adapters.proposals),
            operations=FindProposalOperation(adapters.proposal_operations, adapters.proposals),
        )
