"""What people read of an issue: one sentence each, with the names and limits that it is about (advisory-engine 13)."""

from decimal import Decimal
from typing import Final, NamedTuple


def percent(weight: Decimal) -> str:
    """A weight in percent, half-even at 2 decimals."""
    return f"{weight:.2%}"


def position_too_large(instrument_id: str, cap: Decimal) -> str:
    """A position above its limit."""
    return f"{instrument_id} is above the {percent(cap)} limit for one position."


def issuer_too_large(issuer: str, cap: Decimal) -> str:
    """An issuer above its limit."""
    return f"{issuer} is above the {percent(cap)} exposure limit for one issuer."


def tier_too_large(tier: str, cap: Decimal) -> str:
    """A liquidity tier above its limit."""
    return f"Liquidity tier {tier} is above its {percent(cap)} exposure limit."


def attribute_too_large(attribute: str, value: str, cap: Decimal) -> str:
    """An attribute's value above its limit."""
    return f"{attribute} {value} is above its {percent(cap)} exposure limit."


def cash_outside(least: Decimal, most: Decimal) -> str:
    """Cash outside its band."""
    return f"The cash weight lies outside the advisory band of {percent(least)} to {percent(most)}."


def held(instrument_id: str, status: str) -> str:
    """A holding that the bank does not want."""
    return f"{instrument_id} is held although the shelf calls it {status}."


class Wording(NamedTuple):
    """A sentence about an instrument and its shelf status: where it is refused, and where it is permitted."""

    refused: str
    permitted: str


GROWS: Final = Wording(
    "{} grows in the proposed state although the shelf calls it {}.",
    "{}, which the shelf calls {}, grows in the proposed state, under the permission given.",
)
ATTEMPTED: Final = Wording(
    "The proposal tries to buy {} although the shelf calls it {}.",
    "The proposal buys {}, which the shelf calls {}, under the permission given.",
)


def not_on_shelf(instrument_id: str) -> str:
    """No shelf entry."""
    return f"{instrument_id} has no shelf entry: nothing can be said about it."


def lacks(instrument_id: str, what: str) -> str:
    """A shelf entry that does not say something."""
    return f"The shelf does not state the {what} of {instrument_id}."


def not_valued(instrument_id: str, what: str) -> str:
    """A holding without value."""
    return f"{instrument_id} has no value for want of a {what}: no weight is right without it."


def too_risky(instrument_id: str, risk: int, most: int) -> str:
    """A product riskier than the client wants."""
    return f"{instrument_id} has product risk {risk}, above the client's {most}."


def not_understood(instrument_id: str, knowledge: str) -> str:
    """A product that the client does not know."""
    return f"{instrument_id} asks for knowledge of {knowledge}, which the client does not have."


def held_too_long(instrument_id: str, years: int, horizon: int) -> str:
    """A product for longer than the client has."""
    time = "1 year" if years == 1 else f"{years} years"
    return f"{instrument_id} should be held for {time}, longer than the client's horizon of {horizon}."
