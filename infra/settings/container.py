"""What the environment decides, read once per container (RFC-0024, RFC-0025)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from infra.http.switches import CLOSED_UNLESS_OPENED, Switch
from infra.settings.books import BookSettings
from infra.settings.guardrails import EVERYTHING, Need, Profile, profile_of, refuse
from infra.settings.operations import OperationSettings
from infra.settings.packs import PackSettings
from infra.settings.proposals import ProposalSettings
from infra.settings.reading import Environ, flag, text
from infra.settings.reviews import ReviewSettings
from infra.settings.stores import StoreSettings, store_warnings
from infra.settings.tokens import TokenSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one container, by subject. `warnings` are codes to log at the start; `metrics_by_tenant`: what is decided is counted by tenant too."""

    profile: Profile = Profile.LOCAL
    store: StoreSettings = field(default_factory=StoreSettings)
    operations: OperationSettings = field(default_factory=OperationSettings)
    reviews: ReviewSettings = field(default_factory=ReviewSettings)
    packs: PackSettings = field(default_factory=PackSettings)
    proposals: ProposalSettings = field(default_factory=ProposalSettings)
    books: BookSettings = field(default_factory=BookSettings)
    tokens: TokenSettings = field(default_factory=TokenSettings)
    replay_enabled: bool = True
    closed: frozenset[Switch] = CLOSED_UNLESS_OPENED
    metrics_by_tenant: bool = False
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_environ(cls, environ: Environ, needs: Collection[Need] = EVERYTHING) -> "Settings":
        """Parse and check; raises `Misconfigured` with the first guardrail that is violated for one of the needs."""
        refuse(environ, needs)
        return cls(
            profile=profile_of(environ),
            store=StoreSettings.from_environ(environ),
            operations=OperationSettings.from_environ(environ),
            reviews=ReviewSettings.from_environ(environ),
            packs=PackSettings.from_environ(environ),
            proposals=ProposalSettings.from_environ(environ),
            books=BookSettings.from_environ(environ),
            tokens=TokenSettings.from_environ(environ),
            replay_enabled=flag(environ, "DPM_IDEMPOTENCY_REPLAY_ENABLED", default=True),
            closed=frozenset(switch for switch in Switch if not flag(environ, switch.variable, default=switch not in CLOSED_UNLESS_OPENED)),
            metrics_by_tenant=flag(environ, "METRICS_BY_TENANT", default=False),
            warnings=tuple(_warnings(environ)),
        )

    @property
    def local(self) -> bool:
        """Whether the local stack's liberties hold: memory stores, callers without an authorizer."""
        return self.profile is Profile.LOCAL


def _warnings(environ: Environ) -> Iterator[str]:
    for name in ("DPM_IDEMPOTENCY_REPLAY_ENABLED", *(switch.variable for switch in Switch if switch not in CLOSED_UNLESS_OPENED)):
        if name in environ and not text(environ, name):
            yield f"FLAG_EMPTY: {name}"  # reads as false, which is rarely meant
    yield from store_warnings(environ)
