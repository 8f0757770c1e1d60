"""What is sent to check a version before its execution (advisory-practice 10)."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from engine.contracts.lifecycle.bodies import parsed
from engine.contracts.market_data import MarketDataSnapshot
from engine.contracts.scalars import STRICT_MEMBERS, Fraction
from engine.contracts.snapshots import PortfolioSnapshot
from engine.contracts.validators import validator_of


@dataclass(slots=True, config=STRICT_MEMBERS)
class Tolerance:
    """What may move without a word; shares, 0 to 1."""

    price: Annotated[Fraction, Field(description="Of what a unit is worth.", examples=["0.02"])] = Decimal("0.02")
    fx: Annotated[Fraction, Field(description="Of a rate to the base currency.", examples=["0.01"])] = Decimal("0.01")
    weight: Annotated[Fraction, Field(description="Of the whole, the weight of what is traded.", examples=["0.01"])] = Decimal("0.01")


@dataclass(slots=True)
class ProposalCheckRequest:
    """The market as it is now, and the portfolio where that is known anew."""

    market_data_snapshot: Annotated[MarketDataSnapshot, Field(description="Prices and FX rates of now.")]
    portfolio_snapshot: Annotated[
        PortfolioSnapshot | None, Field(description="What the client holds now; null is as the version has it.")
    ] = None
    tolerance: Annotated[Tolerance, Field(description="What may move without a word.")] = Field(default_factory=Tolerance)


CHECK: Final = TypeAdapter(ProposalCheckRequest)
_BODY: Final = validator_of(CHECK)


def parse_check(body: bytes) -> ProposalCheckRequest:
    """Parse and validate a check; what its snapshots break together is found beside the version. Raises `InvalidRequest`."""
    request: ProposalCheckRequest = parsed(_BODY, body)
    return request
