"""The choices that an option offers, where no conventions move its default."""

from enum import StrEnum


class ValuationMode(StrEnum):
    """Whether holdings are valued by quantity × price or by the custodian's market value (RFC-0004)."""

    CALCULATED = "CALCULATED"
    TRUST_SNAPSHOT = "TRUST_SNAPSHOT"


class TargetMethod(StrEnum):
    """How model weights become feasible targets (RFC-0012)."""

    HEURISTIC = "HEURISTIC"
    SOLVER = "SOLVER"


class RebalanceMode(StrEnum):
    """What a run is for (desk 5)."""

    FULL = "FULL"


class AvailableCash(StrEnum):
    """Whether buys may use booked cash, or only what has settled (desk 6.1)."""

    BOOKED = "BOOKED"
    SETTLED = "SETTLED"


class FundingMode(StrEnum):
    """How proposals pay for buys in foreign currency."""

    AUTO_FX = "AUTO_FX"


class FundingSource(StrEnum):
    """Which cash may pay for an automatic FX deal."""

    BASE_ONLY = "BASE_ONLY"
    ANY_CASH = "ANY_CASH"


class FxGenerationPolicy(StrEnum):
    """How automatic FX deals are bundled."""

    ONE_FX_PER_CCY = "ONE_FX_PER_CCY"


class IssueSeverity(StrEnum):
    """Weight of a suitability issue."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
