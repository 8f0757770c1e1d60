"""Where proposals are kept, how long the keys of simulated ones, and what the deployment insists on in their life (RFC-0014, advisory-engine S28)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from engine.workflow.proposal_commands import Safeguards
from infra.settings.guardrails import Profile, profile_of
from infra.settings.operations import DAY
from infra.settings.reading import Environ, at_least, durable, flag, text
from infra.settings.stores import Backend

if TYPE_CHECKING:
    from engine.usecases.proposals.deciding import Standards

SAFEGUARDS: Final[Mapping[str, str]] = {
    "enforce_gates":           "PROPOSAL_ENFORCE_GATES",
    "reset_on_new_version":    "PROPOSAL_RESET_STATE_ON_NEW_VERSION",
    "approvals_need_record":   "PROPOSAL_APPROVALS_REQUIRE_RECORD",
    "require_expected_state":  "PROPOSAL_REQUIRE_EXPECTED_STATE",
    "approvals_name_hash":     "PROPOSAL_APPROVALS_NAME_HASH",
    "four_eyes":               "PROPOSAL_FOUR_EYES",
    "require_simulation_flag": "PROPOSAL_REQUIRE_SIMULATION_FLAG",
    "portfolio_may_change":    "PROPOSAL_ALLOW_PORTFOLIO_CHANGE_ON_NEW_VERSION",
}  # fmt: skip
"""The variable of every safeguard that is on or off; its default is the safeguard's own."""


@dataclass(frozen=True, slots=True)
class ProposalSettings:
    """The store of proposals and the safeguards of their life.

    `key_ttl_seconds` counts from the first call under a key of a simulated one. `validity_hours` 0: versions do not end by themselves.
    `thresholds` are the deployment's limits of suitability as JSON, empty for the contract's defaults. `evidence`: answers repeat a
    version's evidence.
    """

    backend: Backend = Backend.IN_MEMORY
    table: str = ""
    key_ttl_seconds: int = DAY
    safeguards: Safeguards = field(default_factory=Safeguards)
    validity_hours: int = 0
    thresholds: str = ""
    evidence: bool = True

    @classmethod
    def from_environ(cls, environ: Environ) -> "ProposalSettings":
        """Parse; PRODUCTION knows no store but DynamoDB."""
        production = profile_of(environ) is Profile.PRODUCTION
        usual = Safeguards()
        flags = {name: flag(environ, variable, default=getattr(usual, name)) for name, variable in SAFEGUARDS.items()}
        return cls(
            backend=Backend.DYNAMODB if production or durable(environ, "PROPOSAL_STORE_BACKEND") else Backend.IN_MEMORY,
            table=text(environ, "PROPOSAL_TABLE_NAME"),
            key_ttl_seconds=at_least(environ, "PROPOSAL_SIMULATE_IDEMPOTENCY_TTL_SECONDS", 1) or DAY,
            safeguards=Safeguards(**flags, execution_check_minutes=at_least(environ, "PROPOSAL_EXECUTION_CHECK_MINUTES", 0) or 0),
            validity_hours=at_least(environ, "PROPOSAL_VALIDITY_HOURS", 0) or 0,
            thresholds=text(environ, "PROPOSAL_SUITABILITY_THRESHOLDS"),
            evidence=flag(environ, "PROPOSAL_STORE_EVIDENCE_BUNDLE", default=True),
        )

    def standards(self) -> "Standards":
        """What every version is held against."""
        from engine.contracts.options.proposals import parse_thresholds  # noqa: PLC0415  (most functions start without models)
        from engine.usecases.proposals.deciding import Standards  # noqa: PLC0415

        return Standards(parse_thresholds(self.thresholds), self.validity_hours)
